"""The artefacts, one module each: it emits bytes, and reads them back with a decoder that shares nothing with it.

A backend is imported when it is asked for, so that ``compile --format c`` pays for C only.
"""

from typing import Protocol

from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact

FORMATS = ("blob", "regs", "c", "rust", "json", "sql")

FORMAT_OF_SUFFIX = {".bin": "blob", ".regs": "regs", ".h": "c", ".rs": "rust", ".json": "json", ".sql": "sql"}


class Backend(Protocol):
    """What each module of this folder offers.

    ``decode(emit(p))`` gives back what the format carries of ``p``: entries, registers or both.
    """

    @property
    def FORMAT(self) -> str:  # noqa: N802 - the module's constant
        """The name of the format, one of ``FORMATS``."""

    @property
    def SUFFIXES(self) -> tuple[str, ...]:  # noqa: N802 - the module's constant
        """The endings of file names that mean this format, with the dot."""

    @property
    def BINARY(self) -> bool:  # noqa: N802 - the module's constant
        """Whether the artefact is no text, so that a terminal must not get it."""

    def emit(self, program: CompiledPolicy) -> bytes:
        """Write the artefact; its bytes depend on ``program`` and the tool's version only."""

    def decode(self, data: bytes) -> DecodedArtefact:
        """Read the artefact back; raises ValueError for what ``emit`` cannot have written."""


def backend(name: str) -> Backend:
    """Import the backend of one of ``FORMATS``; raises KeyError for another name: a caller's bug."""
    match name:
        case "blob":
            from smccc_filter.artefacts.backends import blob

            return blob
        case "regs":
            from smccc_filter.artefacts.backends import regs

            return regs
        case "c":
            from smccc_filter.artefacts.backends import c

            return c
        case "rust":
            from smccc_filter.artefacts.backends import rust

            return rust
        case "json":
            from smccc_filter.artefacts.backends import json

            return json
        case "sql":
            from smccc_filter.artefacts.backends import sql

            return sql
        case _:
            raise KeyError(name)


def format_of_suffix(suffix: str) -> str | None:
    """Say which format a file name's ending (``.h``, any case) means; ``None`` where it means none."""
    return FORMAT_OF_SUFFIX.get(suffix.lower())
