"""The faults of a policy, which are put into words one by one: those of a hostile file, all at once, take gigabytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.policy import ranges
from smccc_filter.language.policy.language import EVERY_CALL
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.language.source import DocumentFault
from smccc_filter.smccc import registry
from smccc_filter.words import Suggester, cut

MAX_CUTS = 1000
"""Pieces into which exceptions may cut the selectors of a file, beside one for each exception and each selector.

Every selector of a rule has what is left of it, so that thousands of both, which meet, would be millions. Where no two
selectors overlap there are none.
"""
Describe = Callable[[Path, str, Suggester], DocumentFault]


class UnsaidFault(NamedTuple):
    """A fault whose code is known, and what puts it into words, maybe with what to write ``instead``."""

    code: str
    say: Callable[[], DocumentFault]
    may_say_instead: bool = True


class NamelessPart(NamedTuple):
    """A part of the policy that does not mean anything: the function that says why, where it is, and its text.

    ``place`` is where it is in the text, for a part that was cut away.
    """

    describe: Describe
    path: Path
    text: str
    place: Offsets | None = None

    def say(self, suggester: Suggester) -> DocumentFault:
        """Put it into words."""
        fault = self.describe(self.path, self.text, suggester)
        return fault._replace(place=self.place) if self.place else fault


class PolicyFaults:
    """What is wrong with a policy: what reading found, then its shape, then what names nothing.

    ``shape`` yields the faults of the shape.
    """

    __slots__ = ("_found", "_nameless", "_shape")

    def __init__(
        self,
        found: Iterable[DocumentFault],
        shape: Callable[[], Iterator[UnsaidFault]] | None = None,
        nameless: Sequence[NamelessPart] = (),
    ) -> None:
        self._found: Final = tuple(found)
        self._shape: Final = shape
        self._nameless: Final = nameless

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return any(True for _ in self.unsaid())

    def __iter__(self) -> Iterator[DocumentFault]:
        """Yield them in words."""
        return (unsaid.say() for unsaid in self.unsaid())

    def unsaid(self) -> Iterator[UnsaidFault]:
        """Yield them, to be put into words by who wants that."""
        for fault in self._found:
            yield UnsaidFault(fault.code, partial(_itself, fault))
        if self._shape:
            yield from self._shape()
        suggester = Suggester()
        for part in self._nameless:
            yield UnsaidFault(CODES.get(part.describe, "P103"), partial(part.say, suggester))


def _itself(fault: DocumentFault) -> DocumentFault:
    return fault


def malformed(path: Path, text: str, _: Suggester) -> DocumentFault:
    """Say what is wrong with a text that is no range, and what was meant."""
    return _said(path, text)


def malformed_id(path: Path, text: str, _: Suggester) -> DocumentFault:
    """Say what is wrong with a text that is no function ID, and what was meant, unless that is a range."""
    from smccc_filter.language.policy.malformed import ONE

    fault = _said(path, text)
    if fault.instead and ranges.is_several(fault.instead):
        return fault._replace(hint=ONE, instead=None)
    return fault


def _said(path: Path, text: str) -> DocumentFault:
    from smccc_filter.language.policy.malformed import malformed as wrong_range  # no policy that is right needs it

    wrong = wrong_range(text)
    return DocumentFault("P103", path, wrong.message, wrong.hint, (), wrong.instead, wrong.certain, wrong.under)


def several(path: Path, text: str, _: Suggester) -> DocumentFault:
    """Say that a range stands where one function ID belongs."""
    from smccc_filter.language.policy.malformed import ONE

    return DocumentFault("P103", path, f"`{cut(text)}` is a range", ONE)


def second_name(first: Path, path: Path, text: str, _: Suggester) -> DocumentFault:
    """Say that another rule has the name already."""
    related = (((*first, "name"), "first used here"),)
    return DocumentFault("P103", path, f"a second rule is called `{cut(text)}`", "give it a name of its own", related)


def shredded(path: Path, _: str, __: Suggester) -> DocumentFault:
    """Say that a rule's exceptions are too many for its selectors."""
    message = f"exceptions cut selectors that overlap into more than {MAX_CUTS:,} pieces"
    return DocumentFault("P105", path, message, "take the selectors out that others of the rule contain")


def unknown_service(path: Path, text: str, suggester: Suggester) -> DocumentFault:
    """Say that there is no such service, and what was meant."""
    from smccc_filter.language.policy.misplaced import misplaced

    if fault := misplaced(text, path):
        return fault
    names = [known.name for known in registry.services()]
    otherwise = "see `smccc-filter list services`"
    hint, meant = suggester.suggest(text, "services", names, otherwise)
    return DocumentFault("P104", path, f"no service is called `{cut(text)}`", hint, instead=meant)


def unknown_call(path: Path, text: str, suggester: Suggester) -> DocumentFault:
    """Say why a text names no call, and what was meant."""
    from smccc_filter.language.policy.misplaced import misplaced

    if fault := misplaced(text, path):
        return fault
    hint, meant = suggester.suggest(text, "calls", registry.all_names(), "see `smccc-filter list calls`")
    return DocumentFault("P104", path, f"no call is called `{cut(text)}`", hint, instead=meant)


def nothing_forwarded(path: Path, _: str, __: Suggester) -> DocumentFault:
    """Say that a rule that forwards nothing has a ``vmm``."""
    message = "`vmm` says what the VMM answers, and the rule forwards nothing to it"
    return DocumentFault("P103", KeyOf(path), message, "write `action: forward`, or take `vmm` out")


def all_of_none(path: Path, _: str, __: Suggester) -> DocumentFault:
    """Say that ``all`` stands for the calls that a rule names, and that it names none."""
    message = "`all` is every call that `calls` of the rule names, and it names none"
    return DocumentFault("P103", path, message, "list what the VMM implements: `implements: [PSCI_VERSION]`")


def unknown_implemented(path: Path, text: str, suggester: Suggester) -> DocumentFault:
    """Say why a text names no call that a VMM could implement. Nothing moves: ``vmm`` takes calls alone."""
    if text == EVERY_CALL:
        return DocumentFault("P104", path, f"`{text}` is no call", f"write `implements: {text}`, without brackets")
    fault = unknown_call((SelectorKind.CALL, 0), text, suggester)._replace(place=path)
    if not fault.under:
        return fault
    return fault._replace(hint="name its calls: see `smccc-filter list calls`", instead=None, under=None)


def unknown_featured(path: Path, text: str, suggester: Suggester) -> DocumentFault:
    """Say why the key of some flags names no call."""
    return unknown_implemented(path, text, suggester)._replace(place=KeyOf(path))


def unknown_versioned(path: Path, text: str, suggester: Suggester) -> DocumentFault:
    """Say that the key of a version names no service."""
    names = [known.name for known in registry.services()]
    hint, meant = suggester.suggest(text, "services", names, "see `smccc-filter list services`")
    return DocumentFault("P104", KeyOf(path), f"no service is called `{cut(text)}`", hint, instead=meant)


CODES: dict[Describe, str] = {
    **dict.fromkeys((unknown_call, unknown_service, unknown_implemented, unknown_featured, unknown_versioned), "P104"),
    shredded: "P105",
}
"""The codes of faults that are not P103."""
