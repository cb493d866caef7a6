"""The policy language, version 1, as a pydantic core schema: what may stand where, and what it means.

Written against ``pydantic_core`` rather than as model classes, since those cost every start as much time as the rest of
a run: 40 ms to import pydantic and 50 ms to build nine classes. pydantic itself turns this schema into JSON Schema
(``policy.json_schema``), so there is one source for what the tool takes and what an editor offers.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core import core_schema as cs

from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS
from smccc_filter.words import QUOTE, cut

VERSION = 1
MAX_RULES = 200_000
NAME_PATTERN = "^[a-z][a-z0-9-]*$"
"""A policy's name, of any length."""
CODE_PATTERN = "^[A-Z][0-9]{3}$"

ACTIONS = {
    "handle": "KVM's own answer: what its services and firmware registers say, as if there were no filter.",
    "deny": "KVM answers NOT_SUPPORTED (-1), whatever it could do.",
    "forward": "The vCPU leaves with KVM_EXIT_HYPERCALL and the VMM answers.",
}
FIRMWARE_BITS = {
    "trng": "KVM's TRNG 1.0 service (Arm DEN0098).",
    "pv_time": "KVM's stolen time (Arm DEN0057).",
    "func_feat": "KVM's vendor UID and feature bitmap, from which a guest finds the other KVM services.",
    "ptp": "KVM's PTP clock, VENDOR_HYP_KVM_PTP.",
    "discover_impl_ver": "Advertises VENDOR_HYP_KVM_DISCOVER_IMPL_VER, which the VMM has to answer.",
    "discover_impl_cpus": "Advertises VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS, which the VMM has to answer.",
}
CAPABILITIES = {"system_suspend": "KVM_CAP_ARM_SYSTEM_SUSPEND: KVM takes PSCI_SYSTEM_SUSPEND and exits to the VMM."}
PSCI_MEANINGS = {version: f"KVM_REG_ARM_PSCI_VERSION is 0x{value:X}." for version, value in PSCI_VERSIONS.items()}
FIRMWARE_MEANINGS = {
    "std": "Standard secure services that KVM answers: KVM_REG_ARM_STD_BMAP.",
    "std_hyp": "Standard hypervisor services that KVM answers: KVM_REG_ARM_STD_HYP_BMAP.",
    "vendor_hyp": "Vendor hypervisor services that KVM answers: KVM_REG_ARM_VENDOR_HYP_BMAP.",
    "vendor_hyp_2": "Vendor hypervisor calls from number 64 that KVM advertises: KVM_REG_ARM_VENDOR_HYP_BMAP_2.",
}

EVERY_CALL = "all"
"""What ``implements`` says instead of a list: every call that the rule's ``calls`` name."""
FLAGS_PATTERN = "^0[xX][0-9A-Fa-f]{1,16}$"
"""Feature flags in hexadecimal; a specification defines at most 31 of them, a register has 64 bits."""
MAX_FLAGS = (1 << 64) - 1

CONTENT = "content"
"""Key of what a string holds (``calls``, ``services``, ``ranges`` or ``call``), for the JSON Schema alone.

It also says what stands under ``version``, ``implements`` and ``features`` of ``vmm``, which take several types.
"""


def expected_name(example: str = "psci-to-userspace") -> str:
    """Describe a policy's name in a hint."""
    return f"a name such as `{example}`: a lower-case letter, then letters, digits and `-`"


def wrong_name(text: str) -> tuple[str, str] | None:
    """Return why a text can't be a policy's name and a hint with one like it; ``None`` for a text that can."""
    if re.fullmatch(NAME_PATTERN, text):
        return None
    shown = f"`{cut(text)}`" if text else "an empty text"
    similar = re.sub(r"[^a-z0-9]+", "-", text.casefold()).lstrip("-0123456789").rstrip("-")
    expected = expected_name(similar) if 0 < len(similar) <= QUOTE else expected_name()
    return f"{shown} can't be the name of a policy", f"write {expected}"


def _text(content: str | None = None, **limits: Any) -> cs.CoreSchema:  # noqa: ANN401
    return cs.str_schema(strict=True, metadata={"pydantic_js_updates": {CONTENT: content}} if content else {}, **limits)


def _choice(meanings: Mapping[str, str]) -> cs.CoreSchema:
    values = [{"const": value, "description": meaning} for value, meaning in meanings.items()]
    return cs.literal_schema(list(meanings), metadata={"pydantic_js_updates": {"oneOf": values}})


