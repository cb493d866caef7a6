"""The top of the page: what the policy is for, where it stands and on which kernels."""

from collections.abc import Sequence

from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup
from smccc_filter.language.policy.model import Policy
from smccc_filter.reports.paper.html import Markup, stranger, tag
from smccc_filter.words import counted, enumerated, source_name

FLAGS = ("protected", "nested", "aarch32")


def name_of(path: str, examination: Examination) -> str:
    """Return what the policy is called, or its file where no policy could be made of it."""
    return (examination.policy and examination.policy.name) or source_name(path)


def section(path: str, examination: Examination, setups: Sequence[VmSetup]) -> Markup:
    """Write the head."""
    policy = examination.policy
    theme = tag("button", "Dark", type="button", id="theme", aria_pressed="false", hidden=True) if setups else None
    told = policy and policy.description
    return tag(
        "header",
        tag(
            "div",
            tag("h1", tag("bdi", name_of(path, examination)), id="name"),
            tag("div", stranger(told), id="description") if told else None,
            tag("ul", *(tag("li", fact) for fact in _facts(path, policy, setups)), class_="facts"),
        ),
        theme,
    )


def _facts(path: str, policy: Policy | None, setups: Sequence[VmSetup]) -> list[str]:
    facts: list[str] = [tag("bdi", source_name(path), class_="id")]
    if policy is None:
        return facts
    if setups:
        facts.append(f"Linux {enumerated([setup.machine.profile.name for setup in setups])}")
    flags = [flag for flag in FLAGS if getattr(policy.target, flag)]
    facts += [f"a VM that is {enumerated(flags)}"] if flags else []
    facts += [f"default: {policy.default}", counted(len(policy.rules), "rule")]
    facts += [counted(len(policy.tests), "test")] if policy.tests else []
    return facts
