"""What both installations are asked: every policy and artefact that the repository has, in every command."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from smccc_filter.analysis import checks
from smccc_filter.cli import COMMANDS
from smccc_filter.commands import reporting
from smccc_filter.smccc import registry
from tests.paths import POLICIES, ROOT

ARTEFACTS = (".h", ".c", ".rs", ".bin", ".regs", ".json")
FORMATS = {"c": "h", "rust": "rs", "json": "json", "blob": "bin", "regs": "regs", "sql": "sql"}
WORDS = (
    *("0x84000003", "0xC4000003", "0x80000000", "0x95c1ba5e", "0x0", "0xFFFFFFFF", "0x8400003", "84000003", "PSCI_CPU"),
    *("0x84000000-0x8400001F", "0xC6000040+2", "0x00000000-0xFFFFFFFF", "0x84000000-0x80000000", "0x84000000+0"),
    *("0xFFFFFFFF+2", "PSCI_CPU_ON/64", "PSCI_CPU_ON/16", "PSCI_CPU_ONN", "optee", "hotplug", "nonsense", ""),
)
CALLS = ("PSCI_CPU_ON", "TRNG_RND/64", "0x84000000", "0xC6000040")
TAKEN = ("psci", "trng", "vcpu-hotplug", "system-power", "sdei", "ffa", "optee", "sip")

CommandLine = tuple[str, ...]


def copy_inputs(to: Path) -> Path:
    """Copy the policies and artefacts of the repository, and nothing that changes with its code."""
    for folder in ("policies", "tests"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".yaml", *ARTEFACTS} and "data" not in file.parts and "golden" not in file.parts:
                target = to / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
    return to


def command_lines(inputs: Path) -> Iterator[CommandLine]:
    """Yield every command line; outputs go into the folder ``out``."""
    policies = sorted(str(file.relative_to(inputs)) for file in inputs.rglob("*.yaml"))
    shipped = [policy for policy in policies if policy.startswith("policies/")]
    for policy in policies:
        yield from of_policy(policy)
    for number, (old, new) in enumerate(pairwise(policies)):
        yield from (("diff", "--format", form, old, new) for form in ("text", "json", "github", "markdown"))
        yield "diff", "--fail-on-widening", shipped[number % len(shipped)], new
    for artefact in sorted(str(file.relative_to(inputs)) for file in inputs.rglob("*") if file.suffix in ARTEFACTS):
        yield "import", "-o", "out/policy.yaml", artefact
        yield "diff", shipped[0], artefact
    for table in ("calls", "services", "checks", "kernels", "templates"):
        yield from (("list", table, "--format", form) for form in ("text", "json"))
    calls, services = (call.name for call in registry.functions()), (row.name for row in registry.services())
    for word in (*calls, *services, *(check.CODE for check in checks.ALL), *WORDS):
        yield from (("explain", "--format", form, word) for form in ("text", "json"))
    for policy in shipped:
        name = Path(policy).stem
        yield "init", "--template", name, "-"
        yield "init", "--template", name, "--name", "other", "--kernel", "6.12", "-"
    for taken in TAKEN:
        yield from (("init", "--takes", taken, "--default", action, "-") for action in ("handle", "deny"))
    for command in COMMANDS:
        yield from ((command,), (command, "--help"), (command, "--nonsense"), (command, "nowhere.yaml"))
    yield from ((), ("--help",), ("--version",), ("nonsense",), ("validate", POLICIES.name, "tests"))


def of_policy(policy: str) -> Iterator[CommandLine]:
    """Yield what is asked of one policy."""
    yield "validate", "--notes", policy
    yield from (("validate", "--format", form, policy) for form in reporting.FORMATS)
    yield from (("validate", "--diff", *unsafe, policy) for unsafe in ((), ("--unsafe-fixes",)))
    yield "fmt", "--diff", policy
    yield "show", policy
    yield "show", "--all", "--format", "json", policy
    yield "show", policy, "--svg", "out/map.svg", "--html", "out/map.html"
    for form in ("text", "json"):
        yield "guest", "--format", form, policy
        yield "query", "--format", form, policy, *CALLS
    yield from (("compile", policy, "-o", f"out/artefact.{suffix}", "--format", f) for f, suffix in FORMATS.items())
