"""Conditional compilation in Rust: items that are not built are left out, and those in doubt are marked.

A build for arm64 Linux, without its tests, is what an entry is for. What features a build has is not known.
"""

from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.source.tokens import (
    STRING,
    OpenCondition,
    Tokens,
    Truth,
    both,
    either,
    is_punctuation,
    pieces,
)

_KNOWN = {"target_arch": "aarch64", "target_os": "linux", "target_family": "unix", "target_pointer_width": "64"}
_WORDS: dict[str, Truth] = {"unix": True, "windows": False, "test": False}
DEEPEST = 64
_ITEMS = frozenset(
    {
        *("async", "const", "enum", "extern", "fn", "impl", "let", "macro_rules", "mod", "static", "struct", "trait"),
        *("type", "union", "unsafe", "use"),
    }
)
_UP_TO_SEMICOLON = frozenset(("const", "let", "static", "type", "use"))
_AT_BRACE, _AT_SEMICOLON = "{", ";"
"""What ends an item, beside the other one."""


def built(source: RustTokens) -> Tokens:
    """Return the tokens that are built, those of an item in doubt with the ``#[cfg(...)]`` that decides."""
    tokens = source.tokens
    keep = bytearray(b"\1" * len(tokens))
    gates: dict[int, tuple[int, OpenCondition]] = {}
    doubtful = 0
    for at in range(len(tokens)):
        if not is_punctuation(tokens[at], "#") or not keep[at]:
            continue
        inner = at + 1 < len(tokens) and is_punctuation(tokens[at + 1], "!")
        bracket = at + 1 + inner
        if source.text(bracket) != "[":
            continue
        end = source.closing[bracket]
        keep[at : end + 1] = bytes(end + 1 - at)
        found = _attribute(tokens[bracket + 1 : end])
        if found is True or (found is None and at < doubtful):
            continue
        stop = len(tokens) if inner else _item_end(source, end + 1)
        if found is False:
            keep[at:stop] = bytes(stop - at)
        else:
            text = "".join(token.text for token in tokens[at : end + 1])
            doubtful = stop
            gates[end + 1] = (stop, OpenCondition(text, tokens[at].start, tokens[end].end))
    return _marked(tokens, keep, gates)


def _marked(tokens: Tokens, keep: bytearray, gates: dict[int, tuple[int, OpenCondition]]) -> Tokens:
    result = []
    gate: OpenCondition | None = None
    stop = 0
    for i, token in enumerate(tokens):
        if i >= stop:
            gate = None
        if gate is None and i in gates:
            stop, gate = gates[i]
        if keep[i]:
            result.append(token._replace(gate=gate) if gate else token)
    return tuple(result)


def _attribute(tokens: Tokens) -> Truth:
    """Decide whether an item with this attribute is built."""
    if [token.text for token in tokens] == ["test"]:
        return False
    if len(tokens) > 3 and tokens[0].text == "cfg" and is_punctuation(tokens[1], "("):
        return _predicate(tokens[2:-1], 0)
    return True


def _predicate(tokens: Tokens, depth: int) -> Truth:
    if not tokens or depth > DEEPEST:
        return None
    word = tokens[0].text
    if len(tokens) == 1:
        return _WORDS.get(word)
    if len(tokens) == 3 and is_punctuation(tokens[1], "=") and tokens[2].kind == STRING:
        return _KNOWN[word] == tokens[2].text.strip('"') if word in _KNOWN else None
    result: Truth = None
    if is_punctuation(tokens[1], "("):
        found = [_predicate(part, depth + 1) for part in pieces(tokens[2:-1])]
        if word == "not" and len(found) == 1 and found[0] is not None:
            result = not found[0]
        elif word == "all":
            result = both(found)
        elif word == "any":
            result = either(found)
    return result


def _item_end(source: RustTokens, at: int) -> int:
    """Return the index behind the item, field, statement or element that begins at ``at``."""
    while source.text(at) == "#":
        at = source.close(at + 1 + (source.text(at + 1) == "!")) + 1
    if source.text(at) == "pub":
        at = source.close(at + 1) + 1 if source.text(at + 1) == "(" else at + 1
    item = source.text(at) in _ITEMS
    ends = _AT_SEMICOLON if source.text(at) in _UP_TO_SEMICOLON and source.text(at + 1) != "fn" else _AT_BRACE
    while at < len(source):
        text = source.text(at)
        if text == "{" and ends is _AT_BRACE:
            return source.close(at) + 1
        if text == ";" or (text == "," and not item):
            return at + 1
        if text in {")", "]", "}"}:
            return at
        if text == "=" and not item:
            ends = _AT_SEMICOLON
        at = source.close(at) + 1
    return at
