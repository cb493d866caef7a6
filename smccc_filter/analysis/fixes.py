"""What fixes a finding in one text: its remedy as replacements of characters. Only reports and ``--fix`` need it."""

from typing import NamedTuple

from smccc_filter.language.places import Offsets, Span


class Replacement(NamedTuple):
    """A piece of the text and what to write in its place: in characters, and as a place for reports."""

    at: Offsets
    span: Span
    text: str


class Fix(NamedTuple):
    """What fixes a finding in one text, to be applied whole; the replacements are in order and do not overlap."""

    message: str
    safe: bool
    replacements: tuple[Replacement, ...]
