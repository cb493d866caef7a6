"""Conditional compilation in Rust: items that are not built are left out, and those in doubt are marked.

A build for arm64 Linux, without its tests, is what an entry is for. What features a build has is not known.
"""

from collections.abc import Mapping

from smccc_filter.artefacts.readers.source.tokens import (
    CLOSING,
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


def built(tokens: Tokens, closing: Mapping[int, int]) -> Tokens:
    """Return the tokens that are built, those of an item in doubt with the ``#[cfg(...)]`` that decides."""
    keep = bytearray(b"\1" * len(tokens))
    gates: dict[int, tuple[int, OpenCondition]] = {}
    doubtful = 0
    for at in range(len(tokens)):
        if not is_punctuation(tokens[at], "#") or not keep[at]:
            continue
        inner = at + 1 < len(tokens) and is_punctuation(tokens[at + 1], "!")
        bracket = at + 1 + inner
        end = closing.get(bracket)
        if end is None or not is_punctuation(tokens[bracket], "["):
            continue
        keep[at : end + 1] = bytes(end + 1 - at)
        found = _attribute(tokens[bracket + 1 : end])
        if found is True or (found is None and at < doubtful):
            continue
        stop = len(tokens) if inner else _item_end(tokens, end + 1, closing)
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


def _item_end(tokens: Tokens, at: int, closing: Mapping[int, int]) -> int:
    """Return the index behind the item, field or element that begins at ``at``."""
    assigned = False
    while at < len(tokens):
        text = tokens[at].text if tokens[at].kind != STRING else ""
        if text in CLOSING:
            end = closing.get(at, len(tokens))
            if text == "{" and not assigned:
                return end + 1
            at = end
        elif text in {";", ","}:
            return at + 1
        elif text in {")", "]", "}"}:
            return at
        assigned = assigned or text == "="
        at += 1
    return at
