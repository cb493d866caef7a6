"""Where a finding is and how it is known again, in reports that services keep from one run to the next."""

import os
from collections import Counter
from hashlib import sha256
from pathlib import PurePath
from typing import Final, NamedTuple

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport
from smccc_filter.reports.paper.excerpt import split_lines
from smccc_filter.words import DASH

_URI_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
"""The unreserved characters of RFC 3986, section 2.3, and the slash between segments."""


class SourceTree(NamedTuple):
    """The working folder, from which paths go, and the root of the repository around it; both absolute paths."""

    working: str
    root: str

    def below(self, path: str) -> PurePath | None:
        """Return a path from the root on, ``None`` for one that is not below it."""
        if path == DASH:
            return None
        absolute, root = self._absolute(path), PurePath(os.path.normpath(self.root))
        return absolute.relative_to(root) if absolute.is_relative_to(root) else None

    def uri(self, path: str) -> str:
        """Write a path as a URI by its bytes, percent-encoded: relative to the root, or absolute outside of it."""
        if path == DASH:
            return "stdin"
        below = self.below(path)
        return _encode(below) if below is not None else "file:///" + _encode(self._absolute(path)).lstrip("/")

    def _absolute(self, path: str) -> PurePath:
        return PurePath(os.path.normpath(PurePath(self.working, path)))


class ReportedFile:
    """A report's file, as services know it, and digests of its findings."""

    def __init__(self, report: FileReport, tree: SourceTree) -> None:
        self.uri: Final = tree.uri(report.path)
        self._lines = split_lines(report.text) if report.diagnostics else []
        self._digests: dict[int, str] = {}
        self._occurrences: Counter[str] = Counter()

    def fingerprint(self, diagnostic: Diagnostic) -> str:
        """Identify a finding by what it is, not by its line's number, so that it survives edits elsewhere.

        Equal ones are numbered in the order in which they are asked for.
        """
        line = self._line(diagnostic.span.start.line)
        digest = _digest(f"{diagnostic.code}\0{self.uri}\0{diagnostic.message}\0{line}")
        self._occurrences[digest] += 1
        return f"{digest}:{self._occurrences[digest]}"

    def _line(self, number: int) -> str:
        if number not in self._digests:
            text = self._lines[number - 1] if number <= len(self._lines) else ""
            self._digests[number] = _digest(text.strip())
        return self._digests[number]


def _encode(path: PurePath) -> str:
    return "".join(chr(b) if b in _URI_SAFE else f"%{b:02X}" for b in os.fsencode(path.as_posix()))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
