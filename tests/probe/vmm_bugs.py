"""Wrong answers that VMMs have given, and what the judge must say of each; ``UNSEEN`` says what no image shows.

The names are those of the classes of bugs by which the broken VMMs of ``tests.programs.live`` go.
"""

from collections.abc import Callable
from typing import NamedTuple

from smccc_filter.analysis import pipeline
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.machine import Conduit, Registers
from smccc_filter.kvm.uapi import Action
from smccc_filter.probe.vmm_questions import VmmQuestion, vmm_questions
from tests.probe.kernels import known
from tests.probe.vmm_logs import answerer, untouched
from tests.programs.live.vmm_broken import POLICY

EXAMINATION = pipeline.examine("everything", POLICY.encode())
QUESTIONS = vmm_questions(EXAMINATION.resolution)
assert EXAMINATION.policy is not None
VM = set_up(EXAMINATION.policy, known("7.3"), EXAMINATION.resolution.actions)
RIGHT = answerer(VM)

U32_MAX = 0xFFFF_FFFF
MINUS_ONE = 2**64 - 1
REFUSED: Registers = (MINUS_ONE, 0, 0, 0)
INVALID: Registers = (2**64 - 2, 0, 0, 0)
SUCCESS: Registers = (0, 0, 0, 0)
LEAST_ERROR = 2**64 - 4095
VERSION, AFFINITY_INFO, FEATURES, CPU_ON, CPU_OFF = (0x8400_0000 + number for number in (0, 4, 10, 3, 2))
SUSPEND, OFF2 = 0x8400_000E, 0x8400_0015
NODE_HW_STATE = 0x8400_000D
SMCCC_VERSION = 0x8000_0000
TRNG_FEATURES, TRNG_RND, TRNG_RND64 = 0x8400_0051, 0x8400_0053, 0xC400_0053
ABSENT = 0xFF_FF00
SMC64, SVE_HINT = 1 << 30, 1 << 16
UNDEFINED = "!2000000"

Answer = Registers | str | None
"""What comes back: registers, an exception as the image prints it, or nothing at all."""
VmmBug = Callable[[Conduit, VmmQuestion, Registers], Answer]
"""What a VMM with a bug makes of a call that it is forwarded, and rightly answers as given."""


class Caught(NamedTuple):
    """A bug, calls that must differ by it, and what is said of the first; ``only`` is the call of its image alone."""

    bug: VmmBug
    calls: tuple[VmmQuestion, ...]
    told: str
    only: int | None = None


def instead(of: dict[VmmQuestion, Registers]) -> VmmBug:
    return lambda _conduit, question, right: of.get(question, right)


def absent(*asked: int) -> Caught:
    calls = tuple(VmmQuestion(FEATURES, func_id) for func_id in asked)
    told = f"does not answer PSCI_FEATURES({'SMCCC_VERSION' if SMCCC_VERSION in asked else 'PSCI_'}"
    return Caught(instead(dict.fromkeys(calls, REFUSED)), calls, told)


def bare_numbers(_conduit: Conduit, question: VmmQuestion, right: Registers) -> Registers:
    if question.func_id != FEATURES:
        return right
    return SUCCESS if question.x1 in {0, 3, 8, 9, 0x12} else REFUSED


def without(bits: int, *, argument: bool = False) -> VmmBug:
    """Return the bug of a VMM that does not look at some bits of an ID of PSCI."""

    def bug(conduit: Conduit, question: VmmQuestion, right: Registers) -> Registers:
        if question.func_id & U32_MAX - SMC64 - SVE_HINT > VERSION + 0x1F:
            return right
        x1 = question.x1 & ~bits if argument and question.func_id == FEATURES else question.x1
        return RIGHT(conduit, question._replace(func_id=question.func_id & ~bits, x1=x1))

    return bug


def wide(*func_ids: int, to: Registers) -> VmmBug:
    """Return the bug of a VMM that looks at upper halves."""
    return lambda _conduit, question, right: to if question.upper and question.func_id in func_ids else right


