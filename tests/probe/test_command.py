import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from smccc_filter import cli
from smccc_filter.analysis import pipeline
from smccc_filter.artefacts.readers.blob import filter_of
from smccc_filter.commands import status
from smccc_filter.kvm.machine import Conduit
from smccc_filter.kvm.profiles import profile
from smccc_filter.probe import host
from smccc_filter.probe.local_kernel import LocalKernel
from smccc_filter.probe.observation import CallEnd, Observation
from smccc_filter.probe.plan import ProbePlan, of_blob, of_policy
from smccc_filter.version import ISSUES
from tests.paths import POLICIES
from tests.probe.kernels import ModelKernel, known, plan_of

LOCKDOWN = str(POLICIES / "lockdown.smccc.yaml")


class Opened(ModelKernel):
    """The kernel of the model, where ``LocalKernel`` would be opened."""

    def __enter__(self) -> Self:
        """Open nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close nothing."""


@pytest.fixture
def arm64(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that makes this machine arm64, with a kernel of that release."""

    def become(release: str) -> None:
        monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", release, "#1", "aarch64")))

    return become


@pytest.fixture
def with_kvm(monkeypatch: pytest.MonkeyPatch, arm64: Callable[[str], None]) -> Callable[..., None]:
    """Return a function that makes this machine arm64 with a kernel that follows the model, but for lies."""

    def become(release: str, plan: ProbePlan, lies: dict[tuple[Conduit, int], Observation] | None = None) -> None:
        arm64(release)
        monkeypatch.setattr("smccc_filter.probe.local_kernel.LocalKernel", partial(Opened, plan, lies))

    return become


def test_all_agree(with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    with_kvm("6.12.95+deb12-arm64", plan_of("lockdown", "6.12.95"))
    assert cli.run(["probe", LOCKDOWN]) == status.OK
    out, err = capsys.readouterr()
    assert out.startswith("Linux 6.12.95+deb12-arm64, predicted as 6.12.95\n\n")
    assert "\nAll agree: " in out
    assert err == ""


def test_something_differs(with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    lies = {(Conduit.HVC, 0x8400_0000): Observation(CallEnd.FORWARDED)}
    with_kvm("7.3.4", plan_of("lockdown", "7.3.4"), lies)
    assert cli.run(["probe", LOCKDOWN]) == status.FINDINGS
    out, _ = capsys.readouterr()
    assert "\n!  hvc  0x84000000 PSCI_VERSION  0x10001 0 0 0  forwarded\n" in out
    assert out.endswith(f"\n1 differs.\nUnless somebody changed this kernel, the prediction is wrong: "
                        f"please report it, with the policy, at\n{ISSUES}\n")  # fmt: skip


def test_another_kernel_s_prediction_is_not_reported(
    with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    with_kvm("7.3.4", plan_of("vcpu-hotplug", "6.12"), {(Conduit.HVC, 0x8400_0000): Observation(CallEnd.FORWARDED)})
    assert cli.run(["probe", "--kernel", "6.12", str(POLICIES / "vcpu-hotplug.smccc.yaml")]) == status.FINDINGS
    out, _ = capsys.readouterr()
    assert out.startswith("Linux 7.3.4, predicted as 6.12\n")
    assert out.endswith("\n1 differs.\n")


def test_json(with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    with_kvm("6.8.0-45-generic", plan_of("lockdown", "6.8"))
    assert cli.run(["probe", "--format", "json", LOCKDOWN]) == status.OK
    out, _ = capsys.readouterr()
    assert out.startswith('{\n  "version": 1,\n  "kernel": "6.8.0-45-generic",\n  "profile": "6.8",\n')


def test_a_blob_has_the_defaults_of_kvm(
    with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    compiled = tmp_path / "filter"
    examination = pipeline.examine("p", (POLICIES / "trng-in-vmm.smccc.yaml").read_bytes())
    compiled.write_bytes(pipeline.build(examination, "blob").data)
    with_kvm("7.3.4", of_blob(filter_of(compiled.read_bytes(), known("7.3.4")), known("7.3.4")))
    assert cli.run(["probe", str(compiled)]) == status.OK
    out, _ = capsys.readouterr()
    assert "  filter of 2 entries  " in out


def test_a_policy_that_lies_to_the_guest_is_probed_all_the_same(
    with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("version: 1\nname: p\nrules:\n  - {action: deny, calls: [TRNG_RND]}\n")
    examination = pipeline.examine("p.yaml", policy.read_bytes())
    assert examination.policy is not None
    with_kvm("7.3.4", of_policy(examination.policy, examination.resolution, known("7.3.4")))
    assert cli.run(["probe", str(policy)]) == status.OK
    out, err = capsys.readouterr()
    assert "error[F501]" in err
    assert "\nAll agree: " in out


def write(path: Path, data: str | bytes) -> str:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return str(path)


REFUSALS = [
    ("p.yaml", "version: 1\nname: p\ntarget: {protected: true}\n", "a protected VM takes no filter and loads no guest"),
    ("p.yaml", "version: 1\nname: p\ntarget: {aarch32: true}\n", "is one in AArch64: leave `aarch32` out"),
    ("p.yaml", "version: 1\nname: p\nrules:\n  - {action: dney}\n", "error[P103]"),
    ("p.yaml", "hello\n", "error[P103]"),
    ("p.yaml", "", "error[P103]"),
    ("p.yaml", "version: 1\nname: p\nrules:\n  - {action: deny, ranges: [0x80000000]}\n", "error[R202]"),
    ("p.bin", bytes(23), "p.bin: entry 1 (byte 0): 23 bytes where an entry has 24"),
    ("p", bytes(48), "p: entry 2 (byte 24): no functions at 0x00000000; KVM answers EINVAL"),
    ("p.yaml", "#" * 200, "p.yaml"),
]


@pytest.mark.parametrize(("name", "data", "message"), REFUSALS)
def test_what_is_no_policy_to_probe(  # noqa: PLR0917 - fixtures and a case
    arm64: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    data: str | bytes,
    message: str,
) -> None:
    arm64("7.3.4")
    assert cli.run(["probe", "--max-bytes", "150", write(tmp_path / name, data)]) == status.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["probe", "/nonexistent/p.yaml"]) == status.USAGE
    assert capsys.readouterr() == ("", "smccc-filter: /nonexistent/p.yaml: No such file or directory\n")


@pytest.mark.parametrize("name", ["8.9", "6.3", "latest"])
def test_a_kernel_that_is_not_known(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert cli.run(["probe", "--kernel", name, LOCKDOWN]) == status.USAGE
    assert f"{name}" in capsys.readouterr().err


def test_another_architecture(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", "6.12.1", "#1", "riscv64")))
    assert cli.run(["probe", LOCKDOWN]) == status.USAGE
    message = "smccc-filter: this machine is riscv64, and KVM has an SMCCC filter on arm64: run it on such a host\n"
    assert capsys.readouterr() == ("", message)


def test_no_kvm(
    arm64: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    arm64("6.12.95")
    monkeypatch.setattr("smccc_filter.probe.local_kernel.LocalKernel", partial(LocalKernel, str(tmp_path / "kvm")))
    assert cli.run(["probe", LOCKDOWN]) == status.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{tmp_path / 'kvm'} is missing: boot at EL2" in err


@pytest.mark.parametrize("release", ["8.9.0-custom", "5.15.0", "next-20270101"])
def test_a_running_kernel_that_nobody_knows(
    with_kvm: Callable[..., None], capsys: pytest.CaptureFixture[str], release: str
) -> None:
    with_kvm(release, plan_of("lockdown"))
    assert cli.run(["probe", LOCKDOWN]) == status.USAGE
    out, err = capsys.readouterr()
    message = f"smccc-filter: Linux {release} is not known: name the kernel that it is like with --kernel\n"
    assert (out, err) == ("", message)


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ("6.12.95+deb12-arm64", "6.12.95"),
        ("6.12.0-rc1", "6.12"),
        ("6.8.0-45-generic", "6.8"),
        ("7.3.4", "7.3.4"),
        ("7.3", "7.3"),
        ("7.3-rc5", "7.3"),
        ("6.6.0.5", "6.6"),
        ("6.6.10-v8-16k+", "6.6.10"),
        ("6.3.9", None),
        ("5.14.0-503.el9.aarch64", None),
        ("9.1.0", None),
        ("", None),
    ],
)
def test_the_profile_of_a_release(release: str, name: str | None) -> None:
    assert host.profile_of(release) == (profile(name) if name else None)
