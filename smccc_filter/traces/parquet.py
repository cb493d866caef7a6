"""Calls out of Parquet: the traces of a fleet, with hundreds of millions of rows.

The columns are those of other tables, by name in any case; a cell may have any type that can mean what it must.
"""

import os
from glob import escape

from smccc_filter.traces.opening import Fed, TraceError
from smccc_filter.traces.querying import RowSource, database, group_rows, groups, text_number, text_time
from smccc_filter.traces.recorded import CallTally
from smccc_filter.traces.row_groups import count_group
from smccc_filter.words import cut, visible

ROWS = "read_parquet($path)"
INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
TEXT = "VARCHAR"

Columns = dict[str, tuple[str, str]]
"""The columns by their names in lower case: the name in SQL, and the type."""


def count_parquet(path: str, tally: CallTally, fed: Fed, processes: int) -> None:
    """Count the rows of a file. Raises TraceError where DuckDB is missing or can't read it as such a table."""
    name = escape(path)
    try:
        with database(processes) as opened:
            opened.execute(f"DESCRIBE FROM {ROWS}", name)
            columns = {str(column).casefold(): (_quoted(str(column)), str(kind)) for column, kind, *_ in opened.rows()}
            source = _source(name, columns)
            group_rows(opened, source, fed, os.path.getsize(path))
            for group in groups(opened, source):
                count_group(group, tally)
    except ImportError:
        raise TraceError("Parquet needs a package: pip install 'smccc-filter[fleet]'") from None


def _source(path: str, columns: Columns) -> RowSource:
    if "id" not in columns:
        raise TraceError(f"none of its columns ({visible(cut(', '.join(columns)))}) is `id`")
    func_id, kind = columns["id"]
    if kind != TEXT and kind not in INTEGERS:
        what = f"its column `id` has the type {visible(cut(kind))}"
        raise TraceError(f"{what}: it takes whole numbers, or hexadecimal text")
    vm = f"CAST({columns['vm'][0]} AS VARCHAR)" if "vm" in columns else "NULL"
    return RowSource(ROWS, path, func_id, vm, _number(columns), _time(columns))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _number(columns: Columns) -> str:
    column, kind = columns.get("count", ("1", "INTEGER"))
    if kind == TEXT:
        return text_number(column)
    return column if kind in INTEGERS else f"TRY_CAST({column} AS BIGINT)"


def _time(columns: Columns) -> str:
    column, kind = columns.get("time", ("NULL", ""))
    if kind == TEXT:
        return text_time(column)
    return f"epoch({column})" if kind.startswith("TIMESTAMP") else f"TRY_CAST({column} AS DOUBLE)"
