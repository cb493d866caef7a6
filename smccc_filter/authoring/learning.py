"""A policy proposed from recorded calls: what guests were seen to need, and what the checks say that they need besides.

A trace shows what guests did while somebody watched. A guest that was not rebooted made no PSCI_SYSTEM_RESET, and needs
it all the same. So a draft of what was seen is examined, and calls are added whose absence a check finds fault with,
each with that check as its reason, until nothing more can be done by adding. What is still found, people are told.

With a policy as base, its words stay, calls that its rules deny stay denied, and only what its default denies is added.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from smccc_filter.analysis.audit.use import CallUse
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.pipeline import Examination, examine
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.authoring.drafting import call_names
from smccc_filter.authoring.starting.text import HEAD, kernel_list, name_scalar
from smccc_filter.guests.setup import EVERYTHING_HANDLED
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.hypercalls import GATES
from smccc_filter.kvm.machine import Call, Conduit, Outcome
from smccc_filter.kvm.pvtime import PV_TIME_ST
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, Action
from smccc_filter.language.layout import layout
from smccc_filter.language.source import read
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import Intervals, size, union
from smccc_filter.words import counted, enumerated, visible

SHOWN = 3
"""VMs and traces that the evidence of a rule names before it counts the others."""
MOST = 8
"""Calls without a name that a comment lists before it counts the others."""
SYSTEM_SUSPEND = (0x8400_000E, 0xC400_000E)
SYSTEM_OFF2 = (0x8400_0015, 0xC400_0015)
_CAUTION = """\
#
# Proposed from recorded calls. A trace shows what guests did while it was recorded, and none of their calls by SMC:
# read this before you use it, and hold other traces against it with `smccc-filter audit`.
"""


class LearningWishes(NamedTuple):
    """What a person wants of the proposal: its name, its kernels, and what becomes of calls that nobody made."""

    name: str
    kernels: tuple[str, ...]
    default: Action = Action.DENY


class LearnedCall(NamedTuple):
    """A call that the proposal leaves to KVM: its IDs, and why, the evidence or the check that asks for it.

    ``is_service`` says that it is a whole service of that name, of which there is only the first ID.
    """

    name: str
    ids: tuple[int, ...]
    why: str
    is_recorded: bool
    is_service: bool = False


class LearnedPolicy(NamedTuple):
    """The proposal: its text, what is found in it, and the calls that it leaves to KVM.

    ``refused`` are recorded calls that stay refused: KVM does not answer them, or a rule of the base denies them.
    """

    text: str
    examination: Examination
    calls: tuple[LearnedCall, ...]
    refused: tuple[CallUse, ...]


def learn(uses: Sequence[CallUse], wishes: LearningWishes, base: Examination | None = None) -> LearnedPolicy:
    """Propose a policy for recorded calls. ``base`` is an understood policy that it must not loosen.

    Raises ValueError for a base whose layout takes no further rule.
    """
    drafter = _Drafter(uses, wishes, base)
    calls: dict[str, LearnedCall] = {}
    for use in uses:
        if drafter.is_needed(use.func_id):
            call = _recorded(use, uses, drafter)
            calls.setdefault(call.name, call)
    while True:
        text = drafter.text(list(calls.values()))
        examination = examine(wishes.name, text.encode())
        new = {call.name: call for call in _asked_for(examination, drafter) if call.name not in calls}
        if not new:
            break
        calls |= new
    decisions = examination.resolution.decisions
    refused = tuple(
        use
        for use in uses
        if decisions[use.func_id].action is Action.DENY
        or (decisions[use.func_id].action is Action.HANDLE and use.func_id not in drafter.answered)
    )
    return LearnedPolicy(text, examination, tuple(calls.values()), refused)


class _Drafter:
    """Writes drafts with more and more calls."""

    def __init__(self, uses: Sequence[CallUse], wishes: LearningWishes, base: Examination | None) -> None:
        self._uses, self._wishes, self._base = uses, wishes, base
        policy = base and base.policy
        self.default = policy.default if policy else wishes.default
        bare = examine(wishes.name, self.text([]).encode()) if base is None else base
        self.answered = _answered(bare)
        """The calls with a name that KVM would answer without any rule."""

    def is_needed(self, func_id: int) -> bool:
        """Tell whether a call must be selected to be answered, and may be."""
        return func_id in self.answered and self.may_select(func_id)

    def may_select(self, func_id: int) -> bool:
        """Tell whether a call is decided by the default, and not as by a rule that leaves it to KVM."""
        if self.default is Action.HANDLE or _is_reserved(func_id):
            return False
        return self._base is None or self._base.resolution.decisions[func_id].claim is None

    def text(self, calls: Sequence[LearnedCall]) -> str:
        """Return a draft that leaves ``calls`` to KVM."""
        from smccc_filter.language.policy.json_schema import URL

        rules = list(_rules(calls, self._taken()))
        if self._base is not None:
            return self._merged(rules)
        lines = [
            HEAD.format(url=URL) + _CAUTION,
            *self._evidence(),
            "version: 1",
            f"name: {name_scalar(self._wishes.name)}",
            "target:",
            f"  kernels: {kernel_list(self._wishes.kernels)}",
            *self._target(),
            *(self._firmware() if self.default is not Action.HANDLE else ()),
            "# What becomes of a call that no rule selects.",
            f"default: {self.default}",
            "rules:" if rules else "rules: []",
            *(f"  {line}" for comments, rule in rules for line in (*comments, f"- {rule}")),
        ]
        return layout(read("\n".join(lines).encode() + b"\n"))

    def _taken(self) -> frozenset[str]:
        policy = self._base and self._base.policy
        return frozenset(rule.name for rule in policy.rules if rule.name) if policy else frozenset()

    def _merged(self, rules: list[tuple[list[str], str]]) -> str:
        from smccc_filter.language.changes import Append, SetKeys
        from smccc_filter.language.source.edits import DocumentEditor
        from smccc_filter.language.source.writing import apply

        base = self._base
        assert base is not None and base.policy is not None  # noqa: S101, PT018
        text = base.document.text.text
        if not rules:
            return text
        texts = tuple(rule for _, rule in rules)
        change = Append(("rules",), texts) if base.policy.rules else SetKeys((), (("rules", f"[{', '.join(texts)}]"),))
        edits = DocumentEditor(base.document, whole=base.is_uncut).edits([change])
        if not edits:
            raise ValueError(
                f"{base.path} is laid out so that no rule can be added: run `smccc-filter fmt` on it first"
            )
        return layout(read(apply(text, edits).encode()))

    def _evidence(self) -> Iterator[str]:
        seen = [f"{show(use.func_id)} ({use.number:,})" for use in self._uses if not registry.name_of(use.func_id)]
        if seen:
            more = f" and {len(seen) - MOST:,} more" if len(seen) > MOST else ""
            yield f"# Recorded calls that no specification names: {', '.join(seen[:MOST])}{more}."

    def _target(self) -> Iterator[str]:
        seen = {use.func_id for use in self._uses}
        version = "1.3" if seen.intersection(SYSTEM_OFF2) else "1.1"
        yield f'  psci: "{version}"  # What the VMM writes to KVM_REG_ARM_PSCI_VERSION; left alone, kernels differ.'
        if seen.intersection(SYSTEM_SUSPEND):
            yield "  capabilities: [system_suspend]  # PSCI_SYSTEM_SUSPEND was called."
        has_page = PV_TIME_ST in seen
        yield f"  stolen_time: {str(has_page).lower()}  # PV_TIME_ST was {'' if has_page else 'not '}called."

    def _firmware(self) -> Iterator[str]:
        seen = {use.func_id for use in self._uses}
        yield "# What guests must find is set, and what none of them asked for is hidden from discovery, too."
        yield "firmware:"
        for register in FIRMWARE_REGISTERS:
            gated = {func_id: mask for func_id, (key, mask) in GATES.items() if key == register.key}
            if gated:
                bits = [
                    bit
                    for number, bit in enumerate(register.bits)
                    if any(mask == 1 << number and func_id in seen for func_id, mask in gated.items())
                ]
                yield f"  {register.key}: [{', '.join(bits)}]"


def _answered(examination: Examination) -> frozenset[int]:
    """Return the named calls that KVM answers by HVC on some kernel, were there no rule."""
    policy = examination.policy
    if policy is None:
        return frozenset()
    bare = policy._replace(rules=(), default=Action.HANDLE)
    setups = [setup._replace(conduit=Conduit.HVC) for setup in set_up_on(bare, EVERYTHING_HANDLED)]
    ids = (func_id for start, stop in registry.known_ids() for func_id in range(start, stop))
    return frozenset(
        func_id for func_id in ids if any(setup.reply(Call(func_id)).outcome is Outcome.ANSWERED for setup in setups)
    )


def _is_reserved(func_id: int) -> bool:
    return any(start <= func_id < stop for start, stop in RESERVED)


def _forms(func_id: int, drafter: _Drafter) -> tuple[str, tuple[int, ...]]:
    """Return the name of a call, and its forms that must be selected and may be."""
    function = registry.by_id(func_id)[0]
    ids = tuple(one for one in (function.smc32, function.smc64) if one is not None and drafter.is_needed(one))
    return function.name, ids or (func_id,)


def _recorded(use: CallUse, uses: Sequence[CallUse], drafter: _Drafter) -> LearnedCall:
    name, ids = _forms(use.func_id, drafter)
    mine = [each for each in uses if each.func_id in ids]
    vms = sorted({vm for each in mine for vm in each.vms})
    paths = list(dict.fromkeys(path for each in mine for path in each.paths))
    by = f" by {counted(len(vms), 'VM')} ({_some(vms)})" if vms else ""
    return LearnedCall(
        name, ids, f"{counted(sum(each.number for each in mine), 'call')}{by} in {_some(paths)}", is_recorded=True
    )


def _some(names: Sequence[str]) -> str:
    shown = [visible(name.rpartition("/")[2] or name) for name in names[:SHOWN]]
    return enumerated([*shown, f"{len(names) - SHOWN:,} more"] if len(names) > SHOWN else shown)


def _asked_for(examination: Examination, drafter: _Drafter) -> Iterator[LearnedCall]:
    """Yield calls, and whole services, whose absence is found fault with."""
    for found in examination.diagnostics:
        if found.suppressed is not None or found.severity is Severity.NOTE:
            continue
        why = f"no call recorded, {found.code} {found.name} asks for it"
        if service := _service_of(found.ids):
            if drafter.may_select(service.ranges[0][0]):
                yield LearnedCall(service.name, (service.ranges[0][0],), why, is_recorded=False, is_service=True)
            continue
        for func_id in (one for start, stop in found.ids if stop - start <= MOST for one in range(start, stop)):
            if drafter.is_needed(func_id):
                yield LearnedCall(*_forms(func_id, drafter), why, is_recorded=False)


def _service_of(ids: Intervals) -> registry.Service | None:
    """Return the service that a set of IDs is, all of it and nothing more."""
    return next((each for each in registry.services() if _ids_of(each) == ids), None) if size(ids) > MOST else None


def _ids_of(service: registry.Service) -> Intervals:
    return union((first, last + 1) for first, last in service.ranges)


def _rules(calls: Sequence[LearnedCall], taken: Iterable[str]) -> Iterator[tuple[list[str], str]]:
    """Yield a rule for each service, as the comments above it and the mapping."""
    groups: dict[tuple[str, bool], list[LearnedCall]] = {}
    for call in sorted(calls, key=lambda call: call.ids):
        service = registry.service_of(call.ids[0])
        name = call.name if call.is_service else service.name if service else "others"
        groups.setdefault((name, call.is_recorded), []).append(call)
    names = set(taken)
    for (of, is_recorded), members in groups.items():
        stem = f"recorded-{of}" if is_recorded else f"needed-{of}"
        name = next(each for each in (stem, *(f"{stem}-{n}" for n in range(2, len(names) + 3))) if each not in names)
        names.add(name)
        selected = f"calls: [{', '.join(call_names([one for call in members for one in call.ids]))}]"
        if members[0].is_service:
            selected = f"services: [{of}]"
        reason = "Guests were recorded to call these." if is_recorded else "No guest was seen to call these yet."
        comments = [f"# {call.name}: {call.why}." for call in members]
        yield comments, f"{{name: {name}, action: handle, {selected}, reason: {reason}}}"