def narrow(_conduit: Conduit, _question: VmmQuestion, right: Registers) -> Registers:
    return (right[0] & U32_MAX, *right[1:]) if right[0] >= LEAST_ERROR else right


def entropy(of: Callable[[VmmQuestion], Registers]) -> VmmBug:
    return lambda _conduit, asked, right: of(asked) if asked.func_id in {TRNG_RND, TRNG_RND64} and asked.x1 else right


def pc_twice(conduit: Conduit, _question: VmmQuestion, right: Registers) -> Registers:
    """Behind the image's HVC comes a branch, and behind that its SMC, which then asks for what was answered."""
    return REFUSED if conduit is Conduit.HVC else right


RND_1 = (VmmQuestion(TRNG_RND, 1), VmmQuestion(TRNG_RND64, 1))
ASKED_WIDE = VmmQuestion(FEATURES, SMCCC_VERSION, U32_MAX)
AFFINITY_WIDE = VmmQuestion(AFFINITY_INFO, 0, U32_MAX)
FIRST_REFUSED = next(
    question
    for question in QUESTIONS.safe
    if VM.actions[question.func_id] is Action.FORWARD and RIGHT(Conduit.HVC, question) == REFUSED
)
NARROW = "the error is 32 bits wide"
NOT_ITS_OWN = "the VMM answers what it does not implement"
NEVER = "the call never came back"

