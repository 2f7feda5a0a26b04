"""Everything that Rechat's documents show is reachable: every key of every example, by its value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers.context import Services
from resolvers.ids import simple_id
from resolvers.paging import Pager
from tests.schema.harness import Api
from tests.seeds.walk import ENVELOPE, Claim, differences, leaves, same, selection
from tests.upstreams.rechat.conftest import FIXTURES, FakeRechat, Seen, collection, example
from upstreams.http.network import Network
from upstreams.rechat import Rechat
from upstreams.records import Entity, Source

CONTACTS = (
    *("contacts", "create_contacts", "filter_query", "filter_attributes", "filter_tags", "filter_inverted"),
    *("add_attributes_to_all", "contact", "update_contact", "set_owner", "set_touch", "delete_attribute"),
    *("merge_contacts", "duplicates", "contact_duplicates"),
)
OTHERS = {"tags", "attribute_defs", "create_attribute_def", "add_attributes", "replace_attribute"}
ONLY_WRITING_ANSWERS_IT = {"upload", "import_json", "import_csv", "import_xls", "import_xlsx", "merge_clusters"}
"""Files and jobs: what the mutations answer with."""


def instant(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    text = datetime.fromtimestamp(round(seconds, 6), UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def plain(*names: str, under: str = "") -> dict[str, Claim]:
    """Keys that keep their name, in camel case."""
    return {name: Claim(under + camel(name)) for name in names}


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def within(prefix: str, claims: Mapping[str, Claim], path: str) -> dict[str, Claim]:
    """Claims of an object inside another."""
    return {f"{prefix}{key}": Claim(f"{path}.{claim.path}", claim.change) for key, claim in claims.items()}


TYPE = "same fact: __typename"

ADDRESS = plain(
    "full", "line1", "line2", "name", "suftype", "house_num", "city", "state", "postcode", "country", "extra"
)
DEFINITION = {
    "id": Claim("sourceId"),
    **plain("name", "label", "data_type", "section", "required", "singular", "show", "filterable", "editable"),
    **plain("searchable", "has_label"),
    "global": Claim("isGlobal"),
    "labels[]": Claim("labels"),
    "labels": Claim("labels"),
    "enum_values[]": Claim("enumValues"),
    "enum_values": Claim("enumValues"),
    "created_at": Claim("createdAt", instant),
    "updated_at": Claim("updatedAt", instant),
    "deleted_at": Claim("deletedAt", instant),
    "created_by": Claim("createdById"),
    "updated_by": Claim("updatedById"),
    "user": Claim("userId"),
    "brand": Claim("brandId"),
}
ATTRIBUTE = {
    "id": Claim("sourceId"),
    "contact": Claim("contactSourceId"),
    **plain("attribute_type", "text", "label", "is_primary", "is_partner", "index"),
    "date": Claim("date", instant),
    "address": Claim("address"),
    **within("address.", ADDRESS, "address"),
    **within("attribute_def.", DEFINITION, "definition"),
    "created_at": Claim("createdAt", instant),
    "updated_at": Claim("updatedAt", instant),
    "deleted_at": Claim("deletedAt", instant),
    "created_by": Claim("createdById"),
    "updated_by": Claim("updatedById"),
}
ATTRIBUTE_EXCLUDED = {"type": TYPE, "address.type": TYPE, "attribute_def.type": TYPE}
SUMMARY = {
    "id": Claim("sourceId"),
    **plain("is_partner", "title", "first_name", "middle_name", "last_name", "marketing_name", "nickname", "email"),
    **plain("phone_number", "company", "profile_image_url", "cover_image_url", "job_title", "source_type"),
    **plain("display_name", "abbreviated_display_name"),
    "source": Claim("leadSource"),
    "birthday": Claim("birthday", instant),
    "tags[]": Claim("tags"),
}
CONTACT = {
    "id": Claim("sourceId"),
    **plain("first_name", "last_name", "company", "job_title"),
    "created_at": Claim("createdAt", instant),
    "updated_at": Claim("updatedAt", instant),
    **plain("display_name", "sort_field", "title", "middle_name", "marketing_name", "nickname", under="rechat."),
    **plain("partner_name", "partner_first_name", "partner_last_name", "partner_email", under="rechat."),
    **plain("last_touch_action", "touch_freq", "ios_address_book_id", "android_address_book_id", under="rechat."),
    **plain("created_for", "updated_for", "deleted_for", "email", "primary_email", "phone_number", under="rechat."),
    **plain("primary_phone_number", "parked", "source_type", "profile_image_url", under="rechat."),
    **plain("cover_image_url", "user_id", "brand_id", under="rechat."),
    "source": Claim("rechat.leadSource"),
    "brand": Claim("rechat.brand.sourceId"),
    "last_touch": Claim("rechat.lastTouch", instant),
    "next_touch": Claim("rechat.nextTouch", instant),
    "deleted_at": Claim("rechat.deletedAt", instant),
    **{f"{name}{end}": Claim(f"rechat.{camel(name)}") for name in ("emails", "phone_numbers") for end in ("", "[]")},
    **{f"{name}{end}": Claim(f"rechat.{name}") for name in ("website", "tags") for end in ("", "[]")},
    "address": Claim("rechat.addresses.full"),
    **within("summary.", SUMMARY, "rechat.summary"),
}
CONTACT_EXCLUDED = {
    "type": TYPE,
    "summary.type": TYPE,
    "birthday": same("birthday, which is compared in its parts"),
}
SEGMENT = {
    "id": Claim("sourceId"),
    "tag": Claim("name"),
    **plain("touch_freq", "auto_enroll_in_super_campaigns", under="rechat."),
    "created_at": Claim("createdAt", instant),
    "updated_at": Claim("updatedAt", instant),
    "created_by": Claim("rechat.createdById"),
    "updated_by": Claim("rechat.updatedById"),
}


def paths(claims: Mapping[str, Claim], below: Mapping[str, str] | None = None) -> str:
    """A selection of all that is claimed; ``below`` gives the selections of fields that are objects."""
    parts = {claim.path: "" for claim in claims.values()}
    objects = {path for path in parts if any(other.startswith(f"{path}.") for other in parts)}
    return selection([path for path in parts if path not in objects]) + " " + " ".join((below or {}).values())


def rows_of(name: str) -> list[dict[str, Any]]:
    """The contacts of an example, inside a cluster or not."""
    data = example(name)["data"]
    found = data if isinstance(data, list) else [data]
    return [row for one in found for row in one.get("contacts", [one])]


BIRTHDAY = "birthday { year month day }"
ATTRIBUTES = f"rechat {{ attributes {{ {paths(ATTRIBUTE)} }} addresses {{ {paths(ADDRESS)} }} }}"
QUERY = f"{{ contacts(first: 100) {{ nodes {{ {paths(CONTACT)} {ATTRIBUTES} {BIRTHDAY} }} }} }}"


def wrong(row: dict[str, Any], node: dict[str, Any]) -> list[str]:
    """What a node does not tell of a contact."""
    # Where Rechat has nothing to list it sends null.
    lists = ("emails", "phone_numbers", "website", "tags", "address")
    row = row | {name: row[name] or [] for name in lists}
    addresses, attributes = row.pop("address"), row.pop("attributes", None)
    found = differences(row, node, CONTACT, CONTACT_EXCLUDED)
    detail = node["rechat"]
    assert len(detail["addresses"]) == len(addresses)
    for sent, told in zip(addresses, detail["addresses"], strict=True):
        found += differences(sent, told, ADDRESS, {"type": TYPE})
    assert len(detail["attributes"] or ()) == len(attributes or ())
    for sent, told in zip(attributes or (), detail["attributes"] or (), strict=True):
        found += differences(sent, told, ATTRIBUTE, ATTRIBUTE_EXCLUDED)
    if (date := row["birthday"]) is not None:
        found += [] if written(node["birthday"]) == date else ["birthday"]
    else:
        found += [] if node["birthday"] is None else ["birthday"]
    return found


def written(birthday: Mapping[str, int]) -> str:
    return f"{birthday['year']:04}-{birthday['month']:02}-{birthday['day']:02}T00:00:00.000Z"


@pytest.fixture
def rechat_api(rechat: Rechat, network: Network) -> Api:
    return Api(Services(sources={Source.RECHAT: rechat}, pager=Pager(secret=b"x" * 32)), network)


def serve(fake: FakeRechat, rows: list[dict[str, Any]]) -> None:
    """Let the list and the filter answer with contacts as an example shows them."""

    def filtered(seen: Seen) -> Any:
        return collection([row for row in rows if row["id"] in seen.json["ids"]])

    fake.answers = {"GET /contacts": collection(rows), "POST /contacts/filter": filtered}


def test_every_example_is_walked() -> None:
    answers = {path.stem for path in FIXTURES.iterdir() if not path.stem.endswith(".request")}
    assert answers == {*CONTACTS, *OTHERS, *ONLY_WRITING_ANSWERS_IT}
    assert {path for name in answers for path, _ in leaves({**example(name), "data": 0})} <= {
        *("code", "data", "info.count", "info.total")
    }, ENVELOPE


@pytest.mark.parametrize("name", CONTACTS)
async def test_every_key_of_a_published_contact(rechat_api: Api, fake: FakeRechat, name: str) -> None:
    rows = rows_of(name)
    serve(fake, rows)
    nodes = {node["sourceId"]: node for node in (await rechat_api.query(QUERY))["contacts.nodes"]}
    assert len(nodes) == len({row["id"] for row in rows}) > 0
    assert {row["id"]: found for row in rows if (found := wrong(row, nodes[row["id"]]))} == {}


def test_the_examples_use_every_claim() -> None:
    """A claim that no example has would say nothing."""
    seen = {path for name in CONTACTS for row in rows_of(name) for path, _ in leaves(row)}
    inner = {path.removeprefix("attributes[].") for path in seen if path.startswith("attributes[].")}
    assert {key for key in ATTRIBUTE if key not in inner} <= {
        *("attribute_def.labels", "attribute_def.enum_values[]"),
        *("attribute_def.brand",),
    }
    own = {path for path in seen if not path.startswith(("attributes", "address"))}
    assert {key for key in CONTACT if key not in own} <= {"address"}
    assert {path.removeprefix("address[].") for path in seen if path.startswith("address[].")} - {"type"} == set(
        ADDRESS
    )


async def test_every_key_of_the_published_tags(rechat_api: Api, fake: FakeRechat) -> None:
    rows = example("tags")["data"]
    fake.answers = {"GET /contacts/tags": example("tags"), "GET /contacts/lists": collection([])}
    answer = await rechat_api.query(f"{{ segments(first: 100) {{ nodes {{ {paths(SEGMENT)} }} }} }}")
    nodes = {node["sourceId"]: node for node in answer["segments.nodes"]}
    excluded = {"type": TYPE, "text": same("name")}
    assert all(row["text"] == row["tag"] for row in rows)
    assert [found for row in rows if (found := differences(row, nodes[row["id"]], SEGMENT, excluded))] == []


@pytest.mark.parametrize("name", ["add_attributes", "replace_attribute"])
async def test_every_key_of_the_published_attributes(rechat_api: Api, fake: FakeRechat, name: str) -> None:
    data = example(name)["data"]
    attributes = data if isinstance(data, list) else [data]
    row = rows_of("contact")[0] | {"attributes": attributes}
    serve(fake, [row])
    assert wrong(row, (await rechat_api.query(QUERY))["contacts.nodes.0"]) == []


@pytest.mark.parametrize("name", ["attribute_defs", "create_attribute_def"])
async def test_every_key_of_the_published_definitions(rechat_api: Api, fake: FakeRechat, name: str) -> None:
    data = example(name)["data"]
    definitions = data if isinstance(data, list) else [data]
    [first, *_] = rows_of("contact")[0]["attributes"]
    row = rows_of("contact")[0]
    row["attributes"] = [first | {"attribute_def": definition} for definition in definitions]
    serve(fake, [row])
    assert wrong(row, (await rechat_api.query(QUERY))["contacts.nodes.0"]) == []


async def test_a_published_cluster_of_duplicates(rechat_api: Api, fake: FakeRechat) -> None:
    cluster = example("contact_duplicates")["data"]
    id = cluster["contacts"][0]["id"]
    serve(fake, cluster["contacts"])
    fake.answers[f"GET /contacts/{id}/duplicates"] = example("contact_duplicates")
    answer = await rechat_api.query(
        "query ($id: ID!) { contact(id: $id) { rechat { duplicates { sourceId } } } }",
        {"id": simple_id(Entity.CONTACT, Source.RECHAT, id)},
    )
    assert [node["sourceId"] for node in answer["contact.rechat.duplicates"]] == [
        row["id"] for row in cluster["contacts"]
    ]
    assert answer.calls == {"contactsFilter": 1, "contactDuplicates": 1}
    alone = await rechat_api.query(
        "query ($id: ID!) { contact(id: $id) { rechat { duplicates { sourceId } } } }",
        {"id": simple_id(Entity.CONTACT, Source.RECHAT, id.replace(id[:8], "0" * 8))},
    )
    assert alone.data == {"contact": None}
