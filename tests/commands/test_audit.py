import gzip
import json
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pexpect
import pytest

from tests.cli.tool import Outcome, run, run_process
from tests.conftest import Golden
from tests.paths import DATA, POLICIES

RECORDED = DATA / "linux-7.3-guest-2cpu.trace"
LOCKDOWN = POLICIES / "lockdown.smccc.yaml"


def audit(*arguments: object, given: bytes | None = None) -> Outcome:
    words = ("audit", *map(str, arguments))
    return run(*words) if given is None else run_process(*words, input=given)


def policy(folder: Path, text: str = "rules: []", name: str = "p.yaml") -> Path:
    path = folder / name
    path.write_text(f"version: 1\nname: p\n{text}\n")
    return path


def test_the_text(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA.parents[1])
    done = audit(LOCKDOWN.relative_to(Path.cwd()), RECORDED.relative_to(Path.cwd()))
    golden(DATA.parent / "commands" / "audit.out", done.out)
    assert (done.status, done.err) == (1, "")


def test_the_json() -> None:
    done = audit(LOCKDOWN, RECORDED, "--format", "json", "--kernel", "6.12")
    found = json.loads(done.out)
    assert (found["version"], found["kernels"], found["smc_traced"]) == (1, ["6.12"], False)
    assert found["traces"][0] == {
        "path": str(RECORDED), "kind": "text", "calls": 42, "unread": 0, "gaps": 0, "lost": 0, "backward": 0,
        "not_kept_apart": 0, "fault": None,
    }  # fmt: skip
    calls = {call["name"]: call for call in found["calls"]}
    assert calls["PSCI_CPU_ON/64"] == {
        "id": "0xC4000003", "name": "PSCI_CPU_ON/64", "count": 2, "rate": 2 / found["seconds"], "first": 14.346326,
        "last": 23.796245, "vms": ["qemu-system-aar-102"], "action": "handle", "rule": "cpus", "effect": "same",
        "before": {"6.12": "answered"}, "outcomes": {"6.12": "answered"},
    }  # fmt: skip
    assert found["calls"][0]["effect"] == "newly-denied"
    assert {"id": "0x84000009", "name": "PSCI_SYSTEM_RESET"} in found["unseen"]
    assert found["unused"][0] == {"rule": "cpus", "selector": {"kind": "calls", "text": "PSCI_CPU_SUSPEND"}}
    unused = [each["selector"]["text"] for each in found["unused"]]
    assert unused[1:] == ["PSCI_SYSTEM_RESET", "PSCI_SYSTEM_RESET2", "TRNG_FEATURES", "TRNG_GET_UUID", "cpu"]
    assert found["idle_rules"] == ["cpu-errata"]


@pytest.mark.parametrize(
    ("text", "fail_on", "status"),
    [
        ("rules: []", "newly-denied", 0),
        ("rules: []", "changed", 0),
        ("rules: []", "unseen", 0),
        ("rules: [{action: handle, calls: [PSCI_CPU_ON]}]", "unseen", 0),
        ("rules: [{action: handle, calls: [PSCI_CPU_ON, PSCI_SYSTEM_RESET]}]", "unseen", 1),
        ("rules: [{action: handle, calls: [PSCI_CPU_ON, PSCI_SYSTEM_RESET]}]", "changed", 0),
        ("rules: [{action: deny, calls: [PSCI_SYSTEM_RESET], allow: [{code: F501, reason: r}]}]", "unseen", 0),
        ("rules: [{action: handle, services: [psci]}]", "unseen", 0),
        ("rules: [{action: handle, services: [psci]}, {action: forward, ranges: [0xC2000000+2]}]", "unseen", 1),
        ("rules: [{action: forward, calls: [PSCI_AFFINITY_INFO]}]", "newly-denied", 0),
        ("rules: [{action: forward, calls: [PSCI_AFFINITY_INFO]}]", "changed", 1),
        ("rules: [{action: deny, calls: [PSCI_AFFINITY_INFO]}]", "changed", 1),
        ("rules: [{action: deny, calls: [PSCI_SYSTEM_RESET], allow: [{code: F501, reason: r}]}]", "changed", 0),
    ],
)
def test_the_exit_status_says_whether_it_fails(tmp_path: Path, text: str, fail_on: str, status: int) -> None:
    assert audit(policy(tmp_path, text), RECORDED, "--fail-on", fail_on).status == status


def test_it_compares_with_an_older_policy(tmp_path: Path) -> None:
    denied = policy(tmp_path, "rules: [{action: deny, services: [trng]}]", "old.yaml")
    found = json.loads(audit(policy(tmp_path), RECORDED, "--compare", denied, "--format", "json").out)
    assert {call["name"] for call in found["calls"] if call["effect"] == "changed"} == {"TRNG_VERSION", "TRNG_RND/64"}