def _version() -> cs.CoreSchema:
    """Return a schema for the integer alone: ``true`` and ``1.0`` equal 1 in Python."""
    steps: list[Mapping[str, Any]] = [cs.int_schema(strict=True), cs.literal_schema([VERSION])]
    return cs.chain_schema(steps, metadata={"pydantic_js_updates": {"const": VERSION}})


def _field(schema: cs.CoreSchema, description: str, *, required: bool = False) -> cs.TypedDictField:
    metadata = {"pydantic_js_updates": {"description": description}}
    return cs.typed_dict_field(schema, required=required, metadata=metadata)


def _some(item: cs.CoreSchema) -> cs.CoreSchema:
    return cs.list_schema(item, min_length=1)


def _mapping(ref: str, fields: dict[str, cs.TypedDictField]) -> cs.CoreSchema:
    return cs.typed_dict_schema(fields, extra_behavior="forbid", ref=ref)


def _either(content: str, read: Callable[[Any], Any], inner: cs.CoreSchema) -> cs.CoreSchema:
    """Return a schema for what ``read`` makes of a value; a union would put its alternatives into the paths of faults.

    ``read`` returns as it is what it does not know.
    """
    metadata = {"pydantic_js_updates": {CONTENT: content}}
    return cs.no_info_before_validator_function(read, inner, metadata=metadata)


def _versions() -> cs.CoreSchema:
    """Return a schema for one version of all, or a map from services to versions."""
    versions = cs.dict_schema(_text(), _text(), min_length=1)
    return _either("versions", lambda value: {"": value} if isinstance(value, str) else value, versions)


def _implemented() -> cs.CoreSchema:
    """Return a schema for ``all``, or a list of calls."""
    calls = _some(_text())
    return _either("implements", lambda value: [value] if value == EVERY_CALL else value, calls)


def _features() -> cs.CoreSchema:
    """Return a schema for flags by call: hexadecimal, which YAML reads as text here, or a number."""
    hexadecimal = _text(pattern=FLAGS_PATTERN)
    flags = cs.no_info_before_validator_function(_hexadecimal, hexadecimal)
    return cs.dict_schema(_text(), flags, min_length=1, metadata={"pydantic_js_updates": {CONTENT: "features"}})


def _hexadecimal(value: Any) -> Any:  # noqa: ANN401 -- any YAML value
    return f"0x{value:X}" if type(value) is int and 0 <= value <= MAX_FLAGS else value


def _selectors() -> dict[str, cs.TypedDictField]:
    return {
        "calls": _field(
            _some(_text("calls")),
            "Calls by name; a name means every ID the call has, `/32` and `/64` pick its SMC32 or SMC64 form.",
        ),
        "ranges": _field(
            _some(_text("ranges")),
            "Function IDs in hexadecimal: `first-last` (inclusive), `base+count`, or one ID.",
        ),
        "services": _field(_some(_text("services")), "Every ID allocated to a specification or an owner, by its name."),
    }


