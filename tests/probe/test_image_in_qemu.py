"""The image on an emulated machine without KVM, whose PSCI is QEMU's own: real runs, each a few tenths of a second."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from smccc_filter import cli
from smccc_filter.commands import status
from smccc_filter.kvm.machine import Conduit
from smccc_filter.probe.image.build import image
from smccc_filter.probe.log import LogHeader, VmmLog
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import VmmQuestion
from tests.artefacts.backends.tools import tool
from tests.policies import shipped
from tests.probe.flattened import NO_PORT, PORT, TREES

PATIENCE = 60
"""Seconds after which a guest is given up that a busy machine should long have ended."""
QUESTIONS = (
    VmmQuestion(0x8400_0000),
    VmmQuestion(0x8400_000A, 0xC400_0003),
    VmmQuestion(0x8400_0004, 0, 0xFFFF_FFFF),
    VmmQuestion(0xC600_FFFF),
)
NOT_SUPPORTED = 2**64 - 1
X3 = 0xDEAD_0003
UNDEFINED = 0x0200_0000
"""ESR_EL1 of an undefined instruction."""
HVC_AT_EL2 = 0x5A00_0000


def boot(folder: Path, data: bytes, machine: str = "virt", *options: str) -> bytes:
    """Boot an image until it powers off, and return what it printed."""
    path = folder / "guest.img"
    path.write_bytes(data)
    emulator = [tool("qemu-system-aarch64"), "-M", machine, "-cpu", "max", "-m", "128", "-net", "none", "-nographic"]
    own = ["-monitor", "none", "-serial", "stdio", "-kernel", str(path), "-no-reboot", *options]
    done = subprocess.run(
        [*emulator, *own], capture_output=True, timeout=PATIENCE, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout


def made(conduits: Sequence[Conduit] = tuple(Conduit), port: int | None = None) -> bytes:
    return image(LogHeader("0123456789abcdef", 0, len(QUESTIONS), tuple(conduits)), QUESTIONS, port)


def registers(log: VmmLog, conduit: Conduit) -> list[tuple[int, int, int, int] | None]:
    return [log.answers[conduit, number].registers for number in range(len(QUESTIONS))]


QEMU_S_OWN = [
    (0x1_0001, 0, 0, X3),
    (0, 0xC400_0003, 0, X3),
    (NOT_SUPPORTED, 0xFFFF_FFFF_0000_0000, 0xFFFF_FFFF_0000_0000, 0xFFFF_FFFF_0000_0000 | X3),
    (NOT_SUPPORTED, 0, 0, X3),
]
"""What QEMU's PSCI 1.1 makes of ``QUESTIONS``: it looks at all of X0, and writes nothing else."""


@pytest.mark.parametrize("options", [(), ("-smp", "2")])
@pytest.mark.parametrize("gic", [2, 3])
def test_hvc_is_answered_and_smc_is_undefined_without_el3(gic: int, options: tuple[str, ...], tmp_path: Path) -> None:
    log = read_log(boot(tmp_path, made(), f"virt,gic-version={gic}", *options))
    assert registers(log, Conduit.HVC) == QEMU_S_OWN
    assert log.answers[Conduit.SMC, 0].syndrome == UNDEFINED
    assert (Conduit.SMC, 1) not in log.answers
    assert (log.level, log.ended, log.broken, log.lost, log.restarts) == (1, True, (), None, 0)


def test_at_el2_hvc_is_the_image_s_own_and_smc_is_answered(tmp_path: Path) -> None:
    log = read_log(boot(tmp_path, made(), "virt,virtualization=on"))
    assert registers(log, Conduit.SMC) == QEMU_S_OWN
    assert log.answers[Conduit.HVC, 0].syndrome == HVC_AT_EL2
    assert (log.level, log.ended) == (2, True)


@pytest.mark.parametrize("conduit", Conduit)
def test_one_conduit_alone(conduit: Conduit, tmp_path: Path) -> None:
    log = read_log(boot(tmp_path, made([conduit]), "virt,virtualization=on" if conduit is Conduit.SMC else "virt"))
    assert registers(log, conduit) == QEMU_S_OWN
    assert {key[0] for key in log.answers} == {conduit}
    assert log.ended


@pytest.mark.parametrize("name", TREES)
def test_the_port_is_found_in_device_trees_of_other_vmms(name: str, tmp_path: Path) -> None:
    (tmp_path / "tree.dtb").write_bytes(TREES[name])
    log = read_log(boot(tmp_path, made(), "virt", "-dtb", str(tmp_path / "tree.dtb")))
    assert registers(log, Conduit.HVC) == QEMU_S_OWN
    assert log.ended


def test_without_a_port_it_says_nothing_and_powers_off(tmp_path: Path) -> None:
    (tmp_path / "tree.dtb").write_bytes(NO_PORT)
    assert boot(tmp_path, made(), "virt", "-dtb", str(tmp_path / "tree.dtb")) == b""


def test_a_port_that_is_named_needs_no_device_tree(tmp_path: Path) -> None:
    (tmp_path / "tree.dtb").write_bytes(NO_PORT)
    log = read_log(boot(tmp_path, made(port=PORT), "virt", "-dtb", str(tmp_path / "tree.dtb")))
    assert registers(log, Conduit.HVC) == QEMU_S_OWN


def test_what_the_command_writes_boots_and_what_it_prints_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, out, log = str(shipped.path("kvmtool-psci")), tmp_path / "out.img", tmp_path / "out.log"
    assert cli.run(["probe", policy, "--image", str(out)]) == status.OK
    log.write_bytes(boot(tmp_path, out.read_bytes()))
    capsys.readouterr()
    assert cli.run(["probe", policy, "--log", str(log)]) == status.FINDINGS
    told, _ = capsys.readouterr()
    assert "\nThis guest's calls do not reach KVM: what is refused keeps X1 to X3" in told
    assert "\nSMC is an undefined instruction for this guest, so that no call was made by it.\n" in told


def test_one_call_that_does_not_come_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy, out, log = str(shipped.path("lockdown")), tmp_path / "out.img", tmp_path / "out.log"
    assert cli.run(["probe", policy, "--image", str(out), "--only", "PSCI_SYSTEM_RESET"]) == status.OK
    log.write_bytes(boot(tmp_path, out.read_bytes()))
    capsys.readouterr()
    assert cli.run(["probe", policy, "--log", str(log)]) == status.OK
    told, _ = capsys.readouterr()
    assert "\nThe last call that was made is 0x84000009 by HVC.\n" in told
    assert "\n1 call: 1 as predicted, 0 not known" in told
