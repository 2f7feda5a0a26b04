"""Contacts that are one person: merged into one, or cluster by cluster."""

from __future__ import annotations

from resolvers.ids import GlobalId
from resolvers.writes.contacts import shown
from resolvers.writes.outcome import Declined, Job, JobState, Outcome, UserError, UserErrorCode, declined, unsupported
from resolvers.writes.pen import Pen
from upstreams.acquire.values import is_id
from upstreams.needs import current_needs
from upstreams.rechat.client import Cluster
from upstreams.rechat.feeds import associations
from upstreams.records import Source


async def merge(pen: Pen) -> Outcome:
    """Merge contacts into one of the same source, which survives. It cannot be undone."""
    into, others = pen.id("id"), pen.ids("other_ids")
    given = [others[text] for text in pen.given["other_ids"]]
    _mergeable(into, given, "id", "otherIds")
    if into.source is Source.CLOUD4WI:
        raise Declined(unsupported("id", into.source, "merge contacts"))
    keys = [id.key for id in others.values()]
    if into.source is Source.RECHAT:
        needed = associations(current_needs.get())
        merged = await pen.write(pen.rechat.merge_contacts(into.key, keys, associations=needed))
        return Outcome(contact=merged, deleted_ids=list(others))
    if wrong := [place for place, id in enumerate(given) if not is_id(id.key)]:
        raise declined(f"otherIds.{wrong[0]}", "There is no such contact (any more).", UserErrorCode.NOT_FOUND)
    await pen.write(pen.acquire.merge_contacts(into.key, [int(key) for key in keys]))
    return Outcome(contact=await shown(pen, into.source, into.key), deleted_ids=list(others))


async def merge_clusters(pen: Pen) -> Outcome:
    """Have Rechat merge several clusters of contacts, by itself."""
    clusters = []
    for place, given in enumerate(pen.some("clusters")):
        at = f"clusters.{place}"
        into = pen.parse(given["id"])
        others = [pen.parse(text) for text in given["other_ids"]]
        if not others:
            raise declined(f"{at}.otherIds", "There is nothing to merge.", UserErrorCode.EMPTY_SELECTION)
        _mergeable(into, others, f"{at}.id", f"{at}.otherIds")
        if into.source is not Source.RECHAT:
            raise Declined(unsupported(f"{at}.id", into.source, "merge several clusters at once; see contactsMerge"))
        clusters.append(Cluster(parent=into.key, sub_contacts=[id.key for id in others]))
    job = await pen.write(pen.rechat.merge_clusters(clusters), "clusters")
    return Outcome(job=Job(Source.RECHAT, job.source_id, JobState.ACCEPTED))


def _mergeable(into: GlobalId, others: list[GlobalId], field: str, list_field: str) -> None:
    errors = [
        UserError(f"{list_field}.{place}", "It is not of the source of the contact that stays.", UserErrorCode.INVALID)
        for place, other in enumerate(others)
        if other.source is not into.source
    ]
    if into in others:
        errors.append(UserError(field, "A contact cannot be merged into itself.", UserErrorCode.INVALID))
    if errors:
        raise Declined(*errors)
