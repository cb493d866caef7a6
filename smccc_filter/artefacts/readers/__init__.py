"""Filters and registers out of files that others wrote: blobs, C, Rust and our own artefacts.

A reader says what stands in a file, in the file's order and with its places, and what it could not read; it never
guesses. Whether KVM would take what was read is for whoever asked: ``readers.refused``.
"""

from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.readers.reading import ReadEntry, Reading, ReadingFault, ReadRegister

__all__ = ["FORMATS", "ReadEntry", "ReadRegister", "Reading", "ReadingFault", "read"]


def read(path: str, data: bytes, format: str | None = None) -> Reading:  # noqa: A002 -- what the option is called
    """Return what ``data``, the contents of ``path``, holds. Never raises for what a file may hold.

    ``format`` is one of ``FORMATS``; without it the suffix of ``path`` tells, else the contents. Where neither does,
    the reading has the format ``""``, nothing else, and one fault that says so. Raises KeyError for another format:
    a caller's bug.
    """
    if format is None:
        from smccc_filter.artefacts.readers.formats import format_of

        found = format_of(path, data)
        if isinstance(found, ReadingFault):
            return Reading("", None, None, None, (found,))
        format = found  # noqa: A001 -- the parameter
    match format:
        case "blob":
            from smccc_filter.artefacts.readers import blob

            return blob.read(data)
        case "regs":
            from smccc_filter.artefacts.readers import regs

            return regs.read(data)
        case "json":
            from smccc_filter.artefacts.readers import json

            return json.read(data)
        case "c":
            from smccc_filter.artefacts.readers import c

            return c.read(data)
        case "rust":
            from smccc_filter.artefacts.readers import rust

            return rust.read(data)
        case _:
            raise KeyError(format)
