"""Policies of whose VM no guest of the tool can be."""

from typing import TYPE_CHECKING

from smccc_filter.commands.files import UnusableError
from smccc_filter.words import visible

if TYPE_CHECKING:
    from smccc_filter.language.policy.model import Policy

UNPROBED = {
    "protected": "a protected VM takes no filter and loads no guest of ours",
    "aarch32": "the guest that makes the calls here is one in AArch64",
}
"""What of a policy's target no guest of the probe can be, and why."""


def refuse_unprobed(path: str, policy: "Policy") -> None:
    """Raise UnusableError for the policy in ``path`` if no guest can make its calls."""
    for key, why in UNPROBED.items():
        if getattr(policy.target, key):
            raise UnusableError(f"{visible(path)}: {why}: leave `{key}` out to probe the rest")
