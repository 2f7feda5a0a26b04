"""Who is known to which services, and how each of them spells it; with labels that say what belongs together."""
