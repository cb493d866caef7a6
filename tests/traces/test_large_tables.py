"""What DuckDB counts in a table is what Python counts, row by row."""

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.traces import large_tables, plain_tables, reading
from smccc_filter.traces.recorded import CallTally, TraceSource
from smccc_filter.traces.sources import read_traces, trace_files

IDS = ("0x84000003", "0XC4000003", " 0x84000003\t", "84000003", "2214592515", "", "0x", "0x1ffffffff84000003", "-1")
COUNTS = (
    *("1", "17", " 5 ", "\t5", "0", "-3", "+5", "1_000", "5.0", "1e3", "", "x", "99999999999999999999", "9" * 19),
    *("4611686018427387903", "4611686018427387904", "007", "\u0665", "5\u00a0"),
)
TIMES = (
    *("1.5", "0.5", "-1.5", "+2", " 3", "4\t", "1_000.5", "1e5", "1e400", "nan", "inf", "-Infinity", "", "x", "0x10"),
    *("+-1", ".5", "5.", "12.895473", "1e-400", "\u0661", "1\u00a0", "0.1", "9007199254740993", "\x0b7", "1e"),
)
VMS = (
    "a",
    "a b",
    "",
    " a",
    "vm-1",
    "e\u0301",
    "\u00e9",
    "\U0001f600",
    "null",
    "NULL",
    "finance",
    "\u2028",
    "\x0c",
    "#",
)
SPOILT = (
    *('"', '"a\nb"', '"a""b"', '"a"x', ' "a"', '""', "'", "\\", "\x00", "\x01", "\r", "\ufeff", "x" * 5000),
    *("x" * 70_000, "a,b", "a;b", "\t"),
)


@contextmanager
def each_is_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "LARGE", 0)
        yield


def read(path: Path) -> TraceSource:
    (source,) = read_traces(trace_files([str(path)]), lambda _: None, 2).sources
    return source


def both(folder: Path, data: bytes) -> tuple[TraceSource, TraceSource]:
    """Return what DuckDB counts, if it may, and what Python does."""
    path = folder / "table"
    path.write_bytes(data)
    with each_is_large():
        large = read(path)
    return large, read(path)


def by_duckdb(folder: Path, data: bytes) -> bool:
    """Tell whether DuckDB counts a table."""
    path = folder / "table"
    path.write_bytes(data)
    head = data.partition(b"\n")[0]
    with path.open("rb") as file:
        return large_tables.count_large_table(file.fileno(), head, CallTally(), lambda _: None, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"id,count\n0x84000003,2\n0x84000003\n0x84000003,2,3\n,\n\n0xC4000003,x",
        b"id,vm\r\n0x84000003,a\r\n\r\n",
        b'"id";"vm"\n"0x84000003";"a;""b"""\n',
        "id\tvm\n0x84000003\t\u00e9\n".encode(),
        b"id\n\n\n0x84000003\n",
        b'{"id": "0x84000003", "vm": {"a": [1.50, null]}}\n\n{"id": 1, "count": "2"}\n{"vm": "\\u0041"}',
        b'{"id": 1, "vm": "finance"}\n',
    ],
)
def test_duckdb_counts_what_both_read_alike(tmp_path: Path, data: bytes) -> None:
    assert by_duckdb(tmp_path, data)
    large, whole = both(tmp_path, data)
    assert large == whole


@pytest.mark.parametrize(
    "data",
    [
        b'id,vm\n0x84000003,"a\nb"\n',
        b'id,vm\n0x84000003,a"b\n',
        b'id,vm\n0x84000003,"a"b\n',
        b"id,vm\n0x84000003,a\r\n0x84000003,b\n",
        b"id,vm\n0x84000003,a\rb\n",
        b"id,vm\n0x84000003,\xff\n",
        b"id,vm\n0x84000003,a,\n",
        b'id,vm\r\n0x84000003,"a",',
        b"id,vm\n0x84000003,\0\n",
        b"id,vm\n0x84000003,\1\n",
        b"id,vm\n0x84000003," + b"a" * 70_000 + b"\n",
        b'{"id": 1,}\n',
        b'{"id": 1, "id": 2}\n',
        b'{"id": 1, "time": nan}\n',
        b'{"id": 1, "count": null}\n',
        b'{"id": 1}\n{"id": 2\n',
        b'{"id": 1}\r{"id": 2}\n',
        b'{"id": 1, "vm": ' + b"[" * 500 + b"]" * 500 + b"}\n",
        b'{"id": 1, "x": ' + b"9" * 4400 + b"}\n",
    ],
)
def test_python_counts_what_it_reads_otherwise(tmp_path: Path, data: bytes) -> None:
    assert not by_duckdb(tmp_path, data)
    large, whole = both(tmp_path, data)
    assert large == whole


def test_without_duckdb_python_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"id,count\n0x84000003,2\n"
    assert by_duckdb(tmp_path, data)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert not by_duckdb(tmp_path, data)
    large, whole = both(tmp_path, data)
    assert (large.number, large) == (2, whole)


def test_without_a_folder_for_temporary_files_python_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert not by_duckdb(tmp_path, b"id,count\n0x84000003,2\n")
    assert both(tmp_path, b"id,count\n0x84000003,2\n")[0].number == 2


def test_more_pairs_than_are_kept_apart_are_python_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CallTally, "MOST", 2)
    data = b"id,vm\n0x1,c\n0x1,b\n0x1,a\n"
    assert not by_duckdb(tmp_path, data)
    large, whole = both(tmp_path, data)
    assert (large.beyond, large) == (1, whole)


