"""What became of a change: the objects as they are now, and what the user can put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from upstreams.acquire.decode import DUPLICATE, INVALID_INPUT, Refused
from upstreams.errors import UpstreamError, UpstreamNotFound, UpstreamRefused
from upstreams.records import ContactRecord, Entity, SegmentRecord, Source


class UserErrorCode(Enum):
    """What kind of thing the user can put right."""

    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    DUPLICATE = "DUPLICATE"
    CONFLICT = "CONFLICT"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    EMPTY_SELECTION = "EMPTY_SELECTION"


@dataclass(frozen=True, slots=True)
class UserError:
    """Something that the user can put right.

    Attributes:
        field: the part of the input, with dots and 0-based places (``contacts.3.emails``); None: the whole.
        message: what is wrong. It never quotes what was given.
        code: its kind.
    """

    field: str | None
    message: str
    code: UserErrorCode


class Declined(Exception):
    """The change is not made; the user can put right why."""

    def __init__(self, *errors: UserError) -> None:
        super().__init__("declined")
        self.errors = errors


def declined(field: str | None, message: str, code: UserErrorCode) -> Declined:
    """A change that is declined for one thing."""
    return Declined(UserError(field, message, code))


def unsupported(field: str | None, source: Source, what: str) -> UserError:
    """Something that a source cannot be told."""
    return UserError(field, f"{source.label} documents no way to {what}.", UserErrorCode.NOT_SUPPORTED)


def camel(name: str) -> str:
    """The name of a part of an input as clients write it."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


class JobState(Enum):
    """What is known of a job."""

    ACCEPTED = "ACCEPTED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a source does by itself after it was asked.

    Attributes:
        source: who does it.
        source_id: its own name of it.
        state: what is known of it.
    """

    entity: ClassVar[Entity] = Entity.JOB

    source: Source
    source_id: str
    state: JobState


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a payload of the schema is read from.

    Attributes:
        user_errors: what the user can put right; what is not named there was done.
        contact, contacts, segment, company, definition, attributes, job, note, card: what was changed, as it is now.
        deleted_ids: what is gone, by the ids that were given.
        failures: sources that failed for a part of the change while another was made.
        client_mutation_id: what the client gave, back.
    """

    user_errors: Sequence[UserError] = ()
    contact: ContactRecord | None = None
    contacts: Sequence[ContactRecord] = ()
    segment: SegmentRecord | None = None
    company: Any = None
    definition: Any = None
    attributes: Sequence[Any] = ()
    job: Job | None = None
    note: Any = None
    card: Any = None
    deleted_ids: Sequence[str] = ()
    failures: list[UpstreamError] = field(default_factory=list)
    client_mutation_id: str | None = None


_BY_STATUS = {
    400: UserErrorCode.INVALID,
    404: UserErrorCode.NOT_FOUND,
    409: UserErrorCode.CONFLICT,
    410: UserErrorCode.NOT_FOUND,
    412: UserErrorCode.CONFLICT,
    413: UserErrorCode.INVALID,
    415: UserErrorCode.INVALID,
    422: UserErrorCode.INVALID,
}
_BY_CODE = {DUPLICATE: UserErrorCode.DUPLICATE, INVALID_INPUT: UserErrorCode.INVALID}
_MESSAGES = {
    UserErrorCode.INVALID: "{} does not accept the values.",
    UserErrorCode.NOT_FOUND: "{} has no such thing (any more).",
    UserErrorCode.CONFLICT: "{} says that this is in conflict with what it has.",
    UserErrorCode.DUPLICATE: "{} has it already.",
}


def refusal(error: UpstreamError, field: str | None = None) -> UserError | None:
    """What an upstream's refusal means for the user; None: it is no matter of the user's."""
    code = None
    if isinstance(error, UpstreamNotFound):
        code = UserErrorCode.NOT_FOUND
    elif isinstance(error, Refused) and error.code in _BY_CODE:
        code = _BY_CODE[error.code]
    elif isinstance(error, UpstreamRefused):
        code = _BY_STATUS.get(error.status or 0)
    if code is None:
        return None
    return UserError(field, _MESSAGES[code].format(error.source.label), code)
