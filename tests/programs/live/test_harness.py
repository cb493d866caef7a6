"""The parts of the live-kernel harness that need no kernel: what it asks, how it compares, where it looks."""

import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

from smccc_filter.kvm.profiles import Profile, profile
from tests.paths import ROOT
from tests.programs.live.compare import Prediction, agrees, compare, shrink
from tests.programs.live.cpio import LINK, File, archive
from tests.programs.live.errors import HarnessError, MissingToolError
from tests.programs.live.hosts import NESTED, PROTECTED, USUAL, WITH_AARCH32
from tests.programs.live.machine import QEMU, require_version
from tests.programs.live.mirror import Mirror, mirror
from tests.programs.live.policies import Policy, known_ids, random_policy
from tests.programs.live.predict import predict
from tests.programs.live.probes import ASKING, MIN_PROBES, TELLING
from tests.programs.live.replay import replay

KNOWN = known_ids()
SPECIMENS = [random_policy(seed, KNOWN) for seed in range(200)]


def release(name: str) -> Profile:
    known = profile(name)
    assert known is not None
    return known


def answer_as_the_model(operations: Sequence[str]) -> list[str]:
    """Stand in for a kernel: VM by VM what Linux 7.3.4 answers, with some value where the host decides."""
    answers: list[str] = []
    vms: list[list[str]] = []
    for operation in operations:
        if operation.startswith("V"):
            vms.append([])
        vms[-1].append(operation)
    for vm in vms:
        answers += [(answer or "unknown").replace("*", "5") for answer in predict(release("7.3.4"), vm)]
    return answers


def predict_denials_as_refused(known: Profile, operations: Sequence[str]) -> list[Prediction]:
    """Predict wrongly that action 1 is EINVAL once a forward was inserted."""
    predictions = predict(known, operations)
    forwarded = False
    for i, operation in enumerate(operations):
        accepted = operation.startswith("F") and predictions[i] == "0"
        if accepted and operation.split()[3] == "1" and forwarded:
            predictions[i] = "22"
        forwarded |= accepted and operation.split()[3] == "2"
    return predictions


def test_a_policy_is_a_function_of_its_seed() -> None:
    assert [random_policy(seed, KNOWN) for seed in range(len(SPECIMENS))] == SPECIMENS
    assert len({policy.operations for policy in SPECIMENS}) == len(SPECIMENS)


@pytest.mark.parametrize("policy", SPECIMENS[:20], ids=lambda policy: policy.label)
def test_a_policy_asks_every_discovery_call(policy: Policy) -> None:
    called = {int(operation.split()[1], 16) & 0xFFFF_FFFF for operation in policy.operations if operation[0] in "PS"}
    assert called >= {*ASKING, *TELLING}
    assert sum(operation[0] in "PS" for operation in policy.operations) >= MIN_PROBES
    assert [operation[0] for operation in policy.operations].count("V") == 1
    assert policy.operations[0].startswith("V")


