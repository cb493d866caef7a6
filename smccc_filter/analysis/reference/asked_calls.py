"""Calls as people type them at a prompt: found by their names in any case, and refused with the way to what was meant.

A policy takes every name in one spelling, for the sake of whoever reads it; a person at a prompt may write it in any
case.
"""

from collections.abc import Iterable

from smccc_filter.analysis.reference.asked_ids import one_id
from smccc_filter.language.policy.ranges import is_number
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show_range
from smccc_filter.smccc.spelling import call_meant, names, spelled
from smccc_filter.words import did_you_mean, visible


def ids_asked(word: str) -> tuple[int, ...]:
    """Return the IDs that a word means: one ID in hexadecimal, or those of a call by its name.

    Raises ValueError with what is wrong and what to do.
    """
    return (one_id(word),) if is_number(word) else call_ids(word)


def call_ids(word: str) -> tuple[int, ...]:
    """Return the IDs of the call of that name, in any case, or with ``/32`` or ``/64`` of one form of it.

    Raises ValueError with what is wrong and what to do.
    """
    base, slash, form = word.partition("/")
    name = spelled(base.casefold())
    ids = registry.by_name(f"{name}{slash}{form}") if name else None
    if ids is None:
        if meant := call_meant(word):
            raise ValueError(f"no call is called `{visible(word)}`", f"did you mean `{meant}`?")
        if name is None:
            raise ValueError(*_no_call(word))
        if registry.by_name(name) is None:
            raise ValueError(f"`{name}` has no ID", "nobody has given it one")
        raise ValueError(*no_form(name, form))
    return tuple(fid for start, stop in ids for fid in range(start, stop))


def no_form(name: str, form: str) -> tuple[str, str]:
    """Say that a call has no such form, and what to do."""
    ids = registry.by_name(name)
    if ids is None:
        return f"`{name}` has no form `/{visible(form)}`", f"write `{name}`, which has no ID"
    shown = " and ".join(show_range(*interval) for interval in ids)
    return f"`{name}` has no form `/{visible(form)}`", f"write `{name}`, which is {shown}"


def not_called(word: str, what: str, choices: Iterable[str], otherwise: str) -> tuple[str, str]:
    """Say that ``what``, such as ``no call``, has that name, and which ID or which of ``choices`` may be meant.

    Where none resembles the word, the hint is ``otherwise``.
    """
    from smccc_filter.language.policy.malformed import meant_by_a_name, offer

    meant = meant_by_a_name(word)
    hint = offer(meant) if meant else did_you_mean(word, choices, otherwise)
    return f"{what} is called `{visible(word)}`", hint


def _no_call(word: str) -> tuple[str, ...]:
    """Say what a word is that no call has for its name."""
    from smccc_filter.analysis.reference.groups import group, members

    if named := group(word.casefold()):
        ways = f"ask for one of `smccc-filter list calls --service {named.name}`"
        return (f"`{named.name}` stands for {len(members(named))} calls; {ways}",)
    return not_called(word, "no call", names(), "see `smccc-filter list calls`")
