"""Rechat's REST as its documents describe it, over a data set of its own."""
