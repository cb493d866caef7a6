"""What was read of traces, as values: the calls of each VM, and what of each source was no call."""

from typing import NamedTuple


class RecordedCall(NamedTuple):
    """The calls of one function ID by one VM: how many, and when the first and the last, in seconds of the trace.

    ``vm`` is what the trace tells VMs apart by, empty where it does not; the times are ``None`` where it has none.
    """

    func_id: int
    vm: str
    number: int
    first: float | None
    last: float | None


class TraceSource(NamedTuple):
    """One file or stream: what it was, its calls by ID and VM, and what else it held.

    ``unread`` counts lines that are no calls. ``gaps`` counts marks of the tracer that it lost events, ``lost`` those
    events of which it says how many. ``backward`` counts times that are before the one above. ``beyond`` counts calls
    that are not among ``calls``, as there were too many VMs or IDs to keep apart. ``fault`` says why the source ended
    early or could not be read at all, empty where it was read to its end.
    """

    path: str
    kind: str
    calls: tuple[RecordedCall, ...] = ()
    unread: int = 0
    gaps: int = 0
    lost: int = 0
    backward: int = 0
    beyond: int = 0
    fault: str = ""

    @property
    def number(self) -> int:
        """How many calls were read."""
        return sum(call.number for call in self.calls) + self.beyond


class CallTally:
    """Adds up calls by VM and ID, which is all that is kept of them."""

    MOST = 1 << 20
    """Pairs of a VM and an ID that are kept apart, so that no file can fill the memory."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, int], RecordedCall] = {}
        self.unread = 0
        self.gaps = 0
        self.lost = 0
        self.backward = 0
        self.beyond = 0

    def add(self, call: RecordedCall) -> None:
        """Add calls of one VM and one ID to those that are there."""
        key = call.vm, call.func_id
        if there := self._calls.get(key):
            first, last = _span(there, call)
            self._calls[key] = there._replace(number=there.number + call.number, first=first, last=last)
        elif len(self._calls) < self.MOST:
            self._calls[key] = call
        else:
            self.beyond += call.number

    def add_source(self, source: TraceSource) -> None:
        """Add all that another tally counted."""
        for call in source.calls:
            self.add(call)
        self.unread += source.unread
        self.gaps += source.gaps
        self.lost += source.lost
        self.backward += source.backward
        self.beyond += source.beyond

    def source(self, path: str, kind: str, fault: str = "") -> TraceSource:
        """Return what was counted until now, ordered by ID and VM."""
        calls = tuple(sorted(self._calls.values(), key=lambda call: call[:2]))
        numbers = (self.unread, self.gaps, self.lost, self.backward, self.beyond)
        return TraceSource(path, kind, calls, *numbers, fault)


def _span(one: RecordedCall, other: RecordedCall) -> tuple[float | None, float | None]:
    firsts = [call.first for call in (one, other) if call.first is not None]
    lasts = [call.last for call in (one, other) if call.last is not None]
    return min(firsts, default=None), max(lasts, default=None)
