"""A new policy from answers: who has which calls, on which kernels, and what becomes of all the others.

Whatever the answers, the policy is clean under every check, says in its comments what each of its keys is for and what
the VMM has to do besides, and pins with ``tests`` where every part of it went.
"""

from typing import NamedTuple

from smccc_filter.authoring.starting.kept import HIDDEN, KEPT, PSCI_0_1
from smccc_filter.authoring.starting.shape import StartingPart, StartingRules
from smccc_filter.authoring.starting.taken import SUBSUMED, TAKEN
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.layout import layout
from smccc_filter.language.source import read
from smccc_filter.words import enumerated

LONGTERM = "6.18"
"""The newest release that kernel.org maintains for years."""
KERNELS = (LONGTERM, NEWEST.name)

HEAD = """\
# yaml-language-server: $schema={url}
#
# Which SMCCC calls of a guest KVM answers (handle), refuses (deny), or hands to the VMM (forward). Check this file with
# `smccc-filter validate`, see what it decides with `smccc-filter show`, ask about one call with `smccc-filter query`,
# and turn it into what the VMM loads, before the first vCPU runs, with `smccc-filter compile`.
"""
_FORWARDS = """\
#
# A forwarded call leaves KVM_RUN with KVM_EXIT_HYPERCALL, PC already past it. Arguments and results are in X0 and up,
# by KVM_GET_ONE_REG and KVM_SET_ONE_REG. A policy that forwards is half of a feature; the other half is for the VMM:
#
"""
_KERNELS = """\
  # The policy must load and mean the same on each. "6.12" is that release as first published, "6.12.112" a stable one.
"""
_PSCI = """\
  # What every kernel with a filter can be set to. Left alone, kernels from 6.13 on have PSCI 1.3, and with it a
  # power-off that older ones lack. The VMM writes KVM_REG_ARM_PSCI_VERSION.
  psci: "1.1"
"""
_CAPABILITIES = """\
  # What the VMM enables with KVM_ENABLE_CAP.
"""
_FIRMWARE = """\
# The bits that the VMM writes to KVM's firmware registers; one that is not named keeps KVM's default. A bit advertises
# a service and lets KVM answer it, so what the guest must not find is cleared here and not only denied.
firmware:
"""
_REGISTERS = {
    "entropy": "  std: [trng]  # KVM's TRNG.\n",
    "trng": "  std: []  # The VMM has TRNG. KVM's must not come back, whatever happens to the filter.\n",
    "pv-time": "  std_hyp: []  # No stolen time, also where SMCCC_ARCH_FEATURES is asked, which no filter can touch.\n",
    "vendor-hyp": "  vendor_hyp: []  # None of KVM's UID, feature bitmap and PTP clock.\n",
}
_DEFAULTS = {
    Action.HANDLE: """\
# What becomes of a call that no rule selects: KVM answers it, as without a filter.
default: handle
""",
    Action.DENY: """\
# What becomes of a call that no rule selects: KVM answers -1 (NOT_SUPPORTED). A service that a later kernel adds stays
# off until somebody adds it here. The Arm Architecture calls (SMCCC_VERSION, the mitigations for Spectre) are KVM's
# whatever stands here.
default: deny
""",
}
_AARCH32 = """\
  # The guest's EL1 is AArch32 (KVM_ARM_VCPU_EL1_32BIT): it makes SMC32 calls, and KVM's PSCI has no others for it.
  aarch32: true
"""
_RULES = """\
# The order is free, and no two rules may claim an ID. A rule selects by calls, by ranges (0x84000000-0x8400001F), by
# services, or by several of them, less its `except`; `smccc-filter list services` shows what there is.
rules:
"""
_TESTS = """\
# What the policy must decide. Every `smccc-filter validate` checks it, so change this first.
tests:
"""
_ALWAYS = "SMCCC_VERSION"
"""A call that no filter reaches."""
_NO_STRINGS = {"false", "null", "true"}
_GROUPS = {
    Action.FORWARD: "Comes to the VMM.",
    Action.HANDLE: "Is answered by KVM, as far as it answers such a call at all.",
    Action.DENY: "Is refused.",
}


class StartingAnswers(NamedTuple):
    """What a person wants: names in ``TAKEN`` and in ``HIDDEN``, kernels as a policy names them, a guest in AArch32."""

    name: str
    kernels: tuple[str, ...] = KERNELS
    takes: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    default: Action = Action.HANDLE
    aarch32: bool = False


class _Plan(NamedTuple):
    """What answers resolve to: the parts that the VMM takes, the registers that it writes, and the rules in order."""

    taken: tuple[StartingPart, ...]
    hidden: tuple[StartingPart, ...]
    registers: tuple[str, ...]
    rules: tuple[tuple[Action, StartingRules], ...]


