"""What may be written at a place, the likeliest first."""

from collections.abc import Collection, Iterator, Mapping

from lsprotocol import types

from smccc_filter.analysis import checks
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.reference.manuals import manual
from smccc_filter.editor.cursor import QUOTES, Cursor
from smccc_filter.editor.meanings import ALL_MEANING, choices, field_meanings
from smccc_filter.editor.offered import OfferedWord
from smccc_filter.editor.text import EditorText
from smccc_filter.editor.vmm_words import offered_in_vmm, services_named, stated_in_vmm
from smccc_filter.kvm.profiles import RELEASES
from smccc_filter.language.policy.language import EVERY_CALL, fields
from smccc_filter.language.policy.model import Policy
from smccc_filter.smccc import registry
from smccc_filter.smccc.registry import Function
from smccc_filter.version import page_of

_Kind = types.CompletionItemKind
_CALLS = frozenset({"calls", "call", "implements"})
_YES_OR_NO = frozenset({"stolen_time", "protected", "nested", "aarch32"})
_TEXTS = frozenset({"kernels", "psci"})
"""Keys whose words YAML would take for numbers."""
MAX_OFFERS = 100
"""Words that are offered at once; what is typed next narrows them."""


_NAMED, _AT_HAND, _STANDARD, _OTHER = range(4)


def completions(text: EditorText, at: Cursor, known: Examination | None = None) -> types.CompletionList:
    """Return what may be written at a place in ``text``; ``known`` is of the last text that was examined."""
    typed = text.text[at.word.start : at.word.end]
    offers = [] if at.is_prose else list(_offers(at, typed, known))
    place = text.range(at.word)
    is_quoted = text.text[at.word.start - 1 : at.word.start] in QUOTES
    shown = [offer for offer in offers if _matches(offer.word, typed)][:MAX_OFFERS]
    items = [_item(offer, place, number, is_quoted=is_quoted) for number, offer in enumerate(shown)]
    return types.CompletionList(is_incomplete=len(shown) < len(offers), items=items)


def _offers(at: Cursor, typed: str, known: Examination | None) -> Iterator[OfferedWord]:
    key = at.key
    if at.is_key:
        return _fields(at)
    if stated_in_vmm(at):
        return offered_in_vmm(at)
    if key in _CALLS:
        return _calls(at, typed, known.policy if known else None)
    if key == "services":
        return _services(at)
    if key == "code":
        return _codes(frozenset(found.code for found in known.diagnostics) if known else frozenset())
    words = _few(key).items()
    return (OfferedWord(word, _Kind.EnumMember, meaning, is_text=key in _TEXTS) for word, meaning in words)


def _few(key: str) -> Mapping[str, str]:
    """Return the words that may stand under a key with few."""
    if key == "kernels":
        return {name: f"Linux {name} as first published" for name in reversed(RELEASES)}
    if key in _YES_OR_NO:
        return dict.fromkeys(("true", "false"), field_meanings()["target", key])
    return choices(key)


def _fields(at: Cursor) -> Iterator[OfferedWord]:
    for name in fields()[at.key]:
        if name not in at.present:
            yield OfferedWord(name, _Kind.Property, field_meanings()[at.key, name], written=f"{name}: ")


def _services(at: Cursor) -> Iterator[OfferedWord]:
    for service in registry.services():
        if service.name not in at.listed:
            yield OfferedWord(service.name, _Kind.Module, f"{service.title} ({service.spec})")


def _codes(found: Collection[str]) -> Iterator[OfferedWord]:
    """Yield what may be allowed, first what is wrong with the policy."""
    allowable = [check for check in checks.ALL if check.ALLOWABLE]
    for check in sorted(allowable, key=lambda check: check.CODE not in found):
        summary, whole = manual(check)
        more = f"{whole}\n\n[Manual]({page_of(check.CODE)})"
        yield OfferedWord(check.CODE, _Kind.Constant, f"{check.NAME}: {summary}", more=more)


def _calls(at: Cursor, typed: str, policy: Policy | None) -> Iterator[OfferedWord]:
    """Yield the calls: in ``vmm`` those that the rule names, in ``tests`` those that any rule does, what it does first.

    Then come those of the services that the item names already, of standards, and all others.
    """
    if at.key == "implements" and at.is_scalar:
        yield OfferedWord(EVERY_CALL, _Kind.Keyword, ALL_MEANING)
    ruled = _ruled(policy) if policy and at.keys[0] == "tests" else {}
    named = {*at.words, *ruled}
    at_hand = services_named(at.words)
    standard = {service.name for service in registry.services()}

    def rank(function: Function) -> int:
        if function.name in named:
            return _NAMED
        return _AT_HAND if function.service in at_hand else _STANDARD if function.service in standard else _OTHER

    for function in sorted(registry.functions(), key=rank):
        if not registry.function_ids(function) or function.name in at.listed:
            continue
        about = f"{ruled.get(function.name, '')}{function.meaning} ({function.spec})"
        yield OfferedWord(function.name, _Kind.Function, about)
        if "/" in typed and function.smc32 is not None and function.smc64 is not None:
            for form in (32, 64):
                word = f"{function.name}/{form}"
                yield OfferedWord(word, _Kind.Function, f"{about}, SMC{form}")


def _ruled(policy: Policy) -> Mapping[str, str]:
    """Say of each call that a rule names what the rule does."""
    return {
        selector.text.partition("/")[0]: f"{rule.action.name.lower()} by {rule.label}: "
        for rule in policy.rules
        for selector in rule.selectors
    }


def _matches(word: str, typed: str) -> bool:
    """Tell whether the letters that were typed are in a word, in this order, as editors match."""
    letters = iter(word.casefold())
    return all(letter in letters for letter in typed.casefold())


def _item(offer: OfferedWord, place: types.Range, number: int, *, is_quoted: bool) -> types.CompletionItem:
    written = f'"{offer.word}"' if offer.is_text and not is_quoted else offer.written or offer.word
    return types.CompletionItem(
        label=offer.word,
        kind=offer.kind,
        detail=offer.meaning,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, offer.more) if offer.more else None,
        sort_text=f"{number:04}",
        text_edit=types.TextEdit(place, written),
    )
