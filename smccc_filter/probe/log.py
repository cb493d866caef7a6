r"""The log that the image prints: its grammar, and what is known of one.

Each line begins with CR and LF, since others write to the port as well. It is ``smccc1 ``, what it says, ``~`` and four
digits of a checksum, everything in lower-case hexadecimal:

* ``begin DIGEST FIRST COUNT CONDUITS elLEVEL``: the policy, the number of the first call, how many there are, by ``h``
  and by ``s``, and the exception level of the image
* ``NUMBERh X0,X1,X2,X3``, by SMC with ``s``: what came back, zeros at the end left out and numbers from -4095 on with
  their sign
* ``NUMBERh !SYNDROME``: the call ended in an exception, of which that is ESR_ELx; no more are made so
* ``end``

``NUMBERh`` is printed before the call, so that one that never came back is the last on its line.
"""

from collections.abc import Mapping
from typing import NamedTuple

from smccc_filter.kvm.machine import Conduit, Registers

MARK = "smccc1 "
BEGIN = "begin"
END = "end"
CONDUIT_LETTERS = {Conduit.HVC: "h", Conduit.SMC: "s"}


class LogError(ValueError):
    """A log that tells nothing; the message says why, and what to do."""


class LogHeader(NamedTuple):
    """What the first line announces: ``calls`` calls from number ``first`` on, by each of ``conduits``."""

    digest: str
    first: int
    calls: int
    conduits: tuple[Conduit, ...]

    def __str__(self) -> str:
        """Write the line's text without the level, which only the image knows."""
        letters = "".join(CONDUIT_LETTERS[conduit] for conduit in self.conduits)
        return f"{BEGIN} {self.digest} {self.first:x} {self.calls:x} {letters} el"


class LogAnswer(NamedTuple):
    """What came back of a call: X0 to X3, or the syndrome of an exception, in line ``line`` of the log, from 1 on."""

    registers: Registers | None
    syndrome: int | None
    line: int


class BrokenLine(NamedTuple):
    """A line that something was printed into, or lost from; ``request`` is its call, if that can be seen."""

    line: int
    text: str
    request: tuple[Conduit, int] | None


class VmmLog(NamedTuple):
    """One run of the image; ``lost`` is the call that never came back, ``restarts`` how often the image began anew.

    ``broken`` has the first of the broken lines of each call, and of those that are nobody's: ``broken_lines`` in all.
    """

    header: LogHeader
    level: int
    answers: Mapping[tuple[Conduit, int], LogAnswer]
    broken: tuple[BrokenLine, ...]
    lost: tuple[Conduit, int] | None
    ended: bool
    restarts: int
    broken_lines: int = 0


def text_hash(text: bytes) -> int:
    """Return the hash, 32 bits, by which the image knows names."""
    value = 0
    for byte in text:
        value = (value * 33 ^ byte) & 0xFFFF_FFFF
    return value


def checksum(text: bytes) -> int:
    """Return the checksum, 16 bits, of a line that says ``text`` between its mark and its ``~``."""
    value = _MARK_CHECKSUM
    for byte in text:
        value = (value * 33 ^ byte) & 0xFFFF
    return value


_MARK_CHECKSUM = text_hash(MARK.encode()) & 0xFFFF
