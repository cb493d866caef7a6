"""The VMM implements one form of a call, and refuses the other, which the policy forwards as well.

A guest may use either form: Linux makes that of its own width, other guests always SMC32. A handler that knows
0xC4000003 alone has no CPU_ON for a guest that says 0x84000003, which is one of the bugs that VMMs have most.

An AArch32 guest (`aarch32: true`) makes no SMC64 call, and there is nothing to find. Where the filter itself divides
the forms, that is F505.

Instead: name the call without a form in `implements`, which means both, or the other form in the rule that forwards
it, and answer both by one handler.

Source: Arm DEN0028, section 2.5; Arm DEN0022F.b, section 5.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import gather, names, rule_of, twins
from smccc_filter.analysis.examination.guest_view import Guest
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.language.places import Place
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64
from smccc_filter.smccc.intervals import intersection, union

CODE = "V705"
NAME = "unimplemented-twin"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that implements forms, and rule that forwards their twins."""
    if not subject.vmm_rules:
        return

    def find(guest: Guest) -> Iterator[tuple[tuple[int, int], int]]:
        for smc32 in twins(guest.services_forwarded):
            if not guest.makes(smc32 | SMC64):
                continue
            for call in (smc32, smc32 | SMC64):
                if guest.vmm_implements(call) and guest.vmm_refuses(call ^ SMC64):
                    mine, other = rule_of(subject, call), rule_of(subject, call ^ SMC64)
                    if mine is not None and other is not None:
                        yield (mine, other), call

    for group in gather(subject, find):
        others = tuple(call ^ SMC64 for call in group.calls)
        calls = sorted((*group.calls, *others))
        yield Problem(
            _place(subject, group.key[0], group.calls),
            f"the VMM implements {names(group.calls)}, and refuses {names(others)}{group.on}",
            _hint(subject, group.key, group.calls, others),
            union((call, call + 1) for call in calls),
            kernels=group.kernels,
            remedy=_remedy(subject, group.key, group.calls),
        )


def _place(subject: Subject, rule: int, calls: tuple[int, ...]) -> Place:
    """Return the first item that says that one of the calls is implemented."""
    part = subject.policy.rules[rule].vmm
    ids = union((call, call + 1) for call in calls)
    paths = [item.path for item in part.implements if intersection(item.ids, ids)] if part else []
    return paths[0]


def _hint(subject: Subject, rules: tuple[int, int], calls: tuple[int, ...], others: tuple[int, ...]) -> str:
    mine, other = rules
    if mine != other:
        there = f"`implements` of {subject.policy.rules[other].label}"
        return f"name {names(others)} in {there}, which forwards {'it' if len(others) == 1 else 'them'}"
    if _says_all(subject, mine, calls):
        return f"name {names(others)} under `calls`: `all` is what stands there"
    return f"name {names(sorted((*calls, *others)))} in `implements` without a form: that means every form"


def _says_all(subject: Subject, rule: int, calls: tuple[int, ...]) -> bool:
    """Tell whether it is ``all`` that implements one of the calls."""
    return any(
        _place(subject, rule, (call,)) == (*subject.policy.rules[rule].path, "vmm", "implements") for call in calls
    )


def _remedy(subject: Subject, rules: tuple[int, int], calls: tuple[int, ...]) -> Remedy | None:
    """Name the calls without a form, where each is an item of the rule that forwards both, and not of `all`."""
    from smccc_filter.language.changes import Replace

    mine, other = rules
    if mine != other or _says_all(subject, mine, calls):
        return None
    items = {call: _place(subject, mine, (call,)) for call in calls}
    changes = tuple(Replace(item, (registry.by_id(call)[0].name,)) for call, item in items.items())
    return unsafe("name them without a form", changes)
