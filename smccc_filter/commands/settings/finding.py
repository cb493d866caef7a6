"""Where a policy's settings are: in the nearest folder upwards that has a file of them.

A folder has settings in ``.smccc-filter.toml``, or else in a ``pyproject.toml`` with the table ``[tool.smccc-filter]``.
The nearest file alone counts, and nothing is merged. The search begins with the policy's folder, for standard input
with that of ``--stdin-filename`` or the working folder, and ends with the root of the git repository: what lies outside
differs from machine to machine. Outside of any repository it ends with the file system's root, or below a folder in
which everybody may put files, such as ``/tmp``.
"""

import errno
import os
import re
import stat
from collections import Counter
from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.commands.settings import NO_SETTINGS, OWN_FILE, SHARED_FILE, ProjectSettings
from smccc_filter.words import DASH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smccc_filter.analysis.diagnostics import FileReport

MAX_BYTES = 1 << 20
MENTION = b"smccc-filter"
"""A ``pyproject.toml`` without this has no table for the tool, whatever else it holds."""
TABLE_KEY = (
    rb"\btool[\"']?[ \t]*(?:\.[ \t]*[\"']?smccc-filter\b"  # [tool.smccc-filter] and tool.smccc-filter.kernels = ...
    rb"|\]|=)"  # a key below [tool], and tool = {smccc-filter = ...}
    rb"|\\[uU]"  # a key in quotes may be spelt with escapes
)
"""What a mention may be part of where a ``pyproject.toml`` has the tool's table: many name the tool for other reasons,
and to read TOML takes longer than to look for this."""
ISOLATED_FLAG = "--isolated"
ISOLATED = click.option(
    ISOLATED_FLAG, is_flag=True, help="Read no settings of the project, from .smccc-filter.toml or pyproject.toml."
)


class _UnreadError(Exception):
    """Why a file of settings is not read, which is a finding."""

    def __init__(self, message: str, hint: str, code: str = "P101") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class SettingsFinder:
    """Finds the settings of the files of one run, and reads each file of them once; when ``isolated``, finds none.

    ``excluded`` counts by file of settings what its ``exclude`` kept from being searched, and ``strictest`` has the
    least severity that fails in one of the projects whose policies were read, with its file of settings.
    """

    def __init__(self, *, isolated: bool = False) -> None:
        self.excluded: Counter[str] = Counter()
        self.strictest = (Severity.ERROR, "")
        self._of_folder: dict[str, ProjectSettings] = {}
        self._isolated = isolated

    def of_file(self, path: str, stdin_filename: str | None = None) -> ProjectSettings:
        """Return the settings of a policy, which is called ``stdin_filename`` if it comes from standard input."""
        called = (stdin_filename or "") if path == DASH else path
        found = self.of_folder(os.path.dirname(called))
        if found.fail_on.rank > self.strictest[0].rank:
            self.strictest = found.fail_on, found.choices.path
        return found

    def of_folder(self, folder: str) -> ProjectSettings:
        """Return the settings of the policies in a folder."""
        if self._isolated:
            return NO_SETTINGS
        try:
            where = os.path.abspath(folder)
        except OSError:  # the working folder is gone
            return NO_SETTINGS
        passed = []
        while (found := self._of_folder.get(where)) is None:
            passed.append(where)
            above = os.path.dirname(where)
            if (found := _settings_in(where)) is not None:
                break
            if above == where or os.path.lexists(os.path.join(where, ".git")):
                found = NO_SETTINGS
                break
            where = above
        self._of_folder.update(dict.fromkeys(passed, found))
        return found

    def changes(self, reports: "Iterable[FileReport]") -> list[str]:
        """Return lines that say what settings changed: in ``reports``, and in what was searched."""
        if not any(found.choices.path for found in self._of_folder.values()):
            return []
        from smccc_filter.reports.findings import switched_off

        return switched_off.lines(reports, self.excluded)

    def faults(self) -> "list[FileReport]":
        """Return what is wrong with the files of settings that were found, each once, in order of their paths."""
        reports = {found.faults.path: found.faults for found in self._of_folder.values() if found.faults}
        return [reports[path] for path in sorted(reports)]


def _settings_in(folder: str) -> ProjectSettings | None:
    """Return the settings that a folder has, which may be faulty, or ``None``."""
    for name in (OWN_FILE, SHARED_FILE):
        path = os.path.join(folder, name)
        if os.path.lexists(path) and (found := _read(path)) is not None:
            return found
    return None


def _read(path: str) -> ProjectSettings | None:
    """Return what a file says, ``None`` for one that is none of the tool's."""
    try:
        data = _contents(path)
    except _UnreadError as error:
        from smccc_filter.commands.settings.reading import refused

        folder, name = os.path.split(path)
        return refused(_called(path), folder, (error.code, f"`{name}` {error.message}", error.hint))
    if data is None:
        return None
    from smccc_filter.commands.settings.reading import read

    return read(_called(path), os.path.dirname(path), data)


def _contents(path: str) -> bytes | None:
    """Return what a file holds. Raises _UnreadError where it can't be read, or must not be.

    ``None`` is for a ``pyproject.toml`` without a table for the tool, and for a file in a folder like ``/tmp``.
    """
    folder, name = os.path.split(path)
    try:
        mode = os.stat(folder).st_mode
        if mode & stat.S_ISVTX and mode & stat.S_IWOTH:
            return None
        data, is_outside = _bounded(path)
    except OSError as error:
        if error.errno == errno.ENOENT and name == SHARED_FILE:  # a link that leads nowhere
            return None
        raise _UnreadError(f"can't be read: {error.strerror}", f"make it a file, or add {ISOLATED_FLAG}") from error
    if name == SHARED_FILE and len(data) <= MAX_BYTES and not (MENTION in data and re.search(TABLE_KEY, data)):
        return None
    if is_outside:
        raise _UnreadError("is a link that leads out of the repository", "put the file itself there")
    if len(data) > MAX_BYTES:
        raise _UnreadError(f"has more than {MAX_BYTES:,} bytes", "cut it down: settings are a few lines", "P105")
    return data


def _bounded(path: str) -> tuple[bytes, bool]:
    """Return at most one byte more than may be read, and whether a link led out of the repository to them.

    Outside of any repository, a link must not leave its folder. Raises OSError, also for what is no regular file.
    """
    from smccc_filter.commands.held import is_regular
    from smccc_filter.commands.search import git_root

    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not is_regular(fd):
        os.close(fd)
        raise OSError(errno.EINVAL, "no regular file")
    with os.fdopen(fd, "rb") as file:
        folder = os.path.dirname(path)
        root = os.path.realpath(git_root(folder) or folder)
        real = os.path.realpath(path)
        is_outside = os.path.commonpath([root, real]) != root
        is_outside |= not os.path.samestat(os.fstat(fd), os.stat(real, follow_symlinks=False))
        return file.read(MAX_BYTES + 1), is_outside


def _called(path: str) -> str:
    """Return a path as findings call it: from the working folder, if there is one."""
    try:
        return os.path.relpath(path)
    except OSError:
        return path
