"""How guests use calls, out of all traces together: how often, how fast, when and by whom."""

from collections.abc import Iterable
from typing import NamedTuple

from smccc_filter.traces.recorded import RecordedCall, TraceSource


class CallUse(NamedTuple):
    """The recorded calls of one ID.

    ``rate`` is how many there were in a second, over all VMs, and ``busiest`` the most that one VM made in a second on
    average of a whole trace; ``None`` where no trace has times. ``first`` and ``last`` are in seconds of the traces'
    clocks. ``vms`` are in order, without those that no trace tells apart; ``paths`` are the traces.
    """

    func_id: int
    number: int
    rate: float | None
    busiest: float | None
    first: float | None
    last: float | None
    vms: tuple[str, ...]
    paths: tuple[str, ...]


def call_uses(sources: Iterable[TraceSource]) -> tuple[CallUse, ...]:
    """Return how each ID was used, ascending."""
    found: dict[int, list[tuple[TraceSource, RecordedCall]]] = {}
    lengths = {}
    for source in sources:
        lengths[source.path] = duration(source)
        for call in source.calls:
            found.setdefault(call.func_id, []).append((source, call))
    total = sum(lengths.values())
    return tuple(_use(func_id, calls, lengths, total) for func_id, calls in sorted(found.items()))


def duration(source: TraceSource) -> float:
    """Return how many seconds lie between the first and the last call of a trace, 0 where it has no times."""
    firsts = [call.first for call in source.calls if call.first is not None]
    lasts = [call.last for call in source.calls if call.last is not None]
    return max(lasts) - min(firsts) if firsts and lasts else 0.0


def _use(
    func_id: int, calls: list[tuple[TraceSource, RecordedCall]], lengths: dict[str, float], total: float
) -> CallUse:
    timed = [(call.number, lengths[source.path]) for source, call in calls if lengths[source.path]]
    firsts = [call.first for _, call in calls if call.first is not None]
    lasts = [call.last for _, call in calls if call.last is not None]
    return CallUse(
        func_id,
        sum(call.number for _, call in calls),
        sum(number for number, _ in timed) / total if total else None,
        max((number / length for number, length in timed), default=None),
        min(firsts, default=None),
        max(lasts, default=None),
        tuple(sorted({call.vm for _, call in calls if call.vm})),
        tuple(dict.fromkeys(source.path for source, _ in calls)),
    )
