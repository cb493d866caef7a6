"""Logs as the image prints them in a VMM that follows the model, but for what a test changes."""

from collections.abc import Callable

from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Call, Conduit, Registers
from smccc_filter.probe.judging import predicted_answer
from smccc_filter.probe.log import LogHeader
from smccc_filter.probe.vmm_questions import VmmQuestion, VmmQuestions, digest_of, vmm_questions
from tests.policies.shipped import examine, policy

LETTERS = {Conduit.HVC: "h", Conduit.SMC: "s"}
HOSTS_OWN = (0x1234, 0, 0, 0)
"""What is answered where the model leaves it to somebody."""

ERRORS = {name: (2**64 - value, 0, 0, 0) for name, value in (("invalid", 2), ("on", 4))}
HANDLED: dict[tuple[int, int], Registers] = {
    **dict.fromkeys(((0x8400_0004, 0), (0xC400_0004, 0)), (0, 0, 0, 0)),
    **dict.fromkeys(((0x8400_0004, 0xFF_FF00), (0xC400_0004, 0xFF_FF00)), ERRORS["invalid"]),
    **dict.fromkeys(((0x8400_0003, 0), (0xC400_0003, 0)), ERRORS["on"]),
    **dict.fromkeys(((0x8400_0003, 0xFF_FF00), (0xC400_0003, 0xFF_FF00)), ERRORS["invalid"]),
    **dict.fromkeys(((0x8400_0053, 0), (0xC400_0053, 0)), ERRORS["invalid"]),
    **dict.fromkeys(((0x8400_0053, 1), (0xC400_0053, 1)), (0, 0, 0, 1)),
    (0x8400_0053, 64): (0, 0, 0x8123_4567, 0x89AB_CDEF),
    (0xC400_0053, 64): (0, 0, 0, 0x8123_4567_89AB_CDEF),
}
"""What is right of a handler, by the function ID and X1: AFFINITY_INFO, CPU_ON and TRNG_RND on the first CPU."""

Answerer = Callable[[Conduit, VmmQuestion], Registers]


def line(text: str) -> str:
    """Write one line with the checksum that its documentation has: 33 times what was before, XOR the next byte."""
    value = 0
    for byte in f"smccc1 {text}".encode():
        value = (value * 33) % 2**16 ^ byte
    return f"\r\nsmccc1 {text}~{value:04x}"


def written(registers: Registers) -> str:
    """Write X0 to X3 without the zeros at the end."""
    last = max((number for number in range(4) if registers[number]), default=0)
    return ",".join(f"-{2**64 - value:x}" if value >= 2**64 - 4095 else f"{value:x}" for value in registers[: last + 1])


def answerer(vm: VmSetup) -> Answerer:
    """Return what a guest gets of this VM, which answers what nobody can predict rightly."""

    def answer(conduit: Conduit, question: VmmQuestion) -> Registers:
        return predicted_answer(vm, conduit, question).reply.registers or handled(question)

    return answer


def handled(question: VmmQuestion) -> Registers:
    """Return a right answer to a call that somebody's own code answers."""
    return HANDLED.get((question.func_id, question.x1), HOSTS_OWN)


def untouched(question: VmmQuestion) -> Registers:
    call: Call = question.call
    return (question.upper << 32 | call.func_id, call.x1, call.x2, call.x3)


def header_of(name: str, conduits: tuple[Conduit, ...] = tuple(Conduit)) -> tuple[LogHeader, VmmQuestions]:
    """Return the first line of the image of a policy that is shipped, and its calls."""
    resolution = examine(name).resolution
    asked = vmm_questions(resolution)
    return LogHeader(digest_of(policy(name), resolution, asked), 0, len(asked.safe), conduits), asked


def log_of(name: str, answer: Answerer, *, level: int = 1, end: bool = True) -> str:
    """Write the log of the image of a policy that is shipped, with a line for each of its calls by each conduit."""
    header, asked = header_of(name)
    return made_log(header, asked, answer, level=level, end=end)


def made_log(header: LogHeader, asked: VmmQuestions, answer: Answerer, *, level: int = 1, end: bool = True) -> str:
    """Return the log with this first line of an image of these calls."""
    lines = [line(f"{header}{level}")]
    for conduit in header.conduits:
        for number, question in enumerate(asked.safe):
            lines.append(line(f"{number:x}{LETTERS[conduit]} {written(answer(conduit, question))}"))
    if end:
        lines.append(line("end"))
    return "".join(lines) + "\r\n"
