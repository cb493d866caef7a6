import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from identify.identify import tags_from_filename
from ruamel.yaml import YAML

from smccc_filter.commands import files, reporting, saving
from smccc_filter.commands.settings.finding import SettingsFinder
from tests.cli.tool import BAD, GOOD, run, run_unprivileged
from tests.paths import ROOT

DEPTH = 1500


def paths(*arguments: str | Path, here: Path) -> list[str]:
    done = run("validate", "--format", "json", *arguments, cwd=here)
    assert (done.status, done.err) == (0, "")
    return [file["path"] for file in json.loads(done.out)["files"]]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in (
        "b.smccc.yaml",
        "a.smccc.yml",
        "c.txt",
        "d/e.smccc.yaml",
        "d/f/g.smccc.yml",
        "d.yaml/h.smccc.yaml",
        ".i.smccc.yaml",
        ".j/k.smccc.yaml",
        "l/m.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(GOOD)
    return tmp_path


ALL = ["a.smccc.yml", "b.smccc.yaml", "d/e.smccc.yaml", "d/f/g.smccc.yml", "d.yaml/h.smccc.yaml"]


def test_folders_are_searched_in_order(here: Path) -> None:
    assert paths(".", here=here) == [f"./{name}" for name in ALL]
    assert paths("d/", here=here) == ["d/e.smccc.yaml", "d/f/g.smccc.yml"]


def test_files_are_taken_as_they_come_and_whatever_their_names(here: Path) -> None:
    assert paths("c.txt", "b.smccc.yaml", ".i.smccc.yaml", "a.smccc.yml", here=here) == [
        "c.txt",
        "b.smccc.yaml",
        ".i.smccc.yaml",
        "a.smccc.yml",
    ]


def test_no_file_is_checked_twice(here: Path) -> None:
    (here / "n.smccc.yaml").symlink_to("a.smccc.yml")
    assert paths("b.smccc.yaml", "./b.smccc.yaml", here / "b.smccc.yaml", "d/../b.smccc.yaml", ".", "d", here=here) == [
        "b.smccc.yaml",
        "./a.smccc.yml",
        *(f"./{name}" for name in ALL[2:]),
    ]


def test_standard_input_is_read_once(here: Path) -> None:
    done = run("validate", "--format", "json", "-", "b.smccc.yaml", "-", input=GOOD, cwd=here)
    assert [file["path"] for file in json.loads(done.out)["files"]] == ["-", "b.smccc.yaml"]


def test_a_file_may_be_called_as_standard_input_is(here: Path) -> None:
    (here / "-").write_bytes(BAD)
    assert run("validate", "./-", cwd=here).status == 1


def secret_beside(here: Path) -> Path:
    """Put a policy that has a finding, and a secret in the line of it, where no search of ``here`` comes."""
    secret = here.parent / f"{here.name}-secret.yaml"
    secret.write_bytes(BAD.replace(b"dney", b"hunter2"))
    return secret


@pytest.mark.parametrize(
    "command",
    [
        *(["validate", "--format", name] for name in reporting.FORMATS),
        ["validate", "--fix", "--unsafe-fixes"],
        ["validate", "--diff"],
        ["fmt"],
    ],
    ids=" ".join,
)
def test_a_searched_folder_is_not_left(command: list[str], here: Path) -> None:
    secret = secret_beside(here)
    before = secret.read_bytes()
    (here / "d" / "a.smccc.yaml").symlink_to(secret)
    (here / "d" / "environment.smccc.yaml").symlink_to("/proc/self/environ")
    (here / "d" / "folder").symlink_to("..")
    done = run(*command, "d", cwd=here)
    assert done.status == 0
    assert "hunter2" not in done.out + done.err
    assert "PATH" not in done.out + done.err
    assert "smccc-filter: d/a.smccc.yaml and 1 more link not followed, as a searched folder is not left: " in done.err
    assert (secret.read_bytes(), (here / "d" / "a.smccc.yaml").is_symlink()) == (before, True)


def test_a_link_on_the_command_line_is_followed(here: Path) -> None:
    (here / "named.yaml").symlink_to(secret_beside(here))
    (here / "folder").symlink_to("d")
    assert "hunter2" in run("validate", "named.yaml", cwd=here).out
    assert paths("folder", here=here) == ["folder/e.smccc.yaml", "folder/f/g.smccc.yml"]


@pytest.mark.parametrize("swapped", ["d/f/g.smccc.yml", "d/f"])
def test_a_link_that_is_put_in_the_way_is_not_followed(swapped: str, here: Path) -> None:
    outside = here.parent / f"{here.name}-outside"
    (outside / "d" / "f").mkdir(parents=True)
    (outside / "d" / "f" / "g.smccc.yml").write_bytes(BAD)
    found = files.expand([str(here)], (), SettingsFinder()).files[3]
    assert isinstance(found, files.InputFile)
    assert (found.path, found.within) == (str(here / "d" / "f" / "g.smccc.yml"), str(here))
    (here / swapped).rename(here / "aside")
    (here / swapped).symlink_to(outside / swapped)
    why = {"d/f/g.smccc.yml": "Too many levels of symbolic links", "d/f": "Not a directory"}[swapped]
    with pytest.raises(files.UnusableError, match=why):
        files.read(found.path, files.MAX_BYTES, found.within)
    with pytest.raises(files.UnusableError, match=why):
        saving.replace(found.path, BAD, GOOD, within=found.within)
    assert (outside / "d" / "f" / "g.smccc.yml").read_bytes() == BAD


def test_a_pipe_that_takes_a_file_s_place_is_not_waited_for(here: Path) -> None:
    (here / "b.smccc.yaml").unlink()
    os.mkfifo(here / "b.smccc.yaml")
    with pytest.raises(files.UnusableError, match="no regular file any more"):
        files.read(str(here / "b.smccc.yaml"), files.MAX_BYTES, str(here))


def test_links_to_folders_are_not_followed(here: Path) -> None:
    (here / "d" / "loop").symlink_to("..")
    (here / "d" / "self.smccc.yaml").symlink_to(".")
    assert paths(".", here=here) == [f"./{name}" for name in ALL]


def test_what_is_no_file_is_passed_over(here: Path) -> None:
    os.mkfifo(here / "pipe.smccc.yaml")
    (here / "null.smccc.yaml").symlink_to("/dev/null")
    assert paths(".", here=here) == [f"./{name}" for name in ALL]


def test_a_link_to_what_is_found_anyway_is_not_told(here: Path) -> None:
    (here / "d" / "same.smccc.yaml").symlink_to("f/g.smccc.yml")
    assert paths("d", here=here) == ["d/e.smccc.yaml", "d/f/g.smccc.yml"]
    (here / "d" / "hidden.smccc.yaml").symlink_to("../.i.smccc.yaml")
    (here / "d" / "gone.smccc.yaml").symlink_to("nowhere")
    (here / "d" / "loop.smccc.yaml").symlink_to("loop.smccc.yaml")
    status, out, err = run("validate", "d", cwd=here)
    assert status == 0
    assert out.startswith("All clear on Linux 7.3: 2 files")
    aside = "not followed, as a searched folder is not left: name what is meant"
    assert err == f"smccc-filter: d/gone.smccc.yaml and 2 more links {aside}\n"
    (here / "l" / "only.smccc.yaml").symlink_to("m.txt")
    nothing = f"smccc-filter: l: {files.NOTHING}\n"
    assert run("validate", "l", cwd=here) == (2, "", f"smccc-filter: l/only.smccc.yaml {aside}\n{nothing}")


def test_a_folder_without_policies(here: Path) -> None:
    nothing = f"smccc-filter: l: {files.NOTHING}\n"
    assert run("validate", "l", cwd=here) == (2, "", nothing)
    status, out, err = run("validate", "l", "d", cwd=here)
    assert (status, err) == (2, nothing)
    assert out.startswith("All clear on Linux 7.3: 2 files")


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """Make a policy so deep that Python's own ``os.walk`` and ``shutil.rmtree`` exceed their recursion limit."""
    home = Path.cwd()
    os.chdir(tmp_path)
    for _ in range(DEPTH):
        Path("d").mkdir()
        os.chdir("d")
    Path("deep.smccc.yaml").write_bytes(GOOD)
    os.chdir(home)
    yield tmp_path
    subprocess.run(["rm", "-r", "d"], check=True, cwd=tmp_path)


def test_a_very_deep_folder(deep: Path) -> None:
    assert paths("d", here=deep) == ["d/" * DEPTH + "deep.smccc.yaml"]


def test_what_must_not_be_read_is_told(here: Path) -> None:
    (here / "b.smccc.yaml").chmod(0)
    (here / "d" / "f").chmod(0)
    (here / "d.yaml").chmod(0o444)
    status, out, err = run_unprivileged("validate", here)
    (here / "d" / "f").chmod(0o755)
    (here / "d.yaml").chmod(0o755)
    assert status == 2
    assert out.startswith("All clear on Linux 7.3: 2 files")
    denied = ("b.smccc.yaml", "d/f", "d.yaml/h.smccc.yaml")
    assert err == "".join(f"smccc-filter: {here}/{name}: Permission denied\n" for name in denied)


def test_an_empty_path() -> None:
    assert run("validate", "") == (2, "", "smccc-filter: an empty path: No such file or directory\n")


RULE = {
    "a.smccc.yaml": True,
    "deep/er/a.smccc.yml": True,
    "smccc/a.yaml": True,
    "vmm/smccc-policies/deep/a.yml": True,
    "a.yaml": False,
    "smccc.yaml": False,
    "a.smccc.json": False,
    "smccc/a.json": False,
    "my-smccc/a.yaml": False,
    "smccc.d/a.yaml": False,
    "compose.yaml": False,
}
"""Files, and whether a search takes them for policies."""


def test_a_search_knows_policies_by_their_names_and_folders(tmp_path: Path) -> None:
    for name in RULE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    assert sorted(paths(".", here=tmp_path)) == sorted(f"./{name}" for name, is_policy in RULE.items() if is_policy)
    assert paths("smccc", here=tmp_path) == ["smccc/a.yaml"]
    assert paths(".", here=tmp_path / "smccc") == ["./a.yaml"]
    assert paths(*RULE, here=tmp_path) == list(RULE), "what is named is read, whatever its name"


def test_the_hooks_have_the_rule_of_the_search() -> None:
    for hook in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml"):
        taken = {name for name in RULE if re.search(hook["files"], name) and "yaml" in tags_from_filename(name)}
        assert taken == {name for name, is_policy in RULE.items() if is_policy}


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ([], ["a.smccc.yml", "b.smccc.yaml", "d/e.smccc.yaml", "d/f/g.smccc.yml", "d.yaml/h.smccc.yaml"]),
        (["d"], ["a.smccc.yml", "b.smccc.yaml", "d.yaml/h.smccc.yaml"]),
        (["f/"], ["a.smccc.yml", "b.smccc.yaml", "d/e.smccc.yaml", "d.yaml/h.smccc.yaml"]),
        (["d/f/"], ["a.smccc.yml", "b.smccc.yaml", "d/e.smccc.yaml", "d.yaml/h.smccc.yaml"]),
        (["*.yml", "d/e*"], ["b.smccc.yaml", "d.yaml/h.smccc.yaml"]),
    ],
)
def test_what_is_excluded_is_not_searched_for(patterns: list[str], left: list[str], here: Path) -> None:
    options = [f"--exclude={pattern}" for pattern in patterns]
    assert paths(*options, ".", here=here) == [f"./{name}" for name in left]
    assert paths(*options, "d/e.smccc.yaml", here=here) == ["d/e.smccc.yaml"], "what is named is read all the same"


