"""Who is asking, and what of the schema is theirs to see."""
