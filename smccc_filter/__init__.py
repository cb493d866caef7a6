"""Write, check and ship the policy of which SMCCC calls KVM/arm64 answers, denies or forwards to the VMM.

The public face: five questions, and the values that answer them. Everything else is private; start reading it at
``analysis.pipeline``, which tells the whole story on one page. Nothing is imported before it is asked for::

    examination = smccc_filter.examine(pathlib.Path("policy.yaml").read_bytes(), path="policy.yaml")
    smccc_filter.decide(examination, "PSCI_CPU_ON/64", kernel="6.12").outcome
"""

from smccc_filter.version import __version__

TYPE_CHECKING = False
"""What type checkers take for true: the module ``typing`` costs more than all else that is imported here."""
if TYPE_CHECKING:
    from smccc_filter.analysis.api import compare, compile, decide, examine, guest  # noqa: A004 -- as the command is called
    from smccc_filter.analysis.comparison.comparison import ChangeSide, Comparison, MapChange
    from smccc_filter.analysis.comparison.findings import FindingChange
    from smccc_filter.analysis.comparison.told import ToldAnswer, ToldDifference
    from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
    from smccc_filter.analysis.decision import CallDecision
    from smccc_filter.analysis.diagnostics import Diagnostic, RelatedPlace, Severity
    from smccc_filter.analysis.discovery import GuestDiscovery
    from smccc_filter.analysis.pipeline import Examination
    from smccc_filter.artefacts.backends.proof import Artefact
    from smccc_filter.guests.beliefs import Belief, BeliefTopic
    from smccc_filter.guests.discovery import DiscoveryAnswer
    from smccc_filter.guests.setup import Refusal
    from smccc_filter.kvm.machine import Conduit, Outcome
    from smccc_filter.kvm.uapi import Action, Errno
    from smccc_filter.language.places import Position, Span

__all__ = [
    "Action",
    "Artefact",
    "Belief",
    "BeliefTopic",
    "CallDecision",
    "ChangeSide",
    "Comparison",
    "ComparisonVerdict",
    "Conduit",
    "Diagnostic",
    "DiscoveryAnswer",
    "Errno",
    "Examination",
    "FindingChange",
    "GuestDiscovery",
    "MapChange",
    "Outcome",
    "Position",
    "Refusal",
    "RelatedPlace",
    "Severity",
    "Span",
    "ToldAnswer",
    "ToldDifference",
    "__version__",
    "compare",
    "compile",
    "decide",
    "examine",
    "guest",
]

_HOMES = {
    "analysis.api": ("compare", "compile", "decide", "examine", "guest"),
    "analysis.comparison.comparison": ("ChangeSide", "Comparison", "MapChange"),
    "analysis.comparison.findings": ("FindingChange",),
    "analysis.comparison.told": ("ToldAnswer", "ToldDifference"),
    "analysis.comparison.verdict": ("ComparisonVerdict",),
    "analysis.decision": ("CallDecision",),
    "analysis.diagnostics": ("Diagnostic", "RelatedPlace", "Severity"),
    "analysis.discovery": ("GuestDiscovery",),
    "analysis.pipeline": ("Examination",),
    "artefacts.backends.proof": ("Artefact",),
    "guests.beliefs": ("Belief", "BeliefTopic"),
    "guests.discovery": ("DiscoveryAnswer",),
    "guests.setup": ("Refusal",),
    "kvm.machine": ("Conduit", "Outcome"),
    "kvm.uapi": ("Action", "Errno"),
    "language.places": ("Position", "Span"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for; see PEP 562."""
    for module, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"smccc_filter.{module}"), name)
    raise AttributeError(f"module `smccc_filter` has no attribute `{name}`")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
