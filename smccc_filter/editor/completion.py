"""What may be written at a place, the likeliest first."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from lsprotocol import types

from smccc_filter.analysis import checks
from smccc_filter.analysis.reference.manuals import manual
from smccc_filter.editor.cursor import QUOTES, Cursor
from smccc_filter.editor.meanings import choices, field_meanings
from smccc_filter.editor.text import EditorText
from smccc_filter.kvm.profiles import RELEASES
from smccc_filter.language.policy.language import EVERY_CALL, fields
from smccc_filter.smccc import registry
from smccc_filter.smccc.registry import Function
from smccc_filter.version import page_of

_Kind = types.CompletionItemKind
_CALLS = frozenset({"calls", "call", "implements", "features"})
_YES_OR_NO = frozenset({"stolen_time", "protected", "nested", "aarch32"})
_QUOTED = frozenset({"kernels", "psci"})
"""Keys whose words YAML would take for numbers."""
MAX_OFFERS = 100
"""Words that are offered at once; what is typed next narrows them."""


_AT_HAND, _STANDARD, _OTHER = range(3)


class _Offer(NamedTuple):
    """A word, what it is, and in a line what it means. ``written`` is set where it is more than the word."""

    word: str
    kind: _Kind
    meaning: str
    written: str = ""
    more: str = ""


def completions(text: EditorText, at: Cursor, found: Collection[str] = ()) -> types.CompletionList:
    """Return what may be written at a place in ``text``; ``found`` has the codes of what is wrong with the policy."""
    typed = text.text[at.word.start : at.word.end]
    offers = [] if at.is_prose else list(_offers(at, typed, found))
    place = text.range(at.word)
    is_quoted = text.text[at.word.start - 1 : at.word.start] in QUOTES if at.word.start else False
    shown = [offer for offer in offers if _matches(offer.word, typed)][:MAX_OFFERS]
    items = [_item(offer, place, number, is_quoted=is_quoted, at=at) for number, offer in enumerate(shown)]
    return types.CompletionList(is_incomplete=len(shown) < len(offers), items=items)


def _offers(at: Cursor, typed: str, found: Collection[str]) -> Iterator[_Offer]:
    key = at.key
    if at.is_key:
        return _fields(at)
    if key in _CALLS:
        return _calls(at, typed)
    if key == "services" or (key == "version" and "vmm" in at.keys):
        return _services(at)
    if key == "code":
        return _codes(found)
    return (_Offer(word, _Kind.EnumMember, meaning) for word, meaning in _few(key).items())


def _few(key: str) -> Mapping[str, str]:
    """Return the words that may stand under a key with few."""
    if key == "kernels":
        return {name: f"Linux {name} as first published" for name in reversed(RELEASES)}
    if key in _YES_OR_NO:
        return dict.fromkeys(("true", "false"), field_meanings()["target", key])
    return choices(key)


def _fields(at: Cursor) -> Iterator[_Offer]:
    for name in fields()[at.key]:
        if name not in at.present:
            yield _Offer(name, _Kind.Property, field_meanings()[at.key, name], written=f"{name}: ")


def _services(at: Cursor) -> Iterator[_Offer]:
    for service in registry.services():
        if service.name not in at.words:
            yield _Offer(service.name, _Kind.Module, f"{service.title} ({service.spec})")


def _codes(found: Collection[str]) -> Iterator[_Offer]:
    """Yield what may be allowed, first what is wrong with the policy."""
    allowable = [check for check in checks.ALL if check.ALLOWABLE]
    for check in sorted(allowable, key=lambda check: check.CODE not in found):
        summary, whole = manual(check)
        more = f"{whole}\n\n[Manual]({page_of(check.CODE)})"
        yield _Offer(check.CODE, _Kind.Constant, f"{check.NAME}: {summary}", more=more)


def _calls(at: Cursor, typed: str) -> Iterator[_Offer]:
    """Yield the calls: of the services that the item names already, then of standards, then all others."""
    if at.key == "implements":
        yield _Offer(EVERY_CALL, _Kind.Keyword, "Every call that `calls` of the rule names.")
    named = [row.service for word in at.words if (row := registry.described(word.partition("/")[0]))]
    at_hand = {*named, *at.words}
    standard = {service.name for service in registry.services()}

    def rank(function: Function) -> int:
        return _AT_HAND if function.service in at_hand else _STANDARD if function.service in standard else _OTHER

    for function in sorted(registry.functions(), key=rank):
        if not registry.function_ids(function) or function.name in at.words:
            continue
        about = f"{function.meaning} ({function.spec})"
        yield _Offer(function.name, _Kind.Function, about)
        if "/" in typed and function.smc32 is not None and function.smc64 is not None:
            for form in (32, 64):
                word = f"{function.name}/{form}"
                yield _Offer(word, _Kind.Function, f"{about}, SMC{form}")


def _matches(word: str, typed: str) -> bool:
    """Tell whether the letters that were typed are in a word, in this order, as editors match."""
    letters = iter(word.casefold())
    return all(letter in letters for letter in typed.casefold())


def _item(offer: _Offer, place: types.Range, number: int, *, is_quoted: bool, at: Cursor) -> types.CompletionItem:
    written = offer.written or offer.word
    if at.key in _QUOTED and not is_quoted and not at.is_key:
        written = f'"{written}"'
    return types.CompletionItem(
        label=offer.word,
        kind=offer.kind,
        detail=offer.meaning,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, offer.more) if offer.more else None,
        sort_text=f"{number:04}",
        filter_text=written if written.startswith('"') else None,
        text_edit=types.TextEdit(place, written),
    )
