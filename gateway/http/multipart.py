"""Requests with files: forms as the GraphQL multipart request specification says.

A form has a part ``operations`` (the JSON of a request, null where a file belongs), a part ``map`` (which part of the
form belongs where) and the files, in that order. The whole body is in memory: it is bounded by ``GATEWAY_MAX_BODY``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.errors import bad_request
from gateway.execution import Parameters
from gateway.http.parameters import from_body

MOST_PARTS = 20
"""Parts that a form may have."""
LONGEST_NAME = 255
"""Characters that the name of a file may have."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a form.

    Attributes:
        filename: as the client calls it; never to be taken for a path.
        content_type: what the client says it is.
        content: its bytes.
    """

    filename: str
    content_type: str | None
    content: bytes = field(repr=False)


@dataclass(slots=True)
class _Part:
    """One part of a form while it is read."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)


def from_form(body: bytes, content_type: str) -> Parameters:
    """The parameters of a form, with its files in the variables.

    Raises:
        RequestRefused: the form is not one of the specification's.
    """
    files: dict[str, UploadedFile] = {}
    texts: dict[str, bytes] = {}
    for part in _parts(body, content_type):
        kind, options = parse_options_header(part.headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not name or name in texts or name in files:
            raise bad_request("Each part of the form needs a name of its own.")
        if b"filename" not in options:
            texts[name] = bytes(part.data)
            continue
        declared = part.headers.get(b"content-type")
        files[name] = UploadedFile(
            options[b"filename"].decode("utf-8", "replace")[-LONGEST_NAME:],
            declared.decode("latin-1") if declared is not None else None,
            bytes(part.data),
        )
    if texts.keys() != {"operations", "map"}:
        raise bad_request("The form needs the parts operations and map, and else files only.")
    asked = from_body(texts["operations"])
    _place(asked.variables, _map(texts["map"]), files)
    return asked


def _parts(body: bytes, content_type: str) -> list[_Part]:
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise bad_request("The content type of the form names no boundary.")
    reading = _Reading()
    parser = MultipartParser(boundary, reading.callbacks())  # type: ignore[arg-type]  # a TypedDict of these
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise bad_request("The form cannot be read: it is not multipart/form-data, or it is cut off.") from error
    if not reading.over:
        raise bad_request("The form is cut off.")
    return reading.parts


class _Reading:
    """What a parser has told so far."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.over = False
        self._name = bytearray()
        self._value = bytearray()

    def callbacks(self) -> dict[str, Any]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_header_field": self._field,
            "on_header_value": self._text,
            "on_header_end": self._header,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) == MOST_PARTS:
            raise bad_request(f"The form has more than {MOST_PARTS} parts.")
        self.parts.append(_Part())

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += data[start:end]

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _text(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        self.parts[-1].headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _end(self) -> None:
        self.over = True


def _map(text: bytes) -> Mapping[str, list[str]]:
    try:
        sent = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"The part map is not JSON: {error.msg}.") from error
    good = isinstance(sent, dict) and all(
        isinstance(paths, list) and paths and all(isinstance(path, str) for path in paths) for paths in sent.values()
    )
    if not good:
        raise bad_request('The part map must say for each file where it belongs: {"0": ["variables.input.file"]}.')
    return dict(sent)


def _place(variables: Any, places: Mapping[str, list[str]], files: Mapping[str, UploadedFile]) -> None:
    """Put the files where the map says; each place must hold null."""
    if places.keys() != files.keys():
        raise bad_request("The part map must name the files of the form, each of them and no others.")
    for name, paths in places.items():
        for path in paths:
            first, *keys = path.split(".")
            if first != "variables" or not keys:
                raise bad_request("The part map may point into variables only: `variables.input.file`.")
            _put(variables, keys, files[name])


def _put(held: Any, keys: list[str], file: UploadedFile) -> None:
    *way, last = keys
    try:
        for key in way:
            held = held[_step(held, key)]
        step = _step(held, last)
        if held[step] is not None:
            raise bad_request("The part map points to a variable that is not null.")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise bad_request("The part map points to a variable that is not there.") from error
    held[step] = file


def _step(held: Any, key: str) -> Any:
    if isinstance(held, list):
        if not (key.isascii() and key.isdecimal()):
            raise ValueError("not a place in a list")
        return int(key)
    return key
