r"""One line of text that shows an HVC of a guest, as three tools write it.

The kernel's own ``trace``, ``trace-cmd report`` and ``perf script`` begin a line each in its way, with the task, its
thread ID, the CPU and the time. What follows is the format string of the event, the same for all::

    qemu-system-aar-102     [001] .....    12.895473: kvm_hvc_arm64: HVC at 0xffff... (r0: 0x..., imm: 0x0)
    qemu-system-aar-102     (    101) [001] .....    12.895473: kvm_hvc_arm64: ...
    qemu-system-aar   102 [001]    12.895473: kvm:kvm_hvc_arm64: ...

A name of a task may hold blanks, hyphens and brackets (``CPU 0/KVM``), so that a line is read from the event leftwards.
Where trace-cmd shows a buffer of its own, the buffer's name and a colon stand before all of that.

Source: Linux 7.3.4 arch/arm64/kvm/trace_handle_exit.h, kvm_hvc_arm64; kernel/trace/trace_output.c,
trace_print_context(); kernel/trace/trace.c, print_trace_line(); tools/perf/builtin-script.c,
perf_sample__fprintf_start(); trace-cmd's tracecmd/trace-read.c, on lost events.
"""

import re

EVENT = b"kvm_hvc_arm64: "
"""What no line of another event has."""

LINE = re.compile(
    rb" *+(?:[^\s:]++:  ++)?(?:(?P<task>[^\n]+)-(?P<thread>\d++) ++(?:\( *+(?P<group>\d++|-++)\) ++)?"
    rb"|(?P<comm>[^\n]*?[^ \n]) ++(?:(?P<process>\d++)/ *+)?(?P<tid>\d++) ++)"
    rb"\[\d++\] ++(?:[^\s:]++ ++)?(?P<time>\d++(?:\.\d++)?): ++(?:kvm:)?kvm_hvc_arm64: ++"
    rb"HVC at 0x[0-9a-f]++ \(r0: 0x(?P<r0>[0-9a-f]{1,16}+), imm: 0x[0-9a-f]++\)\r?"
)
"""A whole line without its end. Nothing is tried twice, so that a hostile line takes no longer than any other."""

LOST = re.compile(
    rb"CPU:\d+ \[LOST (?:(?P<lost>\d+) )?EVENTS\]"
    rb"|CPU:\d+ \[(?:(?P<dropped>\d+) )?EVENTS DROPPED\]"
    rb"|PERF_RECORD_LOST(?:_SAMPLES)? lost (?P<perf>\d+)"
)
"""What tells that the tracer had no room, and where it says so, for how many events."""

OVERWRITTEN = re.compile(rb"# entries-in-buffer/entries-written: (\d+)/(\d+) ")
"""The head of ``trace``, which tells how many events were overwritten by later ones."""

MASK = 0xFFFF_FFFF
"""The function ID is W0, whatever the upper half of X0 holds."""


def vm_of(found: "re.Match[bytes]") -> str:
    """Return what tells the VM: its process where the trace has that, else the task with the thread ID of the vCPU."""
    process = found["process"] or found["group"]
    if process and process[:1] != b"-":
        return f"process {int(process)}"
    task = (found["task"] or found["comm"]).decode(errors="backslashreplace")
    return f"{task}-{int(found['thread'] or found['tid'])}"


def func_id_of(found: "re.Match[bytes]") -> int:
    """Return the function ID of a call."""
    return int(found["r0"], 16) & MASK


def seconds(time: bytes) -> float | None:
    """Return a time in seconds; ``None`` for one of a clock that counts something else, which has no decimals."""
    return float(time) if b"." in time else None
