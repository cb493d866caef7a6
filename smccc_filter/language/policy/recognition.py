"""Whether a text is meant as a policy: no other is quoted.

People name a wrong file, and strangers name a link that leads to one. Who reads the report of a build must not find
the password in it that a line of such a file holds, so of a text that is no policy nothing is repeated: no line, no
value, no name of a field.
"""

import re

from smccc_filter.language.places import Offsets
from smccc_filter.language.policy.language import VERSION, fields
from smccc_filter.language.source import (
    Document,
    DocumentFault,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
)

_KEY = r"""(?m)^(["']?)([A-Za-z_][\w.-]*)\1[ \t]*:(?:[ \t]+(["']?1\b(?!\.))|[ \t]|$)"""
"""A key at the start of a line, and the value 1, as a text has them that is not read to its end."""
_HINT = f"name a policy; it starts with `version: {VERSION}`"
_SIGNS = ("version", "name", "rules")
"""The fields of which a policy that is being written has at least one."""


def is_meant(document: Document) -> bool:
    """Tell whether a text is meant as a policy, whatever is wrong with it.

    Either every field at its top level is one of the language, or it says ``version: 1`` or has ``rules``, and most of
    them are. Nothing binary is.
    """
    if not document.is_text and "\0" in document.text.text:
        return False
    keys, says_version = _top_level(document)
    known = len(keys & set(fields()[""]))
    if known == len(keys):
        return not keys.isdisjoint(_SIGNS)
    return (says_version or "rules" in keys) and known > len(keys) - known


def without_quotes(document: Document) -> DocumentFault:
    """Return what is wrong with a text that is no policy, in words of which none is the text's."""
    for fault in document.faults:
        if not document.is_text or fault.code == "P105":
            return fault
        message = "not YAML of which a policy could be made"
        return DocumentFault(fault.code, document.offsets(fault.place), message, _HINT)
    root = document.root
    at = Offsets(root.start, root.end) if root else Offsets(0, 0)
    message = f"a policy is a mapping with `version`, `name` and `rules`; this one is {_kind(root)}"
    return DocumentFault("P103", at, message, _HINT)


def _top_level(document: Document) -> tuple[set[str], bool]:
    """Return the keys at the top level, and whether a version 1 is among them."""
    keys: set[str] = set()
    says_version = False
    if isinstance(document.root, MappingNode):
        keys |= set(document.root.entries)
        version = document.root.entries.get("version")
        says_version = version is not None and _is_version(version.node)
    if not document.complete:
        for _, key, one in re.findall(_KEY, document.text.text):
            keys.add(key)
            says_version |= key == "version" and bool(one)
    return keys, says_version


def _is_version(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.value) == str(VERSION)


def _kind(root: Node | None) -> str:
    if isinstance(root, SequenceNode):
        return "a list"
    if isinstance(root, MappingNode) and root.entries:
        return "one with other fields"
    return "a text" if isinstance(root, ScalarNode) and root.value is not None else "empty"
