import gzip
import io
import lzma
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.traces import event_lines, opening, reading
from smccc_filter.traces.recorded import CallTally, RecordedCall, TraceSource
from smccc_filter.traces.sources import INTERRUPTED, read_traces, trace_files
from tests.paths import DATA

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RECORDED = DATA / "linux-7.3-guest-2cpu.trace"
PLAIN = RECORDED.read_bytes()


def read(path: object, processes: int = 1) -> TraceSource:
    (source,) = read_traces(trace_files([str(path)]), lambda _: None, processes).sources
    return source


def written(folder: Path, data: bytes, name: str = "trace") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_it_is_told_by_its_contents_what_a_trace_comes_in(tmp_path: Path) -> None:
    whole = read(RECORDED)
    assert (whole.kind, whole.number, whole.fault) == ("text", 42, "")
    for kind, pack in (("gzip", gzip.compress), ("xz", lzma.compress), ("zstd", zstd.compress)):
        found = read(written(tmp_path, pack(PLAIN)))
        assert (found.kind, found.calls, found.fault) == (kind, whole.calls, "")


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstd.compress])
@pytest.mark.parametrize("damage", [lambda data: data[:-60], lambda data: data[:40] + bytes(20) + data[60:]])
def test_a_damaged_file_is_read_as_far_as_it_can_be(tmp_path: Path, pack: object, damage: object) -> None:
    many = PLAIN * 2000
    found = read(written(tmp_path, damage(pack(many))))  # type: ignore[operator]
    assert found.fault
    assert found.number < 42 * 2000
    assert "\n" not in found.fault


