"""Call frames: in which call of a function, and in which round of a loop, an expression is computed.

An expression that needs a parameter or an element says so by an exception; whoever computes it tries again in a frame
for each call or round.
"""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.tree import NOTHING, RustDefinition, RustFunction, Stretch


class ParameterNeededError(Exception):
    """The value depends on a parameter of a function whose call is not known."""

    def __init__(self, parameter: RustDefinition) -> None:
        super().__init__(parameter.name)
        self.parameter = parameter


class ElementNeededError(Exception):
    """The value depends on the element that a ``for`` binds, and ``frame`` does not say which one."""

    def __init__(self, element: RustDefinition, frame: "CallFrame | None") -> None:
        super().__init__(element.name)
        self.element = element
        self.frame = frame


class CallFrame(NamedTuple):
    """One call of a function: its arguments, and the frame in which they stand. ``number`` tells frames apart.

    A round of a loop is one too, without a function: ``loop`` is the list, and the one argument an element of it.
    """

    function: RustFunction | None
    arguments: tuple[Stretch, ...]
    caller: "CallFrame | None"
    number: int
    loop: Stretch = NOTHING

    def call_of(self, parameter: RustDefinition) -> "CallFrame | None":
        """Return the innermost call around; ``None`` where it does not give ``parameter`` a value."""
        frame: CallFrame | None = self
        while frame is not None and frame.function is None:
            frame = frame.caller
        return frame if frame and frame.function and parameter in frame.function.parameters else None

    def round_of(self, loop: Stretch) -> "CallFrame | None":
        """Return the round of a loop over ``loop`` in which this is, within the same call; ``None`` for no round."""
        frame: CallFrame | None = self
        while frame is not None and frame.function is None and frame.loop != loop:
            frame = frame.caller
        return frame if frame and frame.function is None else None


class CallFrames:
    """Makes frames; ``made`` is how many there are."""

    def __init__(self) -> None:
        self.made = 0

    def call(self, frame: CallFrame | None, function: RustFunction, arguments: tuple[Stretch, ...]) -> CallFrame:
        """Return a frame with a call around the outermost."""
        return self._around(frame, CallFrame(function, arguments, None, self._number()))

    def round(self, frame: CallFrame | None, needing: CallFrame | None, loop: Stretch, element: Stretch) -> CallFrame:
        """Return a frame with a round of a loop put before ``needing``, behind the rounds of loops inside of it."""
        made = CallFrame(None, (element,), None, self._number(), loop)
        before: list[CallFrame] = []
        while frame is not None and (needing is None or frame.number != needing.number):
            before.append(frame)
            frame = frame.caller
        while frame is not None and frame.function is None and frame.loop > loop:
            before.append(frame)
            frame = frame.caller
        result = made._replace(caller=frame)
        for one in reversed(before):
            result = one._replace(caller=result, number=self._number())
        return result

    def _around(self, frame: CallFrame | None, outer: CallFrame) -> CallFrame:
        if frame is None:
            return outer
        number = self._number()
        return frame._replace(caller=self._around(frame.caller, outer), number=number)

    def _number(self) -> int:
        self.made += 1
        return self.made
