"""Checks whether a document has the shape of a policy, and cuts its misshapen parts away.

Every wrong part is one fault. The rest is kept and checked as if the wrong part were not there, so that a rule with a
typing error does not hide what is wrong with the others.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import ErrorDetails, ValidationError

from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.policy.language import (
    CHOICES,
    MAX_RULES,
    VERSION,
    expected_name,
    fields,
    validator,
    wrong_name,
)
from smccc_filter.language.source import (
    Document,
    DocumentFault,
    MappingEntry,
    MappingNode,
    ScalarNode,
    SequenceNode,
    plain,
    without,
)
from smccc_filter.words import cut, listed, suggest

EXPECTED = {
    "version": f"{VERSION}",
    "name": expected_name(),
    "description": "text",
    "target": "a mapping with `kernels`, `psci`, `capabilities`, `stolen_time`, `protected`, `nested` or `aarch32`",
    "firmware": "a mapping with `std`, `std_hyp`, `vendor_hyp` or `vendor_hyp_2`",
    "rules": "a list of rules, each a mapping with an `action`",
    "tests": "a list of expectations such as `{call: PSCI_CPU_ON, expect: forward}`",
    "allow": 'a list of allowances such as `{code: A305, reason: "..."}`',
    "calls": "a list of call names such as `[PSCI_CPU_ON, TRNG_RND/64]`",
    "ranges": "a list of ranges such as `[0x84000000-0x8400001F, 0xC6000040+2]`",
    "services": "a list of services such as `[psci, trng]`",
    "except": "a mapping with `calls`, `ranges` or `services`",
    "kernels": 'a list of kernels, each a quoted string, such as `["6.12", "7.3"]`',
    "psci": 'a quoted version, such as `"1.1"`',
    "capabilities": "a list of capabilities such as `[system_suspend]`",
    "call": "a call name, or one function ID in hexadecimal",
    "code": "a diagnostic's code such as `A305`",
    "reason": "text that says why",
    **dict.fromkeys(("stolen_time", "protected", "nested", "aarch32"), "`true` or `false`"),
    **dict.fromkeys(("std", "std_hyp", "vendor_hyp", "vendor_hyp_2"), "a list of firmware bits such as `[trng]`"),
}
EXPECTED_ITEM = {
    "rules": "a mapping with an `action`, and `calls`, `ranges` or `services`",
    "tests": "an expectation such as `{call: PSCI_CPU_ON, expect: forward}`",
    "allow": 'an allowance such as `{code: A305, reason: "..."}`',
    "calls": "a call's name such as `PSCI_CPU_ON`",
    "ranges": "a range such as `0x84000000-0x8400001F`, `0xC6000040+2` or `0x95C1BA5E`",
    "services": "a service's name such as `psci`",
    "kernels": 'a quoted kernel such as `"6.12"`: without quotes YAML reads 6.10 as 6.1',
}
_IDS = ("ranges", "call")
_VERSIONS = ("kernels", "psci")
_ROOT = "a mapping with `version`, `name` and `rules`"
_STAND_INS: dict[str, int | str] = {"version": VERSION, "name": "unnamed"}
MAX_FAULTS = 1000
"""More of them help nobody, and take gigabytes in a file of 16 MiB."""
_ROUNDS = 8
"""Cutting a part away can leave its owner without a required field; owners nest less deep than this."""


def check(document: Document) -> tuple[dict[str, Any] | None, list[DocumentFault], Document]:
    """Return a document's data without its misshapen parts, a fault for each of them, and the document without them.

    The document that is returned is the same object where nothing is wrong, and else shares its sound parts. The data
    is ``None`` when the document holds no policy.
    """
    root = document.root
    if not isinstance(root, MappingNode):
        if not document.complete:
            return None, [], document
        found = "empty" if root is None else _found(plain(root), document.quote(()))
        message = f"a policy is {_ROOT}; this one is {found}"
        return None, [DocumentFault("P103", (), message, "start with `version: 1`")], document
    rules = root.entries.get("rules")
    if rules and isinstance(rules.node, SequenceNode) and len(rules.node.items) > MAX_RULES:
        message = f"{len(rules.node.items):,} rules are more than {MAX_RULES:,}"
        hint = "merge neighbouring ranges, or split the policy"
        return None, [DocumentFault("P105", KeyOf(("rules",)), message, hint)], document
    faults: list[DocumentFault] = []
    kept = document
    validate = validator().validate_python
    for attempt in range(_ROUNDS):
        data = plain(root)
        try:
            validate(data)
        except ValidationError as error:
            if error.error_count() > MAX_FAULTS:
                return None, _too_many(kept, data, error.error_count()), document
            errors = error.errors(include_url=False)
            if attempt == 0:
                faults = [fault for detail in errors if (fault := _fault(document, detail))]
                faults += _unselective(document, data)
            root = _without(root, errors)
            kept = document._replace(root=root)
        else:
            return data, faults or list(_unselective(kept, data)), kept
    return None, faults, document


def _too_many(document: Document, data: dict[str, Any], count: int) -> list[DocumentFault]:
    """Report the first fault of every list of a document that has so many that they would take gigabytes."""
    message = f"{count:,} parts of the file are wrong; only the first of each list is reported"
    faults = [DocumentFault("P105", Offsets(0, 0), message, "fix what is reported, and look again")]
    try:
        validator(first_only=True).validate_python(data)
    except ValidationError as error:
        faults += [fault for detail in error.errors(include_url=False) if (fault := _fault(document, detail))]
    return faults


def _unselective(document: Document, data: dict[str, Any]) -> Iterator[DocumentFault]:
    """Report the rules and exceptions that select nothing, unless a misspelt key may hold what they select."""
    rules = data.get("rules")
    if not isinstance(rules, list):
        return
    known, selecting = set(fields()["rules"]), set(fields()["except"])
    for number, rule in enumerate(rules):
        if not isinstance(rule, dict) or _breaks_off(document, ("rules", number)):
            continue
        if known.issuperset(rule) and selecting.isdisjoint(rule):
            at = document.offsets(("rules", number))
            yield DocumentFault("P103", at, "the rule selects nothing", "add `calls`, `ranges` or `services`")
        if rule.get("except") == {}:
            at = document.offsets(("rules", number, "except"))
            yield DocumentFault("P103", at, "`except` is empty", "add `calls`, `ranges` or `services` to it")


def _breaks_off(document: Document, path: Path) -> bool:
    """Tell whether reading stopped within the part at ``path``, so that nobody knows what else is in it."""
    return not document.complete and document.offsets(path).end == len(document.text.text)


def _fault(document: Document, detail: ErrorDetails) -> DocumentFault | None:
    """Say what is wrong with one part, with its place as offsets, since its path leads elsewhere once it is cut."""
    path, kind = detail["loc"], detail["type"]
    if kind in {"missing", "too_short"} and _breaks_off(document, path[:-1] if kind == "missing" else path):
        return None
    if kind == "missing":
        return DocumentFault("P103", document.offsets(path[:-1]), f"`{path[-1]}` is missing", _missing_hint(path))
    if kind == "extra_forbidden":
        at = document.offsets(KeyOf(path))
        where = _mapping_key(path[:-1])
        choices = fields()[where]
        word, known = str(path[-1]), f"known are {listed(choices, 'and')}"
        message = f"the policy language has no field `{document.quote(at)}`" + (f" in `{where}`" if where else "")
        hint, meant = suggest(word, choices, known)
        return DocumentFault("P102", at, message, hint, instead=meant)
    at = document.offsets(path)
    if at.start == at.end:
        at = document.offsets(KeyOf(path))
    return _wrong_value(detail, at, document.quote(at))


def _wrong_value(detail: ErrorDetails, at: Offsets, quote: str) -> DocumentFault:
    path, kind, found = detail["loc"], detail["type"], detail["input"]
    field = _mapping_key(path)
    if kind == "literal_error" and field in CHOICES and isinstance(found, str):
        return _unknown_value(path, field, found, at)
    if field in _IDS and type(found) is int:
        from smccc_filter.language.policy.malformed import malformed

        number = malformed(str(found))
        return DocumentFault("P103", at, number.message, number.hint, instead=number.instead, certain=number.certain)
    if kind == "too_short":
        return DocumentFault("P103", at, f"`{field}` is empty", f"write {_expected(path, field)}, or leave the key out")
    what = "an item of " if isinstance(path[-1], int) else ""
    unquoted = f'"{quote}"' if field in _VERSIONS and type(found) in {int, float} else None
    message = f"{what}`{field}` is {_found(found, quote)}"
    wrong = wrong_name(found) if path == ("name",) and isinstance(found, str) else None
    hint = wrong[1] if wrong else f"write {_expected(path, field)}"
    return DocumentFault("P103", at, message, hint, instead=unquoted)


def _unknown_value(path: Path, field: str, found: str, at: Offsets) -> DocumentFault:
    choices = CHOICES[field]
    hint, meant = suggest(found, choices, f"write {listed(choices)}")
    code, message = "P103", f"`{field}` is `{cut(found)}`"
    if path[0] == "firmware":
        code, message = "P104", f"`{cut(found)}` is no bit of the firmware register `{field}`"
    elif field == "capabilities":
        code, message = "P104", f"`{cut(found)}` is no capability"
    return DocumentFault(code, at, message, hint, instead=None if field in _VERSIONS else meant)


def _expected(path: Path, field: str) -> str:
    """Say what belongs at ``path``: an item of a list is described with its list."""
    if field == "name" and len(path) > 1:
        return "a name that is not empty"
    if isinstance(path[-1], int) and field in EXPECTED_ITEM:
        return EXPECTED_ITEM[field]
    return EXPECTED[field] if field in EXPECTED else listed(CHOICES[field])


def _missing_hint(path: Path) -> str:
    field = str(path[-1])
    return f"add `{field}:` with {_expected(path, field)}"


def _mapping_key(path: Path) -> str:
    """Return the key under which the mapping at ``path`` stands."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _found(value: object, quote: str) -> str:
    """Name a value that is not what was expected; a number, and a text in quotes, as it was written."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number {quote}"
    if isinstance(value, str):
        shown = quote if quote[:1] in {"'", '"'} else cut(value)
        return f"`{shown}`" if value else "an empty text"
    return "a list" if isinstance(value, list) else "a mapping"


def _without(root: MappingNode, errors: Iterable[ErrorDetails]) -> MappingNode:
    """Return the tree without the parts that the errors name; a wrong or missing version or name gets a stand-in."""
    paths: list[Path] = []
    stand_ins: dict[str, MappingEntry] = {}
    for detail in errors:
        path = detail["loc"]
        if len(path) == 1 and path[0] in _STAND_INS:
            field = str(path[0])
            stand_ins[field] = MappingEntry(Offsets(0, 0), ScalarNode(0, 0, _STAND_INS[field]))
        else:
            paths.append(path[:-1] if detail["type"] == "missing" else path)
    return MappingNode(root.start, root.end, {**without(root, paths).entries, **stand_ins})
