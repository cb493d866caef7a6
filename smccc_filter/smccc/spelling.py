"""Names of calls and services as people write them: in any case, and with other words for a call's form.

A policy takes every name in one spelling, for the sake of whoever reads it. Headers and firmware have others:
``PSCI_CPU_ON_AARCH64`` is TF-A's, ``PSCI_CPU_ON/SMC64`` the specification's word for the form.
"""

import re
from functools import cache

from smccc_filter.smccc import registry
from smccc_filter.smccc.registry.aliases import ALIASES
from smccc_filter.words import MAX_WORD

_WITH_FORM = re.compile(r"(.+?)[/_:.-]?(?:smc|aarch|fn)?(32|64)", re.IGNORECASE)


def names() -> tuple[str, ...]:
    """Return the name of every call, also of one without an ID, then the names that headers give to single IDs."""
    return (*(function.name for function in registry.functions()), *ALIASES)


def spelled(folded: str) -> str | None:
    """Return the one of ``names`` that is ``folded`` in lower case."""
    return _by_folded().get(folded)


def call_meant(word: str) -> str | None:
    """Return the name by which a policy selects the call, or the form of a call, that ``word`` spells otherwise.

    A form that the word names is in the result too, so that it never means more. ``None`` for any other word.
    """
    if len(word) > MAX_WORD:
        return None
    name = spelled(word.casefold())
    if name is None and (match := _WITH_FORM.fullmatch(word)):
        name = spelled(match[1].casefold())
        name = name and f"{name}/{match[2]}"
    return name if name and registry.by_name(name) else None


def service_meant(word: str) -> str | None:
    """Return the service that ``word`` spells in another case, or with ``_`` for ``-``; ``None`` for any other word."""
    service = registry.service(word.casefold().replace("_", "-")) if len(word) <= MAX_WORD else None
    return service and service.name


@cache
def _by_folded() -> dict[str, str]:
    """Map each of ``names`` in lower case, in which no two are the same, to itself."""
    return {name.casefold(): name for name in names()}
