"""What a word of the field stands for: an ID, a range, a call, a service, a family or a check, in any case."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.reference import asked_calls, asked_ids
from smccc_filter.analysis.reference.groups import Family, families, group
from smccc_filter.analysis.reference.id_range import IdRange
from smccc_filter.analysis.reference.manuals import manual
from smccc_filter.language.policy.ranges import is_number
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.registry.aliases import ALIASES
from smccc_filter.smccc.registry.rows import Function, Service
from smccc_filter.smccc.spelling import call_meant, service_meant, spelled
from smccc_filter.words import visible

if TYPE_CHECKING:
    from smccc_filter.analysis.checks import Check

    Topic = int | IdRange | Function | Service | Family | Check


class BadWordError(Exception):
    """A word that can't be explained; ``args`` are what is wrong and what to do."""


class UnknownWordError(BadWordError):
    """A word that nothing is called, though it may be in a name or a meaning."""


def find(word: str) -> "Topic":
    """Return what a word stands for. Raises BadWordError."""
    if is_number(word) and " " not in word:
        return _ids(word)
    folded = word.casefold()
    topic = _call(folded) or group(folded) or _check(folded)
    if topic is None:
        raise _unknown(word)
    return topic


def words(start: str) -> Iterator[tuple[str, str]]:
    """Yield the words that can be explained, each with a line about it, as far as ``start`` asks for such ones."""
    from smccc_filter.analysis import checks

    yield from ((service.name, service.title) for service in registry.services())
    yield from ((family.name, "calls that are no standard") for family in families())
    for check in checks.ALL:
        summary, _ = manual(check)
        yield check.CODE, summary
        yield check.NAME, summary
    for function in registry.functions():
        yield function.name, function.meaning
        if "/" in start and function.smc32 is not None and function.smc64 is not None:
            yield from ((f"{function.name}/{form}", function.meaning) for form in (32, 64))
    if not start:
        return
    yield from ((name, f"{show(fid)}, {registry.name_of(fid)}") for name, fid in ALIASES.items())
    if start.startswith("0"):
        for first, stop in registry.known_ids():
            yield from ((show(fid), registry.name_of(fid) or "") for fid in range(first, stop))


def _ids(word: str) -> int | IdRange:
    """Read one ID, or a range of them that a policy could have."""
    try:
        base, size = asked_ids.ids(word)
    except ValueError as error:
        raise BadWordError(*error.args) from None
    if size <= 0 and "-" in word:
        ordered = f"{show(base + size - 1)}-{show(base)}"
        raise BadWordError(f"`{visible(word)}` ends before it begins", f"did you mean `{ordered}`?")
    if size == 0:
        raise BadWordError(f"`{visible(word)}` is an empty range", "see `smccc-filter explain R203`")
    if base + size > SPACE:
        raise BadWordError(f"`{visible(word)}` ends past 0xFFFFFFFF", "see `smccc-filter explain R204`")
    return base if size == 1 else IdRange(base, base + size)


def _call(folded: str) -> int | Function | None:
    """Find a call by its name, one form of it by ``/32`` or ``/64``, or one ID by the name that a header gives it."""
    base, slash, form = folded.partition("/")
    name = spelled(base) or ""
    function = registry.described(name)
    if function is None:
        return None
    if not slash:
        return ALIASES.get(name, function)
    ids = registry.by_name(f"{name}/{form}")
    if ids is None and call_meant(folded):
        return None
    if ids is None:
        raise BadWordError(*asked_calls.no_form(name, form))
    ((first, _),) = ids
    return first if function.last is None else function


def _check(folded: str) -> "Check | None":
    from smccc_filter.analysis import checks

    return next((check for check in checks.ALL if folded in (check.CODE.casefold(), check.NAME)), None)


def _unknown(word: str) -> BadWordError:
    if meant := call_meant(word) or service_meant(word):
        return BadWordError(f"nothing is called `{visible(word)}`", f"did you mean `{meant}`?")
    known = "see `smccc-filter list calls`, `list services` and `list checks`"
    choices = (name for name, _ in words(word.casefold()))
    return UnknownWordError(*asked_calls.not_called(word, "nothing", choices, known))
