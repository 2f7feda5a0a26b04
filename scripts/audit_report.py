"""What a report of ``pip-audit`` or ``npm audit`` says: ``audit_report.py LOCK REPORT [--strict]``.

Exit status 1 where a vulnerability is known; with ``--strict`` also where nothing could be found out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple


class Findings(NamedTuple):
    """What is known of the packages of a lock.

    Attributes:
        packages: how many there are.
        audited: about how many of them a service was asked.
        known: their vulnerabilities, a line each.
    """

    packages: int
    audited: int
    known: list[str]


def findings(report: Any) -> Findings:
    """The findings of a report; of one that says nothing, none."""
    match report:
        case {"dependencies": [*packages]}:  # pip-audit; a package that it could not ask about has no list of flaws
            audited = [package for package in packages if "vulns" in package]
            known = [f"{each['name']} {each['version']}: {flaw['id']}" for each in audited for flaw in each["vulns"]]
            return Findings(len(packages), len(audited), known)
        case {"auditReportVersion": _, "vulnerabilities": dict(flaws), "metadata": dict(metadata)}:  # npm
            total = metadata["dependencies"]["total"]
            return Findings(total, total, [f"{name}: {flaw['severity']}" for name, flaw in sorted(flaws.items())])
    return Findings(0, 0, [])


def main(lock: str, report: str, *options: str) -> int:
    """Tell of a report; the exit status."""
    try:
        found = findings(json.loads(Path(report).read_text(encoding="utf-8")))
    except ValueError:
        found = findings(None)
    if not found.audited:
        print(f"audit: {lock}: NOT AUDITED, the service that knows of vulnerabilities cannot be asked from here")
        return 1 if "--strict" in options else 0
    unknown = found.packages - found.audited
    print(f"audit: {lock}: {len(found.known)} known vulnerabilities in {found.audited} packages")
    for line in found.known:
        print(f"  {line}")
    if unknown:
        print(f"  NOT AUDITED: {unknown} packages that the service does not know")
    return 1 if found.known or (unknown and "--strict" in options) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
