"""``validate --fix`` and ``--diff`` as people and scripts run them."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from smccc_filter import cli
from smccc_filter.analysis.project import NO_PROJECT
from smccc_filter.commands import files, fixing
from tests.authoring.test_fixing import CASES, HERE, before, fix
from tests.cli.tool import GOOD, run, run_process, run_unprivileged
from tests.house import tree

IDLE = b"version: 1\nname: idle\nrules:\n  - {action: deny, services: [pci], except: {calls: [TRNG_RND]}}  # why\n"
MENDED = b"version: 1\nname: idle\nrules:\n  - {action: deny, services: [pci]}  # why\n"
CLEAR = "All clear on Linux 7.3: 1 file.\n"
TWINS = b"version: 1\nname: twins\nrules:\n  - {action: forward, calls: [PSCI_CPU_FREEZE, PSCI_STAT_COUNT/64]}\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_bytes(IDLE)
    return path


def test_fix_writes_the_file_and_reports_what_remains(policy: Path) -> None:
    assert run("validate", "--fix", policy) == (0, CLEAR, "Fixed 1 finding in 1 file.\n")
    assert policy.read_bytes() == MENDED
    assert run("validate", "--fix", policy) == (0, CLEAR, "")


def test_a_file_without_anything_to_fix_is_not_written(policy: Path) -> None:
    policy.write_bytes(GOOD)
    was = policy.stat()
    assert run("validate", "--fix", "--unsafe-fixes", policy).err == ""
    now = policy.stat()
    assert (now.st_ino, now.st_mtime_ns) == (was.st_ino, was.st_mtime_ns)


def test_unsafe_fixes_alone_are_only_counted(policy: Path) -> None:
    policy.write_bytes(TWINS)
    status, out, err = run("validate", "--unsafe-fixes", policy)
    assert (status, err, policy.read_bytes()) == (0, "", TWINS)
    assert re.search(r"\(.*1 fixable with --fix --unsafe-fixes\)\.\n$", out)


def test_fix_leaves_what_is_unsafe_and_says_how_much(policy: Path) -> None:
    policy.write_bytes(TWINS)
    _, out, err = run("validate", "--fix", policy)
    assert (err, policy.read_bytes()) == ("", TWINS)
    assert re.search(r"\(.*1 fixable with --fix --unsafe-fixes\)\.\n$", out)
    assert run("validate", "--fix", "--unsafe-fixes", policy).err == "Fixed 1 finding in 1 file.\n"
    assert policy.read_bytes() == TWINS.replace(b"/64", b"")


def test_diff_shows_what_fix_would_do(policy: Path) -> None:
    status, out, err = run("validate", "--diff", policy.name, cwd=policy.parent)
    assert (status, policy.read_bytes()) == (1, IDLE)
    assert out.startswith("--- a/policy.yaml\n+++ b/policy.yaml\n@@ ")
    assert err == f"{CLEAR}Would fix 1 finding in 1 file.\n"


def test_diff_is_empty_where_there_is_nothing_to_fix(policy: Path) -> None:
    policy.write_bytes(MENDED)
    assert run("validate", "--diff", policy) == (0, "", CLEAR)
    policy.write_bytes(b"")
    status, out, err = run("validate", "--diff", policy)
    assert (status, out) == (1, "")
    assert "P103" in err


def test_git_takes_the_patch(tmp_path: Path) -> None:
    git = tree.need("git")
    for case in CASES:
        (tmp_path / f"{case}.yaml").write_bytes(before(case))
    patch = tmp_path / "fixes.patch"
    with patch.open("wb") as out:
        names = [f"{case}.yaml" for case in CASES]
        run_process("validate", "--diff", "--unsafe-fixes", *names, cwd=tmp_path, stdout=out)
    tree.run(git, "apply", "--whitespace=nowarn", patch, cwd=tmp_path, env=tree.environment(tmp_path))
    for case in CASES:
        assert (tmp_path / f"{case}.yaml").read_bytes() == (HERE / case / "unsafe.yaml").read_bytes()


def test_standard_input_goes_to_standard_output() -> None:
    assert run("validate", "--fix", "-", input=IDLE) == (
        0,
        MENDED.decode(),
        f"{CLEAR}Fixed 1 finding in 1 file.\n",
    )
    status, out, err = run("validate", "--fix", "--format", "json", "-", input=b"")
    assert (status, out) == (1, "")
    assert json.loads(err)["summary"]["errors"] == 1


def test_every_file_of_a_folder(tmp_path: Path) -> None:
    for name in ("a.smccc.yaml", "b.smccc.yml"):
        (tmp_path / name).write_bytes(IDLE)
    (tmp_path / "c.smccc.yaml").write_bytes(GOOD)
    assert run("validate", "--fix", tmp_path).err == "Fixed 2 findings in 2 files.\n"
    assert {(tmp_path / name).read_bytes() for name in ("a.smccc.yaml", "b.smccc.yml")} == {MENDED}


def test_a_file_that_must_not_be_written_stays(policy: Path) -> None:
    policy.chmod(0o444)
    other = policy.with_name("other.yaml")
    other.write_bytes(IDLE)
    status, out, err = run_unprivileged("validate", "--fix", policy, other)
    assert status == 2
    assert "R206" in out
    assert err == f"Fixed 1 finding in 1 file.\nsmccc-filter: {policy}: Permission denied\n"
    assert (policy.read_bytes(), other.read_bytes()) == (IDLE, MENDED)


def test_a_symbolic_link_stays_one(policy: Path) -> None:
    link = policy.with_name("link.yaml")
    link.symlink_to(policy.name)
    policy.chmod(0o640)
    run("validate", "--fix", link)
    assert link.is_symlink()
    assert policy.read_bytes() == MENDED
    assert policy.stat().st_mode & 0o777 == 0o640


def test_a_file_that_changed_since_is_left_alone(policy: Path) -> None:
    fixer = fixing.PolicyFixer((), diff=False, unsafe=False)
    with pytest.raises(files.UnusableError, match="changed on disk since it was read"):
        fixer.fix(str(policy), IDLE + b"# more\n", NO_PROJECT)
    assert (policy.read_bytes(), fixer.findings) == (IDLE, 0)


def test_what_changed_on_disk_is_said(
    policy: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    read = files.read

    def meanwhile(path: str, max_bytes: int, within: str | None) -> files.FileContents:
        contents = read(path, max_bytes, within)
        policy.write_bytes(TWINS)
        return contents

    monkeypatch.setattr(files, "read", meanwhile)
    assert cli.run(["validate", "--fix", str(policy)]) == 2
    out, err = capfd.readouterr()
    assert "warning[R206]" in out
    assert "changed on disk since it was read, and so left alone" in err
    assert policy.read_bytes() == TWINS


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 4096, b"\xff\xfe", b"\xef\xbb\xbf", b"[", b"- " * 5000, IDLE[:-20], b"rules: [{}]"]
)
def test_what_is_no_policy_stays_as_it_is(policy: Path, data: bytes) -> None:
    policy.write_bytes(data)
    status, _, err = run("validate", "--fix", "--unsafe-fixes", policy)
    assert (status, err, policy.read_bytes()) == (1, "", data)


def test_a_hostile_name_forges_nothing(tmp_path: Path) -> None:
    name = "a\n::error::\x1b[31m \"'%.yaml"
    path = tmp_path / name
    path.write_bytes((HERE / "laid-out-oddly" / "before.yaml").read_bytes())
    shutil.copy(HERE / "idle-except" / "before.yaml", tmp_path / f"b{name}")
    for option, expected in (("--diff", 1), ("--fix", 0)):
        status, out, err = run("validate", option, path, tmp_path / f"b{name}")
        assert status == expected
        assert (out + err).replace("\n", "").isprintable()
        assert "\n::error" not in out + err
        assert "R206 is left, as its fix does not apply cleanly" in err


def replaced(text: str, replacements: Any) -> str:  # noqa: ANN401 -- JSON as it is read
    """Apply the replacements of a SARIF fix by lines and columns, the last one first."""
    lines = re.split(r"(?<=\n)", text)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    for one in reversed(replacements):
        region = one["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + one.get("insertedContent", {"text": ""})["text"] + text[end:]
    return text


@pytest.mark.parametrize(("case", "unsafe"), [("redundant-rule", False), ("overrun", True), ("announce", True)])
def test_a_fix_in_sarif_is_what_fix_does(case: str, unsafe: bool) -> None:  # noqa: FBT001
    assert fix(case, unsafe=unsafe).fixed == 1
    out = run("validate", "--format", "sarif", "--notes", "-", input=before(case)).out
    fixes = [found for result in json.loads(out)["runs"][0]["results"] for found in result.get("fixes", [])]
    assert [found["properties"]["safe"] for found in fixes] == [not unsafe]
    (change,) = fixes[0]["artifactChanges"]
    assert replaced(before(case).decode(), change["replacements"]).encode() == fix(case, unsafe=unsafe).data


def test_json_has_no_fixes(policy: Path) -> None:
    (file,) = json.loads(run("validate", "--format", "json", policy).out)["files"]
    assert {key for finding in file["diagnostics"] for key in finding} == {
        *("code", "name", "severity", "message", "hint", "errno", "kernels", "span", "ids", "related", "suppressed"),
    }


def test_the_folder_has_nothing_beside_it(policy: Path) -> None:
    run("validate", "--fix", policy)
    assert list(policy.parent.iterdir()) == [policy]