def _schema() -> cs.CoreSchema:
    allowance = _mapping(
        "Allowance",
        {
            "code": _field(_text(pattern=CODE_PATTERN), "The diagnostic to allow, such as `A305`.", required=True),
            "reason": _field(_text(min_length=1), "Why it is right here; reviewers read this.", required=True),
        },
    )
    allow = _field(
        cs.list_schema(cs.definition_reference_schema("Allowance")),
        "Findings that are known and right; one that suppresses nothing is itself reported.",
    )
    rule = _mapping(
        "Rule",
        {
            "name": _field(_text(min_length=1), "What findings and generated comments call the rule; unique."),
            "action": _field(_choice(ACTIONS), "What happens to the calls that the rule selects.", required=True),
            **_selectors(),
            "except": _field(
                cs.definition_reference_schema("Selectors"), "Calls that the rule leaves alone after all."
            ),
            "vmm": _field(
                cs.definition_reference_schema("Vmm"),
                "What the VMM makes of the calls that the rule forwards. Without it nobody knows what they answer.",
            ),
            "reason": _field(_text(), "Why the rule is there."),
            "allow": allow,
        },
    )
    vmm = _mapping(
        "Vmm",
        {
            "version": _field(
                _versions(),
                'What a forwarded VERSION call answers, such as `"1.1"`, or a version for each service:'
                ' `{psci: "1.1", trng: "1.0"}`.',
            ),
            "implements": _field(
                _implemented(),
                "The calls that the VMM implements, or `all` that `calls` names; it refuses the others.",
                required=True,
            ),
            "features": _field(
                _features(),
                "Flags that a FEATURES call answers instead of plain yes, by call: `{PSCI_CPU_SUSPEND: 0x2}`.",
            ),
        },
    )
    target = _mapping(
        "Target",
        {
            "kernels": _field(
                _some(_text("kernel")),
                'Kernels on which the policy must load and mean the same, each a string: `"6.12"` is that release as'
                ' first published, `"6.12.112"` a stable one. Default: the newest known.',
            ),
            "psci": _field(_choice(PSCI_MEANINGS), "The PSCI version that the VMM sets. Default: the kernel's own."),
            "capabilities": _field(cs.list_schema(_choice(CAPABILITIES)), "VM capabilities that the VMM enables."),
            "stolen_time": _field(
                cs.bool_schema(strict=True),
                "Whether the VMM gives vCPUs a stolen-time page, as QEMU and kvmtool do; unless said, nobody knows.",
            ),
            "protected": _field(cs.bool_schema(strict=True), "Whether the VM is a pKVM protected VM."),
            "nested": _field(cs.bool_schema(strict=True), "Whether the guest has EL2, where its HVCs go instead."),
            "aarch32": _field(
                cs.bool_schema(strict=True),
                "Whether the guest's EL1 is AArch32 (KVM_ARM_VCPU_EL1_32BIT), for which PSCI has no SMC64 call.",
            ),
        },
    )
    firmware = _mapping(
        "Firmware",
        {
            register.key: _field(
                cs.list_schema(_choice({bit: FIRMWARE_BITS[bit] for bit in register.bits})),
                FIRMWARE_MEANINGS[register.key],
            )
            for register in FIRMWARE_REGISTERS
        },
    )
    expectation = _mapping(
        "Expectation",
        {
            "call": _field(_text("call"), "A call by name, or one function ID in hexadecimal.", required=True),
            "expect": _field(_choice(ACTIONS), "What the policy must say of it.", required=True),
        },
    )
    policy = cs.typed_dict_schema(
        {
            "version": _field(_version(), "The version of the policy language: 1.", required=True),
            "name": _field(
                _text(pattern=NAME_PATTERN),
                "Becomes the C and Rust symbol, `-` turned into `_`.",
                required=True,
            ),
            "description": _field(_text(), "What the policy is for."),
            "target": _field(cs.definition_reference_schema("Target"), "Where the policy runs."),
            "firmware": _field(
                cs.definition_reference_schema("Firmware"),
                "Hypercall bitmap registers that the VMM writes; a register not named keeps KVM's default.",
            ),
            "default": _field(_choice(ACTIONS), "What happens to a call that no rule selects. Default: `handle`."),
            "rules": _field(cs.list_schema(cs.definition_reference_schema("Rule")), "Rules; their order is free."),
            "allow": allow,
            "tests": _field(
                cs.list_schema(cs.definition_reference_schema("Expectation")),
                "What the policy must decide; checked by every `validate`.",
            ),
        },
        extra_behavior="forbid",
    )
    selectors = _mapping("Selectors", _selectors())
    return cs.definitions_schema(policy, [allowance, rule, vmm, target, firmware, expectation, selectors])


SCHEMA = _schema()


CHOICES = {
    **dict.fromkeys(("action", "default", "expect"), tuple(ACTIONS)),
    "psci": tuple(PSCI_VERSIONS),
    "capabilities": tuple(CAPABILITIES),
    **{register.key: register.bits for register in FIRMWARE_REGISTERS},
}
"""The words that a field takes, by field."""


def fields() -> dict[str, list[str]]:
    """Return the fields that a mapping has, by the key under which it stands (``""`` for the document)."""
    definitions = {item["ref"]: list(item["fields"]) for item in SCHEMA["definitions"]}
    return {
        "": list(SCHEMA["schema"]["fields"]),
        "rules": definitions["Rule"],
        "except": definitions["Selectors"],
        "vmm": definitions["Vmm"],
        "target": definitions["Target"],
        "firmware": definitions["Firmware"],
        "allow": definitions["Allowance"],
        "tests": definitions["Expectation"],
    }


def fields_above(mapping: str, field: str) -> tuple[str, ...]:
    """Return the fields that stand above one in a mapping that is laid out as usual; mappings are called as above."""
    order = fields()[mapping]
    return tuple(order[: order.index(field)])


@cache
def validator() -> SchemaValidator:
    """Return what checks the shape of a document. It raises ``pydantic_core.ValidationError``."""
    return SchemaValidator(SCHEMA)
