"""The second try at a row that does not have the published types.

Field by field: a number where text was promised becomes text and the other way round, and a field that still makes no
sense is left out, so that it costs that field and not the row. Only a field that the record needs costs the row.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from sys import float_info
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct, inspect

S = TypeVar("S", bound=Struct)
T = TypeVar("T")

Whole = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number that GraphQL's ``Int`` can tell; what is larger makes no sense here."""

Finite = Annotated[float, Meta(ge=-float_info.max, le=float_info.max)]
"""A number; ``"NaN"`` and ``"Infinity"`` are none."""

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MISSING = object()


class _MisfitError(ValueError):
    """A value that cannot be read as what it should be."""


def mended(body: bytes) -> bytes:
    """JSON whose text is Unicode: bytes that are no UTF-8, and halves of a surrogate pair, become U+FFFD.

    A service that cuts text in the middle of an emoji sends such a half, which no strict decoder takes: without this,
    one name would cost the whole answer.

    Raises:
        ValueError: it is no JSON.
    """
    text = json.dumps(json.loads(body.decode(errors="replace")), ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def as_unicode(decode: Callable[[bytes], T], body: bytes) -> T:
    """What an answer holds, also where some of its text is no Unicode; commonly that takes no second look.

    Raises:
        ValueError: as ``decode`` does; also where it is nested deeper than can be read.
    """
    try:
        try:
            return decode(body)
        except msgspec.ValidationError:
            raise
        except ValueError as error:
            try:
                whole = mended(body)
            except ValueError:
                raise error from None
            return decode(whole)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def count_or_none(value: Any) -> int | None:
    """A whole number, perhaps written as text; None where it is none, or none that can be told."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return msgspec.convert(value.strip() if isinstance(value, str) else value, Whole, strict=False)
    except msgspec.ValidationError:
        return None


def salvage(value: Any, record: type[S]) -> S:
    """A record from plain JSON, as far as it makes sense.

    Raises:
        ValueError: a field that the record cannot do without is missing or makes no sense.
    """
    fitted: S = _fit(value, _describe(record))
    return fitted


@cache
def _describe(record: type[Struct]) -> inspect.Type:
    return inspect.type_info(record)


def _fit(value: Any, wanted: inspect.Type) -> Any:
    match wanted:
        case inspect.AnyType():
            return value
        case inspect.UnionType():
            return _fit_any(value, wanted.types)
        case inspect.StrType():
            return _text(value)
        case inspect.IntType():
            return _within(_whole(value), wanted)
        case inspect.FloatType():
            return _number(value)
        case inspect.BoolType():
            return _flag(value)
        case inspect.VarTupleType() if isinstance(value, list):
            items = (_try(item, wanted.item_type) for item in value)
            return tuple(item for item in items if item is not _MISSING)
        case inspect.DictType() if isinstance(value, dict):
            return value
        case inspect.StructType() if isinstance(value, dict):
            return _record(value, wanted)
    raise _MisfitError


def _fit_any(value: Any, choices: tuple[inspect.Type, ...]) -> Any:
    if value is None and any(isinstance(choice, inspect.NoneType) for choice in choices):
        return None
    for choice in choices:
        if not isinstance(choice, (inspect.NoneType, inspect.CustomType)):
            found = _try(value, choice)
            if found is not _MISSING:
                return found
    raise _MisfitError


def _try(value: Any, wanted: inspect.Type) -> Any:
    try:
        return _fit(value, wanted)
    except ValueError:
        return _MISSING


def _record(value: dict[str, Any], wanted: inspect.StructType) -> Any:
    fields: dict[str, Any] = {}
    for field in wanted.fields:
        if field.encode_name in value:
            found = _try(value[field.encode_name], field.type)
            if found is not _MISSING:
                fields[field.name] = found
        if field.required and field.name not in fields:
            raise _MisfitError
    return wanted.cls(**fields)


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    raise _MisfitError


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _MisfitError
    try:
        number = float(value)
    except OverflowError as error:  # a whole number of hundreds of digits
        raise _MisfitError from error
    if not math.isfinite(number):
        raise _MisfitError
    return number


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value)
    if not number.is_integer():
        raise _MisfitError
    return int(number)


def _within(number: int, wanted: inspect.IntType) -> int:
    if (wanted.ge is not None and number < wanted.ge) or (wanted.le is not None and number > wanted.le):
        raise _MisfitError
    return number


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, str)) and (flag := _FLAGS.get(str(value).strip().casefold())) is not None:
        return flag
    raise _MisfitError
