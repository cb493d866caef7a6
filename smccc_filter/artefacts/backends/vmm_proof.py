"""Whether the VMM's half of an artefact answers as the policy says, for each forwarded ID and all it is asked about.

Both sides are tables, and what is in neither gets NOT_SUPPORTED: so the points that either names, and for each ID one
argument that neither names, stand for all 2**64 pairs of an ID and an argument.
"""

from collections.abc import Iterator
from itertools import count, pairwise, zip_longest
from typing import NamedTuple

from smccc_filter.artefacts.backends.handlers import Handler, handlers_of
from smccc_filter.artefacts.backends.program import NOT_SUPPORTED, DecodedVmm, VmmAnswerRow, VmmProgram
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.intervals import IntervalMap

HANDLER = "a handler"


class VmmDifference(NamedTuple):
    """An ID about which the policy says ``wanted``, and the artefact ``got``."""

    func_id: int
    wanted: str
    got: str


def differences(
    actions: IntervalMap[Action], decoded: DecodedVmm | None, vmm: VmmProgram | None
) -> Iterator[VmmDifference]:
    """Yield where what was read back is not what the policy says, by ID. O(n log n)."""
    if decoded is None or vmm is None:
        if (decoded is None) != (vmm is None):
            wanted, got = ("nothing" if half is None else "something" for half in (vmm, decoded))
            yield VmmDifference(0, f"{wanted} of what the VMM answers", got)
        return
    yield from _out_of_order(decoded)
    of_policy, of_artefact = (_by_id(half.answers, half.handled) for half in (vmm, decoded))
    for func_id in sorted({*of_policy, *of_artefact}):
        if actions[func_id] is not Action.FORWARD:
            yield VmmDifference(func_id, actions[func_id], "what the VMM answers")
        rows = (of_policy.get(func_id, {}), of_artefact.get(func_id, {}))
        named = {asked for side in rows for asked in side if asked is not None}
        other = next(asked for asked in count() if asked not in named)
        for asked in sorted({*named, other}):
            wanted, got = (_answer(side, asked) for side in rows)
            if wanted != got:
                yield VmmDifference(func_id, f"{wanted} of {show(asked)}", got)
    if decoded.handlers is not None:
        for handler, found in zip_longest(handlers_of(vmm.handled, vmm.answered), decoded.handlers):
            if handler != found:
                yield VmmDifference(_first_id(handler or found), str(handler), str(found))


def _first_id(handler: Handler | None) -> int:
    return handler.func_ids[0] if handler and handler.func_ids else 0


def _out_of_order(decoded: DecodedVmm) -> Iterator[VmmDifference]:
    """Yield rows that do not ascend, which the generated code searches by bisection, and IDs with two kinds of rows."""
    keys = [(answer.func_id, -1 if answer.asked is None else answer.asked) for answer in decoded.answers]
    handled = [(func_id, -1) for func_id in decoded.handled]
    for before, after in (*pairwise(keys), *pairwise(handled)):
        if before >= after or (before[0] == after[0] and before[1] < 0):
            yield VmmDifference(after[0], "one answer", "a row out of order")
    for func_id in sorted({func_id for func_id, asked in keys if asked < 0}.intersection(decoded.handled)):
        yield VmmDifference(func_id, "one answer", f"an answer and {HANDLER}")


def _by_id(answers: tuple[VmmAnswerRow, ...], handled: tuple[int, ...]) -> dict[int, dict[int | None, str]]:
    """Return what each ID answers by what it is asked about."""
    result: dict[int, dict[int | None, str]] = {func_id: {None: HANDLER} for func_id in handled}
    for func_id, asked, registers in answers:
        result.setdefault(func_id, {})[asked] = _shown(registers)
    return result


def _answer(rows: dict[int | None, str], asked: int) -> str:
    return rows.get(asked) or rows.get(None) or _shown(NOT_SUPPORTED)


def _shown(registers: tuple[int, ...]) -> str:
    return ", ".join(f"0x{register:X}" for register in registers)
