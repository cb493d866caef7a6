"""The hooks of ``.pre-commit-hooks.yaml``, as pre-commit itself runs them."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.house.tree import SCRIPTS, commit, copy_source, environment, run
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
    """A repository with files that the hooks are tried on, and the hooks' own."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.root = folder / "project"
        self.hooks = copy_source(folder / "hooks")
        self.env = environment(folder, PRE_COMMIT_HOME=str(folder / "cache"))
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(content)
        commit(self.hooks, self.env)
        commit(self.root, self.env)

    def try_hook(self, hook: str, status: int) -> str:
        command = (SCRIPTS / "pre-commit", "try-repo", self.hooks, hook, "--all-files", "--verbose")
        return run(*command, cwd=self.root, env=self.env, status=status)

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


def test_validate(tmp_path: Path, online: None) -> None:  # noqa: ARG001
    project = Project(tmp_path, FILES)
    passed = project.try_hook("smccc-filter", 0)
    assert re.search(r"^smccc-filter validate\.+Passed$", passed, re.MULTILINE)
    assert passed.count("All clear: 2 files") == 1, "one process checks both policies"

    (project.root / "vmm/bad.smccc.yaml").write_text(BAD)
    run("git", "add", "--all", cwd=project.root, env=project.env)
    failed = project.try_hook("smccc-filter", 1)
    assert re.search(r"^smccc-filter validate\.+Failed$", failed, re.MULTILINE)
    assert "error[P104] unknown-name: no call is called `TRNG_RNDD`\n --> vmm/bad.smccc.yaml:4:28\n" in failed
    assert failed.count("Found 1 error in 3 files") == 1, "one process checks all policies"
    assert "compose.yaml" not in failed
    assert "ci.yml" not in failed
    assert project.files() == FILES | {"vmm/bad.smccc.yaml": BAD}


def test_fmt(tmp_path: Path, online: None) -> None:  # noqa: ARG001
    ugly = {"vmm/ugly.smccc.yaml": UGLY, "vmm/bad.smccc.yaml": BAD, "elsewhere.yaml": UGLY}
    project = Project(tmp_path, FILES | ugly)
    failed = project.try_hook("smccc-filter-fmt", 1)
    assert re.search(r"^smccc-filter fmt\.+Failed$", failed, re.MULTILINE)
    assert "- files were modified by this hook" in failed
    assert "error[P104] unknown-name: no call is called `TRNG_RNDD`\n --> vmm/bad.smccc.yaml:4:28\n" in failed
    assert failed.count("1 file reformatted, 2 files left unchanged, 1 file with errors\n") == 1
    assert project.files() == FILES | ugly | {"vmm/ugly.smccc.yaml": PRETTY}

    (project.root / "vmm/bad.smccc.yaml").unlink()
    run("git", "add", "--all", cwd=project.root, env=project.env)
    passed = project.try_hook("smccc-filter-fmt", 0)
    assert re.search(r"^smccc-filter fmt\.+Passed$", passed, re.MULTILINE)
