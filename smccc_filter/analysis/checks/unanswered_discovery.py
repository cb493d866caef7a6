"""The VMM implements calls, and refuses the call by which a guest would find them.

The rule forwards TRNG_VERSION as well as TRNG_RND and says that the VMM implements the second alone. Then the guest is
told that there is no TRNG, and the handlers wait for calls that never come. The same holds for PSCI_FEATURES and the
optional calls of PSCI, for SDEI_VERSION and for the vendor UID.

A discovery call that is denied is F504, one that KVM answers with no is F502, and one that the VMM's version promises,
as PSCI_FEATURES, is V702.

Instead: implement the discovery call too, which the generated code then answers, or take the calls out.

Source: Arm DEN0022, DEN0028, DEN0054 and DEN0098; the readers of these answers in Linux 7.3.4 drivers/firmware.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.examination.guest_groups import gather, names, rule_of, them
from smccc_filter.analysis.examination.guest_view import Guest, gates
from smccc_filter.analysis.examination.subject import Subject, unsafe
from smccc_filter.smccc import registry

if TYPE_CHECKING:
    from smccc_filter.language.policy.vmm_part import VmmPart

CODE = "V703"
NAME = "unanswered-discovery"
SEVERITY = Severity.WARNING
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each discovery call that the VMM refuses."""
    if not subject.vmm_rules:
        return

    def find(guest: Guest) -> Iterator[tuple[tuple[int, int], int]]:
        for call, discovery in guest.hidden.items():
            rule = rule_of(subject, discovery)
            refused = guest.vmm_refuses(discovery) and not _is_promised(guest, discovery)
            if rule is not None and refused and guest.vmm_implements(call):
                yield (discovery, rule), call

    for group in gather(subject, find):
        discovery, rule = group.key
        part = subject.policy.rules[rule].vmm
        if part is None:
            continue
        name, it = registry.name_of(discovery), them(group.calls)
        yield Problem(
            (*part.path, "implements"),
            f"the VMM implements {names(group.calls)}, but not {name}, by which a guest would find {it}{group.on}",
            f"implement {name} too, or take {it} out",
            group.ids,
            kernels=group.kernels,
            remedy=_remedy(part, str(name)),
        )


def _is_promised(guest: Guest, discovery: int) -> bool:
    """Tell whether a version of the VMM promises the discovery call, so that its own absence is found."""
    gate = gates(others=True).get(discovery)
    return gate is not None and guest.vmm_implements(gate.discovery) and guest.says(gate, discovery) is True


def _remedy(part: "VmmPart", name: str) -> Remedy | None:
    """Add the discovery call to the list, where there is one."""
    from smccc_filter.language.changes import Append

    path = (*part.path, "implements")
    if path in {item.path for item in part.implements}:
        return None
    return unsafe(f"add `{name}` to `implements`", (Append(path, (name,)),))
