"""Policies that say what the VMM makes of services, drawn at random."""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from smccc_filter.guests.vmm import VERSION_CALLS
from smccc_filter.language.policy.model import Target
from smccc_filter.smccc import registry
from tests.language.policy.documents import Data, minimal

Rule = dict[str, Any]


def names(service: str) -> list[str]:
    return [function.name for function in registry.functions_of(service) if registry.function_ids(function)]


KVMS = sorted({*names("kvm"), *names("pkvm"), "VENDOR_HYP_CALL_UID"})
SERVICES: dict[str, list[str]] = {
    **{name: names(name) for name in ("psci", "trng", "pv-time", "sdei", "mm", "errata", "drtm", "pci", "lfa")},
    "kvm": KVMS,
}


class VmmCase(NamedTuple):
    """A policy's rules, and its only kernel."""

    rules: tuple[Rule, ...]
    target: Target
    kernel: str

    def document(self) -> Data:
        """Return the whole policy."""
        wanted = {key: value for key, value in self.target._asdict().items() if value not in {None, False, ()}}
        if self.target.stolen_time is not None:
            wanted["stolen_time"] = self.target.stolen_time
        wanted |= {"kernels": [self.kernel], "capabilities": list(self.target.capabilities)}
        return minimal(target=wanted, rules=list(self.rules))


@st.composite
def vmm_cases(draw: st.DrawFn) -> VmmCase:
    """Draw a policy whose rules forward, deny or leave calls of services, and mostly say what the VMM makes of them."""
    rules: list[Rule] = []
    for service, calls in SERVICES.items():
        some = st.lists(st.sampled_from(calls), min_size=1, unique=True)
        selected = draw(st.none() | st.just(calls) | some)
        if selected is None:
            continue
        rule: Rule = {"action": draw(st.sampled_from(["forward", "forward", "forward", "deny"])), "calls": selected}
        if rule["action"] == "forward" and draw(st.integers(0, 3)):
            rule["vmm"] = {"implements": draw(st.just("all") | st.lists(st.sampled_from(selected), min_size=1))}
            if service in VERSION_CALLS and draw(st.booleans()):
                rule["vmm"]["version"] = draw(st.sampled_from(VERSION_CALLS[service].versions))
            if service == "psci" and draw(st.booleans()):
                rule["vmm"]["features"] = {"PSCI_CPU_SUSPEND": draw(st.integers(0, 3))}
        rules.append(rule)
    target = Target(
        psci=draw(st.sampled_from([None, "0.2", "1.0", "1.1"])),
        capabilities=draw(st.sampled_from([(), ("system_suspend",)])),
        stolen_time=draw(st.sampled_from([True, False, None])),
        aarch32=draw(st.integers(0, 4)) == 0,
    )
    return VmmCase(tuple(rules), target, draw(st.sampled_from(["6.4", "6.12", "7.3"])))
