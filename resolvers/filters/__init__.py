"""What a client's filter means: checked, normalised, and split into what each source is asked and what is checked here.

A filter becomes a frozen value (equal filters are equal, whatever the order of their lists), from which come the
source's query, the check that every record must pass, and the text that binds a cursor to it. A source may lack a
filter or mistake it: the check decides.
"""
