"""The text around an artefact's tables, its frame: filled in when it is emitted, and found again byte for byte.

A frame is text with slots, ``@like_this@``. What a VMM runs stands in it, so that a proof of the tables alone would say
nothing of an ``apply`` that does nothing. Hence ``unfill`` takes an artefact only where every byte outside its tables
is the frame's, and the frame is one of ``driven``: those that the tests compiled and ran, on live kernels too.
"""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import NamedTuple

from smccc_filter.artefacts.backends.driven import DRIVEN
from smccc_filter.artefacts.backends.program import DecodedArtefact, FilterEntry
from smccc_filter.kvm.uapi import ACTION_OF_KVM, REGISTER_OF_ID, SmcccFilterAction
from smccc_filter.smccc.function_id import show_range

SLOT = re.compile(r"@(\w+)@")


class RowGrammar(NamedTuple):
    """Regular expressions for one row of each table, with its comment.

    ``entry`` captures the comment's range, ``base``, ``nr_functions`` and the action's name; ``register`` the comment's
    name of the register, its ID and its value. Numbers are hexadecimal, without ``0x``.
    """

    entry: str
    register: str
    end: str = ""
    """What follows the last row."""

    def slots(self) -> dict[str, str]:
        """Return what may stand in the slots of the tables and of their counts."""
        return {
            "entries": r"\d+",
            "registers": r"\d+",
            "filter": rf"(?:(?:{self.entry})+{self.end})?",
            "writes": rf"(?:(?:{self.register})+{self.end})?",
        }


def fill(frame: str, values: Mapping[str, str]) -> bytes:
    """Put a value into each slot. Raises KeyError for a slot without one: a backend's bug."""
    return SLOT.sub(lambda slot: values[slot[1]], frame).encode("ascii")


def digest(frame: str) -> str:
    """Return the SHA-256 of a frame, in hexadecimal digits."""
    from hashlib import sha256

    return sha256(frame.encode("ascii")).hexdigest()


def unfill(kind: str, frame: str, data: bytes, known: Mapping[str, str], grammar: Mapping[str, str]) -> dict[str, str]:
    """Return what stands in the slots of ``frame`` that ``grammar`` has regular expressions for.

    ``kind`` is a key of ``DRIVEN``; ``known`` has what must stand in the other slots. Raises ValueError where the
    frame is not the one that was driven, or where a byte of ``data`` is neither the frame's nor a slot's.
    """
    if digest(frame) != DRIVEN.get(kind):
        raise ValueError(f"the text around the tables is not the one that was driven ({kind})")
    text, pieces = data.decode("ascii"), SLOT.split(frame)
    slots, found, at = dict(known), dict[str, str](), 0
    for literal, slot in zip_longest(pieces[::2], pieces[1::2]):
        at = _past(literal, text, at)
        if slot is None:
            break
        if slot not in slots:
            match = re.compile(grammar[slot]).match(text, at)
            if match is None:
                raise ValueError(f"character {at} does not begin what stands in `{slot}`")
            slots[slot] = found[slot] = match[0]
        at = _past(slots[slot], text, at)
    if at != len(text):
        raise ValueError(f"character {at} is past the end of the frame")
    return found


def _past(literal: str, text: str, at: int) -> int:
    if not text.startswith(literal, at):
        raise ValueError(f"after character {at} the text is not the frame's")
    return at + len(literal)


class ArtefactTitle(NamedTuple):
    """What stands at the top of a text: the policy's name and the SPDX licence expression, if any."""

    name: str
    license: str | None


def read_title(source: str, license_line: str, first_line: str) -> ArtefactTitle:
    """Read the top of a text by two regular expressions, each with one group. Raises ValueError for another text."""
    top = re.match(rf"(?:{license_line})?{first_line}", source)
    if top is None:
        raise ValueError("the text does not begin with its policy's name")
    return ArtefactTitle(top[2], top[1])


def read_tables(found: Mapping[str, str], rows: RowGrammar, actions: Mapping[str, str]) -> DecodedArtefact:
    """Read what ``unfill`` found in the slots of the tables.

    ``actions`` are the values that the text gives to the names of actions, decimal. Raises ValueError for a number or
    a comment that is wrong.
    """
    entries = []
    for comment, base, nr_functions, action in re.findall(rows.entry, found.get("filter", "")):
        value = ACTION_OF_KVM[SmcccFilterAction(int(actions.get(action, "-1")))]
        entry = FilterEntry(_number(base), _number(nr_functions), value)
        if comment != show_range(entry.base, entry.base + entry.nr_functions):
            raise ValueError(f"a comment says {comment} of {entry}")
        entries.append(entry)
    registers = []
    for comment, digits, bits in re.findall(rows.register, found.get("writes", "")):
        register_id = _number(digits)
        if register_id not in REGISTER_OF_ID or comment != REGISTER_OF_ID[register_id].macro:
            raise ValueError(f"a comment says {comment} of register {digits}")
        registers.append((register_id, _number(bits)))
    if (found["entries"], found["registers"]) != (str(len(entries)), str(len(registers))):
        raise ValueError("a count is not that of its table's rows")
    return DecodedArtefact(tuple(entries), tuple(registers))


def _number(digits: str) -> int:
    return int(digits.replace("_", ""), 16)
