"""How the picture looks: colours for light and dark, each readable on what it stands on, and a pattern an action.

Not every reader tells red from green and not every printer has colours, so an action is a letter, a lightness and a
pattern as well. The rules are plain CSS classes: programs other than browsers draw SVG too, and few know variables.
"""

from collections.abc import Mapping
from typing import NamedTuple

from smccc_filter.kvm.uapi import Action

PREFIX = "smccc-map"
"""Begins every class and every ID, so that a page may hold the picture beside things of its own."""


class Fill(NamedTuple):
    """The colour of an action, and of letters on it."""

    ground: str
    ink: str


class Palette(NamedTuple):
    """All colours of one scheme; ``quiet`` is text of less weight.

    ``stripes`` are the lines on what is forwarded, ``hatch`` those across reserved IDs.
    """

    paper: str
    ink: str
    quiet: str
    edge: str
    hatch: str
    stripes: str
    fills: Mapping[Action, Fill]


LIGHT = Palette(
    paper="#ffffff",
    ink="#1b1f24",
    quiet="#57606a",
    edge="#6e7781",
    hatch="#7d8894",
    stripes="#c98508",
    fills={
        Action.HANDLE: Fill("#e3edf7", "#173a5e"),
        Action.DENY: Fill("#b3263c", "#ffffff"),
        Action.FORWARD: Fill("#ffc75a", "#3a2500"),
    },
)
DARK = Palette(
    paper="#0d1117",
    ink="#e6edf3",
    quiet="#9aa5b1",
    edge="#7d8590",
    hatch="#6e7a87",
    stripes="#a97408",
    fills={
        Action.HANDLE: Fill("#1c2f44", "#cfe3f7"),
        Action.DENY: Fill("#b3263c", "#ffffff"),
        Action.FORWARD: Fill("#eab54d", "#3a2500"),
    },
)
LETTERS = {Action.HANDLE: "H", Action.DENY: "D", Action.FORWARD: "F"}
MEANINGS = {
    Action.HANDLE: "handle: left to KVM",
    Action.DENY: "deny: the guest gets NOT_SUPPORTED",
    Action.FORWARD: "forward: the VMM answers",
}


def name(part: str) -> str:
    """Return the class or the ID of a part of the picture."""
    return f"{PREFIX}-{part}"


def css() -> str:
    """Return the style sheet: light, and dark where the reader prefers it."""
    font = f".{name('text')} {{ font-family: sans-serif; }}\n"
    return f"{font}{_rules(LIGHT)}@media (prefers-color-scheme: dark) {{\n{_rules(DARK)}}}\n"


def _rules(palette: Palette) -> str:
    rules = {
        "paper": f"fill: {palette.paper}",
        "ink": f"fill: {palette.ink}",
        "quiet": f"fill: {palette.quiet}",
        "edge": f"fill: none; stroke: {palette.edge}",
        "mark": f"stroke: {palette.quiet}",
        "hatch-lines": f"stroke: {palette.hatch}",
        "stripes-lines": f"stroke: {palette.stripes}",
    }
    for action, fill in palette.fills.items():
        rules[action] = f"fill: {fill.ground}"
        rules[f"{action}-ink"] = f"fill: {fill.ink}"
    return "".join(f".{name(part)} {{ {rule}; }}\n" for part, rule in rules.items())
