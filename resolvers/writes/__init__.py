"""Writing: what a client may change at the sources, done once, and told truly.

schema ─► once.py        a change under a key is done once; a change that was begun is ended
            │
          contacts.py, tags.py, …     what each change means at each source: checks first, then calls
            │
          pen.py         every call that changes something goes through it: was it done, not done, or unknown?
"""
