"""One Linux guest with two CPUs, recorded by three tools at once: ``python -m tests.programs.live --guest`` does it.

In an emulated arm64 host with Linux 7.3.4, ftrace's event kvm:kvm_hvc_arm64 was on, and QEMU was run by
``trace-cmd record -B recorded -e kvm:kvm_hvc_arm64 -o /tmp/trace.dat perf record -a -e kvm:kvm_hvc_arm64``. What stands
in the files is ``/sys/kernel/tracing/trace``, ``trace-cmd report`` and ``perf script``, of Debian 13. The live program
also takes trace.dat out of there, and has it read through the trace-cmd of this machine.
"""

import os
from base64 import b64encode
from pathlib import Path

import pytest

from smccc_filter.traces.opening import TRACE_DAT
from smccc_filter.traces.recorded import TraceSource
from smccc_filter.traces.sources import read_traces, trace_files
from tests.paths import DATA
from tests.programs.live.linux_guests import traces_amiss, traces_of

TOOLS = ("ftrace", "trace-cmd", "perf")


def recorded(tool: str) -> TraceSource:
    path = DATA / f"linux-7.3-guest-recorded.{tool}"
    (source,) = read_traces(trace_files([str(path)]), lambda _: None).sources
    return source


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_shows_the_same_calls_of_the_same_vcpus(tool: str) -> None:
    found, first = recorded(tool), recorded(TOOLS[0])
    assert (found.number, found.gaps, found.backward, found.fault) == (41, 0, 0, "")
    assert [call[:3] for call in found.calls] == [call[:3] for call in first.calls]
    assert {call.vm for call in found.calls} == {"qemu-system-aar-95", "qemu-system-aar-96"}
    for ours, theirs in zip(found.calls, first.calls, strict=True):
        assert ours.first == pytest.approx(theirs.first, abs=0.01)
        assert ours.last == pytest.approx(theirs.last, abs=0.01)


def test_what_is_no_call_is_what_trace_cmd_says_of_the_machine() -> None:
    assert {tool: recorded(tool).unread for tool in TOOLS} == {"ftrace": 0, "trace-cmd": 1, "perf": 0}


def test_the_live_program_notices_a_tool_that_shows_other_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A stand-in of trace-cmd: the repository holds no binary file for the real one, and the live program has one.
    tool = tmp_path / "trace-cmd"
    tool.write_text(f"#!/bin/sh\ncat {DATA}/linux-7.3-guest-recorded.trace-cmd\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    shown = {tool: (DATA / f"linux-7.3-guest-recorded.{tool}").read_text() for tool in TOOLS}
    shown["trace.dat"] = f"{b64encode(TRACE_DAT).decode()}\n"

    def said(texts: dict[str, str]) -> str:
        return "".join(f"TRACE {tool}\n{text}" for tool, text in texts.items()) + "TRACE end\n"

    assert traces_of(said(shown)) == shown
    assert list(traces_amiss(said(shown))) == []
    less = shown | {"perf": "".join(shown["perf"].splitlines(keepends=True)[1:])}
    assert len(list(traces_amiss(said(less)))) == 1
    assert next(traces_amiss(said({"perf": shown["perf"]}))) == "it was recorded by perf"
    assert list(traces_amiss("")) == ["it was recorded by nobody"]
    tool.write_text("#!/bin/sh\necho unknown version >&2\nexit 1\n")
    assert next(traces_amiss(said(shown))) == "trace.dat: trace-cmd: unknown version"
