"""Names that Rust binds inside functions: ``let``, parameters, loops, the arms of ``match``, and closures.

A plain name keeps what it is given. What any other pattern binds is not followed: its names are unknown.
"""

from collections.abc import Iterator

from smccc_filter.artefacts.readers.rust.lexer import KEYWORDS
from smccc_filter.artefacts.readers.rust.text import LONGEST_HEAD, RustTokens
from smccc_filter.artefacts.readers.rust.tree import NOTHING, RustDefinition, Stretch

_GUARD = frozenset(("if",))
_COLON = frozenset(":")
_LET_HEAD = frozenset((":", "=", ";", "let"))
_TYPE_END = frozenset(("=", ";", "{", ",", "let"))
_LET_END = frozenset((";", "let"))
_BLOCK = frozenset(("{", ";", "let", "for"))
_IN = frozenset(("in", "{", ";", "for"))
_CONDITIONAL = frozenset(("if", "while", "&&", "||", "("))
_BEFORE_CLOSURE = frozenset(
    ("(", ",", "=", "{", ";", "}", "[", "=>", "move", "return", "||", "&&", ":", "&", "else", "in")
)
_CLOSURE_END = frozenset(("|",))


def let(source: RustTokens, at: int, stop: int) -> tuple[list[RustDefinition], int]:
    """Return what the ``let`` at ``at`` binds in a scope that ends at ``stop``, and the index of its ``=``."""
    limit = min(stop, at + LONGEST_HEAD)
    head = source.find(at + 1, limit, _LET_HEAD)
    equals = head
    type_ = NOTHING
    if source.text(head) == ":":
        equals = source.type_end(head + 1, limit, _TYPE_END)
        type_ = Stretch(head + 1, equals)
    if source.text(at - 1) in _CONDITIONAL:
        block = source.find(equals, stop, _BLOCK)
        return list(unknown(source, Stretch(at + 1, head), block, source.close(block) if block < stop else stop)), -1
    end = source.find(equals + (source.text(equals) == "="), stop, _LET_END)
    mutable = source.text(at + 1) == "mut"
    name = at + 1 + mutable
    if head != name + 1 or not is_binding(source, name):
        return list(unknown(source, Stretch(at + 1, head), end, stop)), equals if source.text(equals) == "=" else -1
    if source.text(equals) != "=" or source.text(end) != ";":
        return list(unknown(source, Stretch(name, head), end, stop)), -1
    value = Stretch(equals + 1, end)
    text = source.text(name)
    return [RustDefinition("variable", text, name, value, type_, end, stop, mutable)], equals


def parameters(source: RustTokens, bracket: int, body: Stretch) -> Iterator[RustDefinition]:
    """Yield the parameters of a function, ``self`` too; a pattern's is called ``_``, and its names are unknown."""
    place = 0
    for start, stop in source.typed_pieces(bracket + 1, source.closing[bracket]):
        colon = source.find(start, stop, _COLON)
        type_ = Stretch(min(colon + 1, stop), stop)
        mutable = source.text(start) == "mut"
        name = start + mutable
        seen = (body.start, body.stop)
        if source.text(colon - 1) == "self":
            mutable = any(source.text(at) == "mut" for at in range(start, stop))
            yield RustDefinition("parameter", "self", colon - 1, NOTHING, Stretch(start, stop), *seen, mutable)
            continue
        if colon == name + 1 and source.is_name(name):
            yield RustDefinition("parameter", source.text(name), name, NOTHING, type_, *seen, mutable, place=place)
        else:
            yield RustDefinition("parameter", "_", start, NOTHING, type_, *seen, mutable=True, place=place)
            yield from unknown(source, Stretch(start, colon), *seen)
        place += 1


def loop(source: RustTokens, at: int, stop: int) -> tuple[Stretch, Stretch, Stretch] | None:
    """Return pattern, iterated value and body of the ``for`` at ``at``; ``None`` where it is no loop."""
    word = source.find(at + 1, min(stop, at + LONGEST_HEAD), _IN)
    if source.text(word) != "in":
        return None
    block = source.find(word + 1, stop, _BLOCK)
    if source.text(block) != "{":
        return None
    return Stretch(at + 1, word), Stretch(word + 1, block), Stretch(block, source.close(block))


def elements(source: RustTokens, pattern: Stretch, value: Stretch, body: Stretch) -> tuple[RustDefinition, ...]:
    """Return what a ``for`` binds to each element of a value: a name, or some in brackets. A pattern's is unknown."""
    start, stop = pattern
    start += source.text(start) == "&"
    names = [Stretch(start, stop)]
    is_tuple = source.text(start) == "(" and source.close(start) == stop - 1
    if is_tuple:
        names = list(source.pieces(start + 1, stop - 1))
    if any(found.stop != found.start + 1 or not is_binding(source, found.start) for found in names):
        return tuple(unknown(source, pattern, body.start, body.stop))
    seen = (body.start, body.stop)
    return tuple(
        RustDefinition("element", source.text(at), at, value, NOTHING, *seen, place=place if is_tuple else -1)
        for place, (at, _) in enumerate(names)
    )


def arm(source: RustTokens, arrow: int) -> Stretch:
    """Return the pattern in front of a ``=>``."""
    at = arrow - 1
    least = max(source.around[arrow], arrow - LONGEST_HEAD)
    while at > least and source.text(at) not in {",", "=>", ";"}:
        start = source.open(at)
        if source.text(at) == "}" and start != at and source.text(start - 1) in {"=>", "else", ")"}:
            break
        at = start - 1
    return Stretch(at + 1, source.find(at + 1, arrow, _GUARD))


def closure(source: RustTokens, bar: int) -> Stretch | None:
    """Return the parameters of the closure that the ``|`` at ``bar`` begins; ``None`` where it begins none."""
    if source.text(bar - 1) not in _BEFORE_CLOSURE:
        return None
    end = source.find(bar + 1, min(len(source), bar + LONGEST_HEAD), _CLOSURE_END)
    return Stretch(bar + 1, end) if source.text(end) == "|" else None


def unknown(source: RustTokens, pattern: Stretch, start: int, stop: int) -> Iterator[RustDefinition]:
    """Yield the names of a pattern as unknown, seen from ``start`` to before ``stop``."""
    for at in source.names(pattern.start, pattern.stop):
        if is_binding(source, at):
            mutable = source.text(at - 1) == "mut"
            yield RustDefinition("unknown", source.text(at), at, start=start, stop=stop, mutable=mutable)


def is_binding(source: RustTokens, at: int) -> bool:
    """Tell whether the name at ``at`` in a pattern can be one that it binds."""
    if not source.is_name(at) or source.text(at) in KEYWORDS or source.text(at - 1) in {"::", "."}:
        return False
    return source.text(at + 1) not in {"::", "(", "{"}