def test_what_was_unpacked_before_the_damage_counts(tmp_path: Path) -> None:
    data = os.urandom(1 << 16).hex().encode() + b"\n" + PLAIN
    assert read(written(tmp_path, gzip.compress(PLAIN + data * 3)[:-100])).number >= 42


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PERFILE2" + bytes(100), "perf script"),
        (b"a,b\n1,2\n", "no column of its head (a, b) is `id`"),
        (b"\rid\n0x84000003\n", "its head is no line of CSV: "),
    ],
)
def test_a_fault_says_what_to_give(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in read(written(tmp_path, data)).fault


def test_without_the_packages_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "backports", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    assert "pip install 'smccc-filter[zstd]'" in read(written(tmp_path, zstd.compress(PLAIN))).fault
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install trace-cmd" in read(written(tmp_path, opening.TRACE_DAT + bytes(9))).fault


@pytest.mark.parametrize(("status", "fault"), [(0, ""), (3, "trace-cmd: no such thing")])
def test_trace_cmd_reports_its_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, fault: str
) -> None:
    tool = written(
        tmp_path, f"#!/bin/sh\ncat {RECORDED}\necho no such thing >&2\nexit {status}\n".encode(), "trace-cmd"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = read(written(tmp_path, opening.TRACE_DAT + bytes(99)))
    assert (found.number, found.fault) == (42, fault)


@pytest.mark.parametrize(
    ("data", "calls", "unread"),
    [
        (b"id,count\n0x84000003,5\n0xC4000003,1\n", [(0x84000003, "", 5), (0xC4000003, "", 1)], 0),
        (b"vm;time;id\na;1.5;0x84000003\na;0.5;0x84000003\n", [(0x84000003, "a", 2)], 0),
        (b'"VM","Id"\r\n"a,b","0X84000003"\r\n', [(0x84000003, "a,b", 1)], 0),
        (b"\n \nid\n0x84000003\n", [(0x84000003, "", 1)], 0),
        (b"id\n0x84000003\n84000003\n2214592515\n-1\n\n0x1ffffffff84000003\n", [(0x84000003, "", 1)], 4),
        (b"id,count\n0x84000003\n0x84000003,0\n0x84000003,x\n0x84000003,-2\n0x84000003,2,3\n", [], 5),
        (b'id,vm\n0x84000003,"open\n', [(0x84000003, "open\n", 1)], 0),
        (b'{"id": "0x84000003", "count": 3}\n{"id": 2214592515, "vm": "a"}\n',
         [(0x84000003, "", 3), (0x84000003, "a", 1)], 0),
        (b'{"id": 1.5}\n{"id": true}\n{}\n{"id": "0x1", "count": 1e300}\nx\n[1]\n{"id": -1}\n', [], 7),
        (b'{"id": "0xDEADBEEF84000003", "time": "nan"}\n', [(0x84000003, "", 1)], 0),
        (b"{" * 3000 + b"\n", [], 1),
    ],
)  # fmt: skip
def test_tables(tmp_path: Path, data: bytes, calls: list[tuple[int, str, int]], unread: int) -> None:
    found = read(written(tmp_path, data))
    assert [call[:3] for call in found.calls] == calls
    assert (found.unread, found.fault) == (unread, "")


def test_times_of_tables_are_seconds(tmp_path: Path) -> None:
    found = read(written(tmp_path, b"vm,time,id\na,1.5,0x84000003\na,0.5,0x84000003\na,,0x84000003\n"))
    assert found.calls == (RecordedCall(0x84000003, "a", 3, 0.5, 1.5),)


@given(
    st.binary(max_size=500), st.sampled_from([b"", b"id,count\n", b"{", b"vm,time,id\n", b"\x1f\x8b", b"(\xb5/\xfd"])
)
def test_no_file_raises(data: bytes, start: bytes) -> None:
    descriptor = os.memfd_create("trace")
    try:
        os.write(descriptor, start + data)
        assert isinstance(read(f"/proc/self/fd/{descriptor}"), TraceSource)
    finally:
        os.close(descriptor)


def test_folders_are_searched_and_no_file_is_read_twice(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("z", "a", ".hidden", "b/c"):
        written(tmp_path, PLAIN, name)
    found = trace_files([str(tmp_path / "z"), str(tmp_path), str(tmp_path / "b" / ".." / "a"), "-"])
    assert [file.path.removeprefix(f"{tmp_path}/") for file in found] == ["z", "a", "b/c", "-"]
    assert [file.size for file in found[:3]] == [len(PLAIN)] * 3


def test_what_is_not_there_is_a_fault(tmp_path: Path) -> None:
    found = read_traces(trace_files([str(tmp_path / "none"), str(RECORDED)]), lambda _: None)
    assert [source.fault for source in found.sources] == ["No such file or directory", ""]
    assert not found.is_empty
    assert read_traces(trace_files([str(tmp_path / "none")]), lambda _: None).is_empty


def piped(folder: Path, data: bytes) -> TraceSource:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(data))
    writer.start()
    found = read(pipe)
    writer.join()
    return found


def test_a_pipe_is_read_until_it_closes(tmp_path: Path) -> None:
    found = piped(tmp_path, PLAIN + PLAIN.splitlines(keepends=True)[-1][:60])
    assert (found.number, found.unread, found.fault) == (42, 1, "")


def test_parquet_does_not_come_through_a_pipe(tmp_path: Path) -> None:
    assert "name the file" in piped(tmp_path, opening.PARQUET + bytes(100)).fault


def test_many_processes_count_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, PLAIN * 40)
    alone = read(path)
    monkeypatch.setattr(reading, "RANGE", 1 << 16)
    fed: list[int] = []
    (shared,) = read_traces(trace_files([str(path)]), fed.append, 2).sources
    assert (shared.calls, shared.unread, shared.backward) == (alone.calls, alone.unread, alone.backward)
    assert sum(fed) == path.stat().st_size


def test_no_more_pairs_are_kept_apart_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CallTally, "MOST", 2)
    tally = CallTally()
    for vm in ("a", "b", "c", "a"):
        tally.add(RecordedCall(1, vm, 2, None, None))
    source = tally.source("trace", "text")
    assert [(call.vm, call.number) for call in source.calls] == [("a", 4), ("b", 2)]
    assert (source.beyond, source.number) == (2, 8)


def test_an_interruption_leaves_what_was_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(event_lines, "BLOCK", 1000)
    path = written(tmp_path, PLAIN)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    found = read_traces(trace_files([str(path), str(RECORDED)]), interrupt)
    assert found.is_interrupted
    assert [source.fault for source in found.sources] == [INTERRUPTED]
    assert 0 < found.sources[0].number < 42


@pytest.mark.parametrize("program", [["cat"], ["gzip", "-c"]])
def test_standard_input(program: list[str]) -> None:
    code = (
        "from smccc_filter.traces.sources import *; found = read_traces(trace_files('-'), lambda _: None);"
        "print(found.sources[0].number)"
    )
    packed = subprocess.run(program, input=PLAIN, capture_output=True, check=True).stdout
    done = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, check=True)
    assert done.stdout == b"42\n"


def test_standard_input_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert read("-").fault == "standard input is closed"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN)))
    assert read("-").fault == "standard input can't be read in bytes"
