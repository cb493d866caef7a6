"""Entries and registers out of our own JSON.

The shape is ours, so the backend's own decoder reads it: another version or another tool's document is refused whole.
"""

import json

from smccc_filter.artefacts.backends.json import VERSION, decode
from smccc_filter.artefacts.readers.reading import ReadEntry, Reading, ReadingFault, ReadRegister
from smccc_filter.language.places import Position, Span

HINT = f"only what `smccc-filter compile --format json` writes, version {VERSION}, can be read"


def read(data: bytes) -> Reading:
    """Read the document that ``backends.json`` writes, laid out in any way."""
    try:
        decoded = decode(data)
    except json.JSONDecodeError as error:
        start = Position(error.lineno, error.colno)
        fault = ReadingFault(f"line {error.lineno}", f"not JSON: {error.msg}", HINT, Span(start, start))
        return Reading("json", None, (), (), (fault,))
    except ValueError as error:
        return Reading("json", None, (), (), (ReadingFault("document", str(error), HINT),))
    except RecursionError:
        return Reading("json", None, (), (), (ReadingFault("document", "too deeply nested", HINT),))
    entries = tuple(ReadEntry(*entry, f"filter[{i}]") for i, entry in enumerate(decoded.entries or ()))
    registers = tuple(
        ReadRegister(reg_id, value, f"registers[{i}]") for i, (reg_id, value) in enumerate(decoded.registers or ())
    )
    return Reading("json", decoded.name, entries, registers)
