"""What links contacts (keys), and where they are remembered for upstreams that cannot be searched (the index)."""
