"""What a dispatcher must do, out of the facts of ``call_signatures.yaml`` and their conventions, row by row.

It shares nothing with the emitters: neither the registry nor the shapes of handlers.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from smccc_filter.artefacts.backends.program import VmmProgram
from tests.smccc.registry.signature_facts import CallFact, ValueFact, signature_facts

U32, U64 = 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF
NOT_SUPPORTED = [U64, 0, 0, 0]
REGISTERS, RESULTS = 18, 4
ENTROPY_BYTES = 24


@cache
def facts_by_id() -> dict[int, CallFact]:
    return {int(fid, 16): fact for fact in signature_facts()["calls"] for fid in (fact["smc32"], fact["smc64"]) if fid}


def named(values: list[ValueFact]) -> list[ValueFact]:
    return [value for value in values if value["name"] not in {"reserved", "zero"}]


def register_of(value: ValueFact) -> int:
    return int(value["register"].removeprefix("X"))


class Given(NamedTuple):
    """One exit: X0 to X17, what the handler leaves (X0 signed), its bytes of entropy; whether there are handlers."""

    x: tuple[int, ...]
    status: int = 0
    out: tuple[int, int, int] = (0, 0, 0)
    entropy: bytes = bytes(ENTROPY_BYTES)
    handlers: bool = True


class Expected(NamedTuple):
    """Results of ``answer``, ``None`` where a handler has to answer; what the handler was told; the final results."""

    answer: list[int] | None
    called: str
    results: list[int]


class HandlerFact(NamedTuple):
    """A handler that the facts ask for; ``fact`` is ``None`` where it gets the registers."""

    name: str
    fact: CallFact | None

    @property
    def returns_nothing(self) -> bool:
        return self.fact is not None and not self.fact["results"]

    @property
    def is_entropy(self) -> bool:
        return self.name == "trng_rnd"

    def arguments(self) -> list[ValueFact]:
        return named(self.fact["arguments"]) if self.fact else []

    def outputs(self) -> list[ValueFact]:
        return [] if self.is_entropy or not self.fact else named(self.fact["results"])[1:]


def handler_of(fid: int, names: dict[int, str]) -> HandlerFact:
    """Return the handler of an ID; ``names`` has what the registry calls IDs without facts."""
    fact = facts_by_id().get(fid)
    if fact is None:
        return HandlerFact(names[fid], None)
    results = named(fact["results"])
    typed = results[0]["register"] == "X0" if results else fact["returns"] is False
    return HandlerFact(fact["name"].lower(), fact if typed else None)


def answer(vmm: VmmProgram, x: tuple[int, ...]) -> list[int] | None:
    fid, about = x[0] & U32, x[1] & U32
    for func_id, asked, registers in vmm.answers:
        if func_id == fid and (asked is None or asked == about):
            return list(registers)
    return None if fid in vmm.handled else NOT_SUPPORTED


def expected(vmm: VmmProgram, given: Given, names: dict[int, str]) -> Expected:
    answered = answer(vmm, given.x)
    if answered is not None:
        return Expected(answered, "", answered)
    if not given.handlers:
        return Expected(None, "", NOT_SUPPORTED)
    fid = given.x[0] & U32
    handler = handler_of(fid, names)
    if handler.fact is None:
        return Expected(None, told(handler.name, given.x), [given.status & U64, *given.out])
    used = U64 if fid & (1 << 30) else U32
    if handler.is_entropy:
        return Expected(None, *entropy(given, used))
    arguments = [given.x[register_of(value)] & width_of(value, fid) for value in handler.arguments()]
    if handler.returns_nothing:
        return Expected(None, told(handler.name, arguments), [-6 & U64, 0, 0, 0])
    results = [given.status & U64 if given.status < 0 else given.status & used, 0, 0, 0]
    for value in handler.outputs():
        results[register_of(value)] = given.out[register_of(value) - 1] & used
    return Expected(None, told(handler.name, arguments), results)


def width_of(value: ValueFact, fid: int) -> int:
    width = value["width"]["smc64" if fid & (1 << 30) else "smc32"]
    assert width is not None
    return (1 << width) - 1


def entropy(given: Given, used: int) -> tuple[str, list[int]]:
    wanted, word = given.x[1] & used, 32 if used == U32 else 64
    if not 0 < wanted <= 3 * word:
        return "", [-2 & U64, 0, 0, 0]
    number = int.from_bytes(given.entropy, "little") & ((1 << wanted) - 1) if given.status == 0 else 0
    words = [number >> (word * place) & ((1 << word) - 1) for place in (2, 1, 0)]
    return told("trng_rnd", [wanted]), [given.status & U64 if given.status < 0 else given.status & used, *words]


def told(name: str, arguments: tuple[int, ...] | list[int]) -> str:
    return " ".join([name, *(f"{argument:x}" for argument in arguments)])


JUNK = 0xDEAD_BEEF_0000_0000
STATUSES = (0, 0, -1, -2, -6, 1, 0x7FFF_FFFF, 0xB66F_B428, -(1 << 31), (1 << 40) + 5, -(1 << 63), (1 << 63) - 1)
BITS = (0, 1, 7, 31, 32, 33, 63, 64, 65, 95, 96, 97, 128, 191, 192, 193, 1 << 32, (1 << 32) + 64, 1 << 63, U64)


def exits(vmm: VmmProgram) -> Iterator[Given]:
    """Yield exits for every ID that matters and its neighbours, whatever stands in registers that must not count."""
    ids = {*vmm.handled, *(row.func_id for row in vmm.answers)}
    about = sorted({fid for row in vmm.answers for fid in [row.asked or 0]} | ids | {0x8000_0000})
    near = {fid ^ flip for fid in ids for flip in (0, 1, 1 << 16, 1 << 30, 1 << 31, 1 << 17)} | {0, 3, 0xA, U32}
    junk = tuple(0x0123_4567_89AB_CDEF * (n + 3) & U64 for n in range(REGISTERS))
    for i, fid in enumerate(sorted(near)):
        asked = {row.asked for row in vmm.answers if row.func_id == fid and row.asked is not None}
        arguments = {*asked, about[i % len(about)], *(row & 0x1F for row in asked), *(row ^ (1 << 30) for row in asked)}
        arguments |= set(BITS if fid in {0x8400_0053, 0xC400_0053} else junk[i % 7 : i % 7 + 2])
        for j, argument in enumerate(sorted(arguments)):
            status = STATUSES[(i + j) % len(STATUSES)]
            entropy_bytes = bytes((37 * (i + 1) * (k + 1) + 0x81) & 0xFF for k in range(ENTROPY_BYTES))
            upper = JUNK if (i + j) % 2 and argument <= U32 and argument not in BITS else 0
            x = (fid | (JUNK if j % 2 else 0), argument | upper, *junk[2:])
            out = (junk[5], junk[6], junk[7])
            yield Given(x, 0 if argument in BITS and j % 4 else status, out, entropy_bytes, (i + j) % 5 != 4)