def test_a_search_that_excludes_all_finds_nothing(here: Path) -> None:
    assert run("validate", "--exclude", "*", ".", cwd=here) == (
        2,
        "",
        f"smccc-filter: .: {files.NOTHING}; --exclude leaves out *\n",
    )


def test_a_searched_repository_runs_nothing(here: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], check=True, capture_output=True, cwd=here)

    git("init", "--quiet")
    git("add", "b.smccc.yaml")
    gone = "1" * 40  # what git would have to fetch to know what is ignored
    git("update-index", "--add", "--cacheinfo", f"100644,{gone},.gitignore")
    git("update-index", "--skip-worktree", ".gitignore")
    program = here / "program"
    program.write_text(f"#!/bin/sh\ntouch {here / 'ran'}\n")
    program.chmod(0o755)
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "core.fsmonitor": str(program),
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(here),
        "remote.origin.uploadpack": str(program),
        "protocol.file.allow": "always",
    }.items():
        git("config", name, value)
    subprocess.run(["git", "check-ignore", "a.smccc.yml"], check=False, capture_output=True, cwd=here)
    assert (here / "ran").exists(), "git by itself runs it"
    (here / "ran").unlink()
    assert "./b.smccc.yaml" in paths(".", here=here)
    assert not (here / "ran").exists()


