"""Personal values are planted wherever a request meets them; no log line, error or metric holds one of them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.app import build_app
from gateway.settings import read_settings
from gateway.telemetry.logs import JsonFormatter
from sandbox.app import Sandbox
from tests.gateway.support import served
from tests.schema.harness import credentials
from upstreams.records import Source

NAME, FAMILY, MAIL, PHONE = "Zdenka", "Kvapilova", "zdenka.kvapilova@post.example", "+14155550172"
PLANTED = (NAME, FAMILY, MAIL, PHONE, MAIL.partition("@")[0], PHONE[2:])

READ = "{ contacts(first: 1000) { nodes { displayName firstName lastName emails phones } } }"
SEARCH = "query Search($text: String!) { contacts(filter: {search: $text}) { nodes { id } } }"
PERSON = "query Person($email: String, $phone: String) { person(email: $email, phone: $phone) { id } }"
CREATE = "mutation Create($input: ContactCreateInput!) { contactCreate(input: $input) { contact { id } } }"

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    (READ, {}),
    (SEARCH, {"text": NAME}),
    (PERSON, {"email": MAIL}),
    (PERSON, {"phone": PHONE}),
    (CREATE, {"input": {"source": "RECHAT", "firstName": NAME, "lastName": FAMILY, "emails": [MAIL]}}),
    (CREATE, {"input": {"source": "ACQUIRE", "firstName": NAME, "phones": [PHONE], "clientMutationId": MAIL}}),
]
AWKWARD: list[dict[str, Any]] = [
    {"query": f'{{ contacts(filter: {{search: "{MAIL}"}}) {{ nodes {{ id }} }} }}'},
    {"query": f'{{ nope(name: "{NAME}") }}'},
    {"query": NAME},
    {"query": READ, "operationName": FAMILY},
    {"query": SEARCH, "variables": {"text": {"name": MAIL}}},
    {"query": PERSON, "variables": {"email": MAIL, "phone": PHONE}},
    {"query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": MAIL}}},
    {"documentId": MAIL},
]
FAULTS = ("none", "broken_json", "malformed_rows", "ko", "status", "html", "truncated", "reset")


def told(record: logging.LogRecord) -> str:
    """All that a record could show, as it is written and as it is kept."""
    return JsonFormatter().format(record) + str(record.args) + str(record.__dict__.get("fields"))


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_planted_value_is_told(fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Sandbox.start(contacts=20, events=60) as box:
        contact = dict(box.cloud4wi.contacts()[0])
        contact |= {"cid": "0" * 32, "firstName": NAME, "lastName": FAMILY, "email": MAIL, "phone": PHONE}
        box.cloud4wi.insert_contact(contact)
        box.rechat.insert_contact(first_name=NAME, last_name=FAMILY, emails=[MAIL], phone_numbers=[PHONE])
        box.acquire.insert_contact(name=f"{NAME} {FAMILY}", email=MAIL, phone=PHONE)
        environ = {name: value for source in Source for name, value in credentials(box, source).items()}
        environ |= {"GATEWAY_STATE_DIR": str(tmp_path), "GATEWAY_UPSTREAM_RETRIES": "0"}
        caplog.clear()
        async with (
            served(build_app(read_settings(environ))) as url,
            aiohttp.ClientSession(url) as session,
        ):
            if fault != "none":
                box.faults.add("*", fault)
            seen = ""
            errors: list[Any] = []
            bodies = [{"query": query, "variables": variables} for query, variables in REQUESTS] + AWKWARD
            for body in bodies:
                headers = {"x-request-id": "r-1", "x-contactgraph-trace": "1", "user-agent": MAIL, "referer": MAIL}
                async with session.post("/graphql", json=body, headers=headers) as answer:
                    text = await answer.text()
                    seen += text
                    parsed = await answer.json()
                errors += parsed.get("errors", [])
                errors.append(parsed.get("extensions"))
            async with session.get("/metrics") as answer:
                metrics = await answer.text()
            async with session.get("/health/ready") as answer:
                ready = await answer.text()
    if fault == "none":
        assert MAIL in seen, "the values are there to be told"
    ours = [record for record in caplog.records if not record.name.startswith(("asyncio", "aiohttp"))]
    assert len(ours) >= len(bodies)
    # What a client itself wrote into a document stands in the message about that document, which only it reads.
    to_client = [error for error in errors if not _quotes_the_document(error)]
    for value in PLANTED:
        for record in ours:
            assert value not in told(record), record.name
        assert value not in metrics
        assert value not in ready
        assert value not in str(to_client)


def _quotes_the_document(error: Any) -> bool:
    codes = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "BAD_REQUEST"}
    return isinstance(error, dict) and error.get("extensions", {}).get("code") in codes
