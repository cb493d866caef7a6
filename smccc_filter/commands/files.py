"""Which files a command works on, and what is in them."""

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TextIO

import click

from smccc_filter.commands.status import USAGE
from smccc_filter.words import DASH, counted, enumerated, visible

if TYPE_CHECKING:
    from smccc_filter.analysis.pipeline import Examination, Examiner
    from smccc_filter.analysis.project import ProjectChoices
    from smccc_filter.commands.settings.finding import SettingsFinder

NOTHING = "no policy in this folder: call them *.smccc.yaml, keep them in a folder `smccc`, or name the files"
MAX_BYTES = 16 << 20
LIMIT = click.option(
    "--max-bytes",
    type=click.IntRange(min=1, max=1 << 30),
    default=MAX_BYTES,
    show_default=True,
    help="Refuse a larger file, unread.",
)


EXCLUDE = click.option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Leave out what a searched folder has of this name or path; may be repeated.",
)


class UnusableError(click.ClickException):
    """A path that can't be read or written; ``message`` says which and why."""

    exit_code = USAGE


class FileContents(NamedTuple):
    """The bytes of one file, or ``None`` where they are more than the limit, and in words how many they are."""

    data: bytes | None
    excess: str = ""


class InputFile(NamedTuple):
    """A file to read, and the searched folder that it was found in, which it must not leave; ``None`` if named."""

    path: str
    within: str | None = None


class InputFiles(NamedTuple):
    """The files to read, and why a path has none; ``note`` says which links were not followed, if any."""

    files: tuple[InputFile | UnusableError, ...]
    note: str


def expand(paths: Iterable[str], exclude: Sequence[str], finder: "SettingsFinder") -> InputFiles:
    """Return every file that ``paths`` name, folders searched in order of name, none twice.

    What a pattern of ``exclude`` or a project's settings matches is not searched for; what is named is read all the
    same.
    """
    seen: set[str] = set()
    links: list[str] = []
    files: list[InputFile | UnusableError] = []
    for path in paths:
        found: Iterable[InputFile | UnusableError] = (InputFile(path),)
        if path != DASH and os.path.isdir(path):
            found = list(_search(path, exclude, finder, links)) or [_without_policies(path, exclude, finder)]
        for file in found:
            if isinstance(file, UnusableError):
                files.append(file)
            elif (real := DASH if file.path == DASH else os.path.realpath(file.path)) not in seen:
                seen.add(real)
                files.append(file)
    return InputFiles(tuple(files), _note([link for link in links if os.path.realpath(link) not in seen]))


def _note(links: list[str]) -> str:
    more = f" and {counted(len(links) - 1, 'more link')}" if len(links) > 1 else ""
    return f"{links[0]}{more} not followed, as a searched folder is not left: name what is meant" if links else ""


def _without_policies(folder: str, exclude: Sequence[str], finder: "SettingsFinder") -> UnusableError:
    left_out = (
        f"; --exclude leaves out {enumerated([visible(pattern) for pattern in exclude], 'and')}" if exclude else ""
    )
    for path, number in finder.excluded.items():
        left_out += f"; {visible(path)} excludes {counted(number, 'path')}"
    return UnusableError(f"{visible(folder)}: {NOTHING}{left_out}")


def _search(
    folder: str, exclude: Sequence[str], finder: "SettingsFinder", links: list[str]
) -> Iterator[InputFile | UnusableError]:
    """Yield the policies in a folder and below it; what links there are to such goes to ``links``."""
    from smccc_filter.commands.search import search

    for where, contents in search(folder, exclude, finder.of_folder):
        if contents.excluded:
            finder.excluded[finder.of_folder(where).choices.path] += contents.excluded
        if contents.error:
            yield unusable(contents.error, where)
        links += contents.links
        yield from (InputFile(path, folder) for path in contents.files)


def read(path: str, max_bytes: int, within: str | None = None) -> FileContents:
    """Return what is in ``path``; a file that is too large is not read. Raises UnusableError.

    ``within`` is the searched folder that must not be left: a link that took the file's place is not followed.
    """
    try:
        if path == DASH:
            return bounded(binary(sys.stdin).read(max_bytes + 1), max_bytes)
        with open(path, "rb") if within is None else _found(path, within) as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > max_bytes:
                return FileContents(None, f"{status.st_size:,} bytes, more than {max_bytes:,}")
            return bounded(file.read(max_bytes + 1), max_bytes)
    except OSError as error:
        raise unusable(error, path) from error


def _found(path: str, folder: str) -> BinaryIO:
    """Open a file that was found in a folder, and is still in it."""
    from smccc_filter.commands.held import held, is_regular

    with held(path, within=folder) as place:
        found = place.open(os.O_RDONLY)
    if is_regular(found):
        return os.fdopen(found, "rb")
    os.close(found)
    raise UnusableError(f"{visible(path)}: no regular file any more")


def examined(
    path: str,
    contents: FileContents,
    examiner: "Examiner | None" = None,
    project: "ProjectChoices | None" = None,
) -> "Examination":
    """Check the policy that was read from ``path``; of a file that was too large, its size is the one finding.

    One ``examiner`` for many files models their equal targets once. ``project`` says what holds for all its policies.
    """
    from smccc_filter.analysis import pipeline

    if contents.data is None:
        return pipeline.refuse_size(path, contents.excess)
    examiner = examiner or pipeline.Examiner()
    return examiner.examine(path, contents.data, project) if project else examiner.examine(path, contents.data)


def binary(stream: TextIO | None) -> BinaryIO:
    """Return the bytes of a standard stream. Raises OSError for one that was closed before the tool started."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return stream.buffer


def bounded(data: bytes, max_bytes: int) -> FileContents:
    """Return the contents of a file of which ``data`` was read, one byte more than the limit if there are more."""
    return (
        FileContents(data) if len(data) <= max_bytes else FileContents(None, f"more than {counted(max_bytes, 'byte')}")
    )


def unusable(error: OSError, path: str) -> UnusableError:
    """Say which path can't be used, and why."""
    return UnusableError(f"{visible(path) or 'an empty path'}: {error.strerror}")
