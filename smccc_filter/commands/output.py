"""Writing to people: standard output that may be closed, terminals that may show colour."""

import os
import sys
from collections.abc import Iterable

from smccc_filter.diagnostics import FileReport
from smccc_filter.reports import text


def write(data: str | bytes) -> None:
    """Write to standard output; a reader that has gone away ends the output, not the run. Raises other OSErrors."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data.encode("utf-8", errors="replace") if isinstance(data, str) else data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_text_report(reports: Iterable[FileReport], *, notes: bool, err: bool = False) -> None:
    """Write findings for people: in colour on a terminal, plain elsewhere."""
    pieces = text.render(tuple(reports), notes=notes)
    stream = sys.stderr if err else sys.stdout
    if stream.isatty() or os.environ.get("FORCE_COLOR"):
        from smccc_filter.reports import terminal

        terminal.write(pieces, stream)
    elif err:
        sys.stderr.write(text.plain(pieces))
    else:
        write(text.plain(pieces))
