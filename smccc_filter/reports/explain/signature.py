"""What a call takes and answers, as text."""

from collections.abc import Iterator

from smccc_filter.reports.explain.explanation import labelled
from smccc_filter.reports.paper.columns import LabelledLine
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.registry.rows import Function
from smccc_filter.smccc.registry.sources import cited
from smccc_filter.smccc.signatures import signature_of
from smccc_filter.smccc.signatures.shape import CallError, CallValue, Returns

_RETURNS = {Returns.ALWAYS: "always", Returns.NEVER: "only where it fails"}


def signature(function: Function) -> Iterator[LabelledLine]:
    """Yield what a call takes and answers behind an empty line; nothing where that is not known."""
    known = signature_of(function)
    if known is None:
        return
    yield LabelledLine()
    yield from labelled("arguments", [_value(one) for one in known.arguments] or ["none"])
    yield from labelled("results", [_value(one) for one in known.results] or ["none"])
    yield from labelled("errors", [_error(one) for one in known.errors] or ["none"])
    yield LabelledLine("returns", _RETURNS.get(known.returns, known.returns_when))
    yield from labelled("flags", [f"bit {bit} = {meaning}" for bit, meaning in known.flags])
    label = ""
    for word, text in known.remarks:
        yield LabelledLine("" if word == label else word, text)
        label = word
    first, *others = known.sources
    yield from labelled("read in", [f"{first} (confidence {known.confidence})", *others])
    for short, edition in cited("; ".join(known.sources)):
        yield LabelledLine("", f"{short} is {edition}")


def _value(value: CallValue) -> str:
    """Write a value as ``X1 target_cpu (32 bits, 64 in SMC64): what it is``."""
    widths = [width for width in (value.smc32, value.smc64) if width is not None]
    bits = f"{widths[0]} bits" + (f", {widths[1]} in SMC64" if widths[0] != widths[-1] else "")
    return f"{value.registers} {value.name or 'reserved'} ({bits}): {value.meaning}"


def _error(error: CallError) -> str:
    where = "" if error.with_x0 is None else f" in X{error.register}, {show(error.with_x0)} in X0"
    known = f" (confidence {error.confidence})" if error.confidence else ""
    return f"{error.name} ({error.value}{where}): {error.when}{known}"
