"""The faults of a document's shape, which are put into words one by one.

Every wrong part is one fault, with its place as offsets, since its path leads elsewhere once the parts are cut away.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.policy.faults import UnsaidFault
from smccc_filter.language.policy.language import CHOICES, CODE_PATTERN, VERSION, expected_name, fields, wrong_name
from smccc_filter.language.policy.misshapen_vmm import EXPECTED_CALL, EXPECTED_IN_VMM, wrong_in_vmm
from smccc_filter.language.source import Document, DocumentFault
from smccc_filter.words import Suggester, cut, listed

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
    "vmm": "a mapping with `implements`, and maybe `version` and `features`",
    "implements": EXPECTED_IN_VMM["implements"],
    "kernels": 'a list of kernels, each a quoted string, such as `["6.12", "7.3"]`',
    "psci": 'a quoted version, such as `"1.1"`',
    "capabilities": "a list of capabilities such as `[system_suspend]`",
    "call": "a call name, or one function ID in hexadecimal",
    "code": "a diagnostic's code such as `A305`",
    "reason": "text that says why",
    "features": EXPECTED_IN_VMM["features"],
    **dict.fromkeys(("stolen_time", "protected", "nested", "aarch32"), "`true` or `false`"),
    **dict.fromkeys(("std", "std_hyp", "vendor_hyp", "vendor_hyp_2"), "a list of firmware bits such as `[trng]`"),
}
EXPECTED_ITEM = {
    "rules": "a mapping with an `action`, and `calls`, `ranges` or `services`",
    "tests": "an expectation such as `{call: PSCI_CPU_ON, expect: forward}`",
    "allow": 'an allowance such as `{code: A305, reason: "..."}`',
    "calls": EXPECTED_CALL,
    "implements": EXPECTED_CALL,
    "ranges": "a range such as `0x84000000-0x8400001F`, `0xC6000040+2` or `0x95C1BA5E`",
    "services": "a service's name such as `psci`",
    "kernels": 'a quoted kernel such as `"6.12"`: without quotes YAML reads 6.10 as 6.1',
}
_IDS = ("ranges", "call")
_VERSIONS = ("kernels", "psci")


class ShapeError(NamedTuple):
    """A part of wrong shape: its path, pydantic's name for what is wrong, and what stands there."""

    path: Path
    kind: str
    found: Any


class ShapeFaults:
    """The faults of a document's shape: those that pydantic finds, then those of the rules that select nothing.

    ``unselective`` has the path, message and hint of each of the latter; ``single`` is the one fault of a document in
    which nothing else is looked at.
    """

    __slots__ = ("_document", "_errors", "_single", "_unselective")

    def __init__(
        self,
        document: Document,
        errors: Sequence[ShapeError] = (),
        unselective: Sequence[tuple[Path, str, str]] = (),
        single: DocumentFault | None = None,
    ) -> None:
        self._document: Final = document
        self._errors: Final = errors
        self._unselective: Final = unselective
        self._single: Final = single

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return any(True for _ in self.unsaid())

    def __iter__(self) -> Iterator[DocumentFault]:
        """Yield them in words."""
        return (unsaid.say() for unsaid in self.unsaid())

    def unsaid(self) -> Iterator[UnsaidFault]:
        """Yield them, to be put into words by who wants that."""
        if self._single:
            yield UnsaidFault(self._single.code, partial(_itself, self._single))
        suggester = Suggester()
        for error in self._errors:
            if not _is_unknown(self._document, error):
                say = partial(_fault, self._document, error, suggester)
                yield UnsaidFault(_code(error), say, _may_say_instead(error))
        for path, message, hint in self._unselective:
            say = partial(_unselecting, self._document, path, message, hint)
            yield UnsaidFault("P103", say, may_say_instead=False)


def _unselecting(document: Document, path: Path, message: str, hint: str) -> DocumentFault:
    return DocumentFault("P103", document.offsets(path), message, hint)


def _itself(fault: DocumentFault) -> DocumentFault:
    return fault


def _is_unknown(document: Document, error: ShapeError) -> bool:
    """Tell whether something seems to be missing only because reading stopped before."""
    path, kind, _ = error
    return kind in {"missing", "too_short"} and document.breaks_off(path[:-1] if kind == "missing" else path)


