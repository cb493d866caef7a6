r"""The log that the image prints: its grammar, and what is in one.

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

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smccc_filter.kvm.machine import Conduit, Registers, signed

MARK = "smccc1 "
BEGIN = "begin"
END = "end"
CONDUIT_LETTERS = {Conduit.HVC: "h", Conduit.SMC: "s"}
_CONDUITS = {letter: conduit for conduit, letter in CONDUIT_LETTERS.items()}
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\0")
_BEGIN = re.compile(r"begin ([0-9a-f]{16}) ([0-9a-f]{1,4}) ([0-9a-f]{1,4}) (h|s|hs) el([0-3])")
_VALUE = "-?[0-9a-f]{1,16}"
_CALL = re.compile(rf"([0-9a-f]{{1,4}})([hs]) (?:!([0-9a-f]{{1,16}})|({_VALUE}(?:,{_VALUE}){{0,3}}))")
_REQUEST = re.compile(r"([0-9a-f]{1,4})([hs])")
_WHOLE = re.compile(rb"([^~\r\n]{0,120})~([0-9a-f]{4})")
"""No line is longer."""
_REST = re.compile(rb"[^\r\n]{0,80}")


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
    """One run of the image; ``lost`` is the call that never came back, ``restarts`` how often the image began anew."""

    header: LogHeader
    level: int
    answers: Mapping[tuple[Conduit, int], LogAnswer]
    broken: tuple[BrokenLine, ...]
    lost: tuple[Conduit, int] | None
    ended: bool
    restarts: int


def text_hash(text: bytes) -> int:
    """Return the hash, 32 bits, by which the image knows names."""
    return _hash_on(0, text, 0xFFFF_FFFF)


def checksum(text: bytes) -> int:
    """Return the checksum, 16 bits, of a line that says ``text`` between its mark and its ``~``."""
    return _hash_on(_MARK_CHECKSUM, text, _CHECKSUM_MASK)


def _hash_on(value: int, text: bytes, mask: int) -> int:
    for byte in text:
        value = (value * 33 ^ byte) & mask
    return value


_CHECKSUM_MASK = 0xFFFF
_MARK_CHECKSUM = _hash_on(0, MARK.encode(), _CHECKSUM_MASK)


def read_log(data: bytes) -> VmmLog:
    """Read a log with whatever else was printed to it. Raises LogError for one that tells nothing."""
    data = _ESCAPE.sub(b"", data)
    lines = list(_lines(data))
    begins = [number for number, line in enumerate(lines) if line.text.startswith(f"{BEGIN} ") and line.is_whole]
    if not begins:
        raise LogError(_why_nothing(data, lines))
    if lost := [line for line in lines[: begins[0]] if line.is_whole]:
        raise LogError(f"line {lost[0].line} is of a run whose first line is missing: give the log from its beginning")
    runs = [lines[start:stop] for start, stop in zip(begins, [*begins[1:], len(lines)], strict=True)]
    ended = [run[0].line for run in runs if any(line.is_whole and line.text == END for line in run)]
    if len(ended) > 1 or (ended and len(runs) > 1):
        places = ", ".join(str(run[0].line) for run in runs[:4])
        raise LogError(f"it has {len(runs)} runs, which begin in lines {places}: give the lines of one")
    return _run(runs[0], len(runs) - 1)


class _LogLine(NamedTuple):
    """What follows one mark, and whether its checksum is right."""

    line: int
    text: str
    is_whole: bool


def _lines(data: bytes) -> Iterator[_LogLine]:
    number = 1
    before, *after_marks = data.split(MARK.encode())
    for after in after_marks:
        number += before.count(b"\n")
        whole = _WHOLE.match(after)
        if whole and checksum(whole[1]) == int(whole[2], 16):
            yield _LogLine(number, whole[1].decode("ascii", "replace"), is_whole=True)
        else:
            rest = _REST.match(after)
            yield _LogLine(number, rest[0].decode("ascii", "replace") if rest else "", is_whole=False)
        before = after


def _run(lines: list[_LogLine], restarts: int) -> VmmLog:
    begin = _BEGIN.fullmatch(lines[0].text)
    if begin is None:
        raise LogError(f"line {lines[0].line} is the first of an image of another version: make the image anew")
    conduits = tuple(_CONDUITS[letter] for letter in begin[4])
    header = LogHeader(begin[1], int(begin[2], 16), int(begin[3], 16), conduits)
    answers: dict[tuple[Conduit, int], LogAnswer] = {}
    read: dict[str, Registers] = {}
    broken: list[BrokenLine] = []
    for line in lines[1:]:
        call = _CALL.fullmatch(line.text) if line.is_whole else None
        if call:
            number, letter, syndrome, values = call.groups()
            registers = None if syndrome else read.get(values) or read.setdefault(values, _registers(values))
            answer = LogAnswer(registers, int(syndrome, 16) if syndrome else None, line.line)
            answers.setdefault((_CONDUITS[letter], int(number, 16)), answer)
        elif not line.is_whole or line.text != END:
            broken.append(BrokenLine(line.line, line.text, _request(line.text)))
    ended = any(line.is_whole and line.text == END for line in lines)
    lost = None
    if not ended and broken and broken[-1].line == lines[-1].line and broken[-1].request:
        lost = broken.pop().request
    return VmmLog(header, int(begin[5]), answers, tuple(broken), lost, ended, restarts)


def _registers(text: str) -> Registers:
    values = [signed(int(value, 16)) for value in text.split(",")]
    x0, x1, x2, x3 = (*values, 0, 0, 0)[:4]
    return (x0, x1, x2, x3)


def _request(text: str) -> tuple[Conduit, int] | None:
    found = _REQUEST.match(text)
    return (_CONDUITS[found[2]], int(found[1], 16)) if found else None


def _why_nothing(data: bytes, lines: list[_LogLine]) -> str:
    if not data.strip():
        return "it is empty: capture the guest's serial port, and see that the image found one"
    if lines:
        return f"line {lines[0].line} is of an image, but no whole first line is there: give the log from its beginning"
    return f"no line of it begins with `{MARK.strip()}`: capture the port that the image prints to"
