"""The facts that the registry must agree with: ``tests/data/smccc_facts.yaml``, read once."""

from functools import cache
from typing import TypedDict, cast

from ruamel.yaml import YAML

from smccc_filter.smccc.registry import Function
from tests.paths import DATA

FACTS = DATA / "smccc_facts.yaml"


class _FunctionFact(TypedDict, total=False):
    yielding: str
    status: str
    note: str


class FunctionFact(_FunctionFact):
    name: str
    smc32: str | None
    smc64: str | None
    service: str
    spec: str
    since: str
    required: str
    meaning: str
    source: str
    confidence: str


class _AllocationFact(TypedDict, total=False):
    note: str
    since: str | None
    cc: str
    oen: int


class AllocationFact(_AllocationFact):
    start: str
    end: str
    kind: str
    service: str
    status: str
    source: str
    confidence: str


class SubrangeFact(TypedDict):
    function_numbers: str
    smc32: str | None
    smc64: str | None
    service: str


class Facts(TypedDict):
    functions: list[FunctionFact]
    allocation: list[AllocationFact]
    standard_secure_subranges: list[SubrangeFact]
    standard_hyp_subranges: list[SubrangeFact]


@cache
def facts() -> Facts:
    return cast("Facts", YAML(typ="safe").load(FACTS))


NAMES = {
    "CPU_WORKAROUND_4193714 (C1_PRO_CPU_SMC_HANDLER_32)": "CPU_WORKAROUND_4193714",
    "VENDOR_HYP_KVM_PKVM_RESV_5_6_8_to_63": "VENDOR_HYP_KVM_PKVM_RESV_5_6_8_TO_63",
    "VEN_EL3_DEBUGFS (0x10-0x1F)": "VEN_EL3_DEBUGFS",
    "VEN_EL3_PMF_GET_TIMESTAMP (0x20-0x2F)": "VEN_EL3_PMF_GET_TIMESTAMP",
    "VEN_EL3_ACS_HANDLER (0x30-0x3F)": "VEN_EL3_ACS_HANDLER",
    "VEN_EL3_TPM_START (0x40-0x4F)": "VEN_EL3_TPM_START",
    "ARM_SIP_PMF_GET_TIMESTAMP (deprecated)": "ARM_SIP_PMF_GET_TIMESTAMP",
    "TSP_FID_RESUME (example yielding)": "TSP_FID_RESUME",
}
"""Names of the facts that carry a remark or lower case, as a policy writes them."""

BLOCKS = {
    "VEN_EL3_DEBUGFS": 0x1F,
    "VEN_EL3_PMF_GET_TIMESTAMP": 0x2F,
    "VEN_EL3_ACS_HANDLER": 0x3F,
    "VEN_EL3_TPM_START": 0x4F,
}
"""Calls whose name stands for a block, with its last function number."""

SERVICES = {
    "psci-0.1-kvm": "psci-0-1",
    "pvtime": "pv-time",
    "kvm-pkvm": "pkvm",
    "std-general": "std",
    "std-hyp-general": "std-hyp",
}
"""Services that the policy language spells otherwise than the facts."""

SINCE = {"see kernel_history": "before 6.4"}
"""The filter's first kernel already had both calls."""


def name(fact: FunctionFact) -> str:
    plain = NAMES.get(fact["name"], fact["name"])
    return f"PSCI_{plain}" if fact["service"] == "psci" and not plain.startswith("PSCI_") else plain


def number(digits: str | None) -> int | None:
    return None if digits is None else int(digits, 16)


def row(fact: FunctionFact) -> Function:
    """Return the row that the registry must hold for a fact."""
    return Function(
        name=name(fact),
        smc32=number(fact["smc32"]),
        smc64=number(fact["smc64"]),
        service=SERVICES.get(fact["service"], fact["service"]),
        spec=fact["spec"],
        since=SINCE.get(fact["since"], fact["since"]),
        required=fact["required"],
        meaning=fact["meaning"],
        source=fact["source"],
        confidence=fact["confidence"],
        yielding=number(fact.get("yielding")),
        last=BLOCKS.get(name(fact)),
        status=fact.get("status", ""),
        note=fact.get("note", ""),
    )
