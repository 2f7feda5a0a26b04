"""Changes under a key of the client's own: asked for until it is certain what became of them, and made once."""

from __future__ import annotations

from benchmarks.chaos.client import Client
from benchmarks.chaos.judge import Judge

CREATE = (
    "mutation Create($input: ContactCreateInput!) { contactCreate(input: $input) "
    "{ contact { sourceId } userErrors { message code } } }"
)


class Change:
    """One contact to be made under one key.

    Attributes:
        source: who is to have it.
        mark: stands in its name and in no other.
        made: an answer said that it was made; if not, nobody knows.
        id: what the answer called it.
    """

    def __init__(self, source: str, mark: str) -> None:
        self.source = source
        self.mark = mark
        self.made = False
        self.id: str | None = None

    async def make(self, client: Client, judge: Judge) -> None:
        """Ask with the same key until an answer settles it, and then once more."""
        given = {
            "source": self.source,
            "firstName": self.mark,
            "lastName": "Chaos",
            "emails": [f"{self.mark}@chaos.example"],
            "clientMutationId": self.mark,
        }
        answers = 0
        while answers < 2:
            data, errors = await client.ask(CREATE, {"input": given})
            payload = data and data.get("contactCreate")
            if payload:
                answers += 1
                self._learn(payload, judge)
            elif errors and not errors[0]["extensions"].get("retryable"):
                answers += 1
                # Without a source it is the key that is refused: Redis died before it could note that it was done.
                if self.made and "source" not in errors[0]["extensions"]:
                    judge.counts["changes made whose repetition was refused"] += 1
        judge.counts["changes made" if self.made else "changes of which nobody knows"] += 1

    def _learn(self, payload: dict[str, object], judge: Judge) -> None:
        if payload["userErrors"]:
            judge.breaks("a change was declined", payload=payload)
            return
        self.made = True
        contact = payload["contact"]
        if isinstance(contact, dict):  # null where it could not be read again
            if self.id not in (None, contact["sourceId"]):
                judge.breaks("a key made two contacts", first=self.id, second=contact["sourceId"])
            self.id = contact["sourceId"]

    def settle(self, found: int, judge: Judge) -> None:
        """In the end: so many contacts at the source have its mark."""
        if found > 1 or (self.made and found != 1):
            judge.breaks("a change was not made once", mark=self.mark, source=self.source, made=self.made, found=found)
