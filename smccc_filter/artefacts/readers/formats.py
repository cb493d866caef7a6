"""What a file holds: a policy, or an artefact of which format. The suffix tells, else the contents.

A format that is taken for another one is a filter that was never written, so what is not clear is asked for.
"""

import os
import re

from smccc_filter.artefacts.backends import FORMATS, format_of_suffix
from smccc_filter.artefacts.readers.reading import ReadingFault
from smccc_filter.language import SUFFIXES

SOURCES = {".c": "c", ".cc": "c", ".cpp": "c", ".cxx": "c", ".hh": "c", ".hpp": "c", ".hxx": "c", ".inc": "c"}
"""Suffixes of C and C++ beside that of the header which ``compile`` writes."""

C = r"^[ \t]*#include[ \t]*[<\"]|\bstruct[ \t]+\w+[ \t\w]*\["
C_DIRECTIVE = r"^[ \t]*#[ \t]*(?:include|define|if|ifdef|ifndef|pragma)\b"
C_STATEMENT = r";[ \t]*(?:$|//|/\*)"
RUST = r"^[ \t]*(?:pub(?:\(\w+\))? )?(?:const \w+ ?:|fn \w+|use \w+(?:::|;)|mod \w+)|^#!?\[\w"
"""Lines that are C or Rust. Compiled when they are needed, which for a policy or a known suffix they are not.

A directive alone can be a comment in YAML or a shell's, such as ``# if this is used``; C has statements too.
"""
SQL = r"^-- What the policy [a-z][a-z0-9-]* decides on each SMCCC function ID"
"""The first line of the table that ``compile`` writes."""
POLICY_KEY = rb"^(?:\xEF\xBB\xBF)?[\"']?(?:version|name)[\"']?[ \t]*:"
"""A key that every policy has, at the start of a line as it is in no C and no Rust."""
ARTEFACT_KEY = rb"\"filter\"\s*:"
"""A key of a JSON artefact, which begins with a brace as a policy may."""
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""Of text in UTF-16 and UTF-32, which has NUL bytes too."""


def is_policy(path: str, data: bytes) -> bool:
    """Tell whether ``data``, the contents of ``path``, is a policy, in YAML or JSON, and no artefact."""
    if _suffix(path) in SUFFIXES:
        return True
    if _format_by_suffix(path) or b"\0" in data:
        return False
    if data.lstrip().startswith(b"{"):
        return re.search(ARTEFACT_KEY, data) is None
    return re.search(POLICY_KEY, data, re.MULTILINE) is not None


def is_blob(path: str, data: bytes) -> bool:
    """Tell whether ``data``, the contents of ``path``, is a blob and no text, whole or not.

    Every entry of a blob ends with NUL bytes.
    """
    return _format_by_suffix(path) == "blob" or (b"\0" in data and not data.startswith(BYTE_ORDER_MARKS))


def format_of(path: str, data: bytes) -> str | ReadingFault:
    """Return the format of the artefact ``data``, the contents of ``path``, or say that it is not clear."""
    known = _format_by_suffix(path)
    if known:
        return known
    hint = f"name its format: --format {'|'.join(FORMATS)}"
    is_json = data.lstrip().startswith(b"{")
    if not is_json and _suffix(path) not in SUFFIXES and is_policy(path, data):
        return ReadingFault("file", "it holds a policy", f"there is nothing to import, or {hint}")
    likely = ["json"] if is_json else _binary(data) if b"\0" in data else _text(data)
    if len(likely) == 1:
        return likely[0]
    if _suffix(path) in SUFFIXES:
        return ReadingFault("file", "the name is that of a policy", f"there is nothing to import, or {hint}")
    if not data:
        return ReadingFault("file", "the file is empty", hint)
    return ReadingFault("file", "it is not clear what the file holds", hint)


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 -- pathlib costs a start 5 ms


def _format_by_suffix(path: str) -> str | None:
    suffix = _suffix(path)
    return format_of_suffix(suffix) or SOURCES.get(suffix)


def _binary(data: bytes) -> list[str]:
    """Return the binary formats that ``data`` can be."""
    from smccc_filter.artefacts.readers.blob import ACTION_AT, ENTRY_BYTES, PAD_AT, action_of
    from smccc_filter.artefacts.readers.regs import PAIR_BYTES, is_arm64

    likely = []
    if len(data) % ENTRY_BYTES == 0 and all(
        action_of(data[at + ACTION_AT]) is not None and not any(data[at + PAD_AT : at + ENTRY_BYTES])
        for at in range(0, len(data), ENTRY_BYTES)
    ):
        likely.append("blob")
    if len(data) % PAIR_BYTES == 0 and all(
        is_arm64(int.from_bytes(data[at : at + 8], "little")) for at in range(0, len(data), PAIR_BYTES)
    ):
        likely.append("regs")
    return likely


def _text(data: bytes) -> list[str]:
    """Return the text formats that ``data`` can be."""
    text = data.decode(errors="replace")
    if re.match(SQL, text):
        return ["sql"]
    likely = ["rust"] if re.search(RUST, text, re.MULTILINE) else []
    directed = all(re.search(sign, text, re.MULTILINE) for sign in (C_DIRECTIVE, C_STATEMENT))
    return ["c", *likely] if directed or re.search(C, text, re.MULTILINE) else likely
