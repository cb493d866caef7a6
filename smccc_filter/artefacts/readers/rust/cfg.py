"""Conditional compilation in Rust: items that are not built are left out, and those in doubt are marked.

A build for arm64 Linux, without its tests, is what an entry is for. What features a build has is not known.
"""

import re
from itertools import accumulate, compress

from smccc_filter.artefacts.readers.rust.text import LONGEST_HEAD, RustTokens
from smccc_filter.artefacts.readers.rust.tree import Stretch
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
_PLAIN = re.compile(r'"\w*"')
_HARMLESS = frozenset(
    {
        *("allow", "async_trait", "automatically_derived", "clippy", "cold", "crate_name", "crate_type", "default"),
        *("deny", "deprecated", "derive", "diagnostic", "doc", "error", "expect", "export_name", "feature", "forbid"),
        *("from", "global_allocator", "ignore", "inline", "instrument", "link", "link_name", "link_section"),
        *("macro_export", "macro_use", "must_use", "no_main", "no_mangle", "no_std", "non_exhaustive", "path"),
        *("recursion_limit", "repr", "rustfmt", "serde", "should_panic", "source", "target_feature", "tokio"),
        *("tracing", "track_caller", "unsafe", "used", "warn"),
    }
)
"""Attributes that change nothing of what an item means; of another one nobody here knows."""
_OVERFLOW = {"overflowing_literals"}
"""A lint without which a literal that does not fit its type loses bits."""
DEEPEST = 64
_CFG_IF = "cfg_if"
"""The macro of the crate of this name, which many VMMs use."""
_ITEMS = frozenset(
    {
        *("async", "const", "enum", "extern", "fn", "impl", "let", "macro_rules", "mod", "static", "struct", "trait"),
        *("type", "union", "unsafe", "use"),
    }
)
_UP_TO_SEMICOLON = frozenset(("const", "let", "static", "type", "use"))
_AT_BRACE, _AT_SEMICOLON = "{", ";"
"""What ends an item, beside the other one."""


def built(source: RustTokens) -> RustTokens:
    """Return the tokens that are built, with the ``#[...]`` of each item in doubt as its gate."""
    tokens = source.tokens
    keep = bytearray(b"\1" * len(tokens))
    gates: list[tuple[Stretch, OpenCondition]] = []
    doubtful = 0
    own_macro = any(source.text(at) == _CFG_IF and source.text(at - 2) == "macro_rules" for at in range(len(tokens)))
    for at in range(len(tokens)):
        if source.text(at) == _CFG_IF and source.text(at + 1) == "!" and not own_macro:
            _choose(source, at, keep)
        if source.text(at) != "#" or not keep[at]:
            continue
        inner = source.text(at + 1) == "!"
        bracket = at + 1 + inner
        if source.text(bracket) != "[":
            continue
        end = source.closing[bracket]
        keep[at : end + 1] = bytes(end + 1 - at)
        found = _attribute(tokens[bracket + 1 : min(end, bracket + LONGEST_HEAD)])
        if end - bracket > LONGEST_HEAD and source.text(bracket + 1) not in _HARMLESS:
            found = None
        if found is True or (found is None and at < doubtful):
            continue
        stop = _around_stop(source, at) if inner else _item_end(source, end + 1)
        if found is False:
            keep[at:stop] = bytes(stop - at)
        else:
            text = "".join(token.text for token in tokens[at : min(end, at + LONGEST_HEAD) + 1])
            doubtful = stop
            gates.append((Stretch(end + 1, stop), OpenCondition(text, tokens[at].start, tokens[end].end)))
    return RustTokens(tuple(compress(tokens, keep)), _moved(gates, keep)) if not all(keep) else source


def _choose(source: RustTokens, at: int, keep: bytearray) -> None:
    """Keep of ``cfg_if! { if #[cfg(...)] { ... } else { ... } }`` what is built, where that is known."""
    end = source.close(at + 2)
    arm = at + 3
    chosen = Stretch(end, end)
    while arm < end:
        found: Truth = True
        if source.text(arm) == "if":
            found = _attribute(source.tokens[arm + 3 : min(source.close(arm + 2), arm + LONGEST_HEAD)])
            arm = source.close(arm + 2) + 1
        if found is None or source.text(arm) != "{":
            return
        if found:
            chosen = Stretch(arm + 1, source.close(arm))
            break
        arm = source.close(arm) + 1
        if arm < end and source.text(arm) != "else":
            return
        arm += 1
    keep[at : chosen.start] = bytes(chosen.start - at)
    keep[chosen.stop : end + 1] = bytes(end + 1 - chosen.stop)


def _moved(gates: list[tuple[Stretch, OpenCondition]], keep: bytearray) -> tuple[tuple[Stretch, OpenCondition], ...]:
    """Return the gates as stretches of the tokens that are kept."""
    before = list(accumulate(keep, initial=0))
    return tuple((Stretch(before[start], before[stop]), condition) for (start, stop), condition in gates)


def _around_stop(source: RustTokens, at: int) -> int:
    around = source.around[at]
    return source.closing[around] if around >= 0 else len(source)


def _attribute(tokens: Tokens) -> Truth:
    """Decide whether an item with this attribute is built as it is written; ``None`` where that is not known."""
    words = [token.text for token in tokens]
    if words[:1] == ["test"]:
        return False
    if words[:1] == ["cfg"] and len(tokens) > 3:
        return _predicate(tokens[2:-1], 0)
    if words[:1] == ["cfg_attr"]:
        parts = list(pieces(tokens[2:-1]))
        found = _predicate(parts[0], 0) if parts else None
        return True if found is False or all(_attribute(part) is True for part in parts[1:]) else None
    return True if words and words[0] in _HARMLESS and not _OVERFLOW & set(words) else None


def _predicate(tokens: Tokens, depth: int) -> Truth:
    if not tokens or depth > DEEPEST:
        return None
    word = tokens[0].text
    if len(tokens) == 1:
        return _WORDS.get(word)
    if len(tokens) == 3 and is_punctuation(tokens[1], "=") and tokens[2].kind == STRING:
        value = tokens[2].text
        return value == f'"{_KNOWN[word]}"' if word in _KNOWN and _PLAIN.fullmatch(value) else None
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
