import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from smccc_filter import cli
from smccc_filter.commands import status
from smccc_filter.kvm.machine import Conduit, Registers
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import VmmQuestion
from tests.policies.shipped import path
from tests.probe.test_judging import vm
from tests.probe.vmm_logs import answerer, header_of, line, log_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PSCI = str(path("kvmtool-psci"))
LOCKDOWN = str(path("lockdown"))
PSCI_VERSION = 0x8400_0000
MAGIC = b"ARM\x64"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "guest.img"


def first_line(data: bytes) -> str:
    at = data.index(b"begin ")
    return data[at : data.index(b"\0", at)].decode()


def written_log(tmp_path: Path, text: str) -> str:
    log = tmp_path / "guest.log"
    log.write_text(text, encoding="ascii", newline="")
    return str(log)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.run(["probe", *arguments]) == status.USAGE
    told, err = capsys.readouterr()
    assert told == ""
    return err


def wrong_version(conduit: Conduit, question: VmmQuestion) -> Registers:
    right = answerer(vm("kvmtool-psci"))(conduit, question)
    return (0x1_0003, 0, 0, 0) if question == VmmQuestion(PSCI_VERSION) and conduit is Conduit.HVC else right


def test_an_image_is_written(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["probe", PSCI, "--image", str(out)]) == status.OK
    told, err = capsys.readouterr()
    header, asked = header_of("kvmtool-psci")
    data = out.read_bytes()
    assert data[56:60] == MAGIC
    assert first_line(data) == str(header)
    assert told == ""
    assert f": {len(asked.safe)} calls by HVC and SMC, {len(data):,} bytes\n" in err
    assert "left out that may not come back: make each in an image of its own, with --only CALL\n" in err


