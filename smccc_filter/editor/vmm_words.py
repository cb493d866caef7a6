"""What stands below ``version`` and ``features`` of a rule's ``vmm``, whose keys are services and calls."""

from collections.abc import Collection, Iterator

from lsprotocol import types

from smccc_filter.editor.cursor import Cursor
from smccc_filter.editor.offered import OfferedWord
from smccc_filter.guests.vmm import FLAGS, VERSION_CALLS
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.signatures import signature_of

_Kind = types.CompletionItemKind
STATED = frozenset({"version", "features"})


def stated_in_vmm(at: Cursor) -> tuple[str, ...]:
    """Return ``version`` or ``features`` and the keys below it that a place is in; nothing for a place elsewhere."""
    below = at.keys[at.keys.index("vmm") + 1 :] if "vmm" in at.keys else ()
    return below if below and below[0] in STATED else ()


def services_named(words: Collection[str]) -> set[str]:
    """Return the services that words name, themselves or by a call of theirs."""
    calls = (registry.described(word.partition("/")[0]) for word in words)
    return {*words, *(call.service for call in calls if call)}


def offered_in_vmm(at: Cursor) -> Iterator[OfferedWord]:
    """Yield what may be written below ``version`` and ``features``."""
    field, *name = stated_in_vmm(at)
    if field == "features":
        return _flags(name[0]) if name else _flagged(at)
    if name or at.is_scalar:
        return _versions(name or sorted(services_named(at.words)))
    return _versioned(at)


def meaning_in_vmm(at: Cursor, word: str) -> str | None:
    """Return what a version or flags mean where they stand; ``None`` for other words."""
    field, *name = stated_in_vmm(at)
    offers = offered_in_vmm(at) if at.is_scalar else ()
    if field == "features" and name:
        known = [offer.meaning for offer in _flags(name[0]) if _is_set(offer.word, word)]
        return "; ".join(known) or None
    return next((offer.meaning for offer in offers if offer.word == word), None)


def _versions(services: Collection[str]) -> Iterator[OfferedWord]:
    """Yield the versions of services that have some, each once, the newest first."""
    known = [VERSION_CALLS[name] for name in services if name in VERSION_CALLS]
    for version in sorted({version for call in known for version in call.versions}, reverse=True):
        answers = [
            f"{registry.name_of(call.func_id)} answers {show(registers[0])}"
            for call in known
            if (registers := call.registers(version))
        ]
        yield OfferedWord(version, _Kind.EnumMember, "; ".join(answers), is_text=True)


def _versioned(at: Cursor) -> Iterator[OfferedWord]:
    """Yield the services of which a version can be stated, those of the rule first."""
    at_hand = services_named(at.words)
    for name in sorted(VERSION_CALLS, key=lambda name: name not in at_hand):
        if name not in at.present:
            about = f"What {registry.name_of(VERSION_CALLS[name].func_id)} answers."
            yield OfferedWord(name, _Kind.Module, about, written=f"{name}: ")


def _flagged(at: Cursor) -> Iterator[OfferedWord]:
    """Yield the calls that have flags."""
    names = (registry.name_of(func_id) or "" for func_id in FLAGS)
    for name in sorted({name.partition("/")[0] for name in names} - at.present):
        about = "; ".join(offer.meaning for offer in _flags(name))
        yield OfferedWord(name, _Kind.Function, about, written=f"{name}: ")


def _flags(call: str) -> Iterator[OfferedWord]:
    """Yield each flag that a FEATURES call may answer of a call."""
    function = registry.described(call.partition("/")[0])
    signature = signature_of(function) if function else None
    for bit, meaning in signature.flags if signature else ():
        yield OfferedWord(f"0x{1 << bit:X}", _Kind.EnumMember, f"bit {bit} = {meaning}")


def _is_set(flag: str, word: str) -> bool:
    try:
        return bool(int(flag, 0) & int(word, 0))
    except ValueError:
        return False