def test_what_git_ignores_is_passed_over_and_what_it_tracks_is_not(here: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], check=True, capture_output=True, cwd=here)

    git("init", "--quiet")
    (here / ".gitignore").write_text("d/\n*.yml\n!a.smccc.yml\n")
    assert paths(".", here=here) == ["./a.smccc.yml", "./b.smccc.yaml", "./d.yaml/h.smccc.yaml"]
    assert paths("d/e.smccc.yaml", here=here) == ["d/e.smccc.yaml"]
    git("add", "--force", "d/e.smccc.yaml")
    assert "./d/e.smccc.yaml" in paths(".", here=here)
    (here / "d.yaml" / ".git").mkdir()
    assert "./d.yaml/h.smccc.yaml" in paths(".", here=here)


@pytest.mark.parametrize("ignore", [b"\0\xff[", b"[\n!\n\\\n", b"*a" * 3000 + b"b\n"])
def test_a_hostile_gitignore_loses_no_policy_that_it_does_not_name(ignore: bytes, here: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], check=True, cwd=here)
    (here / ".gitignore").write_bytes(ignore)
    assert "./b.smccc.yaml" in paths(".", here=here)


def test_without_git_nothing_is_ignored(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / ".git").mkdir()
    (here / ".gitignore").write_text("*\n")
    monkeypatch.setenv("PATH", str(here))
    assert paths(".", here=here) == [f"./{name}" for name in ALL]
