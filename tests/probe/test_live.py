"""The installed tool on an emulated arm64 host: what it predicts is what Debian's kernel does.

Needs QEMU, Debian's apt and the package index. In CI, where ``SMCCC_FILTER_LIVE=1``, their absence is a failure.
"""

import os
import re

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.kvm.machine import SystemEvent
from smccc_filter.probe.observation import CallEnd
from tests.house.distributions import Distributions
from tests.house.tree import IN_CI
from tests.policies.shipped import path as shipped
from tests.probe.emulated import Run, run, wheels
from tests.programs.live.errors import HarnessError, MissingToolError
from tests.programs.live.machine import QEMU
from tests.programs.live.packages import resolve
from tests.programs.live.toolchain import tool

KERNEL = "6.12"
REQUIRED = IN_CI and os.environ.get("SMCCC_FILTER_LIVE") == "1"

EVERYTHING = """\
version: 1
name: everything
target: {psci: "1.0", capabilities: [system_suspend], stolen_time: true}
firmware: {std: [], vendor_hyp: [func_feat], vendor_hyp_2: [discover_impl_ver]}
rules:
  - {action: forward, calls: [PSCI_CPU_ON], ranges: [0xC6000040+2, 0x0-0xF]}
  - {action: deny, ranges: [0xC2000000+1, 0xFFFFFFFF]}
"""
"""Has findings, every step that a VMM can take, and a register that Linux 6.12 does not have."""
OLD = 'version: 1\nname: old\ntarget: {psci: "0.1"}\n'

AGREEING = ("vcpu-hotplug.smccc.yaml", "lockdown.smccc.yaml", "everything.yaml", "kvmtool-psci.bin")
COMMANDS = {
    **{name: ["probe", "--format", "json", name] for name in AGREEING},
    "as text": ["probe", "old.yaml"],
    "as another kernel": ["probe", "--format", "json", "--kernel", "7.3", "trng-in-vmm.smccc.yaml"],
}


def files() -> dict[str, bytes]:
    """Return the policies by name; the blob is of a policy that is shipped."""
    examination = pipeline.examine("p", shipped("kvmtool-psci").read_bytes())
    return {
        "vcpu-hotplug.smccc.yaml": shipped("vcpu-hotplug").read_bytes(),
        "lockdown.smccc.yaml": shipped("lockdown").read_bytes(),
        "trng-in-vmm.smccc.yaml": shipped("trng-in-vmm").read_bytes(),
        "everything.yaml": EVERYTHING.encode(),
        "old.yaml": OLD.encode(),
        "kvmtool-psci.bin": pipeline.build(examination, "blob").data,
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Run]:
    """Run all commands in one boot."""
    try:
        tool(QEMU)
        kernel = resolve(KERNEL)
        distributions: Distributions = request.getfixturevalue("distributions")
        installed = wheels(distributions.wheel, tmp_path_factory.mktemp("wheels"))
    except (MissingToolError, HarnessError) as error:
        if REQUIRED:
            pytest.fail(str(error))
        pytest.skip(str(error))
    answers = run(kernel, installed, files(), list(COMMANDS.values()))
    return dict(zip(COMMANDS, answers, strict=True))


@pytest.mark.parametrize("name", AGREEING)
def test_everything_agrees(runs: dict[str, Run], name: str) -> None:
    found = runs[name].json()
    assert [row for row in (*found["set_up"], *found["probes"]) if not row["agrees"]] == []
    assert runs[name].status == 0
    assert found["version"] == 1
    assert re.match(r"6\.12\.\d+\+deb", found["kernel"])
    assert found["kernel"].startswith(f"{found['profile']}+")
    assert found["undefined"] == []
    assert found["summary"] == {"probes": len(found["probes"]), "differ": 0}
    assert len(found["probes"]) > 200


def test_every_way_for_a_call_to_end_was_seen(runs: dict[str, Run]) -> None:
    seen = {row["observed"].split(":")[0] for name in AGREEING for row in runs[name].json()["probes"]}
    assert seen >= {
        "not_supported",
        "forwarded",
        "cpu_off",
        *(f"{CallEnd.EVENT} {event}" for event in SystemEvent if event != "reset"),
    }
    assert {"system_event reset", "system_event reset (flag)"} <= seen


def test_every_step_was_taken(runs: dict[str, Run]) -> None:
    steps = {row["step"]: row["observed"] for row in runs["everything.yaml"].json()["set_up"]}
    assert steps == {
        "capability system_suspend": "accepted",
        "filter of 6 entries": "accepted",
        "vCPU": "accepted",
        "KVM_REG_ARM_PSCI_VERSION = 0x10000": "accepted",
        "KVM_REG_ARM_STD_BMAP = 0x0": "accepted",
        "KVM_REG_ARM_VENDOR_HYP_BMAP = 0x1": "accepted",
        "KVM_REG_ARM_VENDOR_HYP_BMAP_2 = 0x1": "ENOENT",
        "stolen-time page": "accepted",
    }
    rows = runs["everything.yaml"].json()["probes"]
    addresses = {row["observed"] for row in rows if row["name"] == "PV_TIME_ST"}
    assert addresses == {"0x400 0 0 0"}


def test_text_is_for_people(runs: dict[str, Run]) -> None:
    status, out, err, _ = runs["as text"]
    assert status == 0
    assert err.startswith("error[F507]")
    assert re.match(r"Linux (6\.12\.\d+)\S+, predicted as \1\n\n", out)
    assert "  vCPU without KVM_ARM_VCPU_PSCI_0_2  " in out
    assert re.search(r"^ +hvc, smc +0x95C1BA5F KVM_PSCI_0_1_CPU_OFF +cpu_off +cpu_off$", out, re.MULTILINE)
    assert re.search(r"\nAll agree: \d{3} calls\.\n$", out)


def test_another_kernel_does_otherwise(runs: dict[str, Run]) -> None:
    found = runs["as another kernel"].json()
    assert runs["as another kernel"].status == 1
    assert found["profile"] == "7.3"
    differing = {(row["name"], row["argument"]) for row in found["probes"] if not row["agrees"]}
    assert differing == {
        ("PSCI_VERSION", "0x00000000"),
        ("PSCI_FEATURES", "0x84000015"),
        ("PSCI_FEATURES", "0xC4000015"),
        ("PSCI_SYSTEM_OFF2", "0x00000000"),
    }
