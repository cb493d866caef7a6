"""The handlers of a dispatcher: one for all forms of a call, named after it, with the specification's arguments."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import NamedTuple

from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import FAST_CALL
from smccc_filter.smccc.registry.rows import Function
from smccc_filter.smccc.signatures import signature_of
from smccc_filter.smccc.signatures.shape import CallValue, Returns, Signature

RESULTS = 4
"""Registers that a dispatcher writes, X0 to X3."""
DISTRIBUTED = "TRNG_RND"
"""The call whose result is one number over several registers, which the dispatcher places."""


class HandlerShape(StrEnum):
    """What a handler gets and gives.

    STATUS: arguments and outputs, and it returns X0. NOTHING: arguments, and the call must not come back. ENTROPY: how
    many bits, and an array for them. RAW: all registers, because the signature is not known or has no such shape.
    """

    STATUS = "status"
    NOTHING = "nothing"
    ENTROPY = "entropy"
    RAW = "raw"


class HandlerArgument(NamedTuple):
    """An argument; ``is_wide`` says that it has 64 bits in some form of the call, else it has 32."""

    register: int
    name: str
    is_wide: bool


class HandlerOutput(NamedTuple):
    """A result beyond X0, 64 bits that the dispatcher cuts as the call's convention demands."""

    register: int
    name: str


class Handler(NamedTuple):
    """The handler of ``func_ids``, ascending; ``returns`` says whether a success comes back to the guest.

    ``is_partial`` says that rows answer some of what it may be asked.
    """

    name: str
    func_ids: tuple[int, ...]
    shape: HandlerShape
    returns: Returns = Returns.ALWAYS
    arguments: tuple[HandlerArgument, ...] = ()
    outputs: tuple[HandlerOutput, ...] = ()
    is_partial: bool = False


def handlers_of(func_ids: Iterable[int], answered: AbstractSet[int]) -> tuple[Handler, ...]:
    """Return the handlers of some calls, by their lowest ID; rows answer some of what ``answered`` may be asked."""
    forms: dict[str, list[int]] = {}
    functions: dict[str, Function | None] = {}
    for func_id in sorted(func_ids):
        function = next(iter(registry.by_id(func_id)), None)
        name = function.name.lower() if function else f"call_{func_id:08x}"
        forms.setdefault(name, []).append(func_id)
        functions[name] = function
    return tuple(
        _handler(name, tuple(ids), functions[name])._replace(is_partial=not answered.isdisjoint(ids))
        for name, ids in forms.items()
    )


def _handler(name: str, func_ids: tuple[int, ...], function: Function | None) -> Handler:
    signature = signature_of(function) if function and all(fid & FAST_CALL for fid in func_ids) else None
    if function is None or signature is None:
        return Handler(name, func_ids, HandlerShape.RAW)
    arguments = tuple(_argument(value) for value in signature.arguments if value.name)
    if function.name == DISTRIBUTED:
        return Handler(name, func_ids, HandlerShape.ENTROPY, signature.returns, arguments)
    first, *others = signature.results or (None,)
    if not _fits(signature):
        return Handler(name, func_ids, HandlerShape.RAW, signature.returns)
    if first is None:
        return Handler(name, func_ids, HandlerShape.NOTHING, signature.returns, arguments)
    outputs = tuple(HandlerOutput(value.register, value.name) for value in others if value.name)
    return Handler(name, func_ids, HandlerShape.STATUS, signature.returns, arguments, outputs)


def _argument(value: CallValue) -> HandlerArgument:
    return HandlerArgument(value.register, value.name, 64 in {value.smc32, value.smc64})


def _fits(signature: Signature) -> bool:
    """Tell whether a typed handler can be written: a status in X0, and no value in several registers or beyond X3."""
    named = [value for value in (*signature.arguments, *signature.results) if value.name]
    registers = [value.register for value in signature.results if value.name]
    if not registers:
        return signature.returns is Returns.NEVER
    return registers[0] == 0 and registers[-1] < RESULTS and all(value.span == 1 for value in named)
