"""What a check's docstring, its manual, says."""

from typing import TYPE_CHECKING

from smccc_filter.kvm.uapi import Errno

if TYPE_CHECKING:
    from smccc_filter.analysis.checks import Check  # brings YAML along, which only a diagnostic code is worth


def manual(check: "Check") -> tuple[str, str]:
    """Return the first line of a check's docstring and the rest of it."""
    summary, _, rest = (check.__doc__ or "").partition("\n")
    return summary, rest.strip()


def errnos(check: "Check") -> tuple[Errno, ...]:
    """Return the errnos of the entries that a check reports, in the order of its manual.

    A finding that a kernel answers with an errno can't be allowed, and the manual says which errno that is.
    """
    text = check.__doc__ or ""
    return () if check.ALLOWABLE else tuple(sorted((errno for errno in Errno if errno in text), key=text.index))
