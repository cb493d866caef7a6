"""The heads of Rust's items: functions, constants, ``impl`` and types, each read where its word stands."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.bindings import parameters
from smccc_filter.artefacts.readers.rust.text import LONGEST_HEAD, RustTokens
from smccc_filter.artefacts.readers.rust.tree import NOTHING, RustDefinition, RustFunction, Stretch

_CONST_TYPE_END = frozenset(("=", ";", "{", ",", ">", ")", "const"))
_ITEM_END = frozenset((";", "const", "static", "fn", "let"))
_PARAMETERS = frozenset(("(", "{", ";", "fn"))
_BODY = frozenset(("{", ";", "fn"))
_MEMBERS_END = frozenset(("{", ";", "impl", "trait", ")", "}", ","))
_TYPE_BODY = frozenset(("{", ";", "(", "="))
_END = frozenset(";")


class FunctionHead(NamedTuple):
    """A function, the names that its head binds in its body, and the types that it leaves open."""

    function: RustFunction
    bound: tuple[RustDefinition, ...]
    generics: frozenset[str]


class RustMembers(NamedTuple):
    """An ``impl`` or a trait: the type whose members stand in its braces, and the trait or nothing."""

    owner: str
    trait: str
    braces: Stretch
    generics: frozenset[str]


class RustType(NamedTuple):
    """A type that the source declares: ``body`` are a struct's braces, or what an alias stands for."""

    word: str
    name: str
    at: int
    body: Stretch


def function_at(source: RustTokens, name: int, stop: int, owner: str | None) -> FunctionHead | None:
    """Return the function whose name is at ``name`` in a scope that ends at ``stop``; ``None`` where it is too long."""
    bracket = source.type_end(name + 1, min(name + LONGEST_HEAD, len(source)), _PARAMETERS)
    if source.text(bracket) != "(":
        return None
    end = source.closing[bracket]
    limit = min(end + LONGEST_HEAD, stop)
    brace = source.find(end + 1, limit, _BODY)
    while source.text(brace) == "fn" and not source.is_name(brace + 1):
        brace = source.find(brace + 1, limit, _BODY)
    if end - bracket > LONGEST_HEAD or source.text(brace) not in {"{", ";"}:
        return None
    returns = Stretch(end + 2, brace) if source.text(end + 1) == "->" else NOTHING
    body = Stretch(brace, source.close(brace)) if source.text(brace) == "{" else NOTHING
    bound = list(parameters(source, bracket, body))
    receiver = next((parameter for parameter in bound if parameter.name == "self"), None)
    plain = tuple(parameter for parameter in bound if parameter.place >= 0)
    generic = (at for at in source.names(name + 1, bracket) if source.text(at - 1) == "const")
    bound += [RustDefinition("unknown", source.text(at), at, NOTHING, NOTHING, *body) for at in generic]
    function = RustFunction(source.text(name), name, owner, receiver, plain, returns, body)
    named = tuple(parameter for parameter in bound if parameter.name != "_")
    return FunctionHead(function, named, _generics(source, name + 1))


def constant_at(source: RustTokens, at: int, stop: int, owner: str | None) -> RustDefinition | None:
    """Return what a ``const`` or ``static`` defines: unknown where it has no value; ``None`` for nothing."""
    mutable = source.text(at + 1) == "mut"
    name = at + 1 + mutable
    if not source.is_name(name) or source.text(name + 1) != ":":
        return None
    equals = source.type_end(name + 2, min(name + LONGEST_HEAD, len(source)), _CONST_TYPE_END)
    end = source.find(equals + 1, stop, _ITEM_END) if source.text(equals) == "=" else stop
    if end >= stop or source.text(end) != ";" or end == equals + 1:
        return RustDefinition("unknown", source.text(name), name, owner=owner)
    value, type_ = Stretch(equals + 1, end), Stretch(name + 2, equals)
    return RustDefinition("constant", source.text(name), name, value, type_, mutable=mutable, owner=owner)


def members_at(source: RustTokens, at: int) -> RustMembers | None:
    """Return ``impl TYPE {``, ``impl TRAIT for TYPE {`` or ``trait NAME {``; ``None`` where a type is meant."""
    name, trait, angles, bounds = "", "", 0, False
    i, limit = at + 1, min(at + LONGEST_HEAD, len(source))
    while i < limit and (source.text(i) not in _MEMBERS_END or (angles > 0 and source.text(i) == ",")):
        text = source.text(i)
        angles += (text == "<") - (text == ">") - 2 * (text == ">>")
        bounds = bounds or text == "where" or (text == ":" and not angles)
        if not angles and not bounds and source.is_name(i) and text not in {"dyn", "unsafe"}:
            name, trait = ("", name) if text == "for" else (text, trait)
        i = source.close(i) + 1
    if source.text(i) != "{" or not name:
        return None
    first = at + 1 + (source.text(at) == "trait")
    return RustMembers(name, trait, Stretch(i, source.close(i)), _generics(source, first))


def _generics(source: RustTokens, at: int) -> frozenset[str]:
    """Return the names that a list in angles at ``at`` begins its items with."""
    names, angles = set(), 0
    for i in range(at, min(at + LONGEST_HEAD, len(source))):
        text = source.text(i)
        angles += (text == "<") - (text == ">") - 2 * (text == ">>")
        if angles <= 0:
            break
        if source.is_name(i) and source.text(i - 1) in {"<", ","}:
            names.add(text)
    return frozenset(names)


def type_at(source: RustTokens, name: int, stop: int) -> RustType:
    """Return the struct, enum, union or alias whose name is at ``name``."""
    word = source.text(name - 1)
    limit = min(name + LONGEST_HEAD, len(source))
    start = source.type_end(name + 1, limit, _TYPE_BODY) if word != "type" else name
    end = source.close(start) if source.text(start) in {"{", "("} else source.find(start, stop, _END)
    return RustType(word, source.text(name), name, Stretch(start, end))


def variants(source: RustTokens, enum: RustType) -> list[RustDefinition]:
    """Return the variants of an enum: one with a number is a constant."""
    result = []
    for start, stop in source.pieces(enum.body.start + 1, enum.body.stop):
        if source.text(start + 1) == "=":
            value = Stretch(start + 2, stop)
            result.append(RustDefinition("constant", source.text(start), start, value, owner=enum.name))
        else:
            result.append(RustDefinition("unknown", source.text(start), start, owner=enum.name))
    return result
