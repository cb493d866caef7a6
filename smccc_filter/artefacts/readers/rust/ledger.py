"""What following entries through a Rust source has found out: who holds one, and what is not understood."""

from collections import defaultdict
from typing import Literal, NamedTuple

from smccc_filter.artefacts.readers.rust.tree import RustDefinition

HeldAs = Literal["entry", "reference", "pointer", "address", "result"]
"""How an expression holds an entry; a ``result`` is what a function of another file makes of a reference."""

MOST_FAULTS = 1000
"""Places of a source that are told."""


class FlowFault(NamedTuple):
    """A use that is not understood: the index of a token, and what is wrong."""

    at: int
    message: str


class HeldUse(NamedTuple):
    """An expression that is an entry or holds some: its first and last token, and how it holds them."""

    first: int
    last: int
    held: HeldAs


class FlowLedger:
    """Grows while entries are followed.

    ``carriers`` are names that hold entries, ``waiting`` those whose uses are still to be followed. ``elements`` has
    the starts of followed elements by the bracket of their array, ``given`` followed arguments by the bracket of the
    call and their number, ``returned`` followed results by the index of the function's name. ``casts`` are the
    indices of each ``as`` behind a reference.
    """

    def __init__(self) -> None:
        self.faults: list[FlowFault] = []
        self.casts: set[int] = set()
        self.carriers: dict[int, HeldAs] = {}
        self.waiting: list[RustDefinition] = []
        self.elements: defaultdict[int, set[int]] = defaultdict(set)
        self.given: set[tuple[int, int]] = set()
        self.returned: defaultdict[int, set[int]] = defaultdict(set)

    @property
    def is_full(self) -> bool:
        """Tell whether so much is not understood that the rest need not be followed."""
        return len(self.faults) >= MOST_FAULTS

    def tell(self, at: int, message: str) -> None:
        """Note a use that is not understood."""
        self.faults.append(FlowFault(at, message))

    def carry(self, definition: RustDefinition, held: HeldAs) -> None:
        """Follow the uses of a name from now on."""
        if definition.at in self.carriers:
            return
        self.carriers[definition.at] = held
        if definition.mutable:
            message = f"`{definition.name}` is `mut`: what the entry holds is decided when the program runs"
            self.tell(definition.at, message)
        else:
            self.waiting.append(definition)
