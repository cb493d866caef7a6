"""Compare a live kernel's answers with what the model predicts, and reduce a policy that they differ on.

The prediction is a parameter: ``predict(profile, operations)`` gives one prediction an operation for the operations of
one VM, its ``V`` first. A prediction is the answer as agent.py writes it, where a word ``*`` stands for any word;
``None`` predicts nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from smccc_filter.kvm.profiles import Profile
from tests.programs.live.policies import Policy

Prediction = str | None
Predict = Callable[[Profile, Sequence[str]], list[Prediction]]
Ask = Callable[[Sequence[str]], Sequence[str]]
"""Puts operations to a kernel in one boot and returns its answers."""


class Difference(NamedTuple):
    """One operation that a kernel answered otherwise than predicted."""

    operation: str
    predicted: str
    answered: str


class Failure(NamedTuple):
    """A policy with everything in it that differs."""

    policy: Policy
    differences: list[Difference]


class Comparison(NamedTuple):
    """``compared`` counts the operations that had a prediction, kind by kind (see ``kind_of``)."""

    compared: Counter[str]
    failures: list[Failure]


CALLS = "PSps"
"""The words of calls: by HVC and by SMC, and the same where a guest has another way (see agent.py)."""
KINDS = {"F": "insertions", "B": "blobs", "A": "headers", "W": "headers", "R": "register writes", "G": "register reads"}
ENDS = {"user": "calls forwarded", "vmm": "calls answered by the VMM", "el2": "calls to the guest's EL2"}
REFUSED = ("ret ffffffffffffffff 0 0 0", "ret ffffffff 0 0 0")


def compare(profile: Profile, policies: Sequence[Policy], ask: Ask, predict: Predict) -> Comparison:
    """Run every policy in one boot and return what differs from the prediction."""
    answers = iter(ask(list(chain.from_iterable(policy.operations for policy in policies))))
    compared: Counter[str] = Counter()
    failures = []
    for policy in policies:
        predictions = predict(profile, policy.operations)
        compared.update(
            kind_of(operation, prediction)
            for operation, prediction in zip(policy.operations, predictions, strict=True)
            if prediction is not None
        )
        differences = [
            Difference(operation, prediction, answer)
            for operation, prediction, answer in zip(policy.operations, predictions, answers, strict=False)
            if prediction is not None and not agrees(prediction, answer)
        ]
        if differences:
            failures.append(Failure(policy, differences))
    return Comparison(compared, failures)


def agrees(prediction: str, answer: str) -> bool:
    """Tell whether an answer is what was predicted, word by word."""
    predicted, answered = prediction.split(), answer.split()
    return len(predicted) == len(answered) and all(
        word in ("*", other) for word, other in zip(predicted, answered, strict=True)
    )


def kind_of(operation: str, prediction: str) -> str:
    """Say what kind of thing is compared, so that a report shows that there is something of each."""
    word = operation[0]
    if word not in CALLS:
        return KINDS.get(word, "settings")
    if prediction in REFUSED:
        return "calls not supported"
    return ENDS.get(prediction.split(maxsplit=1)[0], "calls answered")


def shrink(profile: Profile, failure: Failure, ask: Ask, predict: Predict) -> Failure:
    """Return a failure none of whose operations can be left out.

    The first boot tries to do with one call. Each that follows leaves out runs of operations, long and short ones, and
    goes on with the shortest policy that still fails. Its ``V`` stays.
    """
    label = failure.policy.label

    def smallest(candidates: Iterable[tuple[str, ...]]) -> Failure | None:
        policies = [Policy(label, kept) for kept in sorted(set(candidates), key=lambda kept: (len(kept), kept))]
        return next(iter(compare(profile, policies, ask, predict).failures), None)

    failure = smallest([_with_one_call(failure)]) or failure
    while smaller := smallest(_without_a_run(failure.policy.operations)):
        failure = smaller
    return failure


def _with_one_call(failure: Failure) -> tuple[str, ...]:
    """Leave out every call but the first that differs, and all that comes after it."""
    operations = failure.policy.operations
    last = operations.index(failure.differences[0].operation)
    return (*(operation for operation in operations[:last] if operation[0] not in CALLS), operations[last])


def _without_a_run(operations: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Leave out each half, each quarter and so on down to each operation."""
    length = len(operations) - 1
    while length:
        for i in range(1, len(operations), length):
            yield operations[:i] + operations[i + length :]
        length //= 2
