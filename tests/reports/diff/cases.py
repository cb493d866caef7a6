"""Comparisons that every report is shown, and where what they say is recorded."""

from pathlib import Path

from smccc_filter.analysis.comparison.compared import side_of_reading, side_without_filter
from smccc_filter.analysis.comparison.comparison import Comparison, compare
from smccc_filter.artefacts.readers import ReadEntry, Reading
from smccc_filter.kvm.uapi import Action
from tests.analysis.comparison.inputs import HEAD, compared, side

GOLDEN = Path(__file__).parent / "golden"

HOSTILE = "a|b`c`\\\\|@user <script>alert(1)</script> %0A::error::x [l](http://e.x) https://e.x ![i](x) **b** #1 &amp;"
"""As a YAML string in double quotes has it."""
HOSTILE_PATH = "a|`\n::error::x\x1b[2J\u202e.yaml"
_RULE = 'rules: [{{name: "{}", action: {}, calls: [PSCI_CPU_ON, TRNG_RND/64]}}]\n'


def hostile() -> Comparison:
    old = side(HEAD + _RULE.format(HOSTILE, "deny"), HOSTILE_PATH)
    new = side(HEAD + _RULE.format(HOSTILE, "forward"), HOSTILE_PATH)
    return compare(old, new)


def many(count: int) -> Comparison:
    """Compare a policy without rules and one with ``count`` of them, which all widen."""
    rules = "".join(f"  - {{action: forward, ranges: [0x82{number:04X}00]}}\n" for number in range(count))
    return compared("", f"rules:\n{rules}")


def _removed() -> Comparison:
    return compare(side(HEAD + "rules: [{action: forward, calls: [PSCI_CPU_ON]}]\n"), side_without_filter("/dev/null"))


def _findings() -> Comparison:
    lying = 'rules:\n  - {name: "%s", action: deny, services: [pv-time]}\n'
    old = side(HEAD + lying % "clock" + "firmware: {std_hyp: []}\n", "old.yaml", findings=True)
    lies = (
        lying % HOSTILE + "  - {action: forward, ranges: [0x82000000]}\n  - {action: forward, ranges: [0x90000000]}\n"
    )
    return compare(old, side(HEAD + lies, HOSTILE_PATH, findings=True))


def _artefact() -> Comparison:
    blob = Reading("blob", None, (ReadEntry(0x84000003, 1, Action.DENY, "entry 1 at byte 0"),), None)
    policy = side(HEAD + 'target: {kernels: ["6.12"]}\nfirmware: {std: []}\n', "new.yaml")
    return compare(side_of_reading("old.bin", blob), policy)


COMPARISONS: dict[str, Comparison] = {
    "equivalent": compared("", "description: another word\n"),
    "kernels": compared(
        'target: {kernels: ["6.12", "7.3"], psci: "1.0"}\nrules: [{action: forward, calls: [PSCI_SYSTEM_OFF2]}]\n',
        'target: {kernels: ["6.12", "7.3"]}\nfirmware: {std: [], vendor_hyp_2: [discover_impl_ver]}\ndefault: deny\n'
        "rules: [{name: power, action: handle, services: [psci], except: {calls: [PSCI_CPU_ON/64]}}]\n",
    ),
    "told": compared(
        'target: {kernels: ["6.12", "7.3"], psci: "1.1"}\nrules: [{action: deny, services: [pv-time]}]\n',
        'target: {kernels: ["6.12", "7.3"]}\nfirmware: {std_hyp: [], vendor_hyp_2: [discover_impl_ver]}\n'
        "rules: [{action: deny, services: [pv-time]}]\n",
    ),
    "removed": _removed(),
    "artefact": _artefact(),
    "findings": _findings(),
    "hostile": hostile(),
}
