"""Which kernels a question is about: those that a policy names, or one that a person does."""

import re
from collections.abc import Sequence

from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.kvm.profiles import NEWEST, RELEASES, Profile, parse, predates_filter, profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.intervals import IntervalMap
from smccc_filter.words import QUOTE, cut, suggest, visible

_RELEASE = r"(?<![\d.])(\d{1,4})\.+(\d{1,4})(?:\.(\d{1,4}))?(?!\d)"
_RUNNING = r"(\d{1,4}\.\d{1,4})(\.\d{1,4})?(?:[-+~][\w.+~-]*)?"
KNOWN = f"known are {RELEASES[0]} to {RELEASES[-1]} and their stable releases, such as `6.12.112`"


def target_profiles(target: Target) -> tuple[Profile, ...]:
    """Return the kernels of a target that are known and have a filter, each once, or else the newest known one."""
    return tuple(filter(None, map(profile, dict.fromkeys(target.kernels)))) or (NEWEST,)


def profile_named(name: str) -> Profile:
    """Return what the kernel called ``name`` does, such as ``6.12``, ``6.12.112``, or what ``uname -r`` prints.

    Raises ValueError for a name that is no kernel with a filter, with what to name instead.
    """
    release = _running(name)
    if predates_filter(release):
        raise ValueError(f"Linux {visible(name)} has no SMCCC filter; name a kernel from {RELEASES[0]} on")
    if known := profile(release):
        return known
    message, hint, _ = unknown_kernel(name)
    raise ValueError(f"{visible(message)}; {hint}")


def _running(name: str) -> str:
    """Return the release that ``uname -r`` names: 6.12 of 6.12.0-1-amd64, 6.12.43 of 6.12.43+deb13-arm64.

    A distribution's 0 says nothing of the stable release that its kernel is made of.
    """
    found = re.fullmatch(_RUNNING, name)
    return found[1] + ("" if found[2] in {None, ".0"} else found[2]) if found else ""


def unknown_kernel(name: str, *, compare: bool = True) -> tuple[str, str, str | None]:
    """Say that no kernel has that name, what to name, and what was certainly meant, if anything.

    That is a release that stands in the name, such as 6.12.112 in ``v6.12.112-arm64`` or 6.12 in ``6.12.0``. Without
    ``compare``, which takes long, nothing else is offered.
    """
    from unicodedata import normalize

    message = f"no kernel `{cut(name)}` is known"
    found = re.search(_RELEASE, normalize("NFKC", name[:QUOTE]))
    if found:
        numbers = [str(int(number)) for number in found.groups() if number]
        meant = ".".join(numbers[:2] if numbers[2:] == ["0"] else numbers)
        if profile(meant):
            return message, f"did you mean `{meant}`?", meant
    hint, nearest = suggest(name, RELEASES, KNOWN) if compare and parse(name) is None else (KNOWN, None)
    return message, hint, nearest


def set_up_on(policy: Policy, actions: IntervalMap[Action], kernels: Sequence[Profile] = ()) -> tuple[VmSetup, ...]:
    """Set up the VM of ``policy``, whose resolution decides ``actions``, on ``kernels``, or else on its own targets."""
    return tuple(set_up(policy, kernel, actions) for kernel in kernels or target_profiles(policy.target))
