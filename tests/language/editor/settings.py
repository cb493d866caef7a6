"""Settings of a language server as the configuration of an editor has them: VS Code's JSON, Neovim's Lua, Emacs's Lisp.

Each reader knows as much of its language as a configuration needs, and raises ValueError where it meets anything else.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

Settings = dict[str, Any]


def read(language: str, text: str) -> Settings:
    """Return the settings that a block of ``language`` sets, as the server gets them."""
    return {"json": vs_code, "lua": neovim, "elisp": emacs}[language](text)


def vs_code(text: str) -> Settings:
    """Read a settings file, which may have comments on lines of their own."""
    settings: Settings = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    return settings


def neovim(text: str) -> Settings:
    """Read the table that ``settings`` is."""
    tokens = re.findall(r"'[^']*'|[\w.]+|\S", text.partition("settings =")[2])
    settings, _ = _table(tokens, 0)
    return _mapping(settings)


def emacs(text: str) -> Settings:
    """Read the property list of ``eglot-workspace-configuration``."""
    tokens = re.findall(r'"[^"]*"|[()\[\]]|[^\s()\[\]"]+', text.partition("eglot-workspace-configuration")[2])
    settings, _ = _form(tokens, tokens.index("("))
    return _mapping(settings)


def _table(tokens: list[str], at: int) -> tuple[Any, int]:
    """Read a Lua table or string at ``at`` and return where it ends."""
    if tokens[at].startswith("'"):
        return tokens[at][1:-1], at + 1
    _expect(tokens, at, "{")
    at += 1
    fields: Settings = {}
    items: list[Any] = []
    while tokens[at] != "}":
        if tokens[at] == "[":
            name, at = tokens[at + 1][1:-1], at + 3
        elif tokens[at + 1] == "=":
            name, at = tokens[at], at + 1
        else:
            name = ""
        if name:
            _expect(tokens, at, "=")
            fields[name], at = _table(tokens, at + 1)
        else:
            item, at = _table(tokens, at)
            items.append(item)
        at += tokens[at] == ","
    return items or fields, at + 1


def _form(tokens: list[str], at: int) -> tuple[Any, int]:
    """Read a Lisp form at ``at``: a property list, a vector or a string."""
    if tokens[at].startswith('"'):
        return tokens[at][1:-1], at + 1
    closing = {"(": ")", "[": "]"}[tokens[at]]
    parts: list[Any] = []
    at += 1
    while tokens[at] != closing:
        if tokens[at].startswith(":"):
            part, at = tokens[at][1:], at + 1
        elif tokens[at] == ".":
            at += 1
            continue
        else:
            part, at = _form(tokens, at)
        parts.append(part)
    return (dict(_pairs(parts)) if closing == ")" else parts), at + 1


def _pairs(parts: list[Any]) -> Iterator[tuple[str, Any]]:
    return zip(parts[::2], parts[1::2], strict=True)


def _expect(tokens: list[str], at: int, token: str) -> None:
    if tokens[at] != token:
        raise ValueError(f"`{token}` expected, not `{tokens[at]}`")


def _mapping(settings: Any) -> Settings:  # noqa: ANN401 -- what a configuration holds
    return dict(settings)
