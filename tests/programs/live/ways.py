"""Each shipped policy on its ways into a kernel: as its blob, through its C header, and as its Rust module's bytes.

Whichever way it takes, a guest must find what the tool says of the policy.
"""

from collections.abc import Iterator

from smccc_filter.kvm.outcomes import SERVICED
from tests.paths import SUFFIX
from tests.programs.live.artefacts import rust_tables
from tests.programs.live.policies import Policy
from tests.programs.live.probes import all_probes, edges, probe
from tests.programs.live.shipped import examine, names, program
from tests.programs.live.written import Compiled, artefacts, installation, ranges, vm


def shipped_policies() -> Iterator[Compiled]:
    """Yield every shipped policy, once a way."""
    for name in names():
        examination, compiled = examine(name), program(name)
        decided = ranges(examination)
        probes = all_probes(decided, SERVICED)
        calls = [probe(word, edge, 0) for edge in edges(decided) for word in "PS"]
        through_c = [*vm(examination), f"A {compiled.symbol}", f"W {compiled.symbol}"]
        ways = {
            "blob": [*installation(examination, *artefacts(compiled)), *probes],
            # Again: KVM refuses an entry for the one before it, and then because the vCPU has run.
            "C header": [*through_c, f"A {compiled.symbol}", *probes, f"A {compiled.symbol}", f"W {compiled.symbol}"],
            "Rust module": [*installation(examination, *rust_tables()[name]), *calls],
        }
        for way, operations in ways.items():
            yield Compiled(examination, compiled, Policy(f"policies/{name}{SUFFIX} by its {way}", tuple(operations)))
