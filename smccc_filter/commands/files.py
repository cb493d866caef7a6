"""Which files a command works on, what is in them, and how output replaces what was there."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

STDIN = "-"
SUFFIXES = (".yaml", ".yml")
MAX_BYTES = 16 << 20


class UnusableError(Exception):
    """A path that can't be read or written; ``args[0]`` says which and why."""


class Contents(NamedTuple):
    """The bytes of one file, or ``None`` and its size as text where it is larger than the limit."""

    data: bytes | None
    size: str = ""


def expand(paths: Iterable[str]) -> Iterator[str | UnusableError]:
    """Yield every file that ``paths`` name, folders searched in order of name, none twice."""
    seen: set[str] = set()
    for path in paths:
        found: Iterable[str | UnusableError] = (path,)
        if path != STDIN and os.path.isdir(path):
            found = list(_search(path)) or [UnusableError(f"{path}: no {' or '.join(SUFFIXES)} file in this folder")]
        for file in found:
            if isinstance(file, UnusableError):
                yield file
            elif file not in seen:
                seen.add(file)
                yield file


def _search(folder: str) -> Iterator[str | UnusableError]:
    unusable: list[UnusableError] = []
    for where, folders, files in os.walk(folder, onerror=lambda error: unusable.append(_unusable(error))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(where, name) for name in sorted(files) if name.endswith(SUFFIXES))
    yield from unusable


def read(path: str, max_bytes: int) -> Contents:
    """Return what is in ``path``; a file that is too large is not read. Raises UnusableError."""
    try:
        if path == STDIN:
            return _within(sys.stdin.buffer.read(max_bytes + 1), max_bytes)
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > max_bytes:
                return Contents(None, f"{status.st_size:,}")
            return _within(file.read(max_bytes + 1), max_bytes)
    except OSError as error:
        raise _unusable(error, path) from error


def write(path: str, data: bytes) -> None:
    """Replace ``path`` by ``data``, whole or not at all: written beside it, then renamed. Raises UnusableError.

    A symbolic link is followed and stays; the permissions of a file that was there stay; a device is written to.
    """
    target = os.path.realpath(path)
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.{os.getpid()}.tmp")
    try:
        mode = os.stat(target).st_mode if os.path.exists(target) else None
        if mode is not None and not stat.S_ISREG(mode):
            with open(target, "wb") as file:
                file.write(data)
            return
        try:
            with open(beside, "xb") as file:
                if mode is not None:
                    os.chmod(beside, stat.S_IMODE(mode))
                file.write(data)
            os.replace(beside, target)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
    except OSError as error:
        raise _unusable(error, path) from error


def _within(data: bytes, max_bytes: int) -> Contents:
    return Contents(data) if len(data) <= max_bytes else Contents(None, f"more than {max_bytes:,}")


def _unusable(error: OSError, path: str | None = None) -> UnusableError:
    return UnusableError(f"{path or error.filename}: {error.strerror}")
