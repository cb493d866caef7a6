"""Which files a command works on, what is in them, and how output replaces what was there."""

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TextIO

import click

from smccc_filter.commands.status import USAGE
from smccc_filter.language import SUFFIXES
from smccc_filter.words import DASH, counted, visible

if TYPE_CHECKING:
    from smccc_filter.analysis.pipeline import Examination, Examiner

NOTHING = f"no {' or '.join(SUFFIXES)} file in this folder"
MAX_BYTES = 16 << 20
LIMIT = click.option(
    "--max-bytes",
    type=click.IntRange(min=1, max=1 << 30),
    default=MAX_BYTES,
    show_default=True,
    help="Refuse a larger file, unread.",
)


class UnusableError(click.ClickException):
    """A path that can't be read or written; ``message`` says which and why."""

    exit_code = USAGE


class FileContents(NamedTuple):
    """The bytes of one file, or ``None`` where they are more than the limit, and in words how many they are."""

    data: bytes | None
    excess: str = ""


def expand(paths: Iterable[str]) -> Iterator[str | UnusableError]:
    """Yield every file that ``paths`` name, folders searched in order of name, none twice."""
    seen: set[str] = set()
    for path in paths:
        found: Iterable[str | UnusableError] = (path,)
        if path != DASH and os.path.isdir(path):
            found = list(_search(path)) or [UnusableError(f"{visible(path)}: {NOTHING}")]
        for file in found:
            if isinstance(file, UnusableError):
                yield file
            elif (real := file if file == DASH else os.path.realpath(file)) not in seen:
                seen.add(real)
                yield file


def _search(folder: str) -> Iterator[str | UnusableError]:
    """Yield the policies in a folder, then those below it; what is hidden is passed over, as a shell does.

    A link to a file counts, also where it leads nowhere, which reading then says; a link to a folder does not.
    """
    folders = [folder]
    while folders:
        where = folders.pop()
        try:
            with os.scandir(where) as entries:
                found = sorted((entry for entry in entries if entry.name[0] != "."), key=lambda entry: entry.name)
            below = [entry.path for entry in found if entry.is_dir(follow_symlinks=False)]
            files = [
                entry.path
                for entry in found
                if entry.name.endswith(SUFFIXES) and (os.path.isfile(entry.path) or not os.path.exists(entry.path))
            ]
        except OSError as error:
            yield _unusable(error, where)
            continue
        folders += reversed(below)
        yield from files


def read(path: str, max_bytes: int) -> FileContents:
    """Return what is in ``path``; a file that is too large is not read. Raises UnusableError."""
    try:
        if path == DASH:
            return _within(binary(sys.stdin).read(max_bytes + 1), max_bytes)
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > max_bytes:
                return FileContents(None, f"{status.st_size:,} bytes, more than {max_bytes:,}")
            return _within(file.read(max_bytes + 1), max_bytes)
    except OSError as error:
        raise _unusable(error, path) from error


def examined(path: str, contents: FileContents, examiner: "Examiner | None" = None) -> "Examination":
    """Check the policy that was read from ``path``; of a file that was too large, its size is the one finding.

    One ``examiner`` for many files models their equal targets once.
    """
    from smccc_filter.analysis import pipeline

    if contents.data is None:
        return pipeline.refuse_size(path, contents.excess)
    return (examiner or pipeline.Examiner()).examine(path, contents.data)


def binary(stream: TextIO | None) -> BinaryIO:
    """Return the bytes of a standard stream. Raises OSError for one that was closed before the tool started."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return stream.buffer


def write(path: str, data: bytes) -> None:
    """Replace ``path`` by ``data``, whole or not at all: written beside it, then renamed. Raises UnusableError.

    A symbolic link is followed and stays; the owner and the permissions of a file that was there stay, and one that
    must not be written is refused; a device or a pipe is written to.
    """
    try:
        try:
            there = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            if not os.path.basename(path):  # a folder's name, which realpath would take for a file's
                raise
            _replace(os.path.realpath(path), data, None)
            return
        with open(there, "wb") as file:
            status = os.fstat(there)
            if stat.S_ISREG(status.st_mode):
                _replace(os.path.realpath(path), data, status)
            else:
                file.write(data)
    except OSError as error:
        raise _unusable(error, path) from error


def replace(path: str, read: bytes, data: bytes) -> None:
    """Write ``data`` to a file as ``write`` does, if it still holds ``read``: what somebody wrote since is not lost.

    Raises UnusableError where it holds something else, and for what is no regular file.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnusableError(f"{visible(path)}: not a regular file, and so left alone")
            now = file.read(len(read) + 1)
    except OSError as error:
        raise _unusable(error, path) from error
    if now != read:
        raise UnusableError(f"{visible(path)}: changed on disk since it was read, and so left alone; run again")
    write(path, data)


def _without_waiting(path: str, flags: int) -> int:
    """Open a pipe at once, which otherwise waits for somebody at its other end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _replace(target: str, data: bytes, status: os.stat_result | None) -> None:
    beside = os.path.join(os.path.dirname(target), f".smccc-filter.{os.urandom(8).hex()}")
    try:
        with open(beside, "xb") as file:
            if status:
                with suppress(PermissionError):  # only root may give files away
                    os.chown(beside, status.st_uid, status.st_gid)
                os.chmod(beside, stat.S_IMODE(status.st_mode))
            file.write(data)
        os.replace(beside, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def is_same(path: str, other: str) -> bool:
    """Tell whether two paths name one file that exists."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def _within(data: bytes, max_bytes: int) -> FileContents:
    return (
        FileContents(data) if len(data) <= max_bytes else FileContents(None, f"more than {counted(max_bytes, 'byte')}")
    )


def _unusable(error: OSError, path: str) -> UnusableError:
    return UnusableError(f"{visible(path) or 'an empty path'}: {error.strerror}")
