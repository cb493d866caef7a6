"""Which modules make a room, which tests are nearest to it, and how much may survive there."""

import ast
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT
from tests.programs.mutants import package
from tests.programs.mutants.mutations import ModuleMutants

RANDOM = "They hold laws over random policies, which take minutes."
BROKEN = "They put something in a module's place that fails, to see what is said of that."


class Room(NamedTuple):
    """Modules and packages by their names below the package, files and folders below ``tests/``.

    ``left_out`` are files and folders of tests that import something of the room and are not run, by the reason.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    allowed: Fraction = Fraction(2, 100)
    texts: bool = False
    left_out: Mapping[str, tuple[str, ...]] = {}

    def module_names(self) -> list[str]:
        """Return every module of the room."""
        tops = [f"{package.PACKAGE}.{name}" for name in self.modules]
        return [name for name in package.files() if any(name == top or name.startswith(f"{top}.") for top in tops)]

    def test_files(self) -> list[Path]:
        """Return every file of the room's tests."""
        return files_of(self.tests)

    def left_out_files(self) -> dict[str, list[Path]]:
        """Return the files of tests of this room that are left out, by file or folder."""
        modules = {*self.module_names()}
        return {
            name: [file for file in files_of([name]) if not modules.isdisjoint(imports_of(file))]
            for names in self.left_out.values()
            for name in names
        }

    def mutants(self, module: str, tree: ast.Module) -> ModuleMutants:
        """Return what can be changed in one of the room's modules."""
        return ModuleMutants(module, tree, texts=self.texts)


def files_of(names: Iterable[str]) -> list[Path]:
    """Return the files of tests that are called so, and those in folders that are."""
    found = [ROOT / "tests" / name for name in names]
    return [file for path in found for file in ([path] if path.suffix else sorted(path.rglob("test_*.py")))]


@cache
def imports_of(file: Path) -> frozenset[str]:
    """Return the modules of the package that a file imports."""
    return frozenset(package.imported(ast.parse(file.read_bytes())))


ROOMS = {
    "kvm": Room(("kvm",), ("kvm",), Fraction(0)),
    "backends": Room(("artefacts.backends",), ("artefacts/backends",), Fraction(0), texts=True),
    "checks": Room(
        ("analysis.checks", "analysis.examination"),
        (
            *("analysis/checks/test_fixtures.py", "analysis/checks/test_reserved_range.py", "authoring/test_fixing.py"),
            *("analysis/checks/test_runner.py", "analysis/checks/test_target.py", "analysis/checks/test_overlap.py"),
            *("analysis/examination", "analysis/test_pipeline.py"),
        ),
        left_out={
            RANDOM: ("analysis/checks/test_laws.py", "programs/fuzz/test_laws.py"),
            BROKEN: ("cli/test_internal_errors.py",),
            "They look at codes, severities and manuals of checks.": (
                *("analysis/checks/test_manuals.py", "analysis/reference/test_manuals.py", "analysis/test_targets.py"),
                *("commands/test_explain.py", "commands/test_list.py", "reports/findings/test_sarif.py"),
                *("authoring/test_fix_steps.py", "house/test_reference.py"),
            ),
            "They compare findings with findings of the same checks.": (
                *("analysis/test_understanding.py", "commands/test_settings.py"),
            ),
            "They look at what an editor shows of findings and manuals.": ("editor",),
            "It runs the tests of a copy.": ("house/test_new_check.py",),
        },
    ),
    "guests": Room(
        ("guests",),
        ("guests", "commands/test_guest.py", "analysis/examination"),
        left_out={
            RANDOM: (
                *("analysis/checks/test_guest_laws.py", "analysis/checks/test_vmm_laws.py"),
                *("authoring/test_fix_laws.py", "programs"),
            ),
            "They set up VMs to look at what is made of them.": (
                *("analysis/checks/test_target.py", "analysis/comparison", "authoring/test_importing.py"),
                *("authoring/test_starting.py", "commands/test_query.py", "probe"),
            ),
        },
    ),
    "resolution": Room(
        ("analysis.resolve", "analysis.map", "analysis.grid", "analysis.decision"),
        (
            *("analysis/test_resolve.py", "analysis/test_map.py", "analysis/test_grid.py"),
            *("commands/test_query.py", "reports/map/test_table.py"),
        ),
        left_out={
            "They resolve policies to look at something else.": (
                *("analysis/comparison", "analysis/test_pipeline.py", "authoring/test_starting.py"),
                *("commands/test_guest.py", "guests", "policies"),
            ),
            "It takes long over policies whose every decision small ones pin.": ("analysis/test_resolve_limits.py",),
            "They look at how a map is drawn.": (
                *("reports/map/page", "reports/map/test_json.py", "reports/map/test_svg.py"),
            ),
        },
    ),
    "authoring": Room(
        ("authoring", "analysis.comparison"),
        (
            *("authoring/test_fixing.py", "authoring/test_fix_command.py", "authoring/test_fix_suggestions.py"),
            *("authoring/test_formatting.py", "authoring/test_importing.py", "authoring/test_starting.py"),
            *("authoring/test_templates.py", "authoring/test_fix_proof.py", "authoring/test_turning_points.py"),
            *("authoring/test_fix_work.py", "cli/test_init.py", "cli/test_fmt.py", "analysis/comparison"),
            *("cli/test_diff.py", "reports/diff/test_diff.py"),
            *("authoring/test_fix_candidates.py", "authoring/test_fix_steps.py", "authoring/test_learning.py"),
        ),
        left_out={
            RANDOM: ("authoring/test_fix_laws.py",),
            BROKEN: ("cli/test_internal_errors.py",),
            "They see that the shipped policies are laid out.": ("policies",),
            "They look at how a comparison is drawn.": ("reports/diff/test_page.py",),
        },
    ),
    "pipeline": Room(
        (
            *("analysis.pipeline", "analysis.targets", "analysis.understanding", "analysis.discovery"),
            *("analysis.api", "analysis.fixes", "analysis.diagnostics", "analysis.reference"),
        ),
        (
            *("analysis/test_examination.py", "analysis/test_pipeline.py", "analysis/test_understanding.py"),
            *("analysis/test_diagnostics.py", "analysis/test_vmm_program.py", "analysis/test_targets.py"),
            "analysis/reference",
            *("analysis/checks/test_runner.py", "commands/test_explain.py", "commands/test_target.py"),
            *("house/test_public_face.py", "authoring/test_fixing.py"),
        ),
        left_out={
            RANDOM: (
                *("analysis/checks/test_laws.py", "analysis/checks/test_vmm_laws.py", "authoring/test_fix_laws.py"),
                "programs",
            ),
            BROKEN: ("cli/test_internal_errors.py",),
            "They examine policies to look at something else.": (
                *("analysis/checks", "analysis/comparison", "analysis/examination", "analysis/test_map.py"),
                *("artefacts", "authoring", "cli/test_streams.py", "commands/test_settings.py", "house/test_bench.py"),
                *("analysis/audit", "editor", "policies", "probe", "reports/map", "traces"),
            ),
            "They look at how findings and topics are written.": (
                *("commands/test_list.py", "reports/findings", "reports/paper"),
            ),
        },
    ),
    "editor": Room(("editor",), ("editor",)),
}
"""The tests are the nearest that pin cases. Where no mutant may survive, no other tests are needed."""