def test_traces_come_by_standard_input_and_from_folders(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "a").write_bytes(RECORDED.read_bytes())
    found = json.loads(
        audit(policy(tmp_path), "-", tmp_path / "traces", "--format", "json", given=RECORDED.read_bytes()).out
    )
    assert [(Path(trace["path"]).name, trace["calls"]) for trace in found["traces"]] == [("-", 42), ("a", 42)]


@pytest.mark.parametrize(
    ("data", "said"),
    [(None, "No such file or directory"), (b"\xff\xfe rubbish\n" * 9, "9 lines and no call"), (b"a,b\n", "no column")],
)
def test_the_status_is_2_where_nothing_could_be_read(tmp_path: Path, data: bytes | None, said: str) -> None:
    path = tmp_path / "trace"
    if data is not None:
        path.write_bytes(data)
    done = audit(policy(tmp_path), path)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert audit(policy(tmp_path), path, RECORDED).status == 0


def test_an_empty_folder_holds_no_trace(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = audit(policy(tmp_path), tmp_path / "none")
    assert done.status == 2
    assert "empty folder" in done.err


@pytest.mark.parametrize("data", [b"", gzip.compress(b"")], ids=["plain", "packed"])
def test_a_source_without_a_byte_is_a_recording_that_failed(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "trace"
    path.write_bytes(data)
    for done in (audit(policy(tmp_path), path), audit(policy(tmp_path), "-", given=data)):
        assert (done.status, done.out) == (2, "")
        assert "it is empty, as where a recording failed: record again" in done.err
    done = audit(policy(tmp_path), path, RECORDED)
    assert (done.status, done.err) == (0, "")
    assert "not read: it is empty" in " ".join(done.out.split())
    empty, _ = json.loads(audit(policy(tmp_path), path, RECORDED, "--format", "json").out)["traces"]
    assert empty["fault"].startswith("it is empty")


def test_a_trace_with_a_head_and_no_call_is_one(tmp_path: Path) -> None:
    done = audit(policy(tmp_path), "-", given=b"# tracer: nop\n#\n")
    assert (done.status, done.err) == (0, "")
    assert "0 calls of 0 function IDs" in done.out


def test_what_the_trace_lacks_is_told(tmp_path: Path) -> None:
    lines = RECORDED.read_bytes().splitlines(keepends=True)
    data = b"CPU:1 [LOST 7 EVENTS]\n" + lines[-1] + lines[-5] + lines[-2][:80] + b"\n"
    said = audit(policy(tmp_path), "-", given=data).out
    assert "the tracer lost events in 1 place, at least 7 events" in said
    assert "1 line without such a call" in said
    assert "the time goes back 1 time" in said
    assert "KVM has no tracepoint for SMC" in said


def test_a_policy_that_says_nothing_clear_is_not_audited(tmp_path: Path) -> None:
    done = audit(policy(tmp_path, "rules: [{action: refuse}]"), RECORDED)
    assert (done.status, done.out) == (1, "")
    assert "P103" in done.err


def test_an_interruption_shows_what_was_read(tmp_path: Path) -> None:
    program = """
import sys
from smccc_filter.traces import event_lines, sources
def fed(size):
    raise KeyboardInterrupt
read = sources.read_traces
sources.read_traces = lambda files, _: read(files, fed)
event_lines.BLOCK = 1000
from smccc_filter.cli import run
sys.exit(run(sys.argv[1:]))
"""
    command = [sys.executable, "-c", program, "audit", str(policy(tmp_path)), str(RECORDED), str(LOCKDOWN)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 130
    assert b"not read to its end: interrupted" in done.stdout
    assert b"this is of what was read until then" in done.stderr


def test_a_terminal_is_shown_how_far_it_is(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smccc_filter", "audit", str(policy(tmp_path)), str(RECORDED)]
    said = pexpect.run(" ".join(command), timeout=60, encoding="utf-8")
    assert "kB" in said or "KiB" in said
    assert "0 newly denied" in said


def test_the_page_says_what_the_text_says_and_holds_nothing_that_runs(tmp_path: Path) -> None:
    hostile = policy(
        tmp_path, "description: '<script>alert(1)</script>'\nrules: [{name: a, action: deny, services: [trng]}]"
    )
    trace = tmp_path / "trace.csv"
    trace.write_text('vm,time,id\n"<img src=x>\x1b[2J",1.0,0xC4000053\n')
    out = tmp_path / "audit.html"
    done = audit(hostile, trace, "--html", out)
    assert (done.status, done.out) == (1, "")
    text = out.read_text()
    assert "Newly denied" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;img src=x&gt;\\x1b[2J" in text
    assert not re.search(r"<(script|img|link|iframe)", text)
    (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text
    HTMLParser().feed(text)
    assert audit(hostile, trace, "--html", "-").out == text
    assert audit(hostile, trace, "--html", trace).status == 2
