"""The map of a policy as one page: everything in one file, for whoever reviews it without the tool.

Nothing is loaded and nothing is sent: a strict Content-Security-Policy allows the page's own style and script, by their
hashes, and nothing else. What comes from a policy is data in a script element of type JSON, and reaches the page as
text only.

Source: W3C, Content Security Policy Level 3, section 2.3.1; WHATWG, HTML, section 4.12.1.3, on what ends a script.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from os.path import dirname, join

from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup
from smccc_filter.reports.map.page.data import embedded, payload
from smccc_filter.version import __version__
from smccc_filter.words import visible

SCRIPTS = ("lookup.js", "elements.js", "answer.js", "map.js", "address.js", "page.js")
"""One script in the page, in this order: only the last does something as it is read."""


def render(path: str, examination: Examination, setups: Sequence[VmSetup]) -> str:
    """Write the page of a policy that is set up on some kernels; ``path`` is what findings call its file."""
    data = payload(path, examination, setups)
    style, script = _asset("page.css"), "\n".join(map(_asset, SCRIPTS))
    allowed = f"script-src {_hash(script)}; style-src {_hash(style)}"
    parts = {
        "POLICY": f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'",
        "TITLE": escape(visible(f"{data['name']}: SMCCC filter policy")),
        "VERSION": __version__,
        "STYLE": style,
        "SCRIPT": script,
        "DATA": embedded(data),
    }
    # One pass, so that nothing in a policy is taken for a place of the template.
    return re.sub("@([A-Z]+)@", lambda place: parts[place[1]], _asset("page.html"))


def _asset(name: str) -> str:
    with open(join(dirname(__file__), name), encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123 -- no pathlib
        return file.read()


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
