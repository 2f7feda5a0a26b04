"""``contactgraph doctor``: asks each configured source how it does, with real calls, and prints what it found."""

from __future__ import annotations

from gateway.app import build_network, build_sources
from gateway.settings import Settings
from upstreams.source import Examinable


async def examine_sources(settings: Settings) -> int:
    """Examine every source that is on, one after the other, and print a line a finding.

    Returns:
        1 when something does not work, else 0.
    """
    network = build_network(settings)
    sources = build_sources(settings, network)
    bad = 0
    await network.start()
    try:
        for source, api in sources.items():
            print(source.label)
            if not isinstance(api, Examinable):
                print("  ?   this source cannot be examined")
                continue
            await api.start()
            try:
                async for check, ok, detail in api.examine():
                    print(f"  {'ok ' if ok else 'BAD'} {check}: {detail}", flush=True)
                    bad += not ok
            finally:
                await api.close()
    finally:
        await network.close()
    print("All is well." if not bad else f"{bad} checks failed.")
    return 1 if bad else 0
