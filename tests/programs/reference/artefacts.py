"""The page of the artefacts: the formats, and what the C header, the Rust module and the JSON of one policy offer."""

import json
import re
from collections.abc import Iterator

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts import backends
from smccc_filter.artefacts.backends import FORMATS
from tests.programs.reference import markdown
from tests.programs.reference.json_shapes import JsonShape, table

POLICY = b"""\
version: 1
name: name
target: {kernels: ["6.12", "7.3"], psci: "1.1", stolen_time: true}
rules:
  - action: forward
    services: [psci]
    vmm:
      version: "1.1"
      implements: [PSCI_VERSION, PSCI_FEATURES, PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF]
"""
"""A policy of which every artefact has all parts; its name stands for that of yours."""
C_FUNCTION = re.compile(r"^/\*\n((?: \*.*\n)+?) \*/\n(static inline [^{;]*?\))\n\{", re.MULTILINE)
RUST_ITEM = re.compile(r"^((?:///[^\n]*\n)+)(?:#\[[^\n]*\]\n)*(pub .*?)(?: =| \{|;$)", re.MULTILINE | re.DOTALL)


LEAD = """\
`smccc-filter compile POLICY -o OUT` writes one of these; the suffix of `OUT` decides which, or `--format`. Each is
decoded again by code that shares nothing with what wrote it, and proved to decide as the policy does for all 2^32
function IDs. Its bytes depend on the policy's meaning and the tool's version alone.
"""


def page() -> str:
    """Return the page."""
    examination = pipeline.examine("name.smccc.yaml", POLICY)
    made = {name: pipeline.build(examination, name).data for name in FORMATS}
    header, module, document = (made[name].decode() for name in ("c", "rust", "json"))
    return markdown.page(
        "Artefacts",
        LEAD,
        markdown.table(("format", "suffix", "content"), map(_format, FORMATS)),
        "## C",
        "`name` stands for the name of the policy. The first comment of the header tells of the exit.",
        *_functions(header),
        "## Rust",
        *_items(module),
        "## JSON",
        "Numbers that are IDs or sets of bits are strings of hexadecimal digits.",
        table(JsonShape(json.loads(document))),
    )


def _format(name: str) -> tuple[str, str, str]:
    backend = backends.backend(name)
    return f"`{name}`", f"`{backend.SUFFIXES[0]}`", _code((backend.__doc__ or "").partition("\n")[0])


def _functions(header: str) -> Iterator[str]:
    """Yield the functions of the header that have a comment of some lines: the others are for these alone."""
    for comment, prototype in C_FUNCTION.findall(header):
        name = re.findall(r"(\w+)\(", prototype)[0]
        yield f"### `{name}`"
        yield markdown.block("c", " ".join(prototype.split()).replace("( ", "(") + ";")
        yield markdown.block("text", re.sub(r"^ \* ?", "", comment, flags=re.MULTILINE))


def _items(module: str) -> Iterator[str]:
    for comment, item in RUST_ITEM.findall(module):
        yield markdown.block("rust", " ".join(item.split()))
        yield re.sub(r"^/// ?", "", comment, flags=re.MULTILINE)


def _code(text: str) -> str:
    return text.replace("``", "`")
