"""Calls out of Parquet, counted by DuckDB: the traces of a fleet, with hundreds of millions of rows.

The columns are those of other tables. DuckDB groups the rows by VM and ID on all CPUs, and what comes here is one row
for each pair.
"""

from typing import TYPE_CHECKING

from smccc_filter.traces.event_line import MASK
from smccc_filter.traces.opening import TraceError
from smccc_filter.traces.recorded import CallTally, RecordedCall
from smccc_filter.words import cut, visible

if TYPE_CHECKING:
    import duckdb

MEMORY = "3GiB"
"""What DuckDB may use before it goes on in files."""
AT_ONCE = 10_000
INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
_ID_OF_TEXT = "CASE WHEN regexp_full_match(trim({0}), '0[xX][0-9a-fA-F]{{1,16}}') THEN CAST(trim({0}) AS UBIGINT) END"


def count_parquet(path: str, tally: CallTally) -> None:
    """Count the rows of a file. Raises TraceError where DuckDB is missing or can't read it as such a table."""
    try:
        import duckdb
    except ImportError:
        raise TraceError("Parquet needs a package: pip install 'smccc-filter[fleet]'") from None
    try:
        with duckdb.connect(config={"memory_limit": MEMORY}) as database:
            _count(database, path, tally)
    except duckdb.Error as error:
        raise TraceError(visible(cut(str(error).partition("\n")[0]))) from None


def _count(database: "duckdb.DuckDBPyConnection", path: str, tally: CallTally) -> None:
    described = database.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": path}).fetchall()
    columns = {str(name).casefold(): (_quoted(str(name)), str(kind)) for name, kind, *_ in described}
    if "id" not in columns:
        raise TraceError(f"none of its columns ({visible(cut(', '.join(columns)))}) is `id`")
    rows = f"""
        SELECT {_id(*columns["id"])} AS id, {_number(columns)} AS number, {_vm(columns)} AS vm, {_time(columns)} AS time
        FROM read_parquet($path)
    """  # noqa: S608 -- names of columns, quoted
    query = f"""
        SELECT id, vm, sum(number), min(time), max(time), count(*)
        FROM (SELECT CASE WHEN number > 0 THEN id END AS id, vm, number, time FROM ({rows}))
        GROUP BY id, vm ORDER BY id, vm
    """  # noqa: S608 -- the same
    found = database.execute(query, {"path": path})
    while batch := found.fetchmany(AT_ONCE):
        for func_id, vm, number, first, last, count in batch:
            if func_id is None:
                tally.unread += int(count)
            else:
                tally.add(RecordedCall(int(func_id), str(vm), int(number), first, last))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _id(column: str, kind: str) -> str:
    if kind in INTEGERS:
        return f"CASE WHEN {column} >= 0 THEN CAST({column} AS UBIGINT) & {MASK} END"
    if kind == "VARCHAR":
        return f"({_ID_OF_TEXT.format(column)}) & {MASK}"
    raise TraceError(f"its column `id` has the type {visible(cut(kind))}: it takes whole numbers, or hexadecimal text")


def _number(columns: dict[str, tuple[str, str]]) -> str:
    column, kind = columns.get("count", ("1", "INTEGER"))
    return column if kind in INTEGERS else f"TRY_CAST({column} AS BIGINT)"


def _vm(columns: dict[str, tuple[str, str]]) -> str:
    return f"coalesce(CAST({columns['vm'][0]} AS VARCHAR), '')" if "vm" in columns else "''"


def _time(columns: dict[str, tuple[str, str]]) -> str:
    column, kind = columns.get("time", ("NULL", ""))
    if kind.startswith("TIMESTAMP"):
        return f"epoch({column})"
    return f"TRY_CAST({column} AS DOUBLE)"
