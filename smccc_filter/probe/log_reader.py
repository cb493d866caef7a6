"""Reads the log of the image out of whatever else was printed, in one pass that keeps no more than one run of it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.kvm.machine import Conduit, Registers, signed
from smccc_filter.probe.log import (
    BEGIN,
    CONDUIT_LETTERS,
    END,
    MARK,
    BrokenLine,
    LogAnswer,
    LogError,
    LogHeader,
    VmmLog,
    checksum,
)

MAX_PLACES = 4
"""How many runs are named by their lines."""
_CONDUITS = {letter: conduit for conduit, letter in CONDUIT_LETTERS.items()}
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_BEGIN = re.compile(r"begin ([0-9a-f]{16}) ([0-9a-f]{1,4}) ([0-9a-f]{1,4}) (h|s|hs) el([0-3])")
_BEGINS = f"{BEGIN} "
_VALUE = "-?[0-9a-f]{1,16}"
_CALL = re.compile(rf"([0-9a-f]{{1,4}})([hs]) (?:!([0-9a-f]{{1,16}})|({_VALUE}(?:,{_VALUE}){{0,3}}))")
_REQUEST = re.compile(r"([0-9a-f]{1,4})([hs])")
_MARK = re.compile(re.escape(MARK.encode()))
_WHOLE = re.compile(rb"([^~\r\n]{0,120})~([0-9a-f]{4})")
"""No line is longer."""
_REST = re.compile(rb"[^\r\n]{0,80}")


def read_log(data: bytes) -> VmmLog:
    """Read a log with whatever else was printed to it. Raises LogError for one that tells nothing."""
    data = _plain(data)
    run: _Run | None = None
    places: list[int] = []
    runs = ended = 0
    stray: _LogLine | None = None
    for line in _lines(data):
        if line.is_whole and line.text.startswith(_BEGINS):
            run = run or _Run(line)
            runs, is_open = runs + 1, True
            if runs <= MAX_PLACES:
                places.append(line.line)
        elif run is None:
            stray = line if stray is None or (line.is_whole and not stray.is_whole) else stray
        else:
            if is_open and line.is_whole and line.text == END:
                ended, is_open = ended + 1, False
            if runs == 1:
                run.take(line)
    if run is None:
        raise LogError(_why_nothing(data, stray))
    if stray and stray.is_whole:
        raise LogError(f"line {stray.line} is of a run whose first line is missing: give the log from its beginning")
    if ended and runs > 1:
        where = ", ".join(map(str, places))
        raise LogError(f"it has {runs} runs, which begin in lines {where}: give the lines of one")
    return run.log(runs - 1)


class _LogLine(NamedTuple):
    """What follows one mark, and whether its checksum is right."""

    line: int
    text: str
    is_whole: bool


def _plain(data: bytes) -> bytes:
    """Return a log without escape sequences and NULs; ``re.sub`` would keep each piece between them as an object."""
    data = data.replace(b"\0", b"")
    plain, at = bytearray(), 0
    for found in _ESCAPE.finditer(data):
        plain += data[at : found.start()]
        at = found.end()
    return bytes(plain + data[at:]) if at else data


def _lines(data: bytes) -> Iterator[_LogLine]:
    number, at = 1, 0
    for found in _MARK.finditer(data):
        start, after = found.span()
        number += data.count(b"\n", at, start)
        at = start
        whole = _WHOLE.match(data, after)
        if whole and checksum(whole[1]) == int(whole[2], 16):
            yield _LogLine(number, whole[1].decode("ascii", "replace"), is_whole=True)
        else:
            rest = _REST.match(data, after)
            yield _LogLine(number, rest[0].decode("ascii", "replace") if rest else "", is_whole=False)


class _Run:
    """The lines of one run, added up; the last of them may be the request of a call that never came back."""

    def __init__(self, line: _LogLine) -> None:
        """Begin with the first line. Raises LogError for that of another version."""
        begin = _BEGIN.fullmatch(line.text)
        if begin is None:
            raise LogError(f"line {line.line} is the first of an image of another version: make the image anew")
        conduits = tuple(_CONDUITS[letter] for letter in begin[4])
        self.header = LogHeader(begin[1], int(begin[2], 16), int(begin[3], 16), conduits)
        self.level = int(begin[5])
        self.answers: dict[tuple[Conduit, int], LogAnswer] = {}
        self.broken: dict[tuple[Conduit, int] | None, BrokenLine] = {}
        self.broken_lines = 0
        self.ended = False
        self._last: BrokenLine | None = None
        self._read: dict[str, Registers] = {}

    def take(self, line: _LogLine) -> None:
        """Add one line."""
        if self._last:
            self._keep(self._last)
        call = _CALL.fullmatch(line.text) if line.is_whole else None
        if call:
            number, letter, syndrome, values = call.groups()
            key = (_CONDUITS[letter], int(number, 16))
            if key not in self.answers:
                registers = None if syndrome else self._registers(values)
                self.answers[key] = LogAnswer(registers, int(syndrome, 16) if syndrome else None, line.line)
        elif line.is_whole and line.text == END:
            self.ended = True
        else:
            self._last = BrokenLine(line.line, line.text, _request(line.text))

    def log(self, restarts: int) -> VmmLog:
        """Return what there is when the last line was added."""
        lost = self._last.request if self._last and not self.ended else None
        if lost is None and self._last:
            self._keep(self._last)
        broken = tuple(self.broken.values())
        return VmmLog(
            self.header, self.level, self.answers, broken, lost, self.ended, restarts, broken_lines=self.broken_lines
        )

    def _keep(self, line: BrokenLine) -> None:
        self.broken_lines += 1
        self.broken.setdefault(line.request, line)
        self._last = None

    def _registers(self, text: str) -> Registers:
        """Return X0 to X3, of which most lines of a log have the same few."""
        if text not in self._read:
            values = [signed(int(value, 16)) for value in text.split(",")]
            x0, x1, x2, x3 = (*values, 0, 0, 0)[:4]
            self._read[text] = (x0, x1, x2, x3)
        return self._read[text]


def _request(text: str) -> tuple[Conduit, int] | None:
    found = _REQUEST.match(text)
    return (_CONDUITS[found[2]], int(found[1], 16)) if found else None


def _why_nothing(data: bytes, stray: _LogLine | None) -> str:
    if not data.strip():
        return "it is empty: capture the guest's serial port, and see that the image found one"
    if stray:
        return f"line {stray.line} is of an image, but no whole first line is there: give the log from its beginning"
    return f"no line of it begins with `{MARK.strip()}`: capture the port that the image prints to"
