"""Links in a terminal, OSC 8: whether one shows them, and how they are written.

No terminal can be asked, so that those are known by name that were seen to have them; the others would at best drop
what they do not understand. Source: Egmont Koblinger,
Hyperlinks (a.k.a. HTML-like anchors) in terminal emulators.
"""

import re
from collections.abc import Mapping

VTE = 5000
"""The first version of VTE, and so of GNOME's terminal and its kin, that has links, as VTE_VERSION counts."""
PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby", "WarpTerminal"})
"""Values of TERM_PROGRAM."""
TERMS = re.compile("alacritty|contour|foot|kitty|ghostty|wezterm")
"""What a TERM holds of terminals that have links."""
MARKS = ("DOMTERM", "KONSOLE_VERSION", "WT_SESSION")
"""Variables that only terminals with links set."""


def are_shown(environment: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Tell whether links are shown. FORCE_HYPERLINK decides where it is set and not empty: 0 for none, else links."""
    if forced := environment.get("FORCE_HYPERLINK"):
        return forced != "0"
    if not on_terminal:
        return False
    version = environment.get("VTE_VERSION", "")
    return (
        (version.isdecimal() and int(version) >= VTE)
        or environment.get("TERM_PROGRAM") in PROGRAMS
        or bool(TERMS.search(environment.get("TERM", "")))
        or any(environment.get(name) for name in MARKS)
    )


def linked(text: str, address: str) -> str:
    """Return text that leads to an address, which holds printable ASCII alone."""
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"
