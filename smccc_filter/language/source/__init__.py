"""YAML with a start and an end for every key and every value, and a fault for everything outside the subset.

The language is a strict subset of YAML 1.2: what could make a file mean something else than it shows (anchors, aliases,
merge keys, tags, directives, duplicate keys, a second document) is a fault with its place, and reading goes on where it
can, so that one run reports everything. ruamel.yaml gives the events, from its C parser where the ``oldlibyaml`` extra
is installed and from its Python parser elsewhere, and the result is the same.
"""

from smccc_filter.language.places import Offsets
from smccc_filter.language.source.compose import composed
from smccc_filter.language.source.scalars import forbidden
from smccc_filter.language.source.text import SourceText
from smccc_filter.language.source.tree import (
    Document,
    DocumentFault,
    MappingEntry,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    plain,
    without,
)

__all__ = [
    "Document",
    "DocumentFault",
    "MappingEntry",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "SourceText",
    "plain",
    "read",
    "without",
]

_FOREIGN_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""By byte order mark; that of UTF-32 begins like that of UTF-16, so it is looked for first."""
_TEXT_HINT = "a policy is a UTF-8 text of printable characters: fix it, or name another file"


def read(data: bytes, *, pure: bool = False) -> Document:
    """Parse the bytes of one file; never raises for what a file may hold. ``pure`` asks for the Python parser."""
    for mark, encoding in _FOREIGN_ENCODINGS.items():
        if data.startswith(mark):
            return _not_text("", 0, 0, f"the file is {encoding}, not UTF-8")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode().removeprefix("\ufeff"))
        text = data.decode(errors="replace").removeprefix("\ufeff")
        return _not_text(text, at, at + 1, f"byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8")
    if match := forbidden(text):
        code = ord(match.group())
        what = "a NUL byte" if code == 0 else f"the character U+{code:04X}"
        return _not_text(text, match.start(), match.end(), f"{what} does not belong in a policy")
    composer = composed(text, pure=pure)
    return Document(SourceText(text), composer.root, tuple(composer.faults), composer.complete)


def _not_text(text: str, start: int, end: int, message: str) -> Document:
    fault = DocumentFault("P101", Offsets(start, end), message, _TEXT_HINT)
    return Document(SourceText(text), None, (fault,), complete=False, is_text=False)
