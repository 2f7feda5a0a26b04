"""The code of a selection: Python text, compiled and bound to the parts of the schema that it uses.

The code does what is usual: a value of the class that its type expects becomes its response on the spot. Any other
value goes to :mod:`compiler.general`, and so does the rest of an object once a field of it has failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from keyword import iskeyword
from types import CodeType
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, is_leaf_type, is_list_type, is_non_null_type
from graphql.pyutils import Undefined

from compiler import general
from compiler.columns import LongLists
from compiler.getters import Attribute, Call, PerRun, Typename
from compiler.info import ResolveInfo
from compiler.leaves import quick

if TYPE_CHECKING:
    from compiler.selection import Field, Selection

_ALWAYS = {
    "ResolveInfo": ResolveInfo,
    "Undefined": Undefined,
    "complete": general.complete,
    "go_on": general.go_on,
    "no_leaf": general.no_leaf,
    "wrong_type": general.wrong_type,
}


def generate(selection: Selection) -> None:
    """Give a selection its code."""
    writer = _Writer(selection)
    writer.write()
    text = "\n".join(writer.lines) + "\n"
    names: dict[str, Any] = {**_ALWAYS, **writer.bound}
    exec(_compiled(text), names)  # noqa: S102 - made of names in the schema and of a valid document, quoted
    selection.text = text
    selection.project = names["project"]
    for field, name in writer.finishes.items():
        field.finish[0] = names[name]


@lru_cache(maxsize=1024)
def _compiled(text: str) -> CodeType:
    """Selections of the same form have the same text, with other things bound to its names."""
    return compile(text, "<selection>", "exec")


class _Writer:
    """Writes the code of one selection.

    Attributes:
        lines: the code.
        bound: what its names stand for.
        finishes: the functions that finish fields that may have to be waited for.
    """

    def __init__(self, selection: Selection) -> None:
        self.lines: list[str] = []
        self.bound: dict[str, Any] = {}
        self.finishes: dict[Field, str] = {}
        self._selection = selection
        self._names: dict[int, str] = {}
        self._depth = 0

    def _line(self, line: str) -> None:
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def _block(self, line: str) -> Iterator[None]:
        self._line(line)
        self._depth += 1
        yield
        self._depth -= 1

    def _bind(self, prefix: str, value: Any) -> str:
        name = self._names.get(id(value))
        if name is None:
            count = sum(known.startswith(prefix) for known in self.bound)
            name = self._names[id(value)] = f"{prefix}{count}"
            self.bound[name] = value
        return name

    def write(self) -> None:
        """Write all of it."""
        for field in self._selection.fields:
            if not field.is_plain:
                self._write_finish(field)
        with self._block("def project(run, o, place):"):
            self._line("known = run.known")
            if self.finishes:
                self._line("awaited = run.awaited")
            if any(isinstance(field.getter, PerRun) for field in self._selection.fields):
                self._line("asks = run.asks")
            self._write_check()
            self._line("out = {}")
            with self._block("try:"):
                for field in self._selection.fields:
                    self._write_field(field)
                self._line("return out")
            with self._block("except Exception as error:"):
                self._line(f"return go_on(run, {self._bind('selection', self._selection)}, o, place, out, error)")

    def _write_check(self) -> None:
        check, owner = self._selection.program.check(self._selection.type), self._selection.owner
        if check.function is not None and owner is not None:
            info = f"ResolveInfo(run, {self._bind('field', owner)}, place)" if check.reads_info else "None"
            with self._block(f"if not {self._bind('is_type', check.function)}(o, {info}):"):
                self._line(f"raise wrong_type({self._bind('selection', self._selection)}, o)")

    def _write_finish(self, field: Field) -> None:
        name = self.finishes[field] = f"finish{len(self.finishes)}"
        with self._block(f"def {name}(run, v, out, key, place):"):
            self._line("known = run.known")
            self._respond(field, 0, "v", "out", "key", "place")
            self._line("return v")
        self.lines.append("")

    def _write_field(self, field: Field) -> None:
        key = repr(field.key)
        place = f"(place, {key}, {self._selection.type.name!r})"
        if isinstance(field.getter, Typename):
            self._line(f"out[{key}] = {field.getter.name!r}")
        elif field.is_plain:
            self._line(f"v = {self._value(field, place)}")
            self._respond(field, 0, "v", "out", key, place)
            self._line(f"out[{key}] = v")
        else:
            self._line(f"at = {place}")
            self._line(f"v = {self._value(field, 'at')}")
            with self._block("if v.__class__ in awaited:"):
                self._line(f"out[{key}] = run.wait(v, {self._bind('field', field)}, 0, out, {key}, at)")
            with self._block("else:"):
                self._line(f"out[{key}] = {self.finishes[field]}(run, v, out, {key}, at)")

    def _value(self, field: Field, place: str) -> str:
        """The expression of a field's value."""
        getter = field.getter
        if isinstance(getter, Attribute):
            plain = getter.name.isidentifier() and not iskeyword(getter.name)
            return f"o.{getter.name}" if plain else f"getattr(o, {getter.name!r})"
        if isinstance(getter, PerRun):
            name = self._bind("field", field.alike)
            return f"(asks.get({name}) or run.ask({name}))(o)"
        if isinstance(getter, Call):
            arguments = ["o"] if getter.takes_self else []
            arguments += [f"{parent}=o" for parent in getter.parents]
            if getter.info is not None:
                raw = f"ResolveInfo(run, {self._bind('field', field)}, {place})"
                definition = self._bind("definition", getter.definition)
                info = f"{self._bind('Info', getter.info_class)}(_raw_info={raw}, _field={definition})"
                arguments.append(f"{getter.info}={info}")
            if getter.convert is not None:
                arguments.append(f"**run.arguments({self._bind('field', field)})")
            return f"{self._bind('call', getter.function)}({', '.join(arguments)})"
        name = self._bind("field", field)
        return f"{name}.getter.get(run, {name}, o, {place})"

    def _respond(self, field: Field, depth: int, value: str, container: str, key: str, place: str) -> None:
        """Put a value's response in its stead, or what stands for one that is waited for; or raise.

        Args:
            value: the variable that holds it.
            container, key: expressions of what the response goes into, and under what.
            place: the expression of its place.
        """
        type_ = field.types[depth]
        type_ = type_.of_type if is_non_null_type(type_) else type_
        complete = (
            f"{value} = complete(run, {self._bind('field', field)}, {depth}, {value}, {container}, {key}, {place})"
        )
        null = f"{value} is not None" if field.may_be_null[depth] else ""
        if is_leaf_type(type_):
            way = quick(type_)
            bound = self._bind("leaf", way.bound) if way.bound is not None else ""
            test = way.test.format(value, bound)
            if way.response is None:
                with self._block(f"if not ({test}){null and f' and {null}'}:"):
                    self._line(complete)
                return
            with self._block(f"if {test}:"):
                if not way.may_fail:
                    self._line(f"{value} = {way.response.format(value, bound)}")
                else:
                    self._line(f"leaf = {way.response.format(value, bound)}")
                    with self._block("if leaf is None or leaf is Undefined:"):
                        self._line(f"raise no_leaf({self._bind('type', type_)}, {value}, leaf)")
                    self._line(f"{value} = leaf")
        elif is_list_type(type_):
            with self._block(f"if {value}.__class__ is list or {value}.__class__ is tuple:"):
                self._respond_to_items(field, depth, value, place)
        else:
            with self._block(f"if {value}.__class__ in known:"):
                self._respond_to_object(field, type_, value, place, complete)
        with self._block(f"elif {null}:" if null else "else:"):
            self._line(complete)

    def _respond_to_items(self, field: Field, depth: int, value: str, place: str) -> None:
        items, item, index = f"items{depth}", f"item{depth}", f"i{depth}"
        inner = f"(at{depth}, {index}, None)"
        self._line(f"at{depth} = {place}")
        if depth == len(field.types) - 2 and not is_leaf_type(field.named_type):
            self._line(f"{items} = {self._bind('rows', LongLists(field))}(run, {value})")
            with self._block(f"if {items} is None:"):
                self._respond_one_by_one(field, depth, value, items, item, index, inner)
        else:
            self._respond_one_by_one(field, depth, value, items, item, index, inner)
        self._line(f"{value} = {items}")

    def _respond_one_by_one(
        self, field: Field, depth: int, value: str, items: str, item: str, index: str, inner: str
    ) -> None:
        self._line(f"{items} = []")
        with self._block(f"for {index}, {item} in enumerate({value}):"):
            with self._block("try:"):
                self._respond(field, depth + 1, item, items, index, inner)
            with self._block("except Exception as error:"):
                self._line(f"run.failed({self._bind('field', field)}, {depth + 1}, error, {inner})")
                self._line(f"{item} = None")
            self._line(f"{items}.append({item})")

    def _respond_to_object(self, field: Field, type_: Any, value: str, place: str, complete: str) -> None:
        if isinstance(type_, GraphQLObjectType):
            selection = self._bind("selection", field.selection(type_))
            self._line(f"{value} = {selection}.project(run, {value}, {place})")
            return
        check = field.program.check(type_)
        resolve_type = self._bind("type_of", check.function)
        info = f"ResolveInfo(run, {self._bind('field', field)}, {place})" if check.reads_info else "None"
        selections = self._bind("selections", field.below)
        self._line(f"name = {resolve_type}({value}, {info}, {self._bind('type', type_)})")
        with self._block(f"if name.__class__ is str and name in {selections}:"):
            self._line(f"{value} = {selections}[name].project(run, {value}, {place})")
        with self._block("else:"):
            self._line(complete)
