import sys
from pathlib import Path

import duckdb
import pytest

from smccc_filter.traces.recorded import RecordedCall, TraceSource
from smccc_filter.traces.sources import read_traces, trace_files


def parquet(folder: Path, query: str) -> Path:
    path = folder / "calls.parquet"
    duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def read(path: Path) -> TraceSource:
    (source,) = read_traces(trace_files([str(path)]), lambda _: None).sources
    return source


@pytest.mark.parametrize(
    "values",
    [
        "SELECT 'a' AS vm, 2214592515::{0} AS id, 1.5 AS time UNION ALL SELECT 'a', 2214592515::{0}, 0.5",
        """SELECT 'a' AS VM, '0x84000003' AS Id, TIMESTAMP '1970-01-01 00:00:01.5' AS time
        UNION ALL SELECT 'a', ' 0XFFFFFFFF84000003', TIMESTAMP '1970-01-01 00:00:00.5'""",
        """SELECT 'a' AS vm, '0x84000003' AS id, 2 AS count, '1.5' AS time UNION ALL SELECT 'a', '0x84000003', 0, '9'
        UNION ALL SELECT 'a', '0x84000003', NULL, '9' UNION ALL SELECT 'b', '84000003', 1, '9'""",
    ],
)
@pytest.mark.parametrize("kind", ["UINTEGER", "BIGINT", "UBIGINT"])
def test_rows_are_counted_by_vm_and_id(tmp_path: Path, values: str, kind: str) -> None:
    found = read(parquet(tmp_path, values.format(kind)))
    first = 1.5 if "count" in values else 0.5
    assert (found.kind, found.fault, found.unread) == ("Parquet", "", 3 if "count" in values else 0)
    assert found.calls == (RecordedCall(0x8400_0003, "a", 2, first, 1.5),)


def test_a_vm_or_a_time_may_be_missing(tmp_path: Path) -> None:
    found = read(parquet(tmp_path, "SELECT 2214592515 AS id, NULL::VARCHAR AS vm UNION ALL SELECT -1, 'x'"))
    assert (found.calls, found.unread) == ((RecordedCall(0x8400_0003, "", 1, None, None),), 1)
    assert read(parquet(tmp_path, "SELECT 1 AS id")).calls == (RecordedCall(1, "", 1, None, None),)


def test_cells_mean_what_they_mean_in_other_tables(tmp_path: Path) -> None:
    rows = [("17", "1.5"), (" 5 ", "inf"), ("1_000", "0.5"), ("+5", "1"), ("5.0", "1"), ("1", "+-1"), ("0", "9")]
    values = ", ".join(f"('0x84000003', '{count}', '{time}')" for count, time in rows)
    found = read(parquet(tmp_path, f"FROM (VALUES {values}) AS rows(id, count, time)"))
    assert (found.calls, found.unread) == ((RecordedCall(0x8400_0003, "", 23, 1.5, 1.5),), 4)
    times = "VALUES (1, 'nan'::DOUBLE), (1, 'inf'::DOUBLE), (1, 2.5)"
    found = read(parquet(tmp_path, f"FROM ({times}) AS rows(id, time)"))
    assert found.calls == (RecordedCall(1, "", 3, 2.5, 2.5),)


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    written = parquet(tmp_path, "SELECT 1 AS id")
    for name in ("[ab].parquet", "a*.parquet", "?.parquet"):
        path = written.with_name(name)
        path.write_bytes(written.read_bytes())
        written.with_name("ab.parquet").write_bytes(b"PAR1")
        assert (read(path).number, read(path).fault) == (1, "")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS a, 2 AS b", "none of its columns (a, b) is `id`"),
        ("SELECT 1.5 AS id", "its column `id` has the type DECIMAL"),
        ("SELECT [1] AS id", "its column `id` has the type INTEGER[]"),
    ],
)
def test_another_table_is_a_fault(tmp_path: Path, query: str, said: str) -> None:
    assert said in read(parquet(tmp_path, query)).fault


def test_a_damaged_file_is_a_fault(tmp_path: Path) -> None:
    path = parquet(tmp_path, "SELECT 1 AS id")
    path.write_bytes(path.read_bytes()[:-20])
    fault = read(path).fault
    assert fault
    assert "\n" not in fault


def test_without_duckdb_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path, "SELECT 1 AS id")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert read(path).fault == "Parquet needs a package: pip install 'smccc-filter[fleet]'"
