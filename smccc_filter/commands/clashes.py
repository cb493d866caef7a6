"""Paths that lead to one file, of which one is written: refused before anything is read."""

import os
import stat
import sys
from collections.abc import Mapping
from itertools import combinations
from typing import TextIO

import click

from smccc_filter.words import DASH, listed, visible


def refuse_input(source: str, out: str, what: str) -> None:
    """Raise UsageError where the file that is read, ``what`` of people, would be overwritten by ``out``."""
    if out == DASH:
        return
    read, written = _status(source, sys.stdin), _status(out, sys.stdout)
    if read and written and stat.S_ISREG(written.st_mode) and os.path.samestat(read, written):
        raise click.UsageError(f"`{visible(out)}` is {what} itself: write to another file")


def refuse_shared(outs: Mapping[str, str]) -> None:
    """Raise UsageError where two options, by name, write to one file."""
    for (option, one), (another, other) in combinations(outs.items(), 2):
        if _is_one_output(one, other):
            raise click.UsageError(
                f"{listed([option, another], 'and')} are both `{visible(other)}`: write to two files"
            )


def _is_one_output(one: str, other: str) -> bool:
    """Tell whether two outputs are one file or stream, under names as different as links and spellings make them.

    Of two that are not there yet, names in one folder are one where they differ in case only or in how accents are
    encoded, for on some file systems they are.
    """
    first, second = _status(one, sys.stdout), _status(other, sys.stdout)
    if first and second:
        return one == other or (os.path.samestat(first, second) and not stat.S_ISCHR(first.st_mode))
    return not first and not second and _key(one) == _key(other)


def _status(path: str, stream: TextIO | None) -> os.stat_result | None:
    """Return what is known of the file or stream; ``None`` where it is not there."""
    try:
        if path == DASH:
            return os.fstat(stream.fileno()) if stream else None
        return os.stat(path)
    except OSError:
        return None


def _key(path: str) -> tuple[str, str]:
    """Return the folder and the folded name that a new file of this path will have."""
    folder, name = os.path.split(os.path.realpath(path))
    if name.isascii():
        return folder, name.lower()
    from unicodedata import normalize

    return folder, normalize("NFC", normalize("NFC", name).casefold())