def test_a_table_of_many_blocks_is_told_of_to_its_last_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_tables, "BLOCK", 5000)
    drawn = random.Random(1)  # noqa: S311 -- the same each time
    rows = (f"vm-{drawn.randrange(9)},{number / 100},0x8400000{drawn.randrange(9)}\n" for number in range(20_000))
    data = ("vm,time,id\n" + "".join(rows)).encode()
    assert by_duckdb(tmp_path, data)
    large, whole = both(tmp_path, data)
    assert (large.number, large) == (20_000, whole)
    for damage in (b"", b'"'):
        (tmp_path / "table").write_bytes(data + damage)
        fed: list[int] = []
        with each_is_large():
            read_traces(trace_files([str(tmp_path / "table")]), fed.append)
        assert sum(fed) == len(data + damage)


CELLS = {"id": IDS, "count": COUNTS, "time": TIMES, "vm": VMS}


@st.composite
def csv_tables(draw: st.DrawFn) -> bytes:
    """Draw a CSV, of which most rows are as they should be."""
    names = draw(
        st.sampled_from(
            [
                *(["id"], ["id", "count"], ["vm", "time", "id"], ["VM", "Id", "count", "Time"], ["id", "vm", "id"]),
                *(["other", "id"], ['"id"', '"vm"'], [" id ", "vm", "count", "time", "more"]),
            ]
        )
    )
    sign = draw(st.sampled_from([",", ",", ";", "\t"]))
    spoils = draw(st.sampled_from([0, 0, 1, 3]))
    lines = [sign.join(names)]
    for _ in range(draw(st.integers(0, 12))):
        cells = [draw(st.sampled_from(CELLS.get(name.strip(' "').casefold(), VMS))) for name in names]
        if "," not in sign and draw(st.integers(0, 9)) == 0:
            cells[0] = "a,b"
        if draw(st.integers(0, 9)) == 0:
            cells = [f'"{cell}"' for cell in cells]
        if draw(st.integers(0, 9)) == 0:
            cells = draw(st.sampled_from([cells[1:], [*cells, "x"], [*cells, ""], [""] * len(cells), [" "]]))
        lines.append(sign.join(cells))
    for _ in range(spoils):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] += draw(st.sampled_from(SPOILT))
    ends = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = ends.join(lines) + draw(st.sampled_from(["", ends, ends * 2]))
    if draw(st.integers(0, 9)) == 0:
        text = text.replace("\n", "\n\n", 1)
    return spoilt(draw, text.encode(errors="surrogatepass"))


def spoilt(draw: st.DrawFn, data: bytes) -> bytes:
    """Put a byte anywhere, in some of what is drawn."""
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(data)))
        return (
            data[:at] + draw(st.sampled_from([b"\xff", b"\xc3", b"\x00", b"\r", b'"', b",", b"\n", b" "])) + data[at:]
        )
    return data


VALUES = (
    *("null", "true", "1", "0", "-1", "5.0", "1e2", "2214592515", "18446744073709551616", "1.5", "-0", "-0.0", "[]"),
    *('{"a": 1.50}', "[1, 2.50, null]", '"\\u0030x84000003"', '"\\t1"', '"\\ud83d\\ude00"', "1e400", "9" * 30, "01"),
    *("9" * 4400, "[" * 200 + "]" * 200, '{"a": 1, "a": 2}', "12345678901234567890.5", "0.1", "1E5", "4e-7"),
)
LINES = (
    *("", "  ", "x", "[1]", "5", "{}", '{"id": "0x1"} {"id": "0x2"}', '{"id": "0x1",}', '{"id": "0x1", "id": "0x2"}'),
    *('{"ID": "0x1"}', '{"id": NaN}', '{"id": "0x1", "time": nan}', '{"id": "0x1", "time": Infinity}', '{"id"'),
    *('{"id": "0x1", "x": 1, "x": 2}', '{"id": "0x1", "x": -inf}', '{"\\u0069d": "0x1"}', '{"id": "0x1"} // x'),
    *('{"id": "0x1", "vm": "\\ud800"}', '{"id": "0x1", "count": null}', "{'id': 1}", '{"id": "0x1", "vm": "a\tb"}'),
    *('{"id": "0x1", "vm": ", info"}', '{"id": "0x1", "vm": ", }"}', '\ufeff{"id": "0x1"}', '{"id": "0x1"}\r'),
)


@st.composite
def json_tables(draw: st.DrawFn) -> bytes:
    """Draw lines of JSON, of which most are as they should be."""
    lines = []
    names = draw(st.sampled_from([["id"], ["id", "count"], ["vm", "time", "id"], ["time", "id", "count", "vm", "x"]]))
    strange = draw(st.sampled_from([0, 0, 1, 4]))
    for _ in range(draw(st.integers(1, 12))):
        row = [
            f"{json.dumps(name)}: {draw(st.sampled_from(VALUES))}"
            if draw(st.integers(0, 5)) == 0
            else f"{json.dumps(name)}: {json.dumps(draw(st.sampled_from(CELLS.get(name, VMS))), ensure_ascii=False)}"
            for name in names
            if draw(st.integers(0, 9))
        ]
        lines.append(f"{{{', '.join(row)}}}")
    for _ in range(strange):
        lines.insert(draw(st.integers(1, len(lines))), draw(st.sampled_from(LINES)))
    ends = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return spoilt(draw, (ends.join(lines) + draw(st.sampled_from(["", ends]))).encode(errors="surrogatepass"))


@given(data=csv_tables())
@settings(deadline=None)
def test_a_csv_is_counted_as_by_python(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    large, whole = both(tmp_path_factory.getbasetemp(), data)
    assert large == whole


@given(data=json_tables())
@settings(deadline=None)
def test_lines_of_json_are_counted_as_by_python(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    large, whole = both(tmp_path_factory.getbasetemp(), data)
    assert large == whole
