"""Counts the rows of a table with DuckDB: a file that is large, or is Parquet.

DuckDB groups the rows on all CPUs, and what comes here is one row for each pair of an ID and a VM. The query is the
same for each kind of file; what differs is how its cells are read.
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from smccc_filter.traces.opening import Fed, TraceError
from smccc_filter.traces.row_groups import BLANKS, COUNT, MOST, RowGroup
from smccc_filter.words import cut, visible

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

MEMORY = "3GiB"
"""What DuckDB may use before it goes on in files."""
AT_ONCE = 10_000
TICK = 0.1
"""Seconds after which it is looked how far a query is, and whether a person ends it."""
_SETTINGS = ("SET enable_progress_bar = true", "SET enable_progress_bar_print = false")


class RowSource(NamedTuple):
    """Rows of a file as DuckDB reads them, and in SQL how their cells are read.

    ``rows`` is a table function of ``$path``. ``number`` is a whole number, NULL where a cell is no count, and ``time``
    is in seconds. ``cell`` makes a value of the cells of ID and VM, as ``row_groups`` takes them.
    """

    rows: str
    path: str
    func_id: str
    vm: str
    number: str
    time: str
    cell: Callable[[object], object] = lambda cell: cell


class RowDatabase:
    """A database in memory. It works in a thread of its own, so that this one can say how far it is, and end it."""

    def __init__(self, opened: "duckdb.DuckDBPyConnection", pool: ThreadPoolExecutor) -> None:
        self._opened, self._pool = opened, pool

    def execute(self, statement: str, path: str | None = None, fed: Fed = lambda _: None, size: int = 0) -> None:
        """Run a statement, with ``path`` as its parameter; ``fed`` is told of ``size`` bytes while it runs."""
        told = 0

        def tell() -> None:
            nonlocal told
            read = int(size * min(max(self._opened.query_progress(), 0), 100) / 100)
            if read > told:
                fed(read - told)
                told = read

        parameters = None if path is None else {"path": path}
        self._wait(self._pool.submit(self._opened.execute, statement, parameters), tell)
        fed(size - told)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that the last statement found."""
        while batch := self._wait(self._pool.submit(self._opened.fetchmany, AT_ONCE)):
            yield from batch

    def _wait(self, running: "Future[T]", tell: Callable[[], None] = lambda: None) -> "T":
        try:
            while not wait([running], TICK).done:
                tell()
        finally:
            while not running.done():  # not only once, as nothing may have begun yet that could be ended
                self._opened.interrupt()
                wait([running], TICK)
        return running.result()


@contextmanager
def database(processes: int) -> Iterator[RowDatabase]:
    """Open an empty database. Raises ImportError without DuckDB, and TraceError for whatever DuckDB raises."""
    import duckdb

    try:
        temporary = tempfile.TemporaryDirectory(prefix="smccc-filter-")
    except OSError as error:
        raise TraceError(f"DuckDB has no folder for temporary files: {error.strerror}") from None
    with temporary as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": folder,
            "threads": processes,
            "autoinstall_known_extensions": False,
        }
        try:
            with duckdb.connect(config=config) as opened, ThreadPoolExecutor(1) as pool:
                made = RowDatabase(opened, pool)
                for setting in _SETTINGS:
                    made.execute(setting)
                yield made
        except duckdb.Error as error:
            raise TraceError(visible(cut(str(error).partition("\n")[0]))) from None


def text_number(text: str) -> str:
    """Return the SQL of the count that a text means."""
    return f"CASE WHEN regexp_full_match({text}, '[{BLANKS}]*{COUNT}[{BLANKS}]*') THEN TRY_CAST({text} AS BIGINT) END"


def text_time(text: str) -> str:
    """Return the SQL of the seconds that a text means. DuckDB takes two signs before a number, and Python does not."""
    return f"CASE WHEN NOT contains({text}, '+-') THEN TRY_CAST({text} AS DOUBLE) END"


def group_rows(made: RowDatabase, source: RowSource, fed: Fed, size: int) -> int:
    """Group all rows, and return how many groups there are; ``fed`` is told of ``size`` bytes meanwhile."""
    statement = f"""
        CREATE TEMP TABLE counted AS
        SELECT id, vm, count(*) AS rows, count(number) AS counted, sum(number) AS number,
               min(time) FILTER (number IS NOT NULL AND isfinite(time)) AS first,
               max(time) FILTER (number IS NOT NULL AND isfinite(time)) AS last
        FROM (SELECT id, vm, CASE WHEN number > 0 AND number < {MOST} THEN number END AS number, time
              FROM (SELECT {source.func_id} AS id, {source.vm} AS vm, {source.number} AS number, {source.time} AS time
                    FROM {source.rows}))
        GROUP BY id, vm
    """  # noqa: S608 -- names of columns, quoted
    made.execute(statement, source.path, fed, size)
    made.execute("SELECT count(*) FROM counted")
    ((number,),) = made.rows()
    return int(number)


def groups(made: RowDatabase, source: RowSource) -> Iterator[RowGroup]:
    """Yield the groups that ``group_rows`` made."""
    made.execute("SELECT * FROM counted ORDER BY id, vm")
    for func_id, vm, rows, counted, number, first, last in made.rows():
        named = None if vm is None else source.cell(vm)
        yield RowGroup(
            None if func_id is None else source.cell(func_id),
            "" if named is None else str(named),
            int(rows),
            int(counted),
            int(number or 0),
            first,
            last,
        )
