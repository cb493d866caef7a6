"""Entries out of our own SQL, read by the backend's own decoder: another version's text is refused whole."""

from smccc_filter.artefacts.backends.sql import decode
from smccc_filter.artefacts.readers.reading import ReadEntry, Reading, ReadingFault

HINT = "only what `smccc-filter compile --format sql` of this version writes can be read"


def read(data: bytes) -> Reading:
    """Read the table that ``backends.sql`` writes."""
    try:
        entries = decode(data).entries or ()
    except ValueError as error:
        return Reading("sql", None, (), (), (ReadingFault("document", str(error), HINT),))
    return Reading("sql", None, tuple(ReadEntry(*entry, f"row {i + 1}") for i, entry in enumerate(entries)), None)
