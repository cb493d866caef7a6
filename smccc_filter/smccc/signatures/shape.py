"""The shape of a signature: the registers of a call, as a handler of it needs them.

Registers are numbered as X0 to X17; a call of SMC32 uses their W halves. Widths are bits, ``None`` for a convention
that the call does not have. A value that is narrower than its register is the register's low half.
"""

from enum import StrEnum
from typing import NamedTuple


class Returns(StrEnum):
    """Whether a call that succeeds comes back to its caller; one that fails always does."""

    ALWAYS = "always"
    NEVER = "never"
    DEPENDS = "depends"


class CallValue(NamedTuple):
    """One argument, or one result, in ``span`` registers from ``register`` on, mostly one.

    ``name`` is an identifier of C and Rust, used once among the arguments and once among the results of a call. It is
    empty where the specification reserves the registers: a handler is not given them, and their result is zero.
    """

    register: int
    name: str
    smc32: int | None
    smc64: int | None
    meaning: str
    span: int = 1

    @property
    def registers(self) -> str:
        """Write the registers: ``X1``, or ``X3-X7``."""
        return f"X{self.register}" + (f"-X{self.register + self.span - 1}" if self.span > 1 else "")


class CallError(NamedTuple):
    """One way for a call to fail: ``value``, signed, in register ``register``, and when that is answered.

    ``with_x0`` is what X0 holds where the error is in another register. ``confidence`` is empty where it is the
    signature's own.
    """

    value: int
    name: str
    when: str
    confidence: str = ""
    register: int = 0
    with_x0: int | None = None


class Signature(NamedTuple):
    """What one call takes and answers, in the order of the registers.

    ``returns_when`` says when the call comes back where that depends. ``flags`` are the bits that the service's FEATURES
    call may answer of this one. ``remarks`` are a word each and a sentence. ``confidence`` is ``high``, ``medium`` or
    ``unverified``; ``sources`` cite with the abbreviations of ``registry.sources``.
    """

    arguments: tuple[CallValue, ...]
    results: tuple[CallValue, ...]
    errors: tuple[CallError, ...]
    confidence: str
    sources: tuple[str, ...]
    returns: Returns = Returns.ALWAYS
    returns_when: str = ""
    flags: tuple[tuple[int, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
