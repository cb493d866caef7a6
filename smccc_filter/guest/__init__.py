"""What a guest discovers under a policy, and whether it is the truth.

``set_up`` makes the VM that a policy asks of one kernel; ``answers`` asks its every discovery call about everything
that it can be asked about; ``boot`` walks discovery as a Linux guest does, to what its boot log will say.
"""

from smccc_filter.guest.beliefs import Belief, BeliefTopic, Boot, BootStep
from smccc_filter.guest.discovery import DiscoveryAnswer, answers
from smccc_filter.guest.linux import boot
from smccc_filter.guest.setup import Refusal, VmSetup, set_up

__all__ = [
    "Belief",
    "BeliefTopic",
    "Boot",
    "BootStep",
    "DiscoveryAnswer",
    "Refusal",
    "VmSetup",
    "answers",
    "boot",
    "set_up",
]
