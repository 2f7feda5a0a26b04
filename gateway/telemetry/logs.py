"""Log lines: JSON objects on standard error, one a line.

What is no warning is written a moment later, with what came meanwhile: a write for each request costs as much as some
requests do.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any, TextIO

import orjson

_MOMENT = 0.1
"""Seconds that a line which is no warning may wait to be written."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the mapping ``fields`` of the record."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{_second(int(record.created))}.{int(record.created * 1000) % 1000:03d}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(line, default=str).decode()


@lru_cache(maxsize=2)
def _second(since_epoch: int) -> str:
    """A second in UTC, which many lines have in common."""
    return datetime.fromtimestamp(since_epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class Lines:
    """Says one thing again and again, with other fields each time, for less than what the library makes of each.

    Args:
        logger: says it.
        message: what is said; it is no warning.
    """

    def __init__(self, logger: logging.Logger, message: str) -> None:
        self._logger = logger
        self._same = vars(logger.makeRecord(logger.name, logging.INFO, "", 0, message, (), None))

    def say(self, fields: Mapping[str, Any]) -> None:
        """Say it once more."""
        if self._logger.isEnabledFor(logging.INFO):
            record = logging.LogRecord.__new__(logging.LogRecord)
            now = time()
            record.__dict__ = {**self._same, "created": now, "msecs": now % 1 * 1000, "fields": fields}
            self._logger.handle(record)


class Batches(logging.StreamHandler[TextIO]):
    """Writes what is said on an event loop in batches; a warning at once, and what was said before it.

    A line is put into words when it is written: one after the other they cost half of what each does alone, between the
    work of two requests. What lines tell of are texts and numbers, which stay as they are until then. Nothing stays
    unwritten: the end of the process flushes handlers.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._held: list[logging.LogRecord] = []

    def handle(self, record: logging.LogRecord) -> bool:
        """See :class:`logging.Handler`, of whose steps a request would take four to see that there are no filters."""
        if self.filters:
            return super().handle(record)
        with self.lock or nullcontext():
            self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """See :class:`logging.Handler`."""
        try:
            self._held.append(record)
            if record.levelno >= logging.WARNING:
                self.flush()
            elif len(self._held) == 1:
                try:
                    asyncio.get_running_loop().call_later(_MOMENT, self.flush)
                except RuntimeError:  # nothing runs that could come back later
                    self.flush()
        except Exception:  # as in every handler: what cannot be logged must not hurt who logs
            self.handleError(record)

    def flush(self) -> None:
        """Write what is held."""
        with self.lock or nullcontext():
            held, self._held = self._held, []
            if held:
                self.stream.write("".join(map(self._line, held)))
            super().flush()

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return self.format(record) + self.terminator
        except Exception:  # of one line; the others are written
            self.handleError(record)
            return ""


def configure_logging(level: int = logging.INFO, *, json: bool = True) -> None:
    """Send all logs of the process to standard error, as JSON or as plain lines."""
    # No line says which thread, process or line of code it is from, so nobody need find that out: what the library's
    # own pages advise for speed.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = Batches(sys.stderr)
    handler.setFormatter(JsonFormatter() if json else logging.Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
