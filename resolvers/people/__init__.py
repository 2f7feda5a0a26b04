"""People: contacts, of several sources or of one, that are the same person.

``rules`` says when two contacts are one person and ``growth`` how a person grows from one of them; both are pure.
``holders`` asks the sources and the identity index who has a key, ``person`` puts it together, ``indexer`` fills the
index.
"""