def compose(answers: StartingAnswers) -> str:
    """Return the policy as text, in the canonical layout.

    A part that another one contains, or that the default implies, changes nothing.
    """
    from smccc_filter.language.policy.json_schema import URL

    plan = _plan(answers)
    rules = "".join(rules.yaml for _, rules in plan.rules)
    text = "".join(
        (
            HEAD.format(url=URL),
            _duties(plan),
            "version: 1\n",
            f"# Becomes the C and Rust symbol {answers.name.replace('-', '_')}.\n",
            f"name: {name_scalar(answers.name)}\n",
            _description(plan, answers.default),
            _target(plan, answers),
            _FIRMWARE + "".join(_REGISTERS[name] for name in plan.registers) if plan.registers else "",
            _DEFAULTS[answers.default],
            _RULES + rules if rules else "",
            _TESTS,
            _expectations(plan, answers.default),
        )
    )
    return layout(read(text.encode()))


def name_scalar(name: str) -> str:
    """Write a policy's name as YAML, quoted where YAML would read something else than a string."""
    return f'"{name}"' if name in _NO_STRINGS else name


def kernel_list(names: tuple[str, ...]) -> str:
    """Write kernels as a policy lists them, each as a string, since YAML reads 6.10 as 6.1."""
    quoted = (f'"{name}"' for name in names)
    return f"[{', '.join(quoted)}]"


def _plan(answers: StartingAnswers) -> _Plan:
    contained = {name for whole in answers.takes for name in SUBSUMED.get(whole, ())}
    taken = tuple(part for part in TAKEN if part.name in answers.takes and part.name not in contained)
    names = {part.name for part in taken}
    rules = [(Action.FORWARD, part.rules) for part in taken]
    if answers.default is Action.DENY:
        rules += [(Action.HANDLE, kept.rules) for kept in KEPT if not names.intersection(kept.unless)]
        registers = ("trng" if "trng" in names else "entropy", *(part.name for part in HIDDEN))
        return _Plan(taken, (), registers, tuple(rules))
    hidden = tuple(part for part in HIDDEN if part.name in answers.hides)
    if "psci" in names:
        rules.append((Action.DENY, PSCI_0_1))
    rules += [(Action.DENY, part.rules) for part in hidden]
    return _Plan(taken, hidden, tuple(part.name for part in hidden), tuple(rules))


def _duties(plan: _Plan) -> str:
    """Return the comment that tells what the VMM has to do for what is forwarded to it."""
    lines = [line for part in plan.taken for line in (f"# {part.name}", *_commented(part.duties))]
    return _FORWARDS + "".join(f"{line}\n" for line in lines) if lines else ""


def _commented(text: str) -> list[str]:
    return [f"#   {line}" for line in text.splitlines()]


def _description(plan: _Plan, default: Action) -> str:
    sentences = [f"The VMM answers {enumerated([part.owned for part in plan.taken])}."] if plan.taken else []
    if default is Action.DENY:
        sentences.append("KVM answers what a guest needs besides, and all other calls are denied.")
    else:
        less = f", but for {enumerated([part.owned for part in plan.hidden])}" if plan.hidden else ""
        sentences.append(f"KVM answers {'all other' if plan.taken else 'all'} calls{less}.")
    return f"description: {' '.join(sentences)}\n"


def _target(plan: _Plan, answers: StartingAnswers) -> str:
    capabilities = ", ".join(name for part in plan.taken for name in part.capabilities)
    return "".join(
        (
            f"target:\n{_KERNELS}  kernels: {kernel_list(answers.kernels)}\n",
            _PSCI if "psci" not in answers.takes else "",
            f"{_CAPABILITIES}  capabilities: [{capabilities}]\n" if capabilities else "",
            _AARCH32 if answers.aarch32 else "",
        )
    )


def _expectations(plan: _Plan, default: Action) -> str:
    """Return the tests: every call that pins a rule, and of every part that was not chosen one call."""
    pinned = {call: action for action, rules in plan.rules for call in rules.calls}
    pinned |= {part.witness: default for part in (*TAKEN, *HIDDEN) if part.witness not in pinned}
    pinned[_ALWAYS] = Action.HANDLE
    lines = []
    for action, comment in _GROUPS.items():
        calls = [call for call, expected in pinned.items() if expected is action]
        lines += [f"  # {comment}\n"] if calls else []
        lines += [f"  - {{call: {call}, expect: {action}}}\n" for call in calls]
    return "".join(lines)
