"""The hooks of ``.pre-commit-hooks.yaml``, as pre-commit itself runs them."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.house.hooks import Hooks
from tests.house.tree import SCRIPTS, commit, environment, run
from tests.paths import ROOT

BAD = "version: 1\nname: bad\nrules:\n  - {action: deny, calls: [TRNG_RNDD]}\n"
UGLY = """name: "ugly"   # short
version: 1
rules:
# Entropy.
- {services: [trng], action: deny}
"""
PRETTY = """version: 1
name: ugly  # short
rules:
  # Entropy.
  - action: deny
    services: [trng]
"""
FOREIGN = "rules: [&a not, *a, !a policy]\n"

HOOKS = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("vm.smccc.yaml", True),
        ("deep/down/vm.smccc.yml", True),
        ("smccc/vm.yaml", True),
        ("vmm/smccc/arm64/vm.yml", True),
        ("smccc-policies/vm.yaml", True),
        ("vmm/smccc-policies/vm.yaml", True),
        (".github/workflows/ci.yaml", False),
        ("smccc.yaml", False),
        ("notsmccc/vm.yaml", False),
        ("smccc-policies.yaml", False),
        ("vmsmccc.yaml", False),
        ("vm.smccc.yaml.orig", False),
        ("mysmccc-policies/vm.yaml", False),
    ],
)
def test_the_hooks_take_policies_and_no_other_yaml(path: str, taken: bool) -> None:  # noqa: FBT001
    assert [hook["id"] for hook in HOOKS] == ["smccc-filter", "smccc-filter-fmt"]
    assert [bool(re.search(hook["files"], path)) for hook in HOOKS] == [taken, taken]


class Project:
    """A repository with files that the hooks run on; how pre-commit is configured stands beside it."""

    def __init__(self, folder: Path, hooks: Hooks, files: dict[str, str]) -> None:
        self.root = folder / "project"
        self.env = environment(folder)
        self.configuration = hooks.set_up(folder, self.env)
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(content)
        commit(self.root, self.env)

    def run_hook(self, hook: str, status: int) -> str:
        options = ("--config", self.configuration, "--all-files", "--verbose")
        return run(SCRIPTS / "pre-commit", "run", *options, hook, cwd=self.root, env=self.env, status=status)

    def files(self) -> dict[str, str]:
        tracked = run("git", "ls-files", cwd=self.root, env=self.env).split()
        return {path: (self.root / path).read_text() for path in tracked}


FILES = {
    "smccc/good.yaml": PRETTY,
    "vmm/good.smccc.yaml": PRETTY,
    "smccc/README.md": "Not YAML.\n",
    "compose.yaml": FOREIGN,
    ".github/workflows/ci.yml": FOREIGN,
}


def test_validate(tmp_path: Path, hooks: Hooks) -> None:
    project = Project(tmp_path, hooks, FILES)
    passed = project.run_hook("smccc-filter", 0)
    assert re.search(r"^smccc-filter validate\.+Passed$", passed, re.MULTILINE)
    assert passed.count("All clear on Linux 7.3: 2 files") == 1, "one process checks both policies"

    (project.root / "vmm/bad.smccc.yaml").write_text(BAD)
    run("git", "add", "--all", cwd=project.root, env=project.env)
    failed = project.run_hook("smccc-filter", 1)
    assert re.search(r"^smccc-filter validate\.+Failed$", failed, re.MULTILINE)
    assert "error[P104] unknown-name: no call is called `TRNG_RNDD`\n --> vmm/bad.smccc.yaml:4:28\n" in failed
    assert failed.count("Found 1 error in 3 files") == 1, "one process checks all policies"
    assert "compose.yaml" not in failed
    assert "ci.yml" not in failed
    assert project.files() == FILES | {"vmm/bad.smccc.yaml": BAD}


def test_fmt(tmp_path: Path, hooks: Hooks) -> None:
    ugly = {"vmm/ugly.smccc.yaml": UGLY, "vmm/bad.smccc.yaml": BAD, "elsewhere.yaml": UGLY}
    project = Project(tmp_path, hooks, FILES | ugly)
    failed = project.run_hook("smccc-filter-fmt", 1)
    assert re.search(r"^smccc-filter fmt\.+Failed$", failed, re.MULTILINE)
    assert "- files were modified by this hook" in failed
    assert "error[P104] unknown-name: no call is called `TRNG_RNDD`\n --> vmm/bad.smccc.yaml:4:28\n" in failed
    assert failed.count("1 file reformatted, 2 files left unchanged, 1 file with errors\n") == 1
    assert project.files() == FILES | ugly | {"vmm/ugly.smccc.yaml": PRETTY}

    (project.root / "vmm/bad.smccc.yaml").unlink()
    run("git", "add", "--all", cwd=project.root, env=project.env)
    passed = project.run_hook("smccc-filter-fmt", 0)
    assert re.search(r"^smccc-filter fmt\.+Passed$", passed, re.MULTILINE)
