"""Which calls the guest of a VMM makes, and what it must be told and get, in the words of agent.py.

The answers are the model's: what ``guest`` and ``query`` say. Where a handler answers, the model says no more, and what
comes out follows from the facts of its call: which arguments it is told, and how its results reach the guest. What the
handlers leave is made of their name and of what they were told (see hashing_handlers.h).
"""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from smccc_filter.artefacts.backends.program import VmmProgram
from smccc_filter.guests.discovery import answers
from smccc_filter.guests.relations import relations
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import U32_MAX, Call, Conduit, Outcome, Why
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from tests.artefacts.backends.vmm_oracle import Given, expected
from tests.programs.live.predict import CONDUITS, U64_MAX, X2, X3, show
from tests.programs.live.probes import Interval

KEPT = tuple(n * 0x9E37_79B9_7F4A_7C15 & U64_MAX for n in range(4, 18))
"""X4 to X17 of every call of an AArch64 guest: kept_x() of calls.c."""
KEPT_AARCH32 = (0, 0, 0x2_0000, *[0] * 11)
"""The same of an AArch32 guest, of which the agent sets UNMAPPED of vm.h alone."""
ASKED = {relation.discovery: relation.asked for relation in relations() if relation.argument}
WITH_ARGUMENT = frozenset(ASKED)
MULTIPLIER, FIRST_HASH, ENTROPY_BYTES, RESULTS = 0x100_0000_01B3, 0xCBF2_9CE4_8422_2325, 24, 4
SVE_HINT, SMC64, NUMBER = 1 << 16, 1 << 30, 0xFFFF
CALLS_EACH = 20
"""How many calls a guest makes at least by HVC, and by SMC."""
AT_RANDOM = 10
"""How many of them at least are made at random, beside discovery pairs."""
KVMS_PAIRS = 8
"""How many discovery pairs are asked in which the VMM has no part."""
SIZES = (0, 1, 31, 32, 33, 64, 65, 96, 97, 128, 192, 193)
"""Numbers of bits to ask entropy of."""
TRNG_RND = frozenset({0x8400_0053, 0xC400_0053})
JUNK = 0xDEAD_BEEF_0000_0000


class GuestCalls(NamedTuple):
    """What a guest calls, and how many discovery pairs that asks: what it is told of a call, and what it then gets."""

    operations: tuple[str, ...]
    pairs: int


def discovery_pairs(vm: VmSetup, random: Random) -> list[tuple[Interval, int]]:
    """Return X0 and X1 of every question in which the VMM has a part, and the call that it is about.

    It answers the question, or is forwarded the call. Of the pairs that KVM alone answers, which all other policies are
    about, there are a few. A discovery call that is refused is asked about one call: it looks at no argument.
    """
    pairs: list[tuple[Interval, int]] = []
    kvms = []
    refused = set()
    for answer in answers(vm):
        pair = (answer.told_by, answer.asked if answer.told_by in WITH_ARGUMENT else 0), answer.asked
        if Action.FORWARD not in {vm.actions[answer.told_by], vm.actions[answer.asked]}:
            kvms.append(pair)
        elif answer.told.why is not Why.VMM_REFUSES:
            pairs.append(pair)
        elif answer.told_by not in refused:
            refused.add(answer.told_by)
            pairs.append(pair)
    return pairs + random.sample(kvms, min(KVMS_PAIRS, len(kvms)))