def _code(error: ShapeError) -> str:
    """Return the code of an error's fault."""
    path, kind, found = error
    if kind == "extra_forbidden":
        return "P102"
    is_name = path[0] == "firmware" or _mapping_key(path) == "capabilities"
    return "P104" if kind == "literal_error" and is_name and isinstance(found, str) else "P103"


def _may_say_instead(error: ShapeError) -> bool:
    """Tell whether it may be clear what was meant, which is so for words and numbers alone."""
    return error.kind in {"extra_forbidden", "literal_error"} or type(error.found) in {int, float}


def _fault(document: Document, error: ShapeError, suggester: Suggester) -> DocumentFault:
    """Say what is wrong with one part, with its place as offsets, since its path leads elsewhere once it is cut."""
    path, kind, _ = error
    if kind == "missing":
        return DocumentFault("P103", document.offsets(path[:-1]), f"`{path[-1]}` is missing", _missing_hint(path))
    if kind == "extra_forbidden":
        at = document.offsets(KeyOf(path))
        where = _mapping_key(path[:-1])
        choices = fields()[where]
        word, known = str(path[-1]), f"known are {listed(choices, 'and')}"
        message = f"the policy language has no field `{document.quote(at)}`" + (f" in `{where}`" if where else "")
        hint, meant = suggester.suggest(word, f"{where}:", choices, known)
        return DocumentFault("P102", at, message, hint, instead=meant)
    at = document.offsets(path)
    if at.start == at.end:
        at = document.offsets(KeyOf(path))
    quote = document.quote(at)
    if path[2:3] == ("vmm",) and len(path) > 3:
        return wrong_in_vmm(error, at, said_of(error.found, quote), quote)
    return _wrong_value(error, at, quote, suggester)


def _wrong_value(error: ShapeError, at: Offsets, quote: str, suggester: Suggester) -> DocumentFault:
    path, kind, found = error
    field = _mapping_key(path)
    if kind == "literal_error" and field in CHOICES and isinstance(found, str):
        return _unknown_value(error, field, at, suggester)
    if field in _IDS and type(found) is int:
        from smccc_filter.language.policy.malformed import malformed

        number = malformed(str(found))
        return DocumentFault("P103", at, number.message, number.hint, instead=number.instead, certain=number.certain)
    if type(found) is int and field in {"calls", "services"}:
        from smccc_filter.language.policy.misplaced import number_among_names

        if numbered := number_among_names(str(found), path):
            hint, meant = numbered
            return DocumentFault("P103", at, f"an item of `{field}` is the number {quote}", hint, instead=meant)
    if field == "code" and isinstance(found, str) and re.fullmatch(CODE_PATTERN, found.upper()):
        hint = f"did you mean `{found.upper()}`?"
        return DocumentFault("P103", at, f"`code` is {said_of(found, quote)}", hint, instead=found.upper())
    if kind == "too_short":
        return DocumentFault("P103", at, f"`{field}` is empty", f"write {_expected(path, field)}, or leave the key out")
    what = "an item of " if isinstance(path[-1], int) else ""
    unquoted = f'"{quote}"' if field in _VERSIONS and type(found) in {int, float} else None
    message = f"{what}`{field}` is {said_of(found, quote)}"
    wrong = wrong_name(found) if path == ("name",) and isinstance(found, str) else None
    hint = wrong[1] if wrong else f"write {_expected(path, field)}"
    return DocumentFault("P103", at, message, hint, instead=unquoted)


def _unknown_value(error: ShapeError, field: str, at: Offsets, suggester: Suggester) -> DocumentFault:
    path, _, found = error
    choices = CHOICES[field]
    hint, meant = suggester.suggest(found, field, choices, f"write {listed(choices)}")
    message = f"`{field}` is `{cut(found)}`"
    if path[0] == "firmware":
        message = f"`{cut(found)}` is no bit of the firmware register `{field}`"
    elif field == "capabilities":
        message = f"`{cut(found)}` is no capability"
    return DocumentFault(_code(error), at, message, hint, instead=None if field in _VERSIONS else meant)


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


def said_of(value: object, quote: str) -> str:
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
