"""Documents of the right shape, and parts that are wrong, to put into them."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS
from smccc_filter.language.policy.language import ACTIONS, CAPABILITIES, PSCI_MEANINGS
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.source import read
from smccc_filter.smccc import registry

Data = dict[str, Any]
"""A document as Python's own lists and dictionaries."""

NAMES = [
    *("PSCI_CPU_ON", "PSCI_CPU_OFF/32", "PSCI_AFFINITY_INFO/64", "TRNG_RND", "PV_TIME_ST", "HYPERV_HVCALL"),
    *("PSCI_0_2_FN64_CPU_ON", "ARM_SMCCC_TRNG_RND64", "VEN_EL3_DEBUGFS/64"),
]
RANGES = ["0x84000000-0x8400001F", "0xC600_0040+2", "0x95C1BA5E", "0X86000000+0x10"]

actions = st.sampled_from(list(ACTIONS))
words = st.text(st.sampled_from("ab é漢😀-_/:#'\""), min_size=1, max_size=10)
allowances = st.lists(
    st.fixed_dictionaries({"code": st.sampled_from(["A305", "F501", "R205"]), "reason": words}), max_size=2
)
selectors = {
    "calls": st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
    "ranges": st.lists(st.sampled_from(RANGES), min_size=1, max_size=3),
    "services": st.lists(st.sampled_from([service.name for service in registry.services()]), min_size=1, max_size=3),
}
selections = st.fixed_dictionaries({}, optional=selectors)


versions = st.sampled_from(["0.2", "1.0", "1.1", "9.9", "x"])
vmm_parts = st.fixed_dictionaries(
    {"implements": selectors["calls"]},
    optional={
        "version": versions | st.dictionaries(st.sampled_from(["psci", "trng", "sdei"]), versions, min_size=1),
        "features": st.dictionaries(
            st.sampled_from(NAMES), st.integers(0, 9) | st.sampled_from(["0x2", "0XfFFF"]), min_size=1, max_size=2
        ),
    },
)


@st.composite
def rules(draw: st.DrawFn) -> Data:
    rest = {"except": selections.filter(bool), "reason": words | st.just(""), "allow": allowances}
    rule = draw(st.fixed_dictionaries({"action": actions}, optional=rest))
    rule |= draw(selections.filter(bool))
    if rule["action"] == "forward" and draw(st.booleans()):
        part = draw(vmm_parts)
        if "calls" in rule and draw(st.booleans()):
            part["implements"] = "all"
        rule["vmm"] = part
    return rule


targets = st.fixed_dictionaries(
    {},
    optional={
        "kernels": st.lists(st.sampled_from(["6.4", "6.12.112", "7.3"]), min_size=1, max_size=2),
        "psci": st.sampled_from(list(PSCI_MEANINGS)),
        "capabilities": st.lists(st.sampled_from(list(CAPABILITIES)), max_size=1),
        **dict.fromkeys(("stolen_time", "protected", "nested", "aarch32"), st.booleans()),
    },
)
firmware = st.fixed_dictionaries(
    {},
    optional={register.key: st.lists(st.sampled_from(register.bits), max_size=2) for register in FIRMWARE_REGISTERS},
)
expectations = st.fixed_dictionaries({"call": st.sampled_from([*NAMES, "0x84000003"]), "expect": actions})


@st.composite
def documents(draw: st.DrawFn) -> Data:
    """Make a document in which nothing is wrong; its rules have names of their own or none."""
    data: Data = draw(
        st.fixed_dictionaries(
            {"version": st.just(1), "name": st.from_regex("[a-z][a-z0-9-]{0,8}", fullmatch=True)},
            optional={
                "description": words | st.just(""),
                "target": targets,
                "firmware": firmware,
                "default": actions,
                "rules": st.lists(rules(), max_size=4),
                "allow": allowances,
                "tests": st.lists(expectations, max_size=3),
            },
        )
    )
    for number, rule in enumerate(data.get("rules", ())):
        if draw(st.booleans()):
            rule["name"] = f"rule-{number}"
    return data


def written(data: object) -> bytes:
    """Write a document; what JSON writes of such data is in the language's YAML too."""
    return json.dumps(data, ensure_ascii=False).encode()


def minimal(**more: object) -> Data:
    return {"version": 1, "name": "a", **more}


def with_rule(**rule: object) -> Data:
    return minimal(rules=[{"action": "deny", **rule}])


def policy_of(rules: Sequence[Data], default: str = "handle") -> Policy:
    """Return a policy of these rules, in which nothing is wrong."""
    policy, faults, _ = load(read(written(minimal(default=default, rules=rules))))
    assert not faults
    assert policy is not None
    return policy
