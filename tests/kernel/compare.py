"""Compare a live kernel's answers with what the model predicts, and reduce a policy that they differ on.

The prediction is a parameter: ``predict(profile, operations)`` gives one prediction an operation for the operations of
one VM, its ``V`` first. A prediction is the answer as agent.py writes it, where a word ``*`` stands for any word;
``None`` predicts nothing.
"""

import errno
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

from smccc_filter.diagnostics import Errno
from smccc_filter.kernel.kvm import Vm
from smccc_filter.kernel.profiles import Profile
from smccc_filter.uapi import KVM_SMCCC_FILTER
from tests.kernel.policies import Policy

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
    """``compared`` counts the operations that had a prediction."""

    compared: int
    failures: list[Failure]


def compare(profile: Profile, policies: Sequence[Policy], ask: Ask, predict: Predict) -> Comparison:
    """Run every policy in one boot and return what differs from the prediction."""
    answers = iter(ask(list(chain.from_iterable(policy.operations for policy in policies))))
    compared, failures = 0, []
    for policy in policies:
        predictions = predict(profile, policy.operations)
        compared += sum(prediction is not None for prediction in predictions)
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


def shrink(profile: Profile, failure: Failure, ask: Ask, predict: Predict) -> Failure:
    """Return a failure none of whose operations, and no run of neighbouring ones, can be left out.

    Each round leaves out every run of operations, all in one boot, and goes on with the shortest policy that still
    fails. Its ``V`` stays.
    """
    while True:
        smaller = sorted(_without_a_run(failure.policy.operations), key=lambda kept: (len(kept), kept))
        failures = compare(profile, [Policy(None, operations) for operations in smaller], ask, predict).failures
        if not failures:
            return failure
        failure = failures[0]


def _without_a_run(operations: tuple[str, ...]) -> set[tuple[str, ...]]:
    last = len(operations)
    return {operations[:i] + operations[j:] for i in range(1, last) for j in range(i + 1, last + 1)}


def predict_insertions(profile: Profile, operations: Sequence[str]) -> list[Prediction]:
    """Predict the errno of every insertion, and nothing about registers and calls."""
    vm = Vm(profile)
    predictions: list[Prediction] = []
    for operation in operations:
        word, *arguments = operation.split()
        if word == "F":
            base, nr_functions = (int(number, 16) for number in arguments[:2])
            action, pad = (int(number) for number in arguments[2:])
            predictions.append(_number(vm.kvm_smccc_set_filter(base, nr_functions, action, pad)))
        elif word == "B":
            entries = KVM_SMCCC_FILTER.iter_unpack(bytes.fromhex(arguments[0]))
            errnos = [
                vm.kvm_smccc_set_filter(base, nr, action, int.from_bytes(pad)) for base, nr, action, pad in entries
            ]
            predictions.append(" ".join(map(_number, errnos)))
        else:
            vm.has_ran_once |= word in ("P", "S")
            predictions.append(None)
    return predictions


def _number(error: Errno | None) -> str:
    number: int = 0 if error is None else getattr(errno, error)
    return str(number)
