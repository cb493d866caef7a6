"""Calls out of large tables by DuckDB, the same as Python counts, tens of times as fast.

What Python says of a file holds. DuckDB reads a table that was looked at before, and one in which it finds a fault all
the same is Python's, too.
"""

import json
import os

from smccc_filter.traces.opening import Fed, TraceError
from smccc_filter.traces.plain_tables import NO_CELL, plain_csv, plain_json
from smccc_filter.traces.querying import RowSource, database, group_rows, groups, text_number, text_time
from smccc_filter.traces.recorded import CallTally
from smccc_filter.traces.row_groups import count_group
from smccc_filter.traces.tables import COLUMNS, TableHead, head_of

LOOKED = 4
"""One byte in so many is told while a file is looked at, and the others while it is read."""


class _Teller:
    """Tells of bytes that are read, and knows of how many it told."""

    def __init__(self, fed: Fed) -> None:
        self._fed, self.told = fed, 0

    def __call__(self, read: int) -> None:
        self.told += read
        self._fed(read)


def count_large_table(descriptor: int, head: bytes, tally: CallTally, fed: Fed, processes: int) -> bool:
    """Count the rows of a file with DuckDB; ``False``, and nothing is counted, where that is for Python to do.

    ``head`` is the first line, of which JSON's begins with a brace. Raises TraceError where a CSV has no column ``id``.
    """
    tell = _Teller(fed)
    is_counted = _is_counted(descriptor, head, tally, tell, processes)
    if not is_counted:
        fed(-tell.told)
    return is_counted


def _is_counted(descriptor: int, head: bytes, tally: CallTally, tell: _Teller, processes: int) -> bool:
    looked = _looked(descriptor, head, lambda read: tell(read // LOOKED))
    if looked is None:
        return False
    source, lines = looked
    read = 0
    is_grouped = False
    try:
        with database(processes) as opened:
            if group_rows(opened, source, tell, os.fstat(descriptor).st_size - tell.told) > CallTally.MOST:
                return False  # Which pairs are kept apart then, their order says.
            is_grouped = True
            for group in groups(opened, source):
                count_group(group, tally)
                read += group.rows
    except ImportError:
        return False
    except TraceError:
        if is_grouped:
            raise
        return False
    if lines is not None:
        tally.unread += lines - read
    return True


def _looked(descriptor: int, head: bytes, fed: Fed) -> tuple[RowSource, int | None] | None:
    """Return how DuckDB reads a table; ``None`` where the table is Python's.

    With it goes how many rows there are, if DuckDB leaves out those with too few cells or too many.
    """
    path = f"/dev/fd/{descriptor}"
    if head.startswith(b"{"):
        return (_json(path), None) if plain_json(descriptor, fed) else None
    columns = head_of(head.decode())
    lines = plain_csv(descriptor, columns.delimiter, len(columns.names), fed)
    return None if lines is None else (_csv(path, columns), lines - 1)


def _json(path: str) -> RowSource:
    columns = ", ".join(f"{name}: 'JSON'" for name in COLUMNS)
    rows = f"read_json($path, columns = {{{columns}}}, format = 'newline_delimited')"
    number = f"CASE WHEN count IS NULL THEN 1 ELSE {text_number(_text('count'))} END"
    return RowSource(rows, path, "id", "vm", number, text_time(_text("time")), lambda cell: json.loads(str(cell)))


def _text(column: str) -> str:
    """Return the SQL of the text of a value, without the quotes around a string."""
    return f"({column}->>'$')"


def _csv(path: str, head: TableHead) -> RowSource:
    columns = ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(head.names)))
    rows = f"""read_csv(
        $path, columns = {{{columns}}}, auto_detect = false, header = false, skip = 1, delim = '{head.delimiter}',
        quote = '"', escape = '"', nullstr = '{NO_CELL}', strict_mode = true, ignore_errors = true
    )"""
    func_id, vm, number, time = (None if (at := head.place(name)) is None else f"c{at}" for name in COLUMNS)
    return RowSource(
        rows,
        path,
        str(func_id),
        vm or "NULL",
        text_number(number) if number else "1",
        text_time(time) if time else "CAST(NULL AS DOUBLE)",
    )
