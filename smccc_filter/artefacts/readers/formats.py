"""Which format a file has: by its suffix, else by what it holds.

A format that is taken for another one is a filter that was never written, so what is not clear is asked for.
"""

import os
import re

from smccc_filter.artefacts.backends import FORMATS, format_of_suffix
from smccc_filter.artefacts.readers.blob import ACTION_AT, ENTRY_BYTES, PAD_AT, action_of
from smccc_filter.artefacts.readers.reading import ReadingFault
from smccc_filter.artefacts.readers.regs import PAIR_BYTES

SOURCES = {".c": "c", ".cc": "c", ".cpp": "c", ".cxx": "c", ".hh": "c", ".hpp": "c", ".hxx": "c", ".inc": "c"}
"""Suffixes of C and C++ beside that of the header which ``compile`` writes."""

C = re.compile(r"^[ \t]*#[ \t]*(?:include|define|if|ifdef|ifndef|pragma)\b|\bstruct[ \t]+\w+[ \t\w]*\[", re.MULTILINE)
RUST = re.compile(r"^[ \t]*(?:pub(?:\(\w+\))? )?(?:const \w+ ?:|fn \w+|use \w+(?:::|;)|mod \w+)|^#!?\[\w", re.MULTILINE)

POLICIES = {".yaml", ".yml"}

KVM_REG_ARM64 = 0x6000
"""Top half-word of the ID of every arm64 register, less its size: Linux include/uapi/linux/kvm.h KVM_REG_ARM64."""
KVM_REG_SIZE_MASK = 0xF0


def format_of(path: str, data: bytes) -> str | ReadingFault:
    """Return the format of ``data``, the contents of ``path``, or say that it is not clear."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 -- pathlib costs a start 5 ms
    known = format_of_suffix(suffix) or SOURCES.get(suffix)
    if known:
        return known
    likely = _binary(data) if b"\0" in data else _text(data)
    if len(likely) == 1:
        return likely[0]
    hint = f"name its format: --format {'|'.join(FORMATS)}"
    if suffix in POLICIES:
        return ReadingFault("file", "the name is that of a policy", f"there is nothing to import, or {hint}")
    if not data:
        return ReadingFault("file", "the file is empty", hint)
    return ReadingFault("file", "it is not clear what the file holds", hint)


def _binary(data: bytes) -> list[str]:
    """Return the binary formats that ``data`` can be."""
    likely = []
    if len(data) % ENTRY_BYTES == 0 and all(
        action_of(data[at + ACTION_AT]) is not None and not any(data[at + PAD_AT : at + ENTRY_BYTES])
        for at in range(0, len(data), ENTRY_BYTES)
    ):
        likely.append("blob")
    if len(data) % PAIR_BYTES == 0 and all(
        int.from_bytes(data[at + 6 : at + 8], "little") & ~KVM_REG_SIZE_MASK == KVM_REG_ARM64
        for at in range(0, len(data), PAIR_BYTES)
    ):
        likely.append("regs")
    return likely


def _text(data: bytes) -> list[str]:
    """Return the text formats that ``data`` can be."""
    text = data.decode(errors="replace")
    if text.lstrip().startswith("{"):
        return ["json"]
    return [name for name, sign in (("c", C), ("rust", RUST)) if sign.search(text)]
