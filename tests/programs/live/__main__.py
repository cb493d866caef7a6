"""Compare the kernel model with live kernels: ``python -m tests.programs.live``.

Debian's arm64 kernels run under QEMU with KVM at EL2. First each answers the recorded questions again, which proves the
harness; then come policies, each in a VM of its own: random operations, random policies of the language, and those that
the project ships. The newest kernel is also booted on hosts that make AArch32, nested and protected guests. Last, VMMs
of generated code answer what random policies forward, and VMMs that are broken by hand must be told from sound ones.
With ``--guest`` each boots Linux guests instead, under an unmodified VMM to which generated code answers for them.
With ``--image`` the newest boots the image of ``probe --image`` there, under every shipped policy and with mistakes;
with ``--all`` QEMU is the VMM of each policy, too.

Exit status: 0 all agrees, 1 something differs, 2 the harness failed, 77 a tool is missing.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from smccc_filter.kvm.profiles import Profile, parse
from tests.paths import ANSWERS
from tests.programs.live.dispatchers import agent_with
from tests.programs.live.errors import HarnessError, MissingToolError
from tests.programs.live.guest_boot import check_guests
from tests.programs.live.hosts import GUESTS, WITH_AARCH32, GuestKind, Host
from tests.programs.live.image_guests import ALONE, BROKEN, GICV2, MISTAKES, MORE, SOUND, check_images
from tests.programs.live.linux_guests import groups
from tests.programs.live.live import LiveKernel, Questions, check, open_kernel
from tests.programs.live.packages import SUITES, Kernel, resolve
from tests.programs.live.policies import Policy, known_ids, random_policy
from tests.programs.live.vmm_broken import check_broken
from tests.programs.live.vmm_live import check_vmms, vmm_tests
from tests.programs.live.ways import shipped_policies
from tests.programs.live.written import random_written

POLICIES = 3000
WRITTEN = 1000
VMMS = 1000
GUESTS_OF_A_KIND = 25
"""Each makes some 30 calls."""

SKIPPED = 77
"""What automake's and meson's test runners take for a skipped test."""


def main(words: Sequence[str] | None = None) -> int:
    """Run with ``words`` for a command line, or with the process's own; return the exit status."""
    arguments = parser().parse_args(words)
    try:
        agreed = run(arguments)
    except MissingToolError as error:
        print(f"skipped: {error}", file=sys.stderr)
        return SKIPPED
    except HarnessError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 2
    return 0 if agreed else 1


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    result = argparse.ArgumentParser(
        prog="python -m tests.programs.live", description="Compare the model with live kernels."
    )
    result.add_argument("--kernel", action="append", help=f"{', '.join(SUITES)} (both by default), or as 7.0.10")
    result.add_argument("--guest", action="store_true", help="boot Linux guests and read their boot logs instead")
    result.add_argument(
        "--image", action="store_true", help="boot the image of `probe --image` and judge its log instead"
    )
    result.add_argument("--all", action="store_true", help="with --image, boot it in QEMU under every policy, too")
    result.add_argument("--replay", action="append", type=Path, default=[], help="another folder of recordings")
    result.add_argument("--seed", type=int, default=1, help="seed of the first policy; the next has the next number")
    result.add_argument("--policies", type=int, default=POLICIES, help=f"how many of random operations ({POLICIES})")
    result.add_argument("--written", type=int, default=WRITTEN, help=f"how many in the policy language ({WRITTEN})")
    result.add_argument(
        "--guests-of-a-kind", type=int, default=GUESTS_OF_A_KIND, help=f"how many, on the newest ({GUESTS_OF_A_KIND})"
    )
    result.add_argument("--vmms", type=int, default=VMMS, help=f"how many VMMs of generated code ({VMMS})")
    return result


def run(arguments: argparse.Namespace) -> bool:
    """Compare every kernel with its profile; True where all agrees."""
    kernels = [open_kernel(kernel, log_of(kernel)) for kernel in map(resolve, arguments.kernel or SUITES)]
    newest = max(kernels, key=lambda live: parse(live.profile.name) or ())
    if arguments.guest:
        return at_once(
            [
                partial(check_guests, live.kernel, live.profile, live.log, guests)
                for live in kernels
                for guests in groups(newest=live is newest)
            ]
        )
    if arguments.image:
        machines = [((*SOUND, *ALONE, *(MORE if arguments.all else ())), 3), ((*MISTAKES, *BROKEN), 3), (GICV2, 2)]
        return at_once(
            [partial(check_images, newest.kernel, newest.profile, newest.log, *images) for images in machines]
        )
    known = known_ids()
    seeds, written = (range(arguments.seed, arguments.seed + n) for n in (arguments.policies, arguments.written))
    questions = Questions(
        folders=[ANSWERS, *arguments.replay],
        policies=[random_policy(seed, known) for seed in seeds],
        compiled=[*(random_written(seed, known) for seed in written), *shipped_policies()],
    )
    guests = guests_by_host(newest.profile, range(arguments.seed, arguments.seed + arguments.guests_of_a_kind), known)
    checks = []
    if arguments.vmms:  # The longest, so the first.
        checks.append(partial(check_generated, kernels, range(arguments.seed, arguments.seed + arguments.vmms)))
    for live in kernels:
        live.log(f" {live.kernel.package}, policies of seeds {arguments.seed} and on")
        more = guests.pop(live.host, {}) if live is newest else {}
        checks.append(partial(check, live, questions._replace(guests=more)))
    for host, theirs in guests.items():
        live = LiveKernel(newest.kernel, newest.profile, newest.log, host)
        checks.append(partial(check, live, Questions(guests=theirs)))
    if arguments.vmms:
        live = LiveKernel(newest.kernel, newest.profile, newest.log, WITH_AARCH32)
        checks.append(partial(check_broken, live, arguments.seed))
    return at_once(checks)


def check_generated(kernels: Sequence[LiveKernel], seeds: Sequence[int]) -> bool:
    """Have VMMs of generated code answer the guests of every kernel, a policy a seed; True where all agrees."""
    tests = vmm_tests([live.profile for live in kernels], seeds)
    agent = agent_with(tests.dispatchers)
    return at_once([partial(check_vmms, live, tests.by_kernel[live.profile.name], agent) for live in kernels])


def guests_by_host(
    known: Profile, seeds: Sequence[int], ids: list[int]
) -> dict[Host, dict[GuestKind, Sequence[Policy]]]:
    """Make guests of every kind that a kernel offers, one a seed, and sort them by the host that they need."""
    guests: dict[Host, dict[GuestKind, Sequence[Policy]]] = {}
    for kind in GUESTS:
        if kind.made_by(known):
            guests.setdefault(kind.host, {})[kind] = [kind.policy(seed, ids) for seed in seeds]
    return guests


def at_once(checks: Sequence[Callable[[], bool]]) -> bool:
    """Make as many checks at once as there are CPUs; True where all agrees."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        agreed = list(pool.map(lambda one: one(), checks))
    return all(agreed)


def log_of(kernel: Kernel) -> Callable[[str], None]:
    """Return a function that prints a line with the kernel's release before it."""
    return lambda line: print(f"{kernel.release}:{line}\n", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
