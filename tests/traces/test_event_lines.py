import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.traces import event_lines, reading
from smccc_filter.traces.alike_lines import is_ascending
from smccc_filter.traces.event_line import LINE, vm_of
from smccc_filter.traces.event_lines import LineCounter
from smccc_filter.traces.reading import FileRange, count_range
from smccc_filter.traces.recorded import CallTally, TraceSource
from tests.paths import DATA
from tests.traces import lines
from tests.traces.lines import counted_one_by_one, traces

RECORDED = DATA / "linux-7.3-guest-2cpu.trace"


def counted(data: bytes) -> TraceSource:
    tally = CallTally()
    LineCounter(tally).feed(lambda at, size: data[at : at + size], 0, len(data))
    return tally.source("trace", "text")


@given(traces(), st.sampled_from([1 << 20, 700, 4000]), st.sampled_from([b"", b"\n"]), st.sampled_from([1, 1 << 16]))
@settings(deadline=None)
def test_a_trace_is_counted_as_line_by_line(trace: list[str], block: int, end: bytes, shapes: int) -> None:
    data = "\n".join(trace).encode() + end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_lines, "BLOCK", block)
        patch.setattr(event_lines, "MOST_SHAPES", shapes)
        assert counted(data) == counted_one_by_one(data.split(b"\n"))


@given(traces(), st.integers(200, 3000))
@settings(deadline=None, max_examples=50)
def test_ranges_of_a_file_add_up_to_it(trace: list[str], size: int) -> None:
    data = "\n".join(trace).encode()
    descriptor = os.memfd_create("trace")
    try:
        os.write(descriptor, data)
        tally = CallTally()
        for start in range(0, len(data), size):
            path = f"/proc/self/fd/{descriptor}"
            tally.add_source(count_range(path, FileRange(start, min(start + size, len(data)))))
    finally:
        os.close(descriptor)
    whole = counted_one_by_one(data.split(b"\n"))
    found = tally.source("trace", "text")
    assert found._replace(backward=0) == whole._replace(backward=0)


@given(st.binary(max_size=3000))
def test_what_is_no_trace_is_counted_as_unread(data: bytes) -> None:
    assert counted(data) == counted_one_by_one(data.split(b"\n"))


@given(st.lists(st.integers(0, 9999), min_size=1, max_size=30), st.sampled_from([sorted, list]))
def test_ascending_numbers_are_told_by_their_digits(drawn: list[int], order: Callable[[list[int]], list[int]]) -> None:
    numbers = order(drawn)
    spelt = [b"%04d" % number for number in numbers]
    columns = [bytes(each[place] for each in spelt) for place in range(4)]
    assert is_ascending(columns) == (spelt == sorted(spelt))


def test_the_recorded_trace_is_read_whole() -> None:
    found = counted(RECORDED.read_bytes())
    assert (found.number, found.unread, found.gaps, found.backward) == (42, 0, 0, 0)
    calls = {(call.vm, call.func_id): call[2:] for call in found.calls}
    assert calls["qemu-system-aar-102", 0xC400_0003] == (2, 14.346326, 23.796245)
    assert {vm for vm, _ in calls} == {"qemu-system-aar-102", "qemu-system-aar-103"}


def test_many_alike_lines_are_counted_without_looking_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    class Pattern:
        @staticmethod
        def fullmatch(*arguments: object) -> object:
            looked.append(arguments)
            return LINE.fullmatch(*arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(event_lines, "LINE", Pattern)
    tail = "HVC at 0xffffae6d7b24a580 (r0: 0x0000000084000000, imm: 0x0)"
    for tool in lines.TOOLS:
        looked.clear()
        trace = [tool("CPU 1/KVM", 3000, 1, f"{10 + number * 1e-6:.6f}", tail) for number in range(5000)]
        assert counted("\n".join([*trace, ""]).encode()).number == 5000
        assert len(looked) < 5


@pytest.mark.parametrize(
    ("line", "vm"),
    [
        ("qemu-system-aar-102     [001] .....    12.895473: kvm_hvc_arm64: ", "qemu-system-aar-102"),
        ("       CPU 0/KVM-3000    (   2990) [001] .....    12.895473: kvm_hvc_arm64: ", "process 2990"),
        ("       CPU 0/KVM-3000    (-------) [001] .....    12.895473: kvm_hvc_arm64: ", "CPU 0/KVM-3000"),
        ("qemu-system-aar-102   [001]    12.895473: kvm_hvc_arm64:        ", "qemu-system-aar-102"),
        ("recorded:  qemu-system-aar-102   [001]    12.895473: kvm_hvc_arm64:        ", "qemu-system-aar-102"),
        ("         vcpu: 0-102   [001]    12.895473: kvm_hvc_arm64:        ", "vcpu: 0-102"),
        ("       CPU 0/KVM  3000 [001]    12.895473: kvm:kvm_hvc_arm64: ", "CPU 0/KVM-3000"),
        ("       CPU 0/KVM  2990/3000  [001]    12.895473: kvm:kvm_hvc_arm64: ", "process 2990"),
    ],
)
def test_a_vm_is_its_process_or_else_its_thread(line: str, vm: str) -> None:
    match = LINE.fullmatch(f"{line}HVC at 0xffffae6d7b24a580 (r0: 0x0000000084000000, imm: 0x0)".encode())
    assert match is not None
    assert vm_of(match) == vm


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"x" * (3 * reading.LONGEST) + b"\n" + RECORDED.read_bytes())
    tally = CallTally()
    for start in range(0, path.stat().st_size, reading.LONGEST):
        tally.add_source(count_range(str(path), FileRange(start, min(start + reading.LONGEST, path.stat().st_size))))
    assert tally.source("trace", "text").number == 42
