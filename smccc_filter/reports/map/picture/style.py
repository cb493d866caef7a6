"""How the map looks: one palette for the picture and for pages, each colour readable on what it stands on.

What no rule decides is neutral, whatever the default is; what rules decide stands out. Not every reader tells red from
green and not every printer has colours, so an action is a letter, a lightness and a pattern as well. The picture has
plain CSS classes: programs other than browsers draw SVG too, and few know variables.
"""

from collections.abc import Mapping
from typing import NamedTuple

from smccc_filter.kvm.uapi import Action

PREFIX = "smccc-map"
"""Begins every class and every ID, so that a page may hold the picture beside things of its own."""


class Fill(NamedTuple):
    """The colour of an action, of letters on it, and of the lines of its pattern."""

    ground: str
    ink: str
    lines: str


class Palette(NamedTuple):
    """All colours of one scheme.

    ``quiet`` is text of less weight, ``undecided`` the ground of what no rule decides, and ``reserved`` the dots on
    what is allocated to nobody.
    """

    paper: str
    ink: str
    quiet: str
    edge: str
    undecided: str
    reserved: str
    fills: Mapping[Action, Fill]


LIGHT = Palette(
    paper="#ffffff",
    ink="#1b1f24",
    quiet="#545c66",
    edge="#b4bcc6",
    undecided="#eceff3",
    reserved="#b4bcc6",
    fills={
        Action.HANDLE: Fill("#7fb5e6", "#0a2740", "#4d8fc9"),
        Action.DENY: Fill("#b3263c", "#ffffff", "#d9818e"),
        Action.FORWARD: Fill("#f7c04a", "#2b1c00", "#c08408"),
    },
)
DARK = Palette(
    paper="#14171c",
    ink="#e8ebf0",
    quiet="#a9b2be",
    edge="#4a5361",
    undecided="#262c35",
    reserved="#4a5361",
    fills={
        Action.HANDLE: Fill("#5f9fd8", "#04141f", "#2f6ea8"),
        Action.DENY: Fill("#b8304a", "#ffffff", "#e58a9a"),
        Action.FORWARD: Fill("#eab54d", "#241700", "#a97408"),
    },
)
LETTERS = {Action.HANDLE: "H", Action.DENY: "D", Action.FORWARD: "F"}
MEANINGS = {
    Action.HANDLE: "handle: left to KVM",
    Action.DENY: "deny: the guest gets NOT_SUPPORTED",
    Action.FORWARD: "forward: the VMM answers",
}
PATTERNS: Mapping[Action, tuple[int, str]] = {
    Action.HANDLE: (6, "M3 3h.01"),
    Action.DENY: (6, "M-1 1l2-2M0 6l6-6M5 7l2-2"),
    Action.FORWARD: (4, "M0 2h4"),
}
"""The pattern of each action: the side of its tile, and its lines. No two look alike without colour."""
RESERVED = (4, "M2 2h.01")


def name(part: str) -> str:
    """Return the class or the ID of a part of the picture."""
    return f"{PREFIX}-{part}"


def css() -> str:
    """Return the style sheet of the picture: light, and dark where the reader prefers it."""
    font = f".{name('text')} {{ font-family: sans-serif; }}\n"
    return f"{font}{_rules(LIGHT)}@media (prefers-color-scheme: dark) {{\n{_rules(DARK)}}}\n"


def variables() -> str:
    """Return the palette as the variables of a page that has both schemes, and the picture's classes by them."""
    light, dark = _colours(LIGHT), _colours(DARK)
    declared = "".join(f"  --{key}: light-dark({light[key]}, {dark[key]});\n" for key in light)
    return f":root {{\n{declared}}}\n{_rules(_by_variables())}"


def patterns() -> str:
    """Return the patterns, as they stand once in a document."""
    drawn = [_pattern(action, action, *PATTERNS[action]) for action in Action]
    return f"<defs>\n{''.join(drawn)}{_pattern('reserved', 'undecided', *RESERVED)}</defs>\n"


def _pattern(part: str, ground: str, side: int, line: str) -> str:
    tile = f'width="{side}" height="{side}" patternUnits="userSpaceOnUse"'
    below = f'<rect width="{side}" height="{side}" class="{name(ground)}"/>'
    path = f'<path d="{line}" class="{name(f"{part}-lines")}"/>'
    return f'<pattern id="{name(f"{part}-pattern")}" {tile}>{below}{path}</pattern>\n'


def _colours(palette: Palette) -> dict[str, str]:
    """Return all colours by the names that pages have for them."""
    found: dict[str, str] = {key: getattr(palette, key) for key in palette._fields if key != "fills"}
    for action, fill in palette.fills.items():
        found |= {f"{action}": fill.ground, f"{action}-ink": fill.ink, f"{action}-lines": fill.lines}
    return found


def _by_variables() -> Palette:
    names = {key: f"var(--{key})" for key in _colours(LIGHT)}
    fills = {action: Fill(names[action], names[f"{action}-ink"], names[f"{action}-lines"]) for action in Action}
    return Palette(**{key: names[key] for key in Palette._fields if key != "fills"}, fills=fills)


def _rules(palette: Palette) -> str:
    rules = {
        "paper": f"fill: {palette.paper}",
        "ink": f"fill: {palette.ink}",
        "quiet": f"fill: {palette.quiet}",
        "edge": f"fill: none; stroke: {palette.edge}",
        "mark": f"stroke: {palette.quiet}",
        "answered": f"stroke: {palette.ink}; stroke-width: 2",
        "undecided": f"fill: {palette.undecided}",
        "changed": f"fill: {palette.ink}",
        "reserved-lines": f"stroke: {palette.reserved}; stroke-width: 1.4; stroke-linecap: round",
    }
    for action, fill in palette.fills.items():
        width = "2.2; stroke-linecap: round" if action is Action.HANDLE else "1.2"
        rules[action] = f"fill: {fill.ground}"
        rules[f"{action}-ink"] = f"fill: {fill.ink}"
        rules[f"{action}-lines"] = f"stroke: {fill.lines}; stroke-width: {width}"
    return "".join(f".{name(part)} {{ {rule}; }}\n" for part, rule in rules.items())
