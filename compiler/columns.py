"""Long lists of plain data, field by field instead of object by object.

A selection that holds nothing but plain fields is made for a whole list at once: each field's values are read, looked
at and turned into responses in one go, and the rows are put together last. What the code of :mod:`compiler.source` does
for each object is so done once a list, or in C.

This is done only where all objects and values are the usual ones. With the first that is not, nothing has come of it,
and the list is gone through object by object, where everything is provided for; a plain field is then read twice.

A class or a function may know a cheaper way to the values of many objects than asking each: a function from objects to
their values, in order. Of an attribute it stands in ``__columns__`` of the objects' class, by name (a subclass does not
inherit it, since it may read otherwise); of a function, in its attribute ``of_all``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import repeat
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from graphql import GraphQLLeafType, is_abstract_type, is_leaf_type

from compiler.getters import Attribute, Call, PerRun, Typename
from compiler.leaves import UnusualError, many

if TYPE_CHECKING:
    from compiler.run import Run
    from compiler.selection import Field

WORTHWHILE = 8
"""Objects in a list; fewer are sooner gone through one by one."""

Many: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
Responses: TypeAlias = "Callable[[Run, Sequence[Any]], Sequence[Any]]"

_NO_COLUMNS: Final[Mapping[str, Many]] = {}


class LongLists:
    """Makes the responses of the objects in a field's lists, where it can.

    Args:
        field: one whose value is a list of objects.
    """

    def __init__(self, field: Field) -> None:
        self._field = field
        self._make: Responses | None = None
        self._looked = False

    def __call__(self, run: Run, objects: Sequence[Any]) -> list[Any] | None:
        """The responses; None for a list that is short, or that holds anything unusual or more than plain data."""
        if len(objects) < WORTHWHILE:
            return None
        if not self._looked:
            self._looked = True
            if _is_plain_below(self._field):
                self._make = _objects(self._field)
        if self._make is None:
            return None
        try:
            return list(self._make(run, objects))
        except Exception:  # it comes up again, at its place in the response
            return None


def _is_plain_below(field: Field) -> bool:
    """Whether all below a field is leaves and single objects, each had from the object around it alone."""
    program = field.program
    if is_abstract_type(field.named_type) and program.check(field.named_type).reads_info:
        return False
    for type_ in program.objects_of(field.named_type):
        fields = field.selection(type_).fields
        if program.check(type_).function is not None or not fields or not all(map(_is_plain, fields)):
            return False
    return True


def _is_plain(field: Field) -> bool:
    single = len(field.types) == 1
    return field.is_plain and single and (is_leaf_type(field.named_type) or _is_plain_below(field))


def _objects(field: Field) -> Responses:
    """Makes the responses of objects in a field."""
    made = _of_any_type(field) if is_abstract_type(field.named_type) else _of_type(field, field.named_type.name)

    def objects(run: Run, values: Sequence[Any]) -> Sequence[Any]:
        if not run.known.issuperset(map(type, values)):
            raise UnusualError
        return made(run, values)

    return _or_null(objects) if field.may_be_null[-1] else objects


def _of_any_type(field: Field) -> Responses:
    """Makes the responses of objects of an abstract type: of those together of which the same is selected."""
    abstract = field.named_type
    type_of = field.program.check(abstract).function
    assert type_of is not None  # noqa: S101 - an abstract type has one, if only the default
    names_of = _told(type_of) or (lambda values: [type_of(value, None, abstract) for value in values])
    alike: dict[Hashable, Responses] = {}

    @cache
    def of_type(name: str) -> Responses:
        return alike.setdefault(_likeness(field, name), _of_type(field, name))

    def objects(run: Run, values: Sequence[Any]) -> Sequence[Any]:
        names = names_of(values)
        makers = {name: of_type(name) for name in {*names}}
        if len({*makers.values()}) == 1:
            return makers[names[0]](run, values)
        places: dict[Responses, list[int]] = {make: [] for make in makers.values()}
        for place, name in enumerate(names):
            places[makers[name]].append(place)
        responses: list[Any] = [None] * len(values)
        for make, those in places.items():
            for place, response in zip(those, make(run, [values[place] for place in those]), strict=True):
                responses[place] = response
        return responses

    return objects


def _likeness(field: Field, name: str) -> Hashable:
    """Equal for types of which the same leaves are selected, had in the same way."""
    likeness: list[Hashable] = []
    for inner in field.below[name].fields:
        one_way = inner.getter if is_leaf_type(inner.named_type) else inner.alike
        likeness.append((inner.key, one_way, str(inner.definition.type)))
    return tuple(likeness)


def _of_type(field: Field, name: str) -> Responses:
    """Makes the responses of objects of one type; KeyError where the field has no such."""
    fields = field.below[name].fields
    columns = [_column(inner) for inner in fields]
    assemble = _assembler(tuple(inner.key for inner in fields))

    def objects(run: Run, values: Sequence[Any]) -> Sequence[Any]:
        return assemble(*(column(run, values) for column in columns))

    return objects


def _column(field: Field) -> Responses:
    """Makes the responses of one field of many objects of a type."""
    getter = field.getter
    if isinstance(getter, Typename):
        name = getter.name
        return lambda run, objects: [name] * len(objects)
    read = _reader(field)
    respond = _leaves(field) if is_leaf_type(field.named_type) else _objects(field)

    def column(run: Run, objects: Sequence[Any]) -> Sequence[Any]:
        return respond(run, read(run, objects))

    return column


def _leaves(field: Field) -> Responses:
    """Makes the responses of leaves."""
    respond = many(cast(GraphQLLeafType, field.named_type))

    def leaves(run: Run, values: Sequence[Any]) -> Sequence[Any]:
        return respond(values, run.known)

    return _or_null(leaves) if field.may_be_null[0] else leaves


def _or_null(respond: Responses) -> Responses:
    """The same where there may be None among the values."""

    def responses(run: Run, values: Sequence[Any]) -> Sequence[Any]:
        there = [value for value in values if value is not None]
        if len(there) == len(values):
            return respond(run, values)
        found = iter(respond(run, there) if there else ())
        return [None if value is None else next(found) for value in values]

    return responses


def _reader(field: Field) -> Responses:
    """Reads a field of objects."""
    getter = field.getter
    if isinstance(getter, PerRun):
        return lambda run, objects: _made(run.ask(field), objects)
    if isinstance(getter, Call):
        of_all = _told(getter.function) or _caller(getter)
        return lambda run, objects: of_all(objects)
    assert isinstance(getter, Attribute)  # noqa: S101 - no other is plain
    name = getter.name

    def read(run: Run, objects: Sequence[Any]) -> Sequence[Any]:
        kind = type(objects[0])
        columns: Mapping[str, Many] = vars(kind).get("__columns__", _NO_COLUMNS)
        of_all = columns.get(name)
        if of_all is None or {*map(type, objects)} != {kind}:
            return [*map(getattr, objects, repeat(name))]
        return of_all(objects)

    return read


def _told(function: Callable[..., Any]) -> Many | None:
    """What a function says that there is for many objects."""
    return getattr(function, "of_all", None)


def _caller(getter: Call) -> Many:
    """Calls the function of a plain field for one object after the other."""
    function, parents = getter.function, getter.parents
    if getter.takes_self:
        return lambda values: _made(lambda value: function(value, **dict.fromkeys(parents, value)), values)
    return lambda values: _made(lambda value: function(**dict.fromkeys(parents, value)), values)


def _made(call: Callable[[Any], Any], objects: Sequence[Any]) -> Sequence[Any]:
    values: list[Any] = []
    try:
        values.extend(map(call, objects))
    finally:
        if CoroutineType in map(type, values):
            for value in values:
                if type(value) is CoroutineType:
                    value.close()  # the function is called again, and nobody will wait for this one
    return values


@lru_cache(maxsize=1024)
def _assembler(keys: tuple[str, ...]) -> Callable[..., list[dict[str, Any]]]:
    """Puts columns together as rows with these keys."""
    names = [f"v{number}" for number in range(len(keys))]
    row = ", ".join(f"{key!r}: {name}" for key, name in zip(keys, names, strict=True))
    given = ", ".join(names)
    assemble: Callable[..., list[dict[str, Any]]] = eval(f"lambda *columns: [{{{row}}} for {given}, in zip(*columns)]")  # noqa: S307 - names of a valid document
    return assemble
