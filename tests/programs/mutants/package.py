"""The package under test, as trees: where its modules are, who imports whom, and how a changed module is loaded."""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

PACKAGE = "smccc_filter"


@cache
def files() -> dict[str, Path]:
    """Return the file of each module, without importing anything."""
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    top = Path(spec.origin).parent
    return {_module_of(path.relative_to(top.parent)): path for path in sorted(top.rglob("*.py"))}


def _module_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(module: str) -> ast.Module:
    """Return a module's tree, which the caller may change."""
    return ast.parse(files()[module].read_text(encoding="utf-8"))


def imported(tree: ast.AST, *, lazily: bool = True) -> Iterator[str]:
    """Yield the package's modules that a tree imports, at once or where ``lazily`` also in its functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files())
        elif isinstance(node, ast.ImportFrom) and node.module in files():
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (inner & files().keys()) or {node.module}
        elif lazily or not isinstance(node, ast.FunctionDef):
            yield from imported(node, lazily=lazily)


@cache
def importers(module: str) -> frozenset[str]:
    """Return the modules that import one, anywhere in their text."""
    return frozenset(other for other in files() if module in set(imported(tree_of(other))))


@cache
def independent_of(module: str) -> tuple[str, ...]:
    """Return the modules whose import does not load ``module``, not even around corners."""
    needed = {other: set(_packages(other)) | set(imported(tree_of(other), lazily=False)) for other in files()}
    needed |= {other: names | {name for each in names for name in _packages(each)} for other, names in needed.items()}
    dependent, found = {module}, {module}
    while found:
        found = {other for other, names in needed.items() if names & found} - dependent
        dependent |= found
    return tuple(other for other in files() if other not in dependent)


def _packages(module: str) -> Iterator[str]:
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


class TreeLoader(SourceFileLoader):
    """Loads a module from a tree that is not what its file holds."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        """Take the tree."""
        super().__init__(module, str(path))
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 (the interface has it)
        """Return the tree's code."""
        return compiled(self._tree, Path(self.path))


def compiled(tree: ast.Module, path: Path) -> CodeType:
    """Compile a changed tree."""
    return compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)


class TreeFinder(MetaPathFinder):
    """Finds changed modules, before anything else finds the files."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        """Take the tree of each changed module."""
        self._trees = trees

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a changed module, None for any other."""
        if fullname not in self._trees:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        spec.loader = TreeLoader(fullname, files()[fullname], self._trees[fullname])
        return spec


def load_changed(trees: dict[str, ast.Module]) -> None:
    """Let the modules be imported as changed; they must not have been imported yet."""
    assert not trees.keys() & sys.modules.keys()
    sys.meta_path.insert(0, TreeFinder(trees))


def load(modules: Iterable[str]) -> None:
    """Import modules, those apart that are programs."""
    for module in modules:
        if not module.endswith("__main__"):
            importlib.import_module(module)
