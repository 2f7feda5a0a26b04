"""The house: which way imports point, how long a module is, that it says what it is for.

    gateway -> schema -> resolvers -> upstreams          compiler and sandbox, beside them, import nothing of ours

Everything is read from the source with ``ast``; nothing is imported.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What a package may import of ours, itself aside. The gateway alone may start the sandbox: that is the demo.
BELOW = {
    "gateway": {"schema", "resolvers", "upstreams", "compiler", "sandbox"},
    "schema": {"resolvers", "upstreams"},
    "resolvers": {"upstreams"},
    "upstreams": set[str](),
    "compiler": set[str](),
    "sandbox": set[str](),
}
# Folders of the checkout that are not in the wheel, so that nothing in it may import them.
NOT_INSTALLED = {"tests", "benchmarks", "scripts", "docs", "ui"}
MOST_LINES = 350
STANDARD = sys.stdlib_module_names | {"compression"}
"""What comes with Python; compression from 3.14 on."""


@dataclass(frozen=True)
class Import:
    """One name that a module imports.

    Attributes:
        target: the dotted name; of ``from a import b`` it is ``a.b``, which may be a module or something in one.
        line: where.
        running: it happens at run time, not only for the type checker.
    """

    target: str
    line: int
    running: bool


def is_type_checking(node: ast.AST) -> bool:
    """Whether this is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports(tree: ast.AST, package: str, running: bool = True) -> Iterator[Import]:
    """Every import below a node, also those inside functions.

    Args:
        tree: the node.
        package: the dotted package that relative imports start from.
        running: whether what stands here is executed.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, running)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            start = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, running)
        elif is_type_checking(node):
            assert isinstance(node, ast.If)
            for child in node.body:
                yield from imports(ast.Module([child], []), package, running=False)
            for child in node.orelse:
                yield from imports(ast.Module([child], []), package, running)
        else:
            yield from imports(node, package, running)


@dataclass(frozen=True)
class Module:
    """A source file of ours."""

    name: str
    place: str
    text: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def top(self) -> str:
        """The layer it belongs to."""
        return self.name.partition(".")[0]

    def at(self, line: int) -> str:
        """A place in it, as an editor wants it."""
        return f"{self.place}:{line}"


def read(path: Path, root: Path = ROOT) -> Module:
    """Parse a file."""
    parts = path.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    package = name if is_package else ".".join(parts[:-1])
    text = path.read_text()
    tree = ast.parse(text, str(path))
    return Module(name, str(path.relative_to(root)), text, tree, tuple(imports(tree, package)))


MODULES = {module.name: module for top in BELOW for module in map(read, sorted((ROOT / top).rglob("*.py")))}


def breaches(module: Module) -> list[str]:
    """The imports that point upwards, sideways or out of what gets installed."""
    return [
        f"{module.at(found.line)} imports {found.target}"
        for found in module.imports
        if (top := found.target.partition(".")[0]) in BELOW.keys() | NOT_INSTALLED
        and top != module.top
        and top not in BELOW[module.top]
    ]


def target_of(name: str, modules: dict[str, Module]) -> str | None:
    """The module of ours that an imported name is, or is in."""
    if name in modules:
        return name
    holder = name.rpartition(".")[0]
    return holder if holder in modules else None


def cycle(modules: dict[str, Module]) -> list[str] | None:
    """Modules that need one another at run time, if there are any; the first is named again at the end."""
    graph = {
        module.name: {target_of(found.target, modules) for found in module.imports if found.running} - {None}
        for module in modules.values()
    }
    for name, targets in graph.items():
        # `from . import x` in a package's own __init__ names the package itself when x is a plain value.
        targets.discard(name)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return None


def is_overload(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether this is one of the signatures that stand above the function itself."""
    return any(ast.unparse(decorator).endswith("overload") for decorator in function.decorator_list)