CAUGHT = {
    "features-version-absent": absent(VERSION),
    "features-version-absent-2": absent(VERSION, FEATURES),
    "features-bare-numbers": Caught(bare_numbers, (VmmQuestion(FEATURES, VERSION),), "does not answer PSCI_FEATURES("),
    "bit30-ignored": Caught(without(SMC64 | SVE_HINT), (VmmQuestion(VERSION | SMC64),), NOT_ITS_OWN),
    "bit30-ignored-2": Caught(
        without(SMC64 | SVE_HINT, argument=True), (VmmQuestion(FEATURES, CPU_OFF | SMC64),), NOT_ITS_OWN
    ),
    "bit30-ignored-3": Caught(without(SMC64), (VmmQuestion(VERSION | SMC64),), NOT_ITS_OWN),
    "trng-word-order": Caught(entropy(lambda _: (0, 1, 0, 0)), RND_1, "the lowest word is that in X3"),
    "trng-no-zero-fill": Caught(entropy(lambda _: (0, 0x1234, 0x1234, 0x1234)), RND_1, "bits from 1 on are to be 0"),
    "trng-n-zero": Caught(
        instead({VmmQuestion(TRNG_RND): SUCCESS}), (VmmQuestion(TRNG_RND),), "0 bits of entropy are INVALID_PARAMETERS"
    ),
    "trng-id-not-checked": Caught(
        entropy(lambda _: (0, 1 << 40, 1 << 40, 1 << 40)), RND_1[:1], "a word of the entropy has more than 32 bits"
    ),
    "trng-id-not-checked-features": Caught(
        instead({VmmQuestion(TRNG_FEATURES): (0x1234, 0, 0, 0)}), (VmmQuestion(TRNG_FEATURES),), NOT_ITS_OWN
    ),
    "stale-x1-x3": Caught(
        lambda _conduit, question, right: (right[0], *untouched(question)[1:]),
        (VmmQuestion(VERSION),),
        "the VMM writes X0 alone",
    ),
    "no-write-exit-field": Caught(
        lambda _conduit, question, _right: untouched(question),
        (VmmQuestion(VERSION), VmmQuestion(CPU_ON)),
        "the VMM left every register as it was",
    ),
    "pc-twice": Caught(pc_twice, (VmmQuestion(VERSION),), "the VMM does not answer PSCI_VERSION"),
    "smc64-twin-missing": Caught(
        lambda _conduit, question, right: None if question.func_id == CPU_ON else right,
        (VmmQuestion(CPU_ON),),
        NEVER,
    ),
    "upper-halves": Caught(wide(CPU_ON, AFFINITY_INFO, to=INVALID), (AFFINITY_WIDE,), "affinity 0 is that of the CPU"),
    "upper-halves-2": Caught(wide(FEATURES, AFFINITY_INFO, to=REFUSED), (ASKED_WIDE, AFFINITY_WIDE), "does not answer"),
    "upper-halves-3": Caught(wide(FEATURES, to=REFUSED), (ASKED_WIDE,), "does not answer PSCI_FEATURES"),
    "minus-one-not-extended": Caught(narrow, (VmmQuestion(FEATURES, NODE_HW_STATE), VmmQuestion(CPU_ON)), NARROW),
    "unknown-ends-vm": Caught(
        lambda _conduit, _question, right: None if right == REFUSED else right, (FIRST_REFUSED,), NEVER
    ),
    "unknown-not-minus-one": Caught(
        lambda _conduit, _question, right: UNDEFINED if right == REFUSED else right,
        (FIRST_REFUSED,),
        "the call ended in an exception of the guest",
    ),
    "smccc-version-hidden": absent(SMCCC_VERSION),
    "features-contradicts-call": Caught(
        instead({VmmQuestion(AFFINITY_INFO): INVALID}), (VmmQuestion(AFFINITY_INFO),), "affinity 0 is that of the CPU"
    ),
    "features-contradicts-call-off": Caught(
        instead({VmmQuestion(CPU_OFF): (2**64 - 3, 0, 0, 0)}), (VmmQuestion(CPU_OFF),), "let the guest go on", CPU_OFF
    ),
    "features-contradicts-call-2": Caught(
        instead({VmmQuestion(SUSPEND): REFUSED}), (VmmQuestion(SUSPEND),), "PSCI_SYSTEM_SUSPEND", SUSPEND
    ),
    "off2-features-flag": Caught(
        instead({VmmQuestion(FEATURES, OFF2): SUCCESS}),
        (VmmQuestion(FEATURES, OFF2),),
        "another answer than the policy",
    ),
    "off2-type": Caught(
        instead({VmmQuestion(OFF2 | SMC64, 1): INVALID}),
        (VmmQuestion(OFF2 | SMC64, 1),),
        "type 1 is HIBERNATE_OFF",
        OFF2 | SMC64,
    ),
    "cpu-on-mpidr-cut": Caught(
        instead({VmmQuestion(CPU_ON, ABSENT): (2**64 - 4, 0, 0, 0)}),
        (VmmQuestion(CPU_ON, ABSENT),),
        "who finds one looks at a part of it",
    ),
    "cpu-on-status": Caught(instead({VmmQuestion(CPU_ON): SUCCESS}), (VmmQuestion(CPU_ON),), "ALREADY_ON"),
    "cpu-on-status-error": Caught(
        instead({VmmQuestion(CPU_ON): (2**64 - 7, 0, 0, 0)}), (VmmQuestion(CPU_ON),), "PSCI_CPU_ON/32 has no error -7"
    ),
    "affinity-values": Caught(
        instead({VmmQuestion(AFFINITY_INFO): (1, 0, 0, 0)}), (VmmQuestion(AFFINITY_INFO),), "which is on: that is 0"
    ),
    "affinity-stub": Caught(
        instead({VmmQuestion(AFFINITY_INFO, ABSENT): SUCCESS}),
        (VmmQuestion(AFFINITY_INFO, ABSENT),),
        "no CPU of a VM has the affinity",
    ),
    "filter-not-consulted": Caught(
        instead({VmmQuestion(FEATURES, NODE_HW_STATE): SUCCESS}), (VmmQuestion(FEATURES, NODE_HW_STATE),), NOT_ITS_OWN
    ),
}

UNSEEN = {
    "smc64-twin-aarch32": "the image is a guest in AArch64",
    "affinity-mask": "the image asks at level 0, as levels above are optional since PSCI 1.0",
    "reset-is-off": "neither comes back, and a VMM may end where its guest resets; a power-off that resets does show",
    "arch-features-self": "KVM lets nobody else answer SMCCC_ARCH_FEATURES, and answers so itself",
    "enable-twins": "whoever answers it, CPU_ON of the CPU that calls is ALREADY_ON",
}
"""Why a bug does not show."""
