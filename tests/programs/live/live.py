"""One kernel under test, and all that it is compared with."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from smccc_filter.kvm.profiles import Profile, profile
from tests.programs.live.agent import ask
from tests.programs.live.compare import Difference, Predict, compare, shrink
from tests.programs.live.errors import HarnessError
from tests.programs.live.hosts import USUAL, GuestKind, Host, calls_of
from tests.programs.live.packages import Kernel
from tests.programs.live.policies import Policy
from tests.programs.live.predict import predict
from tests.programs.live.replay import replay
from tests.programs.live.written import Compiled, disagreements

SHOWN = 20
"""How many differences are printed in full."""


class LiveKernel:
    """One kernel on a host: puts operations to it, tells how long that took, and prints what differs."""

    def __init__(self, kernel: Kernel, known: Profile, log: Callable[[str], None], host: Host = USUAL) -> None:
        self.kernel = kernel
        self.profile = known
        self.log = log
        self.host = host

    def ask(self, operations: Sequence[str]) -> Sequence[str]:
        """Answer in one boot."""
        answers = ask(self.kernel, self.host, operations)
        self.log(f"  {len(operations)} operations in {answers.seconds:.1f} s on {self.host}")
        return answers.lines

    def print_differences(self, expected: str, differences: list[Difference]) -> None:
        """Print the first of them."""
        for operation, prediction, answer in differences[:SHOWN]:
            self.log(f"  DIFFERS {operation}: {expected} {prediction!r}, answered {answer!r}")
        if len(differences) > SHOWN:
            self.log(f"  and {len(differences) - SHOWN} more")


class Questions(NamedTuple):
    """What a kernel is asked: folders of recordings, policies of operations, policies of the language, and guests."""

    folders: Sequence[Path] = ()
    policies: Sequence[Policy] = ()
    compiled: Sequence[Compiled] = ()
    guests: Mapping[GuestKind, Sequence[Policy]] = {}


def open_kernel(kernel: Kernel, log: Callable[[str], None]) -> LiveKernel:
    """Find the profile of that exact release; HarnessError for a release newer than the model."""
    known = profile(kernel.release)
    if known is None:
        raise HarnessError(f"no profile for Linux {kernel.release}: add its release to kernel/profiles.py")
    return LiveKernel(kernel, known, log)


def check(live: LiveKernel, questions: Questions) -> bool:
    """Replay and compare; print what differs. True where nothing does."""
    replayed = not questions.folders or check_recordings(live, questions.folders)
    meant = check_meaning(live, questions.compiled)
    guests = chain.from_iterable(questions.guests.values())
    policies = [*questions.policies, *(compiled.policy for compiled in questions.compiled), *guests]
    for kind, theirs in questions.guests.items():
        live.log(f"  {len(theirs)} {kind.name} guests make {calls_of(theirs)} calls")
    return check_policies(live, policies, predict) and replayed and meant


def check_recordings(live: LiveKernel, folders: Sequence[Path]) -> bool:
    """Ask again what kernels were asked once."""
    replayed = replay(live.profile, folders, live.ask)
    live.log(f"  replayed {', '.join(replayed.files)}: {replayed.compared} lines")
    live.print_differences("recorded", replayed.differences)
    return not replayed.differences


def check_meaning(live: LiveKernel, policies: Sequence[Compiled]) -> bool:
    """See that the tool says of each policy what it says of the artefacts, for every call that will be made."""
    wrong = 0
    for compiled in policies:
        operations = compiled.policy.operations
        answers = list(zip(operations, predict(live.profile, operations), strict=True))
        for operation in disagreements(live.profile, compiled.examination, answers):
            wrong += 1
            if wrong <= SHOWN:
                live.log(f"  DIFFERS {operation}: {compiled.policy.label} is not what its artefacts do")
    return not wrong


def check_policies(live: LiveKernel, policies: Sequence[Policy], predict: Predict) -> bool:
    """Compare all answers with the predictions, and reduce the first policy that differs."""
    if not policies:
        return True
    comparison = compare(live.profile, policies, live.ask, predict)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(comparison.compared.items()))
    live.log(
        f"  {len(policies)} policies, {comparison.compared.total()} predictions ({kinds}): "
        f"{len(comparison.failures)} policies differ"
    )
    if not comparison.failures:
        return True
    first = comparison.failures[0]
    smallest = shrink(live.profile, first, live.ask, predict)
    live.log(f"  {first.policy.label}, reduced:")
    for operation in smallest.policy.operations:
        live.log(f"    {operation}")
    live.print_differences("predicted", smallest.differences)
    return False
