"""Reads the firmware registers of a Rust source: the table that ``backends.rust`` writes."""

from collections.abc import Iterator

from smccc_filter.artefacts.readers.reading import ReadRegister
from smccc_filter.artefacts.readers.rust.finder import RustEntryReader
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, Stretch
from smccc_filter.artefacts.readers.source.expression import U64_MAX, UnreadableError

MOST_REGISTERS = 1000
"""Registers that a source may have."""


def registers_of(reader: RustEntryReader, table: RustDefinition) -> Iterator[ReadRegister]:
    """Yield what a constant holds, ``[(id, value), ...]``; what can't be read becomes a fault of the reader."""
    source, value = reader.source, table.value
    if table.mutable:
        reader.add_at(table.at, f"`{table.name}` is `mut` and may change", "let it be a constant")
    if source.text(value.start) != "[" or source.close(value.start) != value.stop - 1:
        reader.add_at(value.start, f"what `{table.name}` holds is not written here", "write the pairs out as an array")
        return
    for number, row in enumerate(source.pieces(value.start + 1, value.stop - 1)):
        if number == MOST_REGISTERS:
            reader.add_at(row.start, f"more than {MOST_REGISTERS} registers", "write fewer registers")
            return
        try:
            yield _register(reader, row)
        except UnreadableError as error:
            reader.add_error(error)


def _register(reader: RustEntryReader, row: Stretch) -> ReadRegister:
    """Read ``(id, value)``. Raises UnreadableError."""
    source, (start, stop) = reader.source, row
    whole = source.token(start, max(start, stop - 1))
    is_pair = source.text(start) == "(" and source.close(start) == stop - 1
    parts = tuple(source.pieces(start + 1, stop - 1)) if is_pair else ()
    if len(parts) != 2:
        raise UnreadableError(whole, "a register is a pair of an ID and a value", "correct the pair")
    reg_id, number = (reader.evaluator.number(part, None, whole, U64_MAX) for part in parts)
    if whole.gate:
        message = f"`{whole.gate.text}` decides about a register"
        raise UnreadableError(whole, message, "import a copy without it")
    return ReadRegister(reg_id, number, *reader.text.at(whole.start, whole.end))
