import json
from pathlib import Path

from smccc_filter.kvm.machine import Conduit
from smccc_filter.probe.observation import CallEnd, Observation
from smccc_filter.probe.plan import ACCEPTED
from smccc_filter.probe.session import ProbeResult, run
from smccc_filter.reports.probe import render_json, render_text
from tests.conftest import Golden
from tests.probe.kernels import ModelKernel, plan_of, small

GOLDEN = Path(__file__).parent / "golden"
REPORT_TO = "https://project.example/issues"
TITLE = "Linux 7.3.4-vendor, predicted as 7.3.4"
CPU_ON, PSCI_FEATURES, SMCCC_VERSION, SYSTEM_OFF = 0x8400_0003, 0x8400_000A, 0x8000_0000, 0x8400_0008
ASKED = (
    *((0, 0), (SMCCC_VERSION, 0), (0x8000_0001, 0x8000_8000), (CPU_ON, 0), (SYSTEM_OFF, 0)),
    *((PSCI_FEATURES, CPU_ON), (0x8400_0002, 0), (0xFFFF_FFFF, 0)),
)
PLAN = small(plan_of("lockdown", "7.3.4"), *ASKED)
LIES = {
    (Conduit.SMC, CPU_ON): Observation(CallEnd.RETURNED, (0xFFFF_FFFF_FFFF_FFFF, 0, 0, 0)),
    (Conduit.HVC, PSCI_FEATURES): Observation(CallEnd.FORWARDED),
    (Conduit.SMC, PSCI_FEATURES): Observation(CallEnd.FORWARDED),
}
AGREES = run(PLAN, ModelKernel(PLAN))
DIFFERS = run(PLAN, ModelKernel(PLAN, LIES))


def refused() -> ProbeResult:
    truth = ModelKernel(PLAN)
    truth.answers = ("EBUSY for entry 1", *truth.answers[1:])
    return run(PLAN, truth)


def test_text_where_all_agrees(golden: Golden) -> None:
    golden(GOLDEN / "agrees.txt", render_text(TITLE, AGREES, REPORT_TO, None))


def test_text_shows_what_differs_again_and_where_to_report_it(golden: Golden) -> None:
    golden(GOLDEN / "differs.txt", render_text(TITLE, DIFFERS, REPORT_TO, None))


def test_text_fits_a_terminal(golden: Golden) -> None:
    text = render_text(TITLE, DIFFERS, REPORT_TO, 72)
    assert max(map(len, text.splitlines())) <= 72
    golden(GOLDEN / "differs-72.txt", text)


def test_text_of_a_vm_that_was_refused(golden: Golden) -> None:
    golden(GOLDEN / "refused.txt", render_text(TITLE, refused(), REPORT_TO, None))


def test_nothing_is_reported_of_a_kernel_that_was_predicted_as_another() -> None:
    text = render_text(TITLE, DIFFERS, None, None)
    assert text.endswith("\n3 differ.\n")


def test_text_says_which_conduit_the_host_lacks() -> None:
    truth = ModelKernel(PLAN, {(Conduit.SMC, SMCCC_VERSION): Observation(CallEnd.UNDEFINED)})
    text = render_text(TITLE, run(PLAN, truth), REPORT_TO, None)
    assert text.endswith(
        "\nSMC is an undefined instruction on this host's CPUs, so no call was made by it.\nAll agree: 8 calls.\n"
    )


def test_a_line_that_differs_is_found_by_its_first_letter() -> None:
    lines = render_text(TITLE, DIFFERS, REPORT_TO, None).splitlines()
    marked = [line for line in lines if line.startswith("!")]
    assert len(marked) == 2 * 2
    assert all("PSCI_FEATURES (PSCI_CPU_ON/32)" in line or "PSCI_CPU_ON/32" in line for line in marked)
    assert not [line for line in render_text(TITLE, AGREES, REPORT_TO, None).splitlines() if line.startswith("!")]


def test_json(golden: Golden) -> None:
    golden(GOLDEN / "differs.json", render_json("7.3.4-vendor", "7.3.4", DIFFERS))


def test_json_says_the_same_as_the_result() -> None:
    found = json.loads(render_json("7.3.4-vendor", "7.3.4", DIFFERS))
    assert found["summary"] == {"probes": 16, "differ": 3}
    assert sum(not row["agrees"] for row in found["probes"]) == 3
    assert [row["observed"] for row in found["set_up"]] == [ACCEPTED] * len(PLAN.steps)
    assert json.loads(render_json("k", "p", refused()))["summary"] == {"probes": 0, "differ": 1}
