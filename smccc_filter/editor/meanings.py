"""What words of the policy language mean, in Markdown or plain: what ``explain`` and the schema say of them."""

import re
from collections.abc import Mapping
from functools import cache

from lsprotocol import types

from smccc_filter.analysis.reference.id_range import IdRange
from smccc_filter.analysis.reference.topics import BadWordError, find
from smccc_filter.editor.cursor import Cursor
from smccc_filter.editor.vmm_words import meaning_in_vmm, stated_in_vmm
from smccc_filter.kvm.profiles import Fact, profile
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS
from smccc_filter.language.policy.language import (
    ACTIONS,
    CAPABILITIES,
    EVERY_CALL,
    FIRMWARE_BITS,
    PSCI_MEANINGS,
    SCHEMA,
)
from smccc_filter.reports.explain import id_range, text
from smccc_filter.reports.explain.explanation import Explanation
from smccc_filter.reports.paper.columns import LabelledLine

_SPECIAL = re.compile(r"([\\*<\[\]|])")
_CODE = re.compile(r"(``?)(.+?)\1")
_NAMING = frozenset({"calls", "ranges", "services", "call", "implements", "features", "version", "code"})
"""Keys under which calls, IDs, services or codes are named."""
_CHOICES: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("action", "default", "expect"), ACTIONS),
    **{one.key: {bit: FIRMWARE_BITS[bit] for bit in one.bits} for one in FIRMWARE_REGISTERS},
    "capabilities": CAPABILITIES,
    "psci": PSCI_MEANINGS,
}
ALL_MEANING = "Every call that `calls` of the rule names."


@cache
def field_meanings() -> Mapping[tuple[str, str], str]:
    """Return what each field is for, by the key of its mapping (``""`` for the document) and its own."""
    shapes = {item["ref"]: item["fields"] for item in SCHEMA["definitions"]} | {"": SCHEMA["schema"]["fields"]}
    homes = {"rules": "Rule", "except": "Selectors", "tests": "Expectation", "allow": "Allowance", "": ""}
    homes |= {"target": "Target", "firmware": "Firmware", "vmm": "Vmm"}
    return {
        (key, name): field["metadata"]["pydantic_js_updates"]["description"]
        for key, shape in homes.items()
        for name, field in shapes[shape].items()
    }


def choices(key: str) -> Mapping[str, str]:
    """Return the words that may stand under a key, where they are few, with their meanings."""
    return _CHOICES.get(key, {})


def explanation(at: Cursor, word: str) -> Explanation | None:
    """Return what a word means where it stands; ``None`` for one that means nothing there."""
    if at.is_prose:
        return None
    if at.is_key:
        meaning = field_meanings().get((at.key, word))
    elif at.key == "implements" and word == EVERY_CALL:
        meaning = ALL_MEANING
    else:
        meaning = meaning_in_vmm(at, word) if stated_in_vmm(at) else choices(at.key).get(word)
    if meaning:
        return Explanation(f"{word}: {meaning}", ())
    if at.key == "kernels":
        return _kernel(word)
    return _named(word) if at.key in _NAMING else None


def _named(word: str) -> Explanation | None:
    try:
        topic = find(word)
    except BadWordError:
        return None
    return id_range.explain(topic) if isinstance(topic, IdRange) else text.explain(topic)


def markup(explained: Explanation, kind: types.MarkupKind) -> types.MarkupContent:
    """Write an explanation for an editor."""
    if kind is not types.MarkupKind.Markdown:
        return types.MarkupContent(kind, explained.render(None) if explained.lines else explained.title)
    title, _, rest = explained.title.partition(": ")
    blocks = [f"**{_escaped(title)}**" + (f": {_escaped(rest)}" if rest else "")]
    blocks += [_escaped(explained.manual), "\n".join(map(_line, explained.lines)).strip("\n")]
    return types.MarkupContent(kind, "\n\n".join(filter(None, blocks)))


def _kernel(name: str) -> Explanation | None:
    """Say what a release does, one fact a line, and how that is known."""
    known = profile(name)
    if known is None:
        return None
    facts = [(key, fact) for key, fact in known._asdict().items() if isinstance(fact, Fact)]
    lines = (LabelledLine(key, f"{fact.value} ({fact.evidence}: {fact.source})") for key, fact in facts)
    return Explanation(f"Linux {known.name}", tuple(lines))


def _line(line: LabelledLine) -> str:
    """Write a labelled line as an item of a list; one without a label is an item below it."""
    if not line.text:
        return f"- {_escaped(line.label)}" if line.label else ""
    return f"- **{_escaped(line.label)}** {_escaped(line.text)}" if line.label else f"  - {_escaped(line.text)}"


def _escaped(text: str) -> str:
    """Take the meaning from what Markdown would understand, but for what stands between backquotes."""
    pieces = []
    at = 0
    for code in _CODE.finditer(text):
        pieces += [_SPECIAL.sub(r"\\\1", text[at : code.start()]), f"`{code[2]}`"]
        at = code.end()
    return "".join((*pieces, _SPECIAL.sub(r"\\\1", text[at:])))
