"""Writing to people and pipes: streams that may be closed, full or gone, terminals that may show colour."""

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from smccc_filter.commands.files import UnusableError, binary
from smccc_filter.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from smccc_filter.analysis.diagnostics import FileReport
    from smccc_filter.reports.paper.styles import Piece


AT_ONCE = 1000
"""Pieces that are written together."""


def write(data: str | bytes) -> None:
    """Write to standard output, text as UTF-8.

    A reader that has gone away ends the output, not the run. Raises UnusableError where writing fails otherwise.
    """
    try:
        stream = binary(sys.stdout)
        stream.write(data.encode(errors="replace") if isinstance(data, str) else data)
        stream.flush()
    except OSError as error:
        give_up(error)


def write_all(pieces: "Iterable[str]") -> None:
    """Write to standard output as ``write`` does, text that is made while it is written."""
    waiting: list[str] = []
    for piece in pieces:
        waiting.append(piece)
        if len(waiting) == AT_ONCE:
            write("".join(waiting))
            waiting = []
    write("".join(waiting))


def write_text_report(reports: "Iterable[FileReport]", *, notes: bool, err: bool = False) -> None:
    """Write findings for people, to standard output or standard error. Raises UnusableError as ``write`` does."""
    from smccc_filter.reports.findings import text

    write_pieces(text.render(tuple(reports), notes=notes), err=err)


def write_pieces(pieces: "Iterable[Piece]", *, err: bool = False) -> None:
    """Write styled text to standard output or standard error: in colour and its width on a terminal, plain elsewhere.

    Raises UnusableError as ``write`` does.
    """
    from smccc_filter.reports.paper.styles import plain

    stream = sys.stderr if err else sys.stdout
    if stream is not None and (stream.isatty() or os.environ.get("FORCE_COLOR")):
        from smccc_filter.reports.paper import terminal
        from smccc_filter.reports.paper.columns import width_of
        from smccc_filter.reports.paper.wrapping import wrapped

        if width := width_of(stream):
            pieces = wrapped(pieces, width)
        if isinstance(stream, TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"  # a terminal has its own, which may lack letters
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
        try:
            terminal.write(pieces, stream)
            stream.flush()
        except OSError as error:
            if not err:
                give_up(error)
            _discard(stream)
    elif err:
        complain(plain(pieces))
    else:
        write(plain(pieces))


def tell(message: str) -> None:
    """Write a message of the tool itself to standard error, in one line."""
    complain(f"smccc-filter: {visible(message)}\n")


def complain(text: str) -> None:
    """Write printable text to standard error; where that can't be done, the exit status has to say it all."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


def give_up(error: OSError) -> None:
    """Write no more to standard output. Raises UnusableError unless it was a pipe whose reader has gone away."""
    if sys.stdout is not None:
        _discard(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        raise UnusableError(f"can't write standard output: {error.strerror}") from error


def _discard(stream: "TextIO") -> None:
    """Point a stream at the null device, so that Python's own flush at exit does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
