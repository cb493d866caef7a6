"""Lines of traces as the tools write them, drawn at random, and what they are read as one by one."""

import re
from collections.abc import Sequence

from hypothesis import strategies as st

from smccc_filter.traces.event_line import EVENT, LINE, LOST, func_id_of, seconds, vm_of
from smccc_filter.traces.recorded import CallTally, RecordedCall, TraceSource

IDS = (0x8400_0000, 0xC400_0003, 0x8600_FF01, 0x1_8400_0008, 0xFFFF_FFFF_C500_0020)
TASKS = ("qemu-system-aar", "CPU 0/KVM", "CPU 11/KVM", "kvm-vcpu-0", "[x] 3", "a-1 2", "<...>")
RUBBISH = (
    "",
    "# tracer: nop",
    "cpus=2",
    "CPU:1 [LOST 17 EVENTS]",
    "CPU:0 [LOST EVENTS]",
    "CPU:3 [5 EVENTS DROPPED]",
    "CPU:3 [EVENTS DROPPED]",
    "# entries-in-buffer/entries-written: 40/42   #P:2",
    "          <idle>-0       [001] d..2.    12.000001: kvm_exit: TRAP: HSR_EC: 0x0016 (HVC64), PC: 0x0",
    " qemu-102 [001] .....    12.895473: kvm_hvc_arm64: HVC at 0xffffae6d7b24a580 (r0: 0x00000000840",
    "kvm_hvc_arm64: HVC at 0xffffae6d7b24a580 (r0: 0x0000000084000000, imm: 0x0)",
    " qemu-102 [001] .....    12.8.5: kvm_hvc_arm64: HVC at 0xffffae6d7b24a580 (r0: 0x0000000084000000, imm: 0x0)",
    "\x00\xff\x1b[2J",
)


def ftrace(task: str, pid: int, cpu: int, time: str, tail: str) -> str:
    return f"{task[:15]:>16}-{pid:<7} [{cpu:03}] ..... {time:>12}: kvm_hvc_arm64: {tail}"


def grouped(task: str, pid: int, cpu: int, time: str, tail: str) -> str:
    return f"{task[:15]:>16}-{pid:<7} ({pid // 4:7}) [{cpu:03}] d.... {time:>12}: kvm_hvc_arm64: {tail}"


def trace_cmd(task: str, pid: int, cpu: int, time: str, tail: str) -> str:
    return f"{task[:15]:>16}-{pid:<5} [{cpu:03}] {time:>12}: kvm_hvc_arm64:        {tail}"


def perf(task: str, pid: int, cpu: int, time: str, tail: str) -> str:
    return f"{task[:15]:>16} {pid:5} [{cpu:03}] {time:>12}: kvm:kvm_hvc_arm64: {tail}"


def perf_with_process(task: str, pid: int, cpu: int, time: str, tail: str) -> str:
    return f"{task[:15]:>16} {pid // 4:5}/{pid:<5} [{cpu:03}] {time:>12}: kvm:kvm_hvc_arm64: {tail}"


TOOLS = (ftrace, grouped, trace_cmd, perf, perf_with_process)


def times(decimals: int) -> st.SearchStrategy[list[str]]:
    """Draw times that mostly ascend, as text."""
    steps = st.lists(st.integers(-3, 900), min_size=1, max_size=60)
    first = st.sampled_from([0, 9_999_000, 123_456_789])

    def spell(start: int, deltas: list[int]) -> list[str]:
        found, at = [], start
        for delta in deltas:
            at = max(0, at + delta)
            found.append(f"{at // 10**6}.{at % 10**6:06}{'123' if decimals == 9 else ''}" if decimals else str(at))
        return found

    return st.builds(spell, first, steps)


@st.composite
def traces(draw: st.DrawFn) -> list[str]:
    """Draw the lines of a trace by one tool, with others between them."""
    tool = draw(st.sampled_from(TOOLS))
    shapes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(TASKS), st.sampled_from([7, 102, 103, 99_999, 4_194_303]), st.integers(0, 2),
                st.sampled_from(IDS), st.sampled_from([0, 0, 0, 0x1234]),
            ),
            min_size=1, max_size=4,
        )
    )  # fmt: skip
    lines = []
    for time in draw(times(draw(st.sampled_from([6, 6, 6, 9, 0])))):
        task, pid, cpu, r0, imm = draw(st.sampled_from(shapes))
        lines.append(tool(task, pid, cpu, time, f"HVC at 0xffffae6d7b24a580 (r0: 0x{r0:016x}, imm: 0x{imm:x})"))
        if draw(st.integers(0, 30)) == 0:
            lines.append(draw(st.sampled_from(RUBBISH)))
    return lines


def counted_one_by_one(lines: Sequence[bytes]) -> TraceSource:
    """Count lines by the pattern alone."""
    tally = CallTally()
    before = float("-inf")
    for line in lines:
        match = LINE.fullmatch(line)
        if match:
            time = seconds(match["time"])
            tally.add(RecordedCall(func_id_of(match), vm_of(match), 1, time, time))
            if time is not None:
                tally.backward += time < before
                before = time
        elif EVENT not in line and (lost := LOST.search(line)):
            tally.gaps += 1
            tally.lost += sum(int(number) for number in lost.groups() if number)
        elif written := re.match(rb"# entries-in-buffer/entries-written: (\d+)/(\d+) ", line):
            tally.gaps += written[1] != written[2]
            tally.lost += int(written[2]) - int(written[1])
        elif EVENT in line or (line.strip() and not line.startswith(b"#")):
            tally.unread += 1
    return tally.source("trace", "text")