@pytest.mark.parametrize(
    ("prediction", "answer", "expected"),
    [
        ("ret 1 0 0 0", "ret 1 0 0 0", True),
        ("ret * 0 0 0", "ret 1 0 0 0", True),
        ("ret * * * *", "user nr=1 flags=0 pc+4", False),
        ("ret 1 0 0 0", "ret 1 0 0", False),
        ("17", "22", False),
    ],
)
def test_a_star_stands_for_one_word(prediction: str, answer: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert agrees(prediction, answer) is expected


def test_the_model_agrees_with_itself() -> None:
    comparison = compare(release("7.3.4"), SPECIMENS, answer_as_the_model, predict)
    assert comparison.failures == []
    assert comparison.compared.total() == sum(len(policy.operations) for policy in SPECIMENS)
    insertions = sum(operation.startswith("F") for policy in SPECIMENS for operation in policy.operations)
    assert comparison.compared["insertions"] == insertions


def test_a_wrong_prediction_is_found_and_reduced_to_what_shows_it() -> None:
    known = release("7.3.4")
    comparison = compare(known, SPECIMENS, answer_as_the_model, predict_denials_as_refused)
    assert comparison.failures
    smallest = shrink(known, comparison.failures[0], answer_as_the_model, predict_denials_as_refused)
    assert [operation.split()[0::3] for operation in smallest.policy.operations] == [["V"], ["F", "2"], ["F", "1"]]
    assert [(d.predicted, d.answered) for d in smallest.differences] == [("22", "0")]


def test_a_call_is_reduced_to_itself() -> None:
    def predict_wrongly(known: Profile, operations: Sequence[str]) -> list[Prediction]:
        right = predict(known, operations)
        asked = [operation == "S 8400000a c4000012" and "T" in operations for operation in operations]
        return ["ret 5 5 5 5" if wrong else answer for wrong, answer in zip(asked, right, strict=True)]

    operations = ("V", "F 86000000 1 1 0", "T", "P 84000000 0", "S 8400000a c4000012", "P 84000001 0")
    (failure,) = compare(release("7.3.4"), [Policy("it", operations)], answer_as_the_model, predict_wrongly).failures
    smallest = shrink(release("7.3.4"), failure, answer_as_the_model, predict_wrongly)
    assert smallest.policy == Policy("it", ("V", "T", "S 8400000a c4000012"))
    assert smallest.differences == [("S 8400000a c4000012", "ret 5 5 5 5", "ret 0 0 0 0")]


def answer_with(answers: list[str], operations: Sequence[str]) -> list[str]:
    assert len(operations) == len(answers)
    return answers


def test_a_replay_takes_the_oldest_recording_that_is_not_older(tmp_path: Path) -> None:
    for name in ("insert-6.12.txt", "insert-7.3.txt", "notes.txt"):
        (tmp_path / name).write_text(f"V|{name}\n", encoding="ascii")
    for name, files in {
        "6.4": ["insert-6.12.txt"],
        "6.12.95": ["insert-6.12.txt"],
        "6.13.1": ["insert-7.3.txt"],
        "7.3.4": ["insert-7.3.txt"],
    }.items():
        replayed = replay(release(name), [tmp_path], partial(answer_with, files))
        assert (replayed.files, replayed.differences) == (files, [])


def test_a_replay_compares_values_but_of_clocks_entropy_and_cpus(tmp_path: Path) -> None:
    recording = (
        "V|ok\nP 86000001 0|ret 5 5 5 5\nS 84000053 40|ret 0 0 0 7\nP 84000000 0|ret 10003 0 0 0\nF 0 0 1 0|17\n"
        "P 80000001 80003fff|ret 1 0 0 0\n"
    )
    (tmp_path / "guest-7.3.txt").write_text(recording, encoding="ascii")
    same = ["ok", "ret 6 6 6 6", "ret 0 0 0 8", "ret 10003 0 0 0", "22", "ret ffffffffffffffff 0 0 0"]
    assert replay(release("7.3.4"), [tmp_path], partial(answer_with, same)).differences == []
    other = ["ok", "ret ffffffffffffffff 0 0 0", "user nr=84000053 flags=1 pc+4", "ret 10001 0 0 0", "17"]
    other.append("user nr=80000001 flags=1 pc+4")
    assert len(replay(release("7.3.4"), [tmp_path], partial(answer_with, other)).differences) == 5


def test_the_archive_is_what_cpio_unpacks() -> None:
    data = random.Random(1).randbytes(1001)  # noqa: S311 - any bytes
    written = archive([File("dev", None), File("dev/init", data), File("e", b"dev", LINK)])
    names: list[str] = []
    offset = 0
    while not names or names[-1] != "TRAILER!!!":
        assert offset % 4 == 0
        assert written[offset : offset + 6] == b"070701"
        fields = [int(written[at : at + 8], 16) for at in range(offset + 6, offset + 110, 8)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        names.append(written[offset + 110 : offset + 110 + name_size - 1].decode("ascii"))
        start = offset + 110 + name_size + -(110 + name_size) % 4
        if names[-1] == "dev/init":
            assert (mode, written[start : start + size]) == (0o100_755, data)
        if names[-1] == "e":
            assert (mode, written[start : start + size]) == (0o120_777, b"dev")
        offset = start + size + -size % 4
    assert (names, offset) == (["dev", "dev/init", "e", "TRAILER!!!"], len(written))


PARAGRAPHS = """\
Types: deb
# a comment inside
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By:
 /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "os-release").write_text('NAME="Debian"\nVERSION_CODENAME=trixie\n', encoding="utf-8")
    return tmp_path


def test_the_mirror_is_read_from_paragraphs(etc: Path) -> None:
    (etc / "sources.list.d" / "debian.sources").write_text(PARAGRAPHS, encoding="utf-8")
    (etc / "sources.list.d" / "other.list").write_text("deb http://other.example/apt nodistro main\n", encoding="utf-8")
    expected = Mirror("http://mirror.example/debian", "http://mirror.example/debian-security")
    assert mirror(etc, etc / "os-release") == expected


def test_the_mirror_is_read_from_lines(etc: Path) -> None:
    text = "#deb http://off.example/debian trixie main\ndeb [arch=arm64] http://a.example/debian trixie main # x\n"
    (etc / "sources.list").write_text(text, encoding="utf-8")
    assert mirror(etc, etc / "os-release") == Mirror("http://a.example/debian", None)


@pytest.mark.parametrize(
    "text", ["", "deb http://a.example/debian sid main\n", "deb-src http://a.example/d trixie main\n"]
)
def test_a_machine_without_a_debian_mirror_is_told_so(etc: Path, text: str) -> None:
    (etc / "sources.list").write_text(text, encoding="utf-8")
    with pytest.raises(HarnessError, match="names no mirror of a Debian release"):
        mirror(etc, etc / "os-release")


def test_missing_tools_are_a_skip_that_is_no_success(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.programs.live", "--policies", "1"],
        env={"PATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (77, "")
    assert done.stderr.startswith("skipped: apt-get is missing")


@pytest.mark.parametrize(
    ("said", "needed", "missing"),
    [
        ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)", (9, 0), True),
        ("QEMU emulator version 9.0.0", (9, 0), False),
        ("QEMU emulator version 10.0.2 (Debian)", (9, 0), False),
        ("QEMU", (9, 0), True),
    ],
)
def test_a_host_says_which_qemu_it_needs(
    said: str,
    needed: tuple[int, ...],
    missing: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / QEMU
    program.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = pytest.raises(MissingToolError, match=r"9\.0 or later is missing, which nested guests need: apt-get")
    with expected if missing else nullcontext():
        require_version(needed, "nested guests")


def test_a_mode_is_said_on_the_command_line() -> None:
    assert {host.arguments for host in (USUAL, WITH_AARCH32)} == {""}
    assert [host.arguments for host in (NESTED, PROTECTED)] == ["kvm-arm.mode=nested", "kvm-arm.mode=protected"]
    assert [str(host) for host in (USUAL, NESTED)] == ["cortex-a76", "max kvm-arm.mode=nested"]