def test_an_image_goes_to_a_pipe(out: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.run(["probe", PSCI, "--image", str(out)]) == status.OK
    assert cli.run(["probe", PSCI, "--image", "-"]) == status.OK
    assert capfdbinary.readouterr().out == out.read_bytes()


def test_a_file_that_is_there_is_kept_unless_forced(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out.write_bytes(b"mine")
    assert "is there already: name another OUT, or add --force" in refused(capsys, PSCI, "--image", str(out))
    assert out.read_bytes() == b"mine"
    assert cli.run(["probe", PSCI, "--image", str(out), "--force"]) == status.OK
    assert out.read_bytes()[56:60] == MAGIC


@pytest.mark.parametrize(("conduit", "letter"), [("hvc", "h"), ("smc", "s")])
def test_one_conduit(conduit: str, letter: str, out: Path) -> None:
    assert cli.run(["probe", PSCI, "--image", str(out), "--conduit", conduit]) == status.OK
    assert first_line(out.read_bytes()).endswith(f" {letter} el")


def test_a_nested_guest_calls_by_smc(out: Path, tmp_path: Path) -> None:
    policy = tmp_path / "nested.yaml"
    policy.write_text("version: 1\nname: nested\ntarget: {nested: true}\nrules: []\n", encoding="utf-8")
    assert cli.run(["probe", str(policy), "--image", str(out)]) == status.OK
    assert first_line(out.read_bytes()).endswith(" s el")


def test_one_call_alone(out: Path) -> None:
    _, asked = header_of("kvmtool-psci")
    assert cli.run(["probe", PSCI, "--image", str(out), "--only", "PSCI_CPU_OFF"]) == status.OK
    data = out.read_bytes()
    number = asked.number_of(0x8400_0002)
    assert number is not None
    assert number >= len(asked.safe)
    assert first_line(data).split()[2:] == [f"{number:x}", "1", "h", "el"]
    assert int.from_bytes(data[-12:-8], "little") == 0x8400_0002


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--only", "PSCI_CPU_ON"], "--only takes one call, and `PSCI_CPU_ON` is 2: name 0x84000003 or 0xC4000003"),
        (["--only", "0x12345678"], "--only takes a call that the policy touches or KVM services, not 0x12345678"),
        (["--only", "PSCI_CPU_OF"], "PSCI_CPU_OF"),
        (["--uart", "pl011"], "`pl011` is no serial port: write KIND@ADDRESS, such as pl011@0x9000000"),
        (["--uart", "pl011@9000000"], "is no serial port"),
        (["--uart", "pl011@0x12345678123456789"], "is no serial port"),
        (["--uart", "16550@0x9000000"], "kinds are pl011, sbsa-uart, ns16550a, dw-apb-uart"),
        (["--kernel", "6.12"], "--image writes what any VMM boots on any kernel: leave out --kernel"),
        (["--log", "guest.log"], "--image writes what any VMM boots on any kernel: leave out --log"),
        (["--format", "json"], "--image writes no report: leave out --format"),
    ],
)
def test_what_an_image_can_t_be_is_refused(
    arguments: list[str], why: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert why in refused(capsys, PSCI, "--image", str(out), *arguments)
    assert not out.exists()


OF_AN_IMAGE = (("--only", "PSCI_VERSION"), ("--conduit", "hvc"), ("--force",), ("--uart", "pl011@0x1"))


@pytest.mark.parametrize("options", OF_AN_IMAGE)
@pytest.mark.parametrize("mode", [[], ["--log", "guest.log"]])
def test_options_of_an_image_need_one(
    options: tuple[str, ...], mode: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "are for an image: add --image OUT" in refused(capsys, PSCI, *options, *mode)


def test_junit_is_for_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--format junit is for a log" in refused(capsys, PSCI, "--format", "junit")


@pytest.mark.parametrize("key", ["protected: true", "aarch32: true"])
def test_guests_that_run_no_image_are_refused(key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"version: 1\nname: other\ntarget: {{{key}}}\nrules: []\n", encoding="utf-8")
    assert "to probe the rest" in refused(capsys, str(policy), "--image", str(tmp_path / "out"))


def test_a_blob_and_a_policy_with_faults_have_no_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blob, faulty, out = tmp_path / "policy.bin", tmp_path / "policy.yaml", str(tmp_path / "out")
    blob.write_bytes(bytes(24))
    assert "a blob has no registers and no rules: name the policy it is of" in refused(
        capsys, str(blob), "--image", out
    )
    faulty.write_text("version: 2\n", encoding="utf-8")
    assert "P103" in refused(capsys, str(faulty), "--image", out)


def test_a_policy_with_too_many_boundaries_has_no_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "large.yaml"
    rules = "".join(f'  - {{action: deny, ranges: ["0x{0x8200_0000 + 4 * n:08X}+1"]}}\n' for n in range(6000))
    policy.write_text(f"version: 1\nname: large\nrules:\n{rules}", encoding="utf-8")
    assert "it asks for 1" in refused(capsys, str(policy), "--image", str(tmp_path / "out"))


def test_a_log_as_predicted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = written_log(tmp_path, log_of("kvmtool-psci", answerer(vm("kvmtool-psci"))))
    assert cli.run(["probe", PSCI, "--log", log, "--kernel", "7.3"]) == status.OK
    told, err = capsys.readouterr()
    assert told.startswith("`kvmtool-psci` in this VMM, predicted as Linux 7.3\n")
    assert " 0 differ and 0 not seen.\n" in told
    assert err == ""


def test_a_log_that_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = written_log(tmp_path, log_of("kvmtool-psci", wrong_version))
    assert cli.run(["probe", PSCI, "--log", log]) == status.FINDINGS
    told, _ = capsys.readouterr()
    assert told.startswith("`kvmtool-psci` in this VMM, predicted as Linux 7.3\n\nby ")
    assert "\nhvc  0x84000000 PSCI_VERSION  0x10000 0 0 0  0x10003 0 0 0  psci        it is left to KVM" in told
    assert " 1 differ and 0 not seen.\n" in told


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = written_log(tmp_path, log_of("kvmtool-psci", wrong_version))
    assert cli.run(["probe", PSCI, "--log", log, "--format", "json", "--kernel", "7.3"]) == status.FINDINGS
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["policy"], told["profile"]) == (1, "kvmtool-psci", "7.3")
    assert told["kernels"] == [{"profile": "7.3", "differ": 1}]
    assert told["summary"]["differs"] == 1
    (wrong,) = [call for call in told["calls"] if call["verdict"] == "differs"]
    assert {key: wrong[key] for key in ("id", "name", "conduit", "argument", "upper_halves", "rule")} == {
        "id": "0x84000000",
        "name": "PSCI_VERSION",
        "conduit": "hvc",
        "argument": "0x00000000",
        "upper_halves": "0x00000000",
        "rule": "psci",
    }
    assert sum(told["summary"].values()) == len(told["calls"])


def test_junit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = written_log(tmp_path, log_of("kvmtool-psci", wrong_version))
    assert cli.run(["probe", PSCI, "--log", log, "--format", "junit"]) == status.FINDINGS
    suites = ET.fromstring(capsys.readouterr().out)  # noqa: S314 -- our own report
    (failure,) = suites.iter("failure")
    assert failure.attrib["message"] == "expected 0x10000 0 0 0, seen 0x10003 0 0 0"
    assert suites.attrib["failures"] == "1"
    assert len(list(suites.iter("testcase"))) == int(suites.attrib["tests"])


def test_a_log_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    data = log_of("kvmtool-psci", answerer(vm("kvmtool-psci"))).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert cli.run(["probe", PSCI, "--log", "-"]) == status.OK
    assert "0 differ" in capsys.readouterr().out
    assert "are both standard input" in refused(capsys, "-", "--log", "-")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("hello\n", "no line of it begins with `smccc1`"),
        (log_of("lockdown", answerer(vm("lockdown"))), "it is of another policy, "),
        (line("begin 0123456789abcdef 0 1 h el1"), "it is of another policy, 0123456789abcdef, and this one is "),
        (line(f"begin {header_of('kvmtool-psci')[0].digest} ffff 1 h el1"), "it announces more calls than the policy"),
    ],
)
def test_a_log_that_tells_nothing(text: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert why in refused(capsys, PSCI, "--log", written_log(tmp_path, text))


def test_a_log_that_is_too_large_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "guest.log"
    with log.open("wb") as file:
        file.truncate(1 << 30)
    told = refused(capsys, PSCI, "--log", str(log))
    assert "1,073,741,824 bytes, more than 16,777,216: cut it to one run, or raise --max-bytes" in told


class Endless(io.RawIOBase):
    """A serial port that never ends; ``given`` counts the bytes that were read of it."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        size = memoryview(buffer).nbytes
        self.given += size
        return size


def test_no_more_is_read_of_a_log_without_end_than_a_log_may_have(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = Endless()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(port)))
    told = refused(capsys, PSCI, "--log", "-", "--max-bytes", "1000000")
    assert "more than 1,000,000 bytes: cut it to one run, or raise --max-bytes" in told
    assert 1_000_000 < port.given <= 1_000_000 + 2 * io.DEFAULT_BUFFER_SIZE


def test_a_log_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file or directory" in refused(capsys, PSCI, "--log", str(tmp_path / "none"))


def test_a_policy_with_faults_judges_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = tmp_path / "policy.yaml"
    faulty.write_text("version: 2\n", encoding="utf-8")
    assert "P103" in refused(capsys, str(faulty), "--log", written_log(tmp_path, ""))


def test_one_call_that_waits_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header, asked = header_of("lockdown")
    number = asked.number_of(0x8400_0001)
    assert number is not None
    begin = header._replace(first=number, calls=1, conduits=(Conduit.HVC,))
    text = line(f"{begin}1") + f"\r\nsmccc1 {number:x}h"
    assert read_log(text.encode()).lost == (Conduit.HVC, number)
    assert cli.run(["probe", LOCKDOWN, "--log", written_log(tmp_path, text), "--kernel", "7.3"]) == status.OK
    assert "1 not known here" in capsys.readouterr().out
