"""Which kernels a question is about: those that a policy names, or one that a person does."""

from collections.abc import Sequence

from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.kvm.profiles import NEWEST, RELEASES, Profile, parse, predates_filter, profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.intervals import IntervalMap
from smccc_filter.words import did_you_mean, visible

KNOWN = f"known are {RELEASES[0]} to {RELEASES[-1]} and their stable releases, such as `6.12.112`"


def target_profiles(target: Target) -> tuple[Profile, ...]:
    """Return the kernels of a target that are known and have a filter, each once, or else the newest known one."""
    return tuple(filter(None, map(profile, dict.fromkeys(target.kernels)))) or (NEWEST,)


def profile_named(name: str) -> Profile:
    """Return what the kernel called ``name`` does, such as ``6.12`` or ``6.12.112``.

    Raises ValueError for a name that is no kernel with a filter, with what to name instead.
    """
    known = profile(name)
    if known is None and predates_filter(name):
        raise ValueError(f"Linux {name} has no SMCCC filter; name a kernel from {RELEASES[0]} on")
    if known is None:
        hint = did_you_mean(name, RELEASES, KNOWN) if parse(name) is None else KNOWN
        raise ValueError(f"no kernel `{visible(name)}` is known; {hint}")
    return known


def set_up_on(policy: Policy, actions: IntervalMap[Action], kernels: Sequence[Profile] = ()) -> tuple[VmSetup, ...]:
    """Set up the VM of ``policy``, whose resolution decides ``actions``, on ``kernels``, or else on its own targets."""
    return tuple(set_up(policy, kernel, actions) for kernel in kernels or target_profiles(policy.target))
