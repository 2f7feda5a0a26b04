"""``python -m sandbox``: the sandbox as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from sandbox.app import Sandbox, temporary_database
from sandbox.control import about
from sandbox.faults import KINDS, Fault


def _fault(text: str) -> Fault:
    try:
        return Fault.parse(orjson.loads(text))
    except (ValueError, TypeError, AttributeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _switch(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value


def parser() -> argparse.ArgumentParser:
    """The command line."""
    kinds = "; ".join(f"{kind}: {does}" for kind, does in KINDS.items())
    made = argparse.ArgumentParser("python -m sandbox", description="Embedded upstream services over real HTTP.")
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=0, help="0 takes a free one, which the line on stdout names")
    made.add_argument("--seed", type=int, default=7)
    made.add_argument("--contacts", type=int, default=2000, help="Cloud4Wi's")
    made.add_argument("--events", type=int, default=30_000, help="Cloud4Wi's")
    made.add_argument("--burst", type=int, default=0, help="so many events at one instant")
    made.add_argument("--rechat-contacts", type=int, help="default: 30 for each 100 of Cloud4Wi's")
    made.add_argument("--rechat-events", type=int, help="stored events of the calendar (default: 4 a contact)")
    made.add_argument("--acquire-contacts", type=int, help="default: 25 for each 100 of Cloud4Wi's")
    made.add_argument("--acquire-cases", type=int, help="default: 8 for 10 contacts")
    made.add_argument("--scroll-ttl", type=float, default=120.0, help="seconds a scroll lives after its last use")
    made.add_argument("--database", type=Path, help="a new file for the data (default: a temporary one)")
    made.add_argument("--latency", type=float, default=0.0, help="milliseconds added to every answer")
    made.add_argument("--fault", type=_fault, action="append", default=[], metavar="JSON", help=kinds)
    made.add_argument(
        "--set",
        type=_switch,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a switch of sandbox.cloud4wi.behaviour; rechat.NAME and acquire.NAME are the other services'",
    )
    return made


async def run(arguments: argparse.Namespace) -> None:
    """Serves until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    faults: list[Fault] = arguments.fault
    if arguments.latency:
        faults.append(Fault("*", "latency", seconds=arguments.latency / 1000))
    taken: tuple[str, ...] = ("host", "port", "seed", "contacts", "events", "burst", "scroll_ttl")
    taken += ("rechat_contacts", "rechat_events", "acquire_contacts", "acquire_cases")
    options: dict[str, Any] = {name: getattr(arguments, name) for name in taken}
    for name, value in arguments.set:
        service, dot, switch = name.partition(".")
        if dot and service in ("rechat", "acquire"):
            options.setdefault(service, {})[switch] = value
        else:
            options[name] = value
    with ExitStack() as stack:
        database = arguments.database or temporary_database(stack)
        async with Sandbox.start(faults=faults, database=database, **options) as box:
            sys.stdout.write(orjson.dumps(about(box)).decode() + "\n")
            sys.stdout.flush()
            await stop.wait()


def main() -> None:
    """Entry point: exits 2 with a sentence when the options make no sense."""
    made = parser()
    arguments = made.parse_args()
    if arguments.database is not None and arguments.database.exists():
        made.error(f"{arguments.database} exists already; name a new file")
    try:
        asyncio.run(run(arguments))
    except OSError as error:
        made.error(f"cannot serve on {arguments.host}:{arguments.port}: {error}")
    except (ValueError, TypeError) as error:
        made.error(str(error))


if __name__ == "__main__":
    main()