def undocumented(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[int, str]]:
    """Public functions of a module, and its public classes at any depth, that lack a docstring."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            if node.name.startswith("_"):
                continue
            yield from undocumented(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(tree, ast.ClassDef) or node.name.startswith("_") or is_overload(node):
                continue
        else:
            continue
        if not ast.get_docstring(node):
            yield node.lineno, prefix + node.name


def test_the_layers_are_there() -> None:
    assert {module.top for module in MODULES.values()} == BELOW.keys()


def test_imports_point_down() -> None:
    assert [line for module in MODULES.values() for line in breaches(module)] == []


def test_no_modules_import_one_another() -> None:
    found = cycle(MODULES)
    assert found is None, " -> ".join(found)


def test_third_party_imports_are_declared_dependencies() -> None:
    """What is there only because something else needs it can leave with the next upgrade."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")
        for requirements in [project["dependencies"], *project.get("optional-dependencies", {}).values()]
        for requirement in requirements
    }
    distributions = packages_distributions()
    missing = set()
    for module in MODULES.values():
        for found in module.imports:
            top = found.target.partition(".")[0]
            if top in STANDARD or top in BELOW:
                continue
            # A backport is not installed where it is not needed; its name is that of its module.
            owners = {name.lower().replace("_", "-") for name in distributions.get(top, [top, found.target])}
            if not owners & declared:
                missing.add(f"{module.at(found.line)} imports {top}")
    assert sorted(missing) == []


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES.keys())
def test_module_is_short_and_says_what_it_is_for(module: Module) -> None:
    lines = module.text.count("\n")
    assert lines <= MOST_LINES, f"{module.at(1)} has {lines} lines: is it still one idea?"
    if module.tree.body:
        assert ast.get_docstring(module.tree), f"{module.at(1)} has no docstring"
    # A GraphQL type is described to clients, by strawberry's `description`; its own tests hold that.
    missing = (
        [] if module.top == "schema" else [f"{module.at(line)} {name}" for line, name in undocumented(module.tree)]
    )
    assert missing == []


class TestTheRulesThemselves:
    """Each rule, tried on a small house that breaks it."""

    @staticmethod
    def house(folder: Path, files: dict[str, str]) -> dict[str, Module]:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return {m.name: m for m in (read(path, folder) for path in folder.rglob("*.py"))}

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("upstreams/a.py", "from resolvers import context"),
            ("upstreams/a.py", "def f():\n    import gateway.app"),
            (
                "resolvers/a.py",
                "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from schema.contact import Contact",
            ),
            ("resolvers/a.py", "import sandbox"),
            ("sandbox/a.py", "from upstreams.instants import Instant"),
            ("gateway/a.py", "from tests.skips import x"),
            ("schema/a.py", "try:\n    import x\nexcept ImportError:\n    import gateway"),
        ],
    )
    def test_an_import_that_points_up_is_found(self, tmp_path: Path, path: str, text: str) -> None:
        (module,) = self.house(tmp_path, {path: text}).values()
        assert len(breaches(module)) == 1

    def test_a_cycle_is_found(self, tmp_path: Path) -> None:
        files = {
            "p/__init__.py": "",
            "p/a.py": "from . import b",
            "p/b.py": "from p.c import x",
            "p/c.py": "import p.a",
        }
        found = cycle(self.house(tmp_path, files))
        assert found is not None
        assert set(found) == {"p.a", "p.b", "p.c"}

    def test_a_cycle_for_the_type_checker_is_none(self, tmp_path: Path) -> None:
        guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import p.a"
        files = {"p/__init__.py": "", "p/a.py": "import p.b", "p/b.py": guarded}
        assert cycle(self.house(tmp_path, files)) is None

    def test_a_missing_docstring_is_found(self) -> None:
        source = (
            "def f(): ...\nclass C:\n    class D: ...\n    def method(self): ...\ndef _g(): ...\ndef h():\n    'Says.'"
        )
        assert [name for _, name in undocumented(ast.parse(source))] == ["f", "C.D", "C"]
