"""State that several workers and machines share, in one Redis or Valkey (``GATEWAY_REDIS_URL``).

================  ===================================================================================================
module            what lives there
================  ===================================================================================================
``protocol``      what the rest of the gateway sees of it; imports no client library
``address``       what a URL of a Redis may look like
``store``         the connection: short time-outs, degradation, recovery; the one module that imports the client
``news``          short messages to all workers at once
``budget``        what a source can bear, leased in shares
``lists``         whole lists that one worker read for all
``commons``       the last two of all sources
``identity``      the identity index, one for all machines
``ledger``        what must be done once, whichever worker is asked
``state``         small values that must not be lost (rotated tokens), under locks that all workers respect
================  ===================================================================================================

What is kept in it decides for itself what to do without it: see ``protocol.SharedUnavailable``.
"""
