"""The other side of the wire: the REST services, embedded, with data and faults, spoken to over real HTTP."""
