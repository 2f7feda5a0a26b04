"""Uploaded files, and the jobs that the upstream works on by itself."""

from __future__ import annotations

import secrets
from typing import Any

from msgspec import Struct, field

from upstreams.instants import Instant
from upstreams.rechat import assumptions
from upstreams.rechat.values import instant_or_none


class File(Struct, frozen=True, kw_only=True):
    """``file``: what was uploaded for an import.

    Attributes:
        source_id: ``id``: what an import names.
        url: signed, and good for a while only.
    """

    source_id: str = field(name="id")
    name: str | None = None
    path: str | None = None
    mime: str | None = None
    url: str | None = None
    preview_url: str | None = None
    public: bool | None = None
    created_by: Any = None
    type: str | None = None
    _created: float | None = field(name="created_at", default=None)
    _updated: float | None = field(name="updated_at", default=None)
    _deleted: float | None = field(name="deleted_at", default=None)

    @property
    def created_at(self) -> Instant | None:
        """When it was uploaded."""
        return instant_or_none(self._created)

    @property
    def updated_at(self) -> Instant | None:
        """When it was last changed."""
        return instant_or_none(self._updated)

    @property
    def deleted_at(self) -> Instant | None:
        """When it was deleted."""
        return instant_or_none(self._deleted)


class Job(Struct, frozen=True, kw_only=True):
    """A job that was begun; the documents show no way to ask how it goes."""

    source_id: str = field(name="job_id")


def multipart(name: str, content: bytes, mime: str) -> tuple[str, bytes]:
    """A form with one file: the content type and the body.

    Raises:
        ValueError: the media type has characters that would end its line.
    """
    if not mime.isascii() or not mime.isprintable():
        raise ValueError("not a media type")
    boundary = secrets.token_hex(16)
    while boundary.encode() in content:
        boundary = secrets.token_hex(16)
    quoted = name.replace("%", "%25").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{assumptions.UPLOAD_FIELD.assumed}"; filename="{quoted}"\r\n'
        f"Content-Type: {mime}\r\n\r\n"
    )
    body = head.encode(errors="replace") + content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body
