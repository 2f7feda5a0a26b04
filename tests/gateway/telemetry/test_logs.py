"""What is logged of a request, and what is not."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

import pytest

from gateway.telemetry.logs import Batches, JsonFormatter, Lines
from tests.gateway.support import make_app, post


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The log of requests as it is written."""
    records = [record for record in caplog.records if record.name == "contactgraph.requests"]
    return [json.loads(JsonFormatter().format(record)) for record in records]


async def test_a_request_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await post(make_app(), "query Mine { called }", headers={"x-request-id": "r-1"})
    [line] = lines(caplog)
    assert line.pop("durationMs") > 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "contactgraph.requests",
        "message": "request",
        "requestId": "r-1",
        "operation": "Mine",
        "status": 200,
        "upstreamCalls": 1,
    }


async def test_what_a_client_sends_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Variables, documents and operation names that no valid document has may hold anything."""
    caplog.set_level(logging.DEBUG)
    app = make_app()
    person = "person@example.org"
    await post(app, "query Q($name: String!) { hello(name: $name) }", variables={"name": person})
    await post(app, f'{{ hello(name: "{person}") }}')
    await post(app, f'{{ nope(name: "{person}") }}')
    await post(app, "{ hello }", operationName=person)
    await post(app, "query Q($name: Int!) { twice(number: $name) }", variables={"name": person})
    await post(app, person)
    assert [(line["operation"], line.get("codes")) for line in lines(caplog)] == [
        ("Q", None),
        (None, None),
        (None, ["GRAPHQL_VALIDATION_FAILED"]),
        (None, ["BAD_REQUEST"]),
        ("Q", ["BAD_USER_INPUT"]),
        (None, ["GRAPHQL_PARSE_FAILED"]),
    ]
    assert person not in caplog.text
    assert all(person not in str(record.__dict__) for record in caplog.records)


def test_a_traceback_stays_on_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "bad %s", ("thing",), (type(error), error, error.__traceback__)
        )
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert line["message"] == "bad thing"
    assert "ValueError: two\nlines" in line["traceback"]


def test_what_is_said_often_is_the_record_that_the_library_makes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logger = logging.getLogger("contactgraph.often")
    logger.info("again", extra={"fields": {"a": 1}})
    Lines(logger, "again").say({"a": 1})
    long, short = caplog.records
    # Where in the code it was said is no part of a line, so it is not looked up.
    apart = {"created", "msecs", "relativeCreated", "pathname", "filename", "module", "lineno", "funcName"}
    assert vars(long).keys() == vars(short).keys()
    assert all(vars(short)[name] == value for name, value in vars(long).items() if name not in apart)
    assert long.created <= short.created
    assert short.msecs == pytest.approx(short.created % 1 * 1000)


@pytest.mark.parametrize(
    ("created", "time"),
    [(0.0, "1970-01-01T00:00:00.000+00:00"), (1_795_390_199.25, "2026-11-22T23:29:59.250+00:00")],
)
def test_a_line_says_when(created: float, time: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "hello", (), None)
    record.created = created
    assert json.loads(JsonFormatter().format(record))["time"] == time


def batches(stream: io.StringIO) -> tuple[logging.Logger, Batches]:
    handler = Batches(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.Logger("batches")
    logger.addHandler(handler)
    return logger, handler


async def test_lines_wait_for_a_moment_and_a_warning_brings_them_along() -> None:
    stream = io.StringIO()
    logger, _ = batches(stream)
    logger.info("one")
    logger.info("two")
    assert stream.getvalue() == ""
    logger.warning("three")
    assert stream.getvalue() == "one\ntwo\nthree\n"


async def test_lines_are_written_when_the_moment_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.telemetry.logs._MOMENT", 0.0)
    written = asyncio.Event()

    class Told(io.StringIO):
        def flush(self) -> None:
            written.set()

    stream = Told()
    logger, _ = batches(stream)
    logger.info("one")
    await written.wait()
    assert stream.getvalue() == "one\n"


async def test_a_line_that_cannot_be_worded_keeps_no_other_from_being_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream = io.StringIO()
    logger, handler = batches(stream)
    logger.info("one")
    logger.info("%d", "no number")
    logger.info("three")
    handler.flush()
    assert stream.getvalue() == "one\nthree\n"
    assert "--- Logging error ---" in capsys.readouterr().err


async def test_the_end_of_the_process_writes_what_waits() -> None:
    stream = io.StringIO()
    logger, handler = batches(stream)
    logger.info("one")
    handler.flush()  # as logging.shutdown does
    assert stream.getvalue() == "one\n"


def test_without_a_loop_lines_are_written_at_once() -> None:
    stream = io.StringIO()
    logger, _ = batches(stream)
    logger.info("one")
    assert stream.getvalue() == "one\n"
