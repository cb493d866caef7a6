"""Which files of a folder are policies: one rule for a search, the pre-commit hooks, and editors.

Policies are called ``*.smccc.yaml`` or ``*.smccc.yml``, or are YAML in a folder called ``smccc`` or ``smccc-policies``,
the searched one included. A project's settings can include others. What is hidden is passed over, as a shell does, and
what git ignores. A link is not followed: what is in the folder is found without it, and what is not is none of the
search's.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.language import SUFFIXES

if TYPE_CHECKING:
    from smccc_filter.commands.settings import ProjectSettings

NAMES = tuple(f".smccc{suffix}" for suffix in SUFFIXES)
"""What the name of a policy ends in wherever it is."""
FOLDERS = frozenset({"smccc", "smccc-policies"})
"""Folders in which all YAML is policies."""


class SearchedFolder(NamedTuple):
    """A folder below the searched one: its path as it is called, and whether all YAML in it is policies."""

    path: str
    holds_policies: bool

    def may_hold(self, name: str) -> bool:
        """Tell whether a file of this name is a policy."""
        return name.endswith(SUFFIXES if self.holds_policies else NAMES)


class FolderContents(NamedTuple):
    """What a search found in one folder: policies, links that are called as one, folders, and why it can't be read.

    ``excluded`` counts what the settings for the folder exclude.
    """

    files: tuple[str, ...]
    links: tuple[str, ...]
    folders: tuple[SearchedFolder, ...]
    error: OSError | None = None
    excluded: int = 0


def search(
    folder: str, exclude: Sequence[str], settings_of: "Callable[[str], ProjectSettings]"
) -> Iterator[tuple[str, FolderContents]]:
    """Yield a folder and those below it, each with what is in it, in order of name.

    What matches a pattern of ``exclude``, by its name or its path from the searched folder on, is left out, and so is
    what the settings exclude that hold in its folder.
    """
    top = SearchedFolder(folder, os.path.basename(os.path.abspath(folder)) in FOLDERS)
    found: dict[str, FolderContents] = {}
    level, ignores = [top], git_root(folder) is not None
    while level:
        contents = [(each, _contents(each, folder, exclude, settings_of(each.path))) for each in level]
        if ignores:
            ignored = ignored_by_git(folder, [path for _, what in contents for path in _paths(what)])
            contents = [(each, _without(what, ignored)) for each, what in contents]
        found.update((each.path, what) for each, what in contents)
        level = [below for _, what in contents for below in what.folders]
    waiting = [folder]
    while waiting:
        where = waiting.pop()
        yield where, found[where]
        waiting += [below.path for below in reversed(found[where].folders)]


def finds(folder: str, path: str, settings_of: "Callable[[str], ProjectSettings]") -> bool:
    """Tell whether a search of ``folder`` would take a regular file of this path for a policy, if git lets it."""
    below = os.path.relpath(path, folder).split(os.sep)
    if any(part[0] == "." for part in below):
        return False
    where, holds_policies = folder, os.path.basename(os.path.abspath(folder)) in FOLDERS
    for part in below:
        settings, parent = settings_of(where), where
        where = os.path.join(where, part)
        if settings.exclude and _matches(where, settings.folder, settings.exclude):
            return False
        if where != path and part in FOLDERS:
            holds_policies = True
    return SearchedFolder(parent, holds_policies).may_hold(below[-1]) or _is_included(path, settings)


def ignored_by_git(folder: str, paths: Sequence[str]) -> frozenset[str]:
    """Return those of some paths in a folder that git ignores; none where git is missing or does not know the folder.

    Paths that git tracks are not ignored, whatever its patterns say, nor are folders that hold one. What else the
    repository's own configuration may have git do, such as run a program or fetch an object, it does not do.
    """
    if not paths:
        return frozenset()
    import subprocess

    command = ("git", "-c", "core.fsmonitor=false", "check-ignore", "-z", "--stdin")
    outer = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # a hook's is another's
    env = outer | {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
    asked = {os.fsencode(os.path.relpath(path, folder)): path for path in paths}
    try:
        done = subprocess.run(  # noqa: S603 (paths go through standard input)
            command,
            input=b"\0".join(asked),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=env,
            check=False,
        )
    except OSError:
        return frozenset()
    return frozenset(asked[path] for path in done.stdout.split(b"\0") if path in asked)


def git_root(folder: str) -> str | None:
    """Return the folder with a ``.git`` that a folder is in, ``None`` outside of any."""
    where = os.path.abspath(folder)
    while not os.path.lexists(os.path.join(where, ".git")):
        above = os.path.dirname(where)
        if above == where:
            return None
        where = above
    return where


def _contents(folder: SearchedFolder, top: str, exclude: Sequence[str], settings: "ProjectSettings") -> FolderContents:
    try:
        with os.scandir(folder.path) as entries:
            shown = sorted((entry for entry in entries if entry.name[0] != "."), key=lambda entry: entry.name)
        asked = [entry for entry in shown if not exclude or not _matches(entry.path, top, exclude)]
        excluded = settings.exclude
        kept = [entry for entry in asked if not excluded or not _matches(entry.path, settings.folder, excluded)]
        named = [entry for entry in kept if folder.may_hold(entry.name) or _is_included(entry.path, settings)]
        return FolderContents(
            tuple(entry.path for entry in named if entry.is_file(follow_symlinks=False)),
            tuple(entry.path for entry in named if entry.is_symlink() and _may_be_file(entry.path)),
            tuple(
                SearchedFolder(entry.path, folder.holds_policies or entry.name in FOLDERS)
                for entry in kept
                if entry.is_dir(follow_symlinks=False)
            ),
            excluded=len(asked) - len(kept),
        )
    except OSError as error:
        return FolderContents((), (), (), error)


def _is_included(path: str, settings: "ProjectSettings") -> bool:
    return bool(settings.include) and _matches(path, settings.folder, settings.include)


def _matches(path: str, top: str, patterns: Sequence[str]) -> bool:
    """Tell whether a pattern matches the name of a path, or the path from the folder ``top`` on."""
    below = os.path.relpath(path, top).replace(os.sep, "/")
    name = below.rpartition("/")[2]
    patterns = [pattern.rstrip("/") for pattern in patterns]
    return any(fnmatchcase(name, pattern) or fnmatchcase(below, pattern) for pattern in patterns)


def _may_be_file(path: str) -> bool:
    return os.path.isfile(path) or not os.path.exists(path)


def _paths(contents: FolderContents) -> list[str]:
    return [*contents.files, *contents.links, *(below.path for below in contents.folders)]


def _without(contents: FolderContents, ignored: frozenset[str]) -> FolderContents:
    return contents._replace(
        files=tuple(path for path in contents.files if path not in ignored),
        links=tuple(path for path in contents.links if path not in ignored),
        folders=tuple(below for below in contents.folders if below.path not in ignored),
    )
