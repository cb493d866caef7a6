"""What a guest of a policy discovers on one kernel: what it takes for true, and every answer beside the truth."""

from typing import NamedTuple

from smccc_filter.guests.beliefs import Belief
from smccc_filter.guests.discovery import DiscoveryAnswer, answers
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import Refusal, VmSetup
from smccc_filter.kvm.machine import Conduit


class GuestDiscovery(NamedTuple):
    """One guest.

    ``refusals`` are what the kernel refuses of the policy's VM. ``beliefs`` are what a Linux guest takes for true, one
    a topic, and ``log`` are lines that its boot log is bound to hold. ``answers`` are what each discovery call tells of
    each call that it can be asked about, and what the guest gets when it makes that call.
    """

    kernel: str
    conduit: Conduit
    refusals: tuple[Refusal, ...]
    beliefs: tuple[Belief, ...]
    log: tuple[str, ...]
    answers: tuple[DiscoveryAnswer, ...]


def discover(setup: VmSetup) -> GuestDiscovery:
    """Ask all that a guest of the VM may ask, and walk discovery as a Linux guest does."""
    walked = boot(setup)
    kernel = setup.machine.profile.name
    return GuestDiscovery(kernel, setup.conduit, setup.refusals, walked.beliefs, walked.log, answers(setup))
