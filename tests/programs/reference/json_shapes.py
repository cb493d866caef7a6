"""The page of what commands print as JSON, made of what they print of the shipped policies and of many that are broken.

What a document holds is known from documents: of each key, which kinds of value it had, and one of them.
"""

import json
import re
from collections.abc import Iterator, Sequence

from smccc_filter.commands.list import TABLES
from tests.analysis.checks.cases import HERE
from tests.cli.tool import run
from tests.paths import POLICIES, ROOT, SUFFIX
from tests.programs.reference import markdown

KINDS = {str: "string", bool: "boolean", int: "number", list: "list", dict: "object", type(None): "null"}
KERNEL = re.compile(r"\d+\.\d+(\.\d+)?")
"""A key that is no word of the shape, but the name of a kernel."""
BROKEN = tuple(
    f"{(HERE / name / 'fires').relative_to(ROOT)}/{policy}.yaml"
    for name, policy in (("overlap", "two-rules"), ("hint-alias", "alias-alone"), ("failed-expectation", "allowed"))
)
"""Policies with findings that have every key."""
LEAD = """\
With `--format json` these commands print one document, whose `version` is that of its shape. IDs are strings of eight
hexadecimal digits in upper case, and a pair of them is an inclusive range; lines and columns count from 1, columns in
characters. Output is the same to the byte from run to run. In a key, `[]` is each item of a list, and `KERNEL` the name
of a kernel. The artefact that is JSON is [described with the others](artefacts.md).
"""
LONGEST = 60
"""Characters of an example."""


class JsonShape:
    """What is known of the values in one place: their kinds, the first that tells something, and what is in them."""

    def __init__(self, *values: object) -> None:
        self.kinds: set[str] = set()
        self.example: object = None
        self.inner: dict[str, JsonShape] = {}
        for value in values:
            self.learn(value)

    def learn(self, value: object) -> None:
        """Add one value."""
        self.kinds.add(KINDS[type(value)])
        if isinstance(value, dict):
            for name, each in value.items():
                key = ".KERNEL" if KERNEL.fullmatch(name) else f".{name}"
                self.inner.setdefault(key, JsonShape()).learn(each)
        elif isinstance(value, list):
            for each in value:
                self.inner.setdefault("[]", JsonShape()).learn(each)
        elif self.example in (None, ""):
            self.example = value

    def rows(self, path: str = "") -> Iterator[tuple[str, str, str]]:
        """Yield a row for each place, but for objects, which what is in them tells of."""
        if path and self.kinds != {"object"}:
            yield f"`{path}`", " or ".join(sorted(self.kinds)), self._shown()
        for key, shape in self.inner.items():
            yield from shape.rows(f"{path}{key}".removeprefix("."))

    def _shown(self) -> str:
        if self.example in (None, ""):
            return ""
        text = json.dumps(self.example, ensure_ascii=False)
        return markdown.code(text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ...")


NOTHING: Sequence[str] = ()


def documents() -> Iterator[tuple[str, list[Sequence[str]]]]:
    """Yield each command that prints JSON, and the command lines to learn its shape from."""
    shipped = tuple(str(path.relative_to(ROOT)) for path in sorted(POLICIES.glob(f"*{SUFFIX}")))
    one, other = (f"policies/{name}{SUFFIX}" for name in ("vcpu-hotplug", "stolen-time-off"))
    yield "validate", [("--notes", "--allowed", *shipped, *BROKEN)]
    yield "query", [(path, "PSCI_CPU_ON", "TRNG_RND", "0xC6000040") for path in shipped]
    yield "show", [(path,) for path in shipped]
    yield "guest", [(path,) for path in shipped]
    yield "diff", [(one, other), (other, one), (f"policies/lockdown{SUFFIX}", one)]
    yield "explain", [("0xC4000003", "0x84000000-0x8400001F", "PSCI_CPU_ON", "psci", "R201"), ("stolen", "time")]
    yield from ((f"list {table}", [NOTHING]) for table in TABLES if table != "schema")


def page() -> str:
    """Return the page."""
    parts = [LEAD]
    for command, lines in documents():
        printed = (run(*command.split(), "--format", "json", *line, cwd=ROOT).out for line in lines)
        parts += [f"## `{command}`", table(JsonShape(*map(json.loads, printed)))]
    return markdown.page("JSON", *parts)


def table(shape: JsonShape) -> str:
    """Return a table of a shape."""
    return markdown.table(("key", "value", "such as"), shape.rows())
