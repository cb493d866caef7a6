"""Compare the kernel model with live kernels: ``python -m tests.kernel``.

Debian's arm64 kernels run under QEMU with KVM at EL2. First each answers the recorded questions again, which proves the
harness; then random policies, each in a VM of its own. Exit status: 0 all agrees, 1 something differs, 2 the harness
failed, 77 a tool is missing.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from smccc_filter.kernel.profiles import Profile, profile
from tests.kernel.agent import ask
from tests.kernel.compare import Difference, Predict, compare, predict_insertions, shrink
from tests.kernel.errors import HarnessError, MissingToolError
from tests.kernel.packages import SUITES, Kernel, resolve
from tests.kernel.policies import Policy, known_ids, random_policy
from tests.kernel.replay import replay

RECORDINGS = Path(__file__).parent.parent / "data" / "kvm_answers"
POLICIES = 3000
SHOWN = 20
"""How many differences are printed in full."""

SKIPPED = 77
"""What automake's and meson's test runners take for a skipped test."""


class Session:
    """One kernel under test: puts operations to it and tells how long that took."""

    def __init__(self, kernel: Kernel, known: Profile, log: Callable[[str], None]) -> None:
        self.kernel = kernel
        self.profile = known
        self.log = log

    def ask(self, operations: Sequence[str]) -> Sequence[str]:
        """Answer in one boot."""
        answers = ask(self.kernel, operations)
        rate = len(operations) / max(answers.seconds, 0.001)
        self.log(
            f"  {len(operations)} operations in {answers.seconds:.1f} s ({rate:.0f}/s), "
            f"boot and end in {answers.boot_seconds:.1f} s"
        )
        return answers.lines


def check(session: Session, folders: list[Path], policies: list[Policy], predict: Predict) -> bool:
    """Replay and compare; print what differs. True where nothing does."""
    replayed = replay(session.profile, folders, session.ask)
    session.log(f"  replayed {', '.join(replayed.files)}: {replayed.compared} lines")
    print_differences(session, "recorded", replayed.differences)
    if not policies:
        return not replayed.differences
    comparison = compare(session.profile, policies, session.ask, predict)
    session.log(
        f"  {len(policies)} policies, {comparison.compared} predictions, {len(comparison.failures)} policies differ"
    )
    if comparison.failures:
        first = comparison.failures[0]
        smallest = shrink(session.profile, first, session.ask, predict)
        session.log(f"  policy of seed {first.policy.seed}, reduced:")
        for operation in smallest.policy.operations:
            session.log(f"    {operation}")
        print_differences(session, "predicted", smallest.differences)
    return not (replayed.differences or comparison.failures)


def print_differences(session: Session, expected: str, differences: list[Difference]) -> None:
    """Print the first of them."""
    for operation, prediction, answer in differences[:SHOWN]:
        session.log(f"  DIFFERS {operation}: {expected} {prediction!r}, answered {answer!r}")
    if len(differences) > SHOWN:
        session.log(f"  and {len(differences) - SHOWN} more")


def open_session(kernel: Kernel) -> Session:
    """Find the profile of that exact release; HarnessError for a release newer than the model."""
    known = profile(kernel.release)
    if known is None:
        raise HarnessError(f"no profile for Linux {kernel.release}: add its release to kernel/profiles.py")
    return Session(kernel, known, lambda line: print(f"{kernel.release}:{line}\n", end="", flush=True))


def main() -> int:
    """Run; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kernel", description="Compare the model with live kernels.")
    parser.add_argument("--kernel", action="append", help=f"{', '.join(SUITES)} (both by default), or as 7.0.10")
    parser.add_argument("--replay", action="append", type=Path, default=[], help="another folder of recordings")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first policy; the next has the next number")
    parser.add_argument("--policies", type=int, default=POLICIES, help=f"how many ({POLICIES})")
    arguments = parser.parse_args()
    known = known_ids()
    policies = [random_policy(seed, known) for seed in range(arguments.seed, arguments.seed + arguments.policies)]
    try:
        sessions = [open_session(resolve(name)) for name in arguments.kernel or SUITES]
        for session in sessions:
            session.log(f" {session.kernel.package}, policies of seeds {arguments.seed} and on")
        with ThreadPoolExecutor(min(len(sessions), os.cpu_count() or 1)) as pool:
            agreed = list(
                pool.map(lambda s: check(s, [RECORDINGS, *arguments.replay], policies, predict_insertions), sessions)
            )
    except MissingToolError as error:
        print(f"skipped: {error}", file=sys.stderr)
        return SKIPPED
    except HarnessError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 2
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
