"""The shape of what a new policy is made of: rules as they are written, and what is to be known of them."""

from typing import NamedTuple


class StartingRules(NamedTuple):
    """Some rules as YAML, and the calls by which ``tests`` pin them: each rule's selectors fail without one of them."""

    yaml: str
    calls: tuple[str, ...]


class StartingPart(NamedTuple):
    """What may be chosen. ``title`` is what a person chooses by, and ``owned`` how a sentence calls it.

    ``witness`` is the call that shows where the part went when it was not chosen. ``duties`` are what the VMM has to do
    besides, ``capabilities`` those that it has to enable.
    """

    name: str
    title: str
    owned: str
    witness: str
    rules: StartingRules
    duties: str = ""
    capabilities: tuple[str, ...] = ()


class KeptRules(NamedTuple):
    """Rules of what KVM keeps, unless one of the parts ``unless`` was chosen."""

    rules: StartingRules
    unless: tuple[str, ...] = ()
