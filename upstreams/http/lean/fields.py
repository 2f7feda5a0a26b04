"""The header fields of an answer. Few are ever looked at, so they are kept as they came and searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Fields(Mapping[str, str]):
    """Fields by name in any case; of several with one name the first, as with aiohttp."""

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[bytes, bytes]]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        wanted = name.lower().encode("latin-1", "replace")
        for key, value in self._fields:
            if key.lower() == wanted:
                return value.decode("latin-1").strip()
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.decode("latin-1").lower() for key, _ in self._fields))

    def __len__(self) -> int:
        return len({key.lower() for key, _ in self._fields})
