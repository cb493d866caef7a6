"""A check is added by the four steps of CONTRIBUTING and by nothing else."""

import os
import sys
from pathlib import Path

from smccc_filter.analysis import checks
from tests.house.tree import copy_source, run
from tests.paths import ROOT

NAME = "unexplained-rule"
CODE = "R299"
SOURCE = '''"""A rule that does not say why it is there.

Whoever reviews a policy wants to know for what the guest gives up a call, and whether that still holds. It speaks of
most policies, so that it would change whatever depends on what all checks say together.

Instead: write a `reason`.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject

CODE = "R299"
NAME = "unexplained-rule"
SEVERITY = Severity.NOTE
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule without a reason."""
    for rule in subject.policy.rules:
        if not rule.reason:
            yield Problem(rule.path, f"{rule.label} has no reason", "write a `reason`")
'''
FIRES = "version: 1\nname: p\nrules: [{action: deny, services: [trng]}]\n"
SILENT = "version: 1\nname: p\nrules: [{action: deny, services: [trng], reason: no entropy here}]\n"
CONCERNED = (
    *(f"tests/analysis/checks/test_{what}.py" for what in ("fixtures", "manuals", "runner")),
    *(f"tests/commands/test_{what}.py" for what in ("explain", "list")),
)
"""What is tested of checks one by one; all else looks at policies, about which a new check may well have to speak."""


def add_check(tree: Path) -> None:
    """Take the steps, each as CONTRIBUTING has it."""
    folder = tree / "smccc_filter" / "analysis" / "checks"
    (folder / "unexplained_rule.py").write_text(SOURCE)

    face = folder / "__init__.py"
    last = [check for check in checks.ALL if check.CODE < CODE and check.CODE[0] == "R"][-1].NAME.replace("-", "_")
    imported, listed = f"    {last},\n", f"        {last},\n"
    lines = face.read_text().replace(listed, f"{listed}        unexplained_rule,\n")
    face.write_text(lines.replace(f"\n{imported}", f"\n{imported}    unexplained_rule,\n", 1))

    for kind, policy in (("fires", FIRES), ("silent", SILENT)):
        fixtures = tree / "tests" / "analysis" / "checks" / NAME / kind
        fixtures.mkdir(parents=True)
        (fixtures / "rule.yaml").write_text(policy)

    changes = tree / "CHANGELOG.md"
    changes.write_text(changes.read_text().replace("### Added\n\n", f"### Added\n\n- {CODE} {NAME}.\n", 1))


def pytest_in(tree: Path, home: Path, *arguments: str) -> str:
    """Run tests of the copy against the package of the copy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV", "PYTHON"))}
    options = ("-q", "-x", "-n", "0", "-p", "no:cacheprovider", f"--basetemp={home / 'pytest'}")
    env = kept | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return run(sys.executable, "-m", "pytest", *options, *arguments, cwd=tree, env=env)


def test_contributing_names_the_steps() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text.partition("## Add a check in four steps\n")[2].partition("\n## ")[0]
    assert [line[:2] for line in section.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3.", "4."]
    for place in ("smccc_filter/analysis/checks/", "__init__.py", "tests/analysis/checks/<name>/", "CHANGELOG.md"):
        assert place in section


def test_a_check_that_speaks_of_most_policies_takes_four_steps(tmp_path: Path) -> None:
    tree = copy_source(tmp_path / "tree")
    add_check(tree)
    output = tree / "tests" / "analysis" / "checks" / NAME / "fires" / "rule.out"
    written = ("tests/analysis/checks/test_fixtures.py", "tests/house/test_reference.py")
    pytest_in(tree, tmp_path, *written, "--update", "-k", f"{NAME} or up_to_date")
    assert f"note[{CODE}] {NAME}: rule 1 has no reason" in output.read_text()
    assert "Instead:** write a `reason`." in (tree / "docs" / "reference" / "checks" / f"{CODE}.md").read_text()
    assert " passed" in pytest_in(tree, tmp_path, *CONCERNED)
    before = {file: file.read_bytes() for file in (ROOT / "tests").rglob("*.out")}
    assert all((tree / file.relative_to(ROOT)).read_bytes() == data for file, data in before.items())