def guest_calls(vm: VmSetup, seed: int, at_random: int = AT_RANDOM) -> GuestCalls:
    """Return the calls of a guest: its discovery pairs, and ``at_random`` by HVC and by SMC, or more."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    pairs = discovery_pairs(vm, random)
    told = dict.fromkeys(question for question, _ in pairs)
    got = dict.fromkeys((asked, 0) for _, asked in pairs)
    calls = [_operation(random, random.choice("PS"), vm, *call) for call in {**told, **got}]
    interesting = _interesting(vm)
    for word in "PS":
        number = max(at_random, CALLS_EACH - sum(call[0] == word for call in calls))
        calls += [
            _operation(random, word, vm, _varied(random, random.choice(interesting)), None) for _ in range(number)
        ]
    random.shuffle(calls)
    return GuestCalls(tuple(calls), len(pairs))


def _interesting(vm: VmSetup) -> list[int]:
    """Return known IDs that reach the VMM, those of handlers most often and refused ones seldom."""
    forwarded = [fid for fid in _known() if vm.actions[fid] is Action.FORWARD]
    made = [fid for fid in forwarded if vm.vmm and vm.vmm.made[fid]]
    handled = [fid for fid in made if vm.reply(Call(fid)).registers is None]
    return handled * 3 + made + forwarded[:: len(forwarded) // 8 + 1] or list(_known())


@cache
def _known() -> tuple[int, ...]:
    return tuple(fid for start, stop in registry.known_ids() for fid in range(start, stop))


def _varied(random: Random, fid: int) -> int:
    if random.random() < 0.7:
        return fid
    return random.choice((fid ^ SMC64, fid | SVE_HINT, fid + 1, fid & ~(1 << 31), fid ^ 1 << 17)) & U32_MAX


def _operation(random: Random, word: str, vm: VmSetup, x0: int, x1: int | None) -> str:
    """Write a call down, with junk above what counts and in every argument of a call that reaches the VMM."""
    reaches_vmm = vm.actions[x0] is Action.FORWARD
    if x1 is None:
        x1 = _argument(random, x0) if reaches_vmm else 0
    is_wide = x0 & SMC64 and x0 not in WITH_ARGUMENT
    x1 |= JUNK if reaches_vmm and not is_wide and random.random() < 0.5 else 0
    x0 |= JUNK if random.random() < 0.3 else 0
    others = f" {random.getrandbits(64):x} {random.getrandbits(64):x}" if reaches_vmm else ""
    return f"{word} {x0:x} {x1:x}{others}"


def _argument(random: Random, x0: int) -> int:
    if x0 in TRNG_RND:
        return random.choice(SIZES)
    if x0 not in WITH_ARGUMENT:
        return random.getrandbits(64)
    asked = random.choice(ASKED[x0])
    return random.choice((asked ^ SMC64, asked | SVE_HINT, asked & NUMBER, asked + 1))


def registers_of(operation: str, *, aarch32: bool) -> tuple[int, ...]:
    """Return X0 to X17 of a call."""
    mask, kept = (U32_MAX, KEPT_AARCH32) if aarch32 else (U64_MAX, KEPT)
    _, *given = operation.split()
    x = [int(word, 16) for word in given]
    return (*(word & mask for word in [*x, *(X2, X3)[len(x) - 2 :]]), *kept)


def predict_call(vm: VmSetup, program: VmmProgram, names: dict[int, str], operation: str) -> str:
    """Predict what a guest of the model's VM sees of a call, and that KVM moves PC past it."""
    conduit = CONDUITS[operation[0]]
    mask = U32_MAX if vm.machine.aarch32 else U64_MAX
    x = registers_of(operation, aarch32=vm.machine.aarch32)
    call = Call(x[0] & U32_MAX, *x[1:4])
    reply = vm._replace(conduit=conduit).reply(call)
    if reply.outcome is not Outcome.FORWARDED:
        return show(call, conduit, reply, mask)
    told, results = (0, reply.registers) if reply.registers else handled(program, names, x)
    registers = " ".join(f"{word & mask:x}" for word in results)
    return f"vmm nr={call.func_id:x} flags={int(conduit is Conduit.SMC)} pc+4 told={told:x} {registers}"


def handled(program: VmmProgram, names: dict[int, str], x: tuple[int, ...]) -> tuple[int, Sequence[int]]:
    """Return what a handler is told, and what the guest gets, of a call that the model leaves to one."""
    first = expected(program, Given(x), names)
    if not first.called:
        return 0, first.results
    name, *words = first.called.split()
    hashed = FIRST_HASH
    for word in [*name.encode(), *(int(word, 16) for word in words)]:
        hashed = _mixed(hashed, word)
    status = hashed - (hashed >> 63 << 64)
    out = (_mixed(hashed, 1), _mixed(hashed, 2), _mixed(hashed, 3))
    entropy = bytes(_mixed(hashed, RESULTS + i) & 0xFF for i in range(ENTROPY_BYTES))
    if name == "trng_rnd" and hashed % 8:
        status = 0
    return hashed, expected(program, Given(x, status, out, entropy), names).results


def _mixed(hashed: int, word: int) -> int:
    hashed = (hashed ^ word) * MULTIPLIER & U64_MAX
    return hashed ^ hashed >> 29
