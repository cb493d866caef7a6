"""Which modules make a room, which tests are nearest to it, and how much may survive there."""

import ast
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT
from tests.programs.mutants import package
from tests.programs.mutants.mutations import ModuleMutants


class Room(NamedTuple):
    """Modules and packages by their names below the package, files and folders below ``tests/``."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    allowed: Fraction = Fraction(2, 100)
    texts: bool = False

    def module_names(self) -> list[str]:
        """Return every module of the room."""
        tops = [f"{package.PACKAGE}.{name}" for name in self.modules]
        return [name for name in package.files() if any(name == top or name.startswith(f"{top}.") for top in tops)]

    def test_files(self) -> list[Path]:
        """Return every file of the room's tests."""
        found = [ROOT / "tests" / name for name in self.tests]
        return [file for path in found for file in ([path] if path.suffix else sorted(path.rglob("test_*.py")))]

    def mutants(self, module: str, tree: ast.Module) -> ModuleMutants:
        """Return what can be changed in one of the room's modules."""
        return ModuleMutants(module, tree, texts=self.texts)


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
    ),
    "guests": Room(("guests",), ("guests", "commands/test_guest.py", "analysis/examination")),
    "resolution": Room(
        ("analysis.resolve", "analysis.map", "analysis.grid", "analysis.decision"),
        (
            *("analysis/test_resolve.py", "analysis/test_map.py", "analysis/test_grid.py"),
            *("commands/test_query.py", "reports/map/test_table.py"),
        ),
    ),
    "authoring": Room(
        ("authoring", "analysis.comparison"),
        (
            *("authoring/test_fixing.py", "authoring/test_fix_command.py", "authoring/test_fix_suggestions.py"),
            *("authoring/test_formatting.py", "authoring/test_importing.py", "authoring/test_starting.py"),
            *("authoring/test_templates.py", "authoring/test_fix_proof.py", "authoring/test_turning_points.py"),
            *("authoring/test_fix_work.py", "cli/test_init.py", "cli/test_fmt.py", "analysis/comparison"),
        ),
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
    ),
}
"""The tests are the nearest that pin cases; laws over random policies, which take minutes, are left out."""
