"""What the endpoints' methods have in common: the decoders of answers, and how parameters are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from upstreams.errors import UpstreamNotFound
from upstreams.http.endpoints import Endpoints, Params
from upstreams.http.keeping import NOTHING, Keeping
from upstreams.http.wire import Wire
from upstreams.rechat.decode import EventsDecoder, ListDecoder, OneDecoder, refusal
from upstreams.rechat.records import Attribute, AttributeDef, Contact, ContactList, DuplicateCluster, File, Job, Tag
from upstreams.rechat.values import is_uuid
from upstreams.records import Source


class Calls(Endpoints):
    """Makes calls to Rechat; see :class:`upstreams.http.endpoints.Endpoints`."""

    def __init__(self, wire: Wire, keeping: Keeping = NOTHING) -> None:
        super().__init__(wire, refusal, keeping)
        self._contact = OneDecoder(Contact)
        self._attribute = OneDecoder(Attribute)
        self._definition = OneDecoder(AttributeDef)
        self._cluster = OneDecoder(DuplicateCluster)
        self._list = OneDecoder(ContactList)
        self._file = OneDecoder(File)
        self._job = OneDecoder(Job)
        self._contacts = ListDecoder(Contact, self._lost("contacts"))
        self._attributes = ListDecoder(Attribute, self._lost("attributes"))
        self._definitions = ListDecoder(AttributeDef, self._lost("attributeDefs"))
        self._clusters = ListDecoder(DuplicateCluster, self._lost("duplicates"))
        self._lists = ListDecoder(ContactList, self._lost("lists"))
        self._tags = ListDecoder(Tag, self._lost("tags"))
        self._events = EventsDecoder(self._lost("calendar"))


def key(operation: str, id: str) -> str:
    """The id of a contact, or of an attribute, as a part of a path.

    Args:
        operation: the name of the endpoint's method.

    Raises:
        UpstreamNotFound: it is no id. Beside the contacts stand endpoints of other things: what is deleted with
            ``attributes`` in a contact's place is no contact.
    """
    if not is_uuid(id):
        raise UpstreamNotFound(Source.RECHAT, operation, "there is no such thing")
    return id


def array(name: str, values: Sequence[str]) -> Params:
    """An array as parameters of the address: ``name[]=a&name[]=b``."""
    return [(f"{name}[]", value) for value in values]


def given(values: Mapping[str, object | None]) -> Params:
    """Parameters without those that say nothing; flags and numbers as the upstream writes them."""
    return [(name, _text(value)) for name, value in values.items() if value is not None]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
