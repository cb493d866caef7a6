"""What to change in a document, by place. Only what was found wrong needs it."""

from typing import NamedTuple

from smccc_filter.language.places import Path, Place


class Replace(NamedTuple):
    """Write something else where a scalar or a key stands; an item of a list may become several."""

    place: Place
    texts: tuple[str, ...]


class Remove(NamedTuple):
    """Take an item out of its list, or a key with its value out of its mapping."""

    path: Path


class Append(NamedTuple):
    """Add items at the end of a list."""

    path: Path
    texts: tuple[str, ...]


class SetKeys(NamedTuple):
    """Give keys of a mapping their values.

    New ones, and a mapping that is not there yet, come behind the last of ``after``, or at the end where there is none.
    """

    path: Path
    values: tuple[tuple[str, str], ...]
    after: tuple[str, ...] = ()


Change = Replace | Remove | Append | SetKeys
"""What to do to a document, whatever its layout. Texts are YAML that is good in brackets too, in one line."""
