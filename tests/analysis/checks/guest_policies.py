"""Small random policies about the calls that a guest discovers, and what is found in them on each target kernel."""

import json
import re
from typing import Any, NamedTuple

from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Diagnostic
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.kvm.profiles import profile

KERNELS = ("6.4", "6.12", "6.15", "7.3")
CALLS = (
    *("PSCI_VERSION", "PSCI_FEATURES", "PSCI_CPU_ON/32", "PSCI_CPU_ON/64", "PSCI_CPU_OFF", "PSCI_CPU_SUSPEND"),
    *("PSCI_AFFINITY_INFO/32", "PSCI_AFFINITY_INFO/64", "PSCI_SYSTEM_OFF", "PSCI_SYSTEM_RESET2/64", "PSCI_SYSTEM_OFF2"),
    *("PSCI_SYSTEM_SUSPEND", "PSCI_MEM_PROTECT", "PSCI_MIGRATE", "PSCI_MIGRATE_INFO_TYPE", "KVM_PSCI_0_1_CPU_ON"),
    *("TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND/32", "TRNG_RND/64", "PV_TIME_FEATURES", "PV_TIME_ST"),
    *("VENDOR_HYP_CALL_UID", "VENDOR_HYP_KVM_FEATURES", "VENDOR_HYP_KVM_PTP", "VENDOR_HYP_KVM_MEM_SHARE"),
    *("VENDOR_HYP_KVM_DISCOVER_IMPL_VER", "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS", "HYPERV_HVCALL", "GUNYAH_HYP_IDENTIFY"),
    *("SDEI_VERSION", "SDEI_EVENT_REGISTER", "SDEI_EVENT_ENABLE", "MM_VERSION", "MM_COMMUNICATE/32", "EM_FEATURES"),
    *("FFA_VERSION", "FFA_MEM_SHARE/32", "FFA_MEM_SHARE/64"),
)
BITS = {
    "std": ("trng",),
    "std_hyp": ("pv_time",),
    "vendor_hyp": ("func_feat", "ptp"),
    "vendor_hyp_2": ("discover_impl_ver", "discover_impl_cpus"),
}
Source = dict[str, Any]


class Examined(NamedTuple):
    """A policy's findings and its VM on each target kernel."""

    examination: Examination
    vms: dict[str, VmSetup]

    def on(self, kernel: str, *codes: str) -> list[Diagnostic]:
        """Return the findings of some codes that hold for a kernel."""
        found = self.examination.report.diagnostics
        return [finding for finding in found if finding.code in codes and kernel in finding.kernels]

    def ids(self, kernel: str, *codes: str) -> set[int]:
        """Return what these findings are about."""
        pairs = (pair for finding in self.on(kernel, *codes) for pair in finding.ids)
        return {fid for start, stop in pairs for fid in range(start, stop)}


def examine(source: Source) -> Examined:
    """Examine a policy that is written as JSON, which is YAML."""
    examination = pipeline.examine("p.yaml", json.dumps(source).encode())
    policy = examination.policy
    assert policy is not None
    vms = {}
    for name in policy.target.kernels:
        known = profile(name)
        assert known is not None
        vms[name] = set_up(policy, known, examination.resolution.actions)
    return Examined(examination, vms)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """Draw a policy: every call in one rule at most, so that none overlap."""
    firmware = {
        key: draw(st.lists(st.sampled_from(bits), unique=True)) for key, bits in BITS.items() if draw(st.booleans())
    }
    target = {
        "kernels": draw(st.lists(st.sampled_from(KERNELS), min_size=1, unique=True)),
        "capabilities": draw(st.sampled_from([[], ["system_suspend"]])),
        "stolen_time": draw(st.booleans()),
        "nested": draw(st.booleans()),
        "aarch32": draw(st.booleans()),
    }
    psci = draw(st.sampled_from(["", "", "0.1", "0.2", "1.0", "1.1", "1.3"]))
    rules: dict[tuple[int, str], list[str]] = {}
    chosen = draw(st.dictionaries(st.sampled_from(CALLS), st.tuples(st.integers(0, 1), _actions()), max_size=10))
    for call, key in chosen.items():
        rules.setdefault(key, []).append(call)
    return {
        "version": 1,
        "name": "p",
        "target": {**target, **({"psci": psci} if psci else {})},
        "firmware": firmware,
        "default": draw(st.sampled_from(["handle", "handle", "deny", "forward"])),
        "rules": [{"action": action, "calls": calls} for (_, action), calls in rules.items()],
    }


def _actions() -> st.SearchStrategy[str]:
    return st.sampled_from(["handle", "deny", "forward"])


def as_hinted(source: Source, hint: str) -> Source:
    """Return the policy with the lines that a hint says to write."""
    result = {**source, "target": dict(source["target"]), "firmware": dict(source["firmware"])}
    for line, section in re.findall(r"`(\w+: [^`]+)`(?: under `(\w+)`)?", hint):
        whole = line if not section else f"{section}: {{{line}}}"
        match = re.fullmatch(r"(firmware|target): \{(\w+): (.+)\}", whole)
        assert match, line
        key, name, value = match.groups()
        result[key][name] = json.loads(
            re.sub(r"[a-z]\w*", lambda word: f'"{word[0]}"', value).replace('"true"', "true")
        )
    return result
