"""Filters and registers out of files that others wrote: blobs, C, Rust and our own artefacts.

A reader says what stands in a file, in the file's order and with its places, and what it could not read; it never
guesses. Whether KVM would take what was read is for whoever asked: ``readers.refused``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.readers.reading import ReadEntry, Reading, ReadingFault, ReadRegister

if TYPE_CHECKING:
    from smccc_filter.artefacts.readers.source.places import SourceFile

__all__ = ["FORMATS", "ReadEntry", "ReadRegister", "Reading", "ReadingFault", "read"]


def read(  # noqa: PLR0911 -- one case for each format
    path: str,
    data: bytes,
    format: str | None = None,  # noqa: A002 -- what the option is called
    others: Sequence[tuple[str, bytes]] = (),
    definitions: Sequence[tuple[str, str]] = (),
) -> Reading:
    """Return what ``data``, the contents of ``path``, holds. Never raises for what a file may hold.

    ``format`` is one of ``FORMATS``; without it the suffix of ``path`` tells, else the contents. Where neither does,
    the reading has the format ``""``, nothing else, and one fault that says so. Raises KeyError for another format:
    a caller's bug. ``others`` are the paths and contents of sources that belong to it, in the same language, and
    ``definitions`` macros with their values; only a source has either, else there is one fault that says so.
    """
    named = format
    if format is None:
        from smccc_filter.artefacts.readers.formats import format_of

        found = format_of(path, data)
        if isinstance(found, ReadingFault):
            return Reading("", None, None, None, (found,))
        format = found  # noqa: A001 -- the parameter
    fault = _misfit(path, format, named, others, definitions)
    if fault:
        return Reading(format, None, None, None, (fault,))
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
        case "sql":
            from smccc_filter.artefacts.readers import sql

            return sql.read(data)
        case "c":
            from smccc_filter.artefacts.readers import c

            return c.read(_files(path, data, others), definitions)
        case "rust":
            from smccc_filter.artefacts.readers import rust

            return rust.read(_files(path, data, others))
        case _:
            raise KeyError(format)


def _files(path: str, data: bytes, others: Sequence[tuple[str, bytes]]) -> "list[SourceFile]":
    from smccc_filter.artefacts.readers.source.places import SourceFile

    return [SourceFile(*file) for file in ((path, data), *others)]


def _misfit(
    path: str,
    format: str,  # noqa: A002 -- what the option is called
    named: str | None,
    others: Sequence[tuple[str, bytes]],
    definitions: Sequence[tuple[str, str]],
) -> ReadingFault | None:
    """Tell of several files, or of macros, that a format can't have."""
    if definitions and format != "c":
        return ReadingFault("file", "`-D` defines a macro, and only C has macros", "leave `-D` out, or import C")
    if others and format not in {"c", "rust"}:
        return ReadingFault("file", f"{path} is no source that other files belong to", "import each file by itself")
    if others and named is None:
        from smccc_filter.artefacts.readers.formats import format_of

        for other, data in others:
            found = format_of(other, data)
            if isinstance(found, str) and found != format:
                message = f"this file is {found}, and {path} is {format}"
                return ReadingFault("file", message, "import together what is of one language", None, other)
    return None
