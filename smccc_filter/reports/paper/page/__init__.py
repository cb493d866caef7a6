"""A page: one file that holds everything, for whoever reads a report without the tool.

Nothing is loaded and nothing is sent: a strict Content-Security-Policy allows the page's own style and script, by their
hashes, and nothing else. What a script reads is data in a script element of type JSON.

Source: W3C, Content Security Policy Level 3, section 2.3.1; WHATWG, HTML, section 4.12.1.3, on what ends a script.
"""

import json
import re
from base64 import b64encode
from hashlib import sha256
from os.path import dirname, join

from smccc_filter.reports.map.picture import style
from smccc_filter.reports.paper.html import Markup, text
from smccc_filter.version import __version__

_HOSTILE = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}


def document(title: str, body: Markup, script: str = "", data: object = None) -> str:
    """Write a page; ``script`` finds ``data`` as JSON in the element ``data``."""
    sheet = f"{style.variables()}{asset(__file__, 'page.css')}"
    scripts = f"script-src {_hash(script)}; " if script else ""
    embedded_data = f'<script type="application/json" id="data">{embedded(data)}</script>\n'
    parts = {
        "POLICY": f"default-src 'none'; {scripts}style-src {_hash(sheet)}; base-uri 'none'; form-action 'none'",
        "TITLE": text(title),
        "VERSION": __version__,
        "STYLE": sheet,
        "PATTERNS": f'<svg class="patterns" width="0" height="0" aria-hidden="true">{style.patterns()}</svg>',
        "BODY": body,
        "SCRIPTS": f"{embedded_data}<script>{script}</script>" if script else "",
    }
    # One pass, so that nothing in a policy is taken for a place of the template.
    return re.sub("@([A-Z]+)@", lambda place: parts[place[1]], asset(__file__, "page.html"))


def asset(module: str, name: str) -> str:
    """Read a file that stands beside a module."""
    with open(join(dirname(module), name), encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123 -- no pathlib
        return file.read()


def embedded(data: object) -> str:
    """Write data as JSON that can stand in a script element: nothing in it can end that, or begin a comment."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_HOSTILE.get(c, c) for c in written) if any(c in written for c in _HOSTILE) else written


def _hash(words: str) -> str:
    return f"'sha256-{b64encode(sha256(words.encode()).digest()).decode()}'"
