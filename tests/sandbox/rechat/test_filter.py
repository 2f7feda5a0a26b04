"""``POST /contacts/filter``: terms, conditions, ids, ranges, and both places they may stand in."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.app import Sandbox
from tests.sandbox.caller import Caller, Json

TAG = "5b3c994e-7569-4df8-b8db-f37421a684f7"


async def found(rechat: Caller, body: Json | None = None, *query: tuple[str, str | int | float]) -> list[str]:
    """The ids that a filter finds, all of them."""
    answer = await rechat.ok("POST", "/contacts/filter", body, [*query, ("limit", 1000)])
    ids = [row["id"] for row in answer["data"]]
    assert answer["info"] == {"count": len(ids), "total": len(ids)}
    return ids


async def test_ids_in_the_body_or_the_query(box: Sandbox, rechat: Caller) -> None:
    ids = [row["id"] for row in box.rechat.contacts()]
    wanted = [ids[7], ids[3], ids[40]]
    expected = [ids[3], ids[7], ids[40]]
    assert await found(rechat, {"ids": wanted}) == expected
    assert await found(rechat, None, *[("ids[]", each) for each in wanted]) == expected
    assert await found(rechat, {}, *[("ids", each) for each in wanted]) == expected
    assert await found(rechat, {"ids": wanted, "excludes": [ids[7]]}) == [ids[3], ids[40]]
    assert await found(rechat, {"ids": []}) == []
    page = await rechat.ok("POST", "/contacts/filter", {"ids": ids[:12]})
    assert (len(page["data"]), page["info"]["total"]) == (10, 12)


async def test_an_unknown_id_is_missing_or_spoils_the_batch(box: Sandbox, rechat: Caller) -> None:
    known = box.rechat.contacts()[0]["id"]
    batch = {"ids": [known, "00000000-0000-4000-8000-000000000000"]}
    assert await found(rechat, batch) == [known]
    box.rechat_behaviour.change(unknown_ids="refused")
    assert (await rechat.call("POST", "/contacts/filter", batch))[0] == 404
    assert await found(rechat, {"ids": [known]}) == [known]
    box.rechat_behaviour.change(max_ids=1)
    assert (await rechat.call("POST", "/contacts/filter", {"ids": [known, known]}))[0] == 400


async def test_a_term_is_looked_for_in_all_texts(box: Sandbox, rechat: Caller) -> None:
    one = box.rechat.insert_contact(
        first_name="Zebedee", last_name="Quux", emails=["Z.Quux@example.com"], phone_numbers=["(415) 555-3695"]
    )
    for q in ("z.quux@EXAMPLE.com", "zebe", "quux zebedee", "4155553695", "415-555-36", " 555 3695 "):
        assert await found(rechat, None, ("q", q)) == [one["id"]], q
    assert await found(rechat, {"q": "zebedee"}) == [one["id"]]
    box.rechat_behaviour.change(search_digits=False)
    assert await found(rechat, {"q": "4155553695"}) == []
    assert await found(rechat, {"q": "(415) 555-3695"}) == [one["id"]]
    assert await found(rechat, None, ("q", "zebedee nobody")) == []
    assert await found(rechat, None, ("alphabet", "quu")) == [one["id"]]


async def test_conditions_on_attributes(box: Sandbox, rechat: Caller) -> None:
    contacts = box.rechat.contacts()
    both = box.rechat.insert_contact(first_name="Both", tags=["New", "foo"], birthday=86_400 * 365)
    tagged = {row["id"] for row in contacts if "New" in (row["tags"] or [])} | {both["id"]}

    async def matching(*rows: Json, **more: Any) -> set[str]:
        return set(await found(rechat, {"filter": list(rows), **more}))

    new, foo = {"attribute_def": TAG, "value": "New"}, {"attribute_type": "tag", "value": "foo"}
    every = {row["id"] for row in box.rechat.contacts()}
    assert await matching(new) == tagged
    assert await matching({**new, "attribute_type": "tag", "invert": True}) == every - tagged
    assert both["id"] in await matching(new, foo)
    assert await matching(new, foo) == await matching({**new, "value": ["New", "foo"], "operator": "all"})
    assert await matching(new, foo, filter_type="or") == await matching(
        {**new, "value": ["New", "foo"], "operator": "any"}
    )
    assert await matching({"attribute_type": "first_name", "value": "bot", "operator": "like"}) == {both["id"]}
    early = [row["id"] for row in box.rechat.contacts() if row["birthday"] and row["birthday"] < "1971-01-02"]
    assert await matching({"attribute_type": "birthday", "value": 86_400 * 365, "operator": "lte"}) == set(early)


async def test_ranges_are_inclusive(box: Sandbox, rechat: Caller) -> None:
    contacts = box.rechat.contacts()
    for name, column in (("created", "created_at"), ("updated", "updated_at"), ("next_touch", "next_touch")):
        times = sorted(row[column] for row in contacts if row[column])
        low, high = times[len(times) // 4], times[len(times) // 2]
        expected = [row["id"] for row in contacts if row[column] and low <= row[column] <= high]
        assert await found(rechat, None, (f"{name}_gte", repr(low)), (f"{name}_lte", repr(high))) == expected
        assert await found(rechat, {f"{name}_gte": low, f"{name}_lte": high}) == expected


async def test_owners_flows_and_tasks(box: Sandbox, rechat: Caller) -> None:
    contacts, data = box.rechat.contacts(), box.rechat.data
    owner = data.users[1]["id"]
    assert await found(rechat, {"users": [owner]}) == [row["id"] for row in contacts if row["user_id"] == owner]
    origin = next(iter(data.brand_flows))
    enrolled = {flow["contact"] for flow in data.flows.values()}
    assert set(await found(rechat, {"flows": [origin]})) == enrolled
    task = next(event for event in data.events.values() if event["object_type"] == "crm_task")
    assert set(await found(rechat, None, ("crm_task", task["id"]))) == set(task["about"])
    assert await found(rechat, {"created_by": ["nobody"]}) == []


@pytest.mark.parametrize(
    "body",
    [
        {"filter": {"attribute_def": TAG}},
        {"filter": [{"attribute_def": TAG}]},
        {"filter": [{"attribute_def": "nothing", "value": "x"}]},
        {"filter": [{"attribute_type": "nothing", "value": "x"}]},
        {"filter": [{"attribute_def": TAG, "value": "x", "operator": "is"}]},
        {"ids": [7]},
        {"ids": {"a": 1}},
        {"created_gte": "yesterday"},
        {"start": -1},
    ],
)
async def test_nonsense_is_refused(rechat: Caller, body: Json) -> None:
    code, answer = await rechat.call("POST", "/contacts/filter", body)
    assert (code, answer["code"]) == (400, "BadRequest")
