"""A gateway over the three services of a sandbox, to write with; state lies in a folder that outlives a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.app import build_network, build_services
from gateway.settings import read_settings
from resolvers.ids import simple_id
from sandbox.app import Sandbox
from tests.schema.harness import Answer, Api
from upstreams.acquire import SPEC as ACQUIRE
from upstreams.acquire.settings import AcquireSettings
from upstreams.rechat import SPEC as RECHAT
from upstreams.rechat.settings import RechatSettings
from upstreams.records import Entity, Source


def contact_id(source: Source, key: str | int) -> str:
    """The global id of a contact."""
    return simple_id(Entity.CONTACT, source, str(key))


def segment_id(source: Source, key: str | int) -> str:
    """The global id of a segment."""
    return simple_id(Entity.SEGMENT, source, str(key))


@asynccontextmanager
async def writer(box: Sandbox, folder: Path, **environment: str) -> AsyncIterator[Api]:
    """A gateway whose sources are those of a sandbox."""
    settings = read_settings(
        {
            "CLOUD4WI_URL": box.url,
            "CLOUD4WI_CLIENT_KEY": box.client_key,
            "CLOUD4WI_CLIENT_SECRET": box.client_secret,
            "CLOUD4WI_ORGANIZATION": box.organization,
            "GATEWAY_STATE_DIR": str(folder),
            "GATEWAY_SECRET": "the secret of the tests, which has 32 bytes and more",
            **environment,
        }
    )
    network = build_network(settings)
    services = build_services(settings, network)
    services = replace(
        services,
        sources={
            Source.CLOUD4WI: services.sources[Source.CLOUD4WI],
            Source.RECHAT: RECHAT.build(RechatSettings(box.rechat_url, box.rechat_token), network),
            Source.ACQUIRE: ACQUIRE.build(AcquireSettings(box.acquire_url, box.acquire_key), network),
        },
    )
    await network.start()
    for source in services.sources.values():
        await source.start()
    try:
        yield Api(services, network)
    finally:
        for source in services.sources.values():
            await source.close()
        await network.close()


async def change(api: Api, field: str, input: dict[str, Any], selection: str) -> Answer:
    """Run a mutation of one field, with its user errors."""
    type_ = field[0].upper() + field[1:]
    text = (
        f"mutation ($input: {INPUTS.get(field, f'{type_}Input')}!) "
        f"{{ {field}(input: $input) {{ {selection} userErrors {{ field message code }} clientMutationId }} }}"
    )
    return await api.query(text, {"input": input})


def refusals(answer: Answer, field: str) -> list[tuple[str | None, str]]:
    """The user errors of a mutation: field and code."""
    return [(error["field"], error["code"]) for error in answer[f"{field}.userErrors"]]


INPUTS = {
    "contactTagAdd": "ContactTagsInput",
    "contactTagRemove": "ContactTagsInput",
    "attributeDefinitionDelete": "DeleteInput",
    "tagDelete": "DeleteInput",
    "segmentDelete": "DeleteInput",
    "companyDelete": "DeleteInput",
}
"""The inputs that are not named after their mutation."""
