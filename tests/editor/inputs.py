"""Texts that the tests of the editor open, with the place of the caret in them."""

from pathlib import Path

from tests.editor.client import Place

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "policy.schema.json"
NAME = "policy.smccc.yaml"
HEAD = "version: 1\nname: a\n"
RULE = f"{HEAD}rules:\n  - action: deny\n"
CARET = "^"


def parted(marked: str) -> tuple[str, Place]:
    """Return a text without its caret, and where that was."""
    before, after = marked.split(CARET)
    return before + after, Place(before.count("\n"), len(before.rpartition("\n")[2]))
