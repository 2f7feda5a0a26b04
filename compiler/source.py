"""The code of a selection: Python text, compiled and bound to the parts of the schema that it uses.

A selection's code has two parts. What is data is read first, and read again by the general way if anything about it is
unusual. Joins, and what holds joins, follow in the order of the document, each with the handling of its own failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from keyword import iskeyword
from types import CodeType
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLObjectType, is_abstract_type, is_leaf_type, is_list_type, is_non_null_type
from graphql.pyutils import Undefined

from compiler import general
from compiler.getters import Attribute, Call, Typename
from compiler.info import ResolveInfo
from compiler.leaves import quick

if TYPE_CHECKING:
    from compiler.selection import Field, Selection


class Odd(Exception):
    """Something about an object is unusual, so that the general way has to be taken."""


_ALWAYS = {
    "Odd": Odd,
    "ResolveInfo": ResolveInfo,
    "Undefined": Undefined,
    "complete": general.complete,
    "general": general.project,
    "wrong_type": general.wrong_type,
}


def generate(selection: Selection) -> None:
    """Give a selection its code."""
    writer = _Writer(selection)
    text = writer.text()
    names: dict[str, Any] = {**_ALWAYS, **writer.bound}
    exec(_compiled(text), names)  # noqa: S102 - names of a valid document and of the schema, quoted
    selection.text = text
    selection.project = names["project"]
    if selection.is_data:
        selection.read = names["read"]
    for field, name in writer.finishes.items():
        field.finish[0] = names[name]


@lru_cache(maxsize=1024)
def _compiled(text: str) -> CodeType:
    """Selections of the same form have the same text, with other things bound to its names."""
    return compile(text, "<selection>", "exec")


class _Writer:
    """Writes the code of one selection."""

    def __init__(self, selection: Selection) -> None:
        self.bound: dict[str, Any] = {}
        self._selection = selection
        self._names: dict[int, str] = {}
        self._lines: list[str] = []
        self._depth = 0
        self._variables = 0
        self.finishes: dict[Field, str] = {}
        """The functions that finish fields."""

    def text(self) -> str:
        """The whole code."""
        if self._selection.is_data:
            self._write_read()
        else:
            self._write_project()
        return "\n".join(self._lines) + "\n"

    def _line(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    @contextmanager
    def _block(self, line: str) -> Iterator[None]:
        self._line(line)
        self._depth += 1
        yield
        self._depth -= 1

    def _bind(self, prefix: str, value: Any) -> str:
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"{prefix}{len(self._names)}"
            self.bound[name] = value
        return name

    def _variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    # The two functions.

    def _write_read(self) -> None:
        with self._block("def read(run, o):"):
            self._line("known = run.known")
            check = self._selection.program.checks(self._selection.type).function
            if check is not None:
                with self._block(f"if not {self._bind('check', check)}(o, None):"):
                    self._line("raise Odd")
            variables = [self._data_field(field) for field in self._selection.fields]
            self._line(f"return {self._display(variables)}")
        with self._block("def project(run, o, place):"):
            with self._block("try:"):
                self._line("return read(run, o)")
            with self._block("except Exception:"):
                self._line(f"return general(run, {self._bind('selection', self._selection)}, o, place)")

    def _write_project(self) -> None:
        for field in self._selection.fields:
            if not field.is_data:
                self._write_finish(field)
        selection = self._bind("selection", self._selection)
        with self._block("def project(run, o, place):"):
            self._line("known = run.known")
            check = self._selection.program.checks(self._selection.type).function
            if check is not None and self._selection.owner is not None:
                info = f"ResolveInfo(run, {self._bind('field', self._selection.owner)}, place)"
                with self._block(f"if not {self._bind('check', check)}(o, {info}):"):
                    self._line(f"raise wrong_type({selection}, o)")
            with self._block("try:"):
                variables = [self._data_field(field) if field.is_data else "None" for field in self._selection.fields]
                self._line(f"out = {self._display(variables)}")
            with self._block("except Exception:"):
                self._line(f"return general(run, {selection}, o, place)")
            for field in self._selection.fields:
                if not field.is_data:
                    self._field(field)
            self._line("return out")

    def _display(self, variables: list[str]) -> str:
        keys = (repr(field.key) for field in self._selection.fields)
        return "{" + ", ".join(f"{key}: {value}" for key, value in zip(keys, variables, strict=True)) + "}"

    # Data.

    def _data_field(self, field: Field) -> str:
        """Read a field; the expression of its response."""
        if isinstance(field.getter, Typename):
            return repr(field.getter.name)
        variable = self._variable()
        self._line(f"{variable} = {self._value(field, '')}")
        self._data(field, 0, variable)
        return variable

    def _data(self, field: Field, depth: int, variable: str) -> None:
        """Replace a value by its response, or raise."""
        type_ = field.types[depth]
        type_ = type_.of_type if is_non_null_type(type_) else type_
        null = f" and {variable} is not None" if field.may_be_null[depth] else ""
        if is_leaf_type(type_) and not (way := quick(type_)).response:
            with self._block(f"if not ({way.test.format(variable)}){null}:"):
                self._line("raise Odd")
            return
        with self._block(f"if {variable} is not None:") if null else _same():
            if is_leaf_type(type_):
                self._leaf(type_, variable)
                return
            if is_list_type(type_):
                with self._block(f"if {variable}.__class__ is not list and {variable}.__class__ is not tuple:"):
                    self._line("raise Odd")
                items, item = self._variable(), self._variable()
                self._line(f"{items} = []")
                with self._block(f"for {item} in {variable}:"):
                    self._data(field, depth + 1, item)
                    self._line(f"{items}.append({item})")
                self._line(f"{variable} = {items}")
                return
            with self._block(f"if {variable}.__class__ not in known:"):
                self._line("raise Odd")
            if is_abstract_type(type_):
                resolve_type = self._bind("type_of", field.program.checks(type_).function)
                selections = self._bind("selections", field.below)
                name = f"{resolve_type}({variable}, None, {self._bind('type', type_)})"
                self._line(f"{variable} = {selections}[{name}].read(run, {variable})")
            else:
                selection = self._bind("selection", field.selection(cast(GraphQLObjectType, type_)))
                self._line(f"{variable} = {selection}.read(run, {variable})")

    def _leaf(self, type_: Any, variable: str) -> None:
        way = quick(type_)
        assert way.response is not None  # noqa: S101 - a value that is its own response is only tested
        bound = self._bind("leaf", way.bound)
        with self._block(f"if not ({way.test.format(variable, bound)}):"):
            self._line("raise Odd")
        self._line(f"{variable} = {way.response.format(variable, bound)}")
        if way.may_fail:
            with self._block(f"if {variable} is None or {variable} is Undefined:"):
                self._line("raise Odd")

    # What may have to be waited for.

    def _field(self, field: Field) -> None:
        """Have a field's value finished where it stands."""
        name, finish = self._bind("field", field), self.finishes[field]
        with self._block("try:"):
            place = f"(place, {field.key!r}, {self._selection.type.name!r})"
            self._line(f"at = {place}")
            self._line(f"out[{field.key!r}] = {finish}(run, {self._value(field, 'at')}, out, {field.key!r}, at)")
        with self._block("except Exception as error:"):
            self._line(f"run.failed({name}, 0, error, at)")

    def _write_finish(self, field: Field) -> None:
        name = f"finish{len(self.finishes)}"
        self.finishes[field] = name
        with self._block(f"def {name}(run, v, out, key, place):"):
            self._line("known = run.known")
            self._response(field, 0, "v", "out", "key", "place")
            self._line("return v")

    def _response(self, field: Field, depth: int, variable: str, container: str, key: str, place: str) -> None:
        """Replace a value by its response, or by what stands for one that is waited for, or raise."""
        type_ = field.types[depth]
        type_ = type_.of_type if is_non_null_type(type_) else type_
        name = self._bind("field", field)
        complete = f"{variable} = complete(run, {name}, {depth}, {variable}, {container}, {key}, {place})"
        otherwise = f"elif {variable} is not None:" if field.may_be_null[depth] else "else:"
        if is_list_type(type_):
            with self._block(f"if {variable}.__class__ is list or {variable}.__class__ is tuple:"):
                self._items(field, depth, variable, place)
        elif is_leaf_type(type_):
            way = quick(type_)
            if way.may_fail:
                self._line(complete)
                return
            bound = self._bind("leaf", way.bound) if way.response else ""
            response = way.response.format(variable, bound) if way.response else variable
            with self._block(f"if {way.test.format(variable, bound)}:"):
                self._line(f"{variable} = {response}")
        else:
            with self._block(f"if {variable}.__class__ in known:"):
                self._object(field, type_, variable, place, complete)
        with self._block(otherwise):
            self._line(complete)

    def _items(self, field: Field, depth: int, variable: str, place: str) -> None:
        items, item, index, inner = self._variable(), self._variable(), self._variable(), self._variable()
        self._line(f"{items} = []")
        with self._block(f"for {index}, {item} in enumerate({variable}):"):
            self._line(f"{inner} = ({place}, {index}, None)")
            with self._block("try:"):
                self._response(field, depth + 1, item, items, index, inner)
            with self._block("except Exception as error:"):
                self._line(f"run.failed({self._bind('field', field)}, {depth + 1}, error, {inner})")
                self._line(f"{item} = None")
            self._line(f"{items}.append({item})")
        self._line(f"{variable} = {items}")

    def _object(self, field: Field, type_: Any, variable: str, place: str, complete: str) -> None:
        if not is_abstract_type(type_):
            selection = self._bind("selection", field.selection(type_))
            self._line(f"{variable} = {selection}.project(run, {variable}, {place})")
            return
        check = field.program.checks(type_)
        resolve_type = self._bind("type_of", check.function)
        info = f"ResolveInfo(run, {self._bind('field', field)}, {place})" if check.reads_info else "None"
        selections = self._bind("selections", field.below)
        self._line(f"name = {resolve_type}({variable}, {info}, {self._bind('type', type_)})")
        with self._block(f"if name.__class__ is str and name in {selections}:"):
            self._line(f"{variable} = {selections}[name].project(run, {variable}, {place})")
        with self._block("else:"):
            self._line(complete)

    def _value(self, field: Field, place: str) -> str:
        """The expression of a field's value."""
        getter = field.getter
        if isinstance(getter, Attribute):
            plain = getter.name.isidentifier() and not iskeyword(getter.name)
            return f"o.{getter.name}" if plain else f"getattr(o, {getter.name!r})"
        if isinstance(getter, Call):
            arguments = ["o"] if getter.takes_self else []
            arguments += [f"{parent}=o" for parent in getter.parents]
            if getter.info is not None:
                info_class, definition = self._bind("Info", getter.info_class), self._bind("as", getter.definition)
                info = f"{info_class}(ResolveInfo(run, {self._bind('field', field)}, {place}), {definition})"
                arguments.append(f"{getter.info}={info}")
            if getter.convert is not None:
                arguments.append(f"**run.arguments({self._bind('field', field)})")
            return f"{self._bind('call', getter.function)}({', '.join(arguments)})"
        name = self._bind("field", field)
        return f"{name}.getter.get(run, {name}, o, {place})"


@contextmanager
def _same() -> Iterator[None]:
    yield
