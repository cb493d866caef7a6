"""Texts that the tests of the editor open, with the place of the caret in them."""

from tests.language.editor.client import Place

NAME = "policy.smccc.yaml"
HEAD = "version: 1\nname: a\n"
RULE = f"{HEAD}rules:\n  - action: deny\n"
CARET = "^"


def parted(marked: str) -> tuple[str, Place]:
    """Return a text without its caret, and where that was."""
    before, after = marked.split(CARET)
    return before + after, Place(before.count("\n"), len(before.rpartition("\n")[2]))
