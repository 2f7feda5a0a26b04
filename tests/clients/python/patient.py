"""The generated client, made patient: it repeats what is retryable, and keeps what there is when a source is down."""

from __future__ import annotations

import asyncio
from typing import Any

from contactgraph_client import Client, GraphQLClientGraphQLMultiError
from contactgraph_client.async_base_client import Response

TIMES = 2
LONGEST = 5.0
"""Seconds; who is asked to wait longer gets what there is."""


def pause(errors: list[dict[str, Any]], times: int) -> float | None:
    """Seconds to wait before asking again may help; None: it would not."""
    told = [error.get("extensions", {}) for error in errors]
    if not any(each.get("retryable") for each in told):
        return None
    seconds = max([0.1 * 2**times] + [each.get("retryAfter", 0) for each in told])
    return seconds if seconds <= LONGEST else None


class PatientClient(Client):
    """Contactgraph's client for queries; ``codes`` are those of the errors of the last answer."""

    codes: tuple[str, ...] = ()

    async def execute(
        self,
        query: str,
        operation_name: str | None = None,
        variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Response:
        for times in range(TIMES + 1):
            response = await super().execute(query, operation_name, variables, **kwargs)
            seconds = pause(response.json().get("errors", []), times)
            if times == TIMES or seconds is None or query.lstrip().startswith("mutation"):
                break
            await asyncio.sleep(seconds)
        return response

    def get_data(self, response: Response) -> dict[str, Any]:
        self.codes = ()
        try:
            return super().get_data(response)
        except GraphQLClientGraphQLMultiError as error:
            self.codes = tuple(str((each.extensions or {}).get("code")) for each in error.errors)
            data = error.data or {}
            if all(value is None for value in data.values()):
                raise
            return data
