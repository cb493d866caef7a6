"""The hook of ``.pre-commit-hooks.yaml``, as pre-commit itself runs it."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.house.tree import ROOT, SCRIPTS, commit, copy_source, environment, run

GOOD = "version: 1\nname: good\nrules:\n  - {action: deny, services: [trng]}\n"
BAD = "version: 1\nname: bad\nrules:\n  - {action: deny, calls: [TRNG_RNDD]}\n"
FOREIGN = "rules: [&a not, *a, !a policy]\n"

HOOK = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")[0]


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
def test_the_hook_takes_policies_and_no_other_yaml(path: str, taken: bool) -> None:  # noqa: FBT001
    assert bool(re.search(HOOK["files"], path)) is taken


def test_try_repo(tmp_path: Path, online: None) -> None:  # noqa: ARG001
    env = environment(tmp_path, PRE_COMMIT_HOME=str(tmp_path / "cache"))
    hooks = copy_source(tmp_path / "hooks")
    commit(hooks, env)
    project = tmp_path / "project"
    files = {
        "smccc/good.yaml": GOOD,
        "vmm/good.smccc.yaml": GOOD,
        "smccc/README.md": "Not YAML.\n",
        "compose.yaml": FOREIGN,
        ".github/workflows/ci.yml": FOREIGN,
    }
    for path, content in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(content)
    commit(project, env)

    def try_repo(status: int) -> str:
        command = (SCRIPTS / "pre-commit", "try-repo", hooks, "smccc-filter", "--all-files", "--verbose")
        return run(*command, cwd=project, env=env, status=status)

    passed = try_repo(0)
    assert re.search(r"^smccc-filter validate\.+Passed$", passed, re.MULTILINE)
    assert passed.count("All clear: 2 files") == 1, "one process checks both policies"

    (project / "vmm/bad.smccc.yaml").write_text(BAD)
    run("git", "add", "--all", cwd=project, env=env)
    failed = try_repo(1)
    assert re.search(r"^smccc-filter validate\.+Failed$", failed, re.MULTILINE)
    assert "error[P104] unknown-name: no call is called `TRNG_RNDD`\n --> vmm/bad.smccc.yaml:4:28\n" in failed
    assert failed.count("Found 1 error in 3 files") == 1, "one process checks all policies"
    assert "compose.yaml" not in failed
    assert "ci.yml" not in failed
    for path, content in files.items():
        assert (project / path).read_text() == content
