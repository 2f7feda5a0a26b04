"""A steady client, and everything else in trouble: does the gateway keep its promises? See ``docs/reliability.md``.

    .venv/bin/python -m benchmarks.chaos --seconds 600 --seed 7

Not a part of CI: it takes as long as it is told, and needs ``redis-server``.
"""
