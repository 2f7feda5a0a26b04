"""Which selections may stand beside each other: what GraphQL's validation asks of fields with one response name.

Kept stricter than the specification: fields of one response name are the same field with the same arguments and the
same type wherever they might meet, also on object types that exclude each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Scope:
    """The response names in use at one place of a response, whatever selection they stand in.

    Attributes:
        fields: what stands under a name, as text, and the scope below it.
    """

    fields: dict[str, tuple[str, Scope]] = field(default_factory=dict)

    def admits(self, name: str, signature: str) -> bool:
        """Whether a field may stand under a name."""
        known = self.fields.get(name)
        return known is None or known[0] == signature

    def enter(self, name: str, signature: str) -> Scope:
        """Put a field under a name; the scope of what is selected below it."""
        return self.fields.setdefault(name, (signature, Scope()))[1]

    def fits(self, other: Scope) -> bool:
        """Whether all that stands in another scope may stand here too."""
        return all(
            self.admits(name, signature) and (name not in self.fields or self.fields[name][1].fits(below))
            for name, (signature, below) in other.fields.items()
        )

    def take(self, other: Scope) -> None:
        """Put all that stands in another scope here too."""
        for name, (signature, below) in other.fields.items():
            self.enter(name, signature).take(below)
