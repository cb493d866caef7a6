"""Changes to a file as a unified diff that ``git apply`` and ``patch -p1`` take.

A patch has to hold a file's bytes as they are. On a terminal, where it is read and not applied, what does not print is
shown as its escape, as in every report.
"""

import os
import re
import sys

from smccc_filter.commands import output
from smccc_filter.words import visible

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""A line as git counts them, which a lone carriage return does not end."""
_QUOTED = re.compile(r'["\\]')
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def unified(path: str, before: str, after: str) -> str:
    """Return the diff from one text of ``path`` to another, and nothing where they are the same.

    The texts are those of the file, byte order mark and line ends included; the name is as git writes it.
    """
    from difflib import unified_diff

    name = os.path.normpath(path).lstrip("/")
    lines = unified_diff(_LINE.findall(before), _LINE.findall(after), _quoted(f"a/{name}"), _quoted(f"b/{name}"))
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


def write(patch: str) -> None:
    """Write a patch to standard output. Raises UnusableError where that can't be done."""
    if sys.stdout is not None and sys.stdout.isatty():
        patch = visible(patch, keep="\n\t")
    output.write(patch)


def _quoted(name: str) -> str:
    """Write a name in the quotes and octal escapes of git where it holds what would break a line or not print.

    A tab ends a name that has a space in it, as git has it.
    """
    if name.isprintable() and not _QUOTED.search(name):
        return f"{name}\t" if " " in name else name
    plain = (
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in '"\\' else f"\\{byte:03o}" for byte in os.fsencode(name)
    )
    return f'"{"".join(plain)}"'
