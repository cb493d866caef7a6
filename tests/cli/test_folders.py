import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smccc_filter.commands import files, reporting, saving
from tests.cli.tool import BAD, GOOD, run, run_unprivileged

DEPTH = 1500


def paths(*arguments: str | Path, here: Path) -> list[str]:
    done = run("validate", "--format", "json", *arguments, cwd=here)
    assert (done.status, done.err) == (0, "")
    return [file["path"] for file in json.loads(done.out)["files"]]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in (
        "b.yaml",
        "a.yml",
        "c.txt",
        "d/e.yaml",
        "d/f/g.yml",
        "d.yaml/h.yaml",
        ".i.yaml",
        ".j/k.yaml",
        "l/m.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(GOOD)
    return tmp_path


ALL = ["a.yml", "b.yaml", "d/e.yaml", "d/f/g.yml", "d.yaml/h.yaml"]


def test_folders_are_searched_in_order(here: Path) -> None:
    assert paths(".", here=here) == [f"./{name}" for name in ALL]
    assert paths("d/", here=here) == ["d/e.yaml", "d/f/g.yml"]


def test_files_are_taken_as_they_come_and_whatever_their_names(here: Path) -> None:
    assert paths("c.txt", "b.yaml", ".i.yaml", "a.yml", here=here) == ["c.txt", "b.yaml", ".i.yaml", "a.yml"]


def test_no_file_is_checked_twice(here: Path) -> None:
    (here / "n.yaml").symlink_to("a.yml")
    assert paths("b.yaml", "./b.yaml", here / "b.yaml", "d/../b.yaml", ".", "d", here=here) == [
        "b.yaml",
        "./a.yml",
        *(f"./{name}" for name in ALL[2:]),
    ]


def test_standard_input_is_read_once(here: Path) -> None:
    done = run("validate", "--format", "json", "-", "b.yaml", "-", input=GOOD, cwd=here)
    assert [file["path"] for file in json.loads(done.out)["files"]] == ["-", "b.yaml"]


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
    (here / "d" / "a.yaml").symlink_to(secret)
    (here / "d" / "environment.yaml").symlink_to("/proc/self/environ")
    (here / "d" / "folder").symlink_to("..")
    done = run(*command, "d", cwd=here)
    assert done.status == 0
    assert "hunter2" not in done.out + done.err
    assert "PATH" not in done.out + done.err
    assert "smccc-filter: d/a.yaml and 1 more link not followed, as a searched folder is not left: " in done.err
    assert (secret.read_bytes(), (here / "d" / "a.yaml").is_symlink()) == (before, True)


def test_a_link_on_the_command_line_is_followed(here: Path) -> None:
    (here / "named.yaml").symlink_to(secret_beside(here))
    (here / "folder").symlink_to("d")
    assert "hunter2" in run("validate", "named.yaml", cwd=here).out
    assert paths("folder", here=here) == ["folder/e.yaml", "folder/f/g.yml"]


@pytest.mark.parametrize("swapped", ["d/f/g.yml", "d/f"])
def test_a_link_that_is_put_in_the_way_is_not_followed(swapped: str, here: Path) -> None:
    outside = here.parent / f"{here.name}-outside"
    (outside / "d" / "f").mkdir(parents=True)
    (outside / "d" / "f" / "g.yml").write_bytes(BAD)
    found = files.expand([str(here)]).files[3]
    assert isinstance(found, files.InputFile)
    assert (found.path, found.within) == (str(here / "d" / "f" / "g.yml"), str(here))
    (here / swapped).rename(here / "aside")
    (here / swapped).symlink_to(outside / swapped)
    why = {"d/f/g.yml": "Too many levels of symbolic links", "d/f": "Not a directory"}[swapped]
    with pytest.raises(files.UnusableError, match=why):
        files.read(found.path, files.MAX_BYTES, found.within)
    with pytest.raises(files.UnusableError, match=why):
        saving.replace(found.path, BAD, GOOD, within=found.within)
    assert (outside / "d" / "f" / "g.yml").read_bytes() == BAD


def test_a_pipe_that_takes_a_file_s_place_is_not_waited_for(here: Path) -> None:
    (here / "b.yaml").unlink()
    os.mkfifo(here / "b.yaml")
    with pytest.raises(files.UnusableError, match="no regular file any more"):
        files.read(str(here / "b.yaml"), files.MAX_BYTES, str(here))


def test_links_to_folders_are_not_followed(here: Path) -> None:
    (here / "d" / "loop").symlink_to("..")
    (here / "d" / "self.yaml").symlink_to(".")
    assert paths(".", here=here) == [f"./{name}" for name in ALL]


def test_what_is_no_file_is_passed_over(here: Path) -> None:
    os.mkfifo(here / "pipe.yaml")
    (here / "null.yaml").symlink_to("/dev/null")
    assert paths(".", here=here) == [f"./{name}" for name in ALL]


def test_a_link_to_what_is_found_anyway_is_not_told(here: Path) -> None:
    (here / "d" / "same.yaml").symlink_to("f/g.yml")
    assert paths("d", here=here) == ["d/e.yaml", "d/f/g.yml"]
    (here / "d" / "hidden.yaml").symlink_to("../.i.yaml")
    (here / "d" / "gone.yaml").symlink_to("nowhere")
    (here / "d" / "loop.yaml").symlink_to("loop.yaml")
    status, out, err = run("validate", "d", cwd=here)
    assert status == 0
    assert out.startswith("All clear on Linux 7.3: 2 files")
    aside = "not followed, as a searched folder is not left: name what is meant"
    assert err == f"smccc-filter: d/gone.yaml and 2 more links {aside}\n"
    (here / "l" / "only.yaml").symlink_to("m.txt")
    nothing = "smccc-filter: l: no .yaml or .yml file in this folder\n"
    assert run("validate", "l", cwd=here) == (2, "", f"smccc-filter: l/only.yaml {aside}\n{nothing}")


def test_a_folder_without_policies(here: Path) -> None:
    nothing = "smccc-filter: l: no .yaml or .yml file in this folder\n"
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
    Path("deep.yaml").write_bytes(GOOD)
    os.chdir(home)
    yield tmp_path
    subprocess.run(["rm", "-r", "d"], check=True, cwd=tmp_path)


def test_a_very_deep_folder(deep: Path) -> None:
    assert paths("d", here=deep) == ["d/" * DEPTH + "deep.yaml"]


def test_what_must_not_be_read_is_told(here: Path) -> None:
    (here / "b.yaml").chmod(0)
    (here / "d" / "f").chmod(0)
    (here / "d.yaml").chmod(0o444)
    status, out, err = run_unprivileged("validate", here)
    (here / "d" / "f").chmod(0o755)
    (here / "d.yaml").chmod(0o755)
    assert status == 2
    assert out.startswith("All clear on Linux 7.3: 2 files")
    denied = ("b.yaml", "d/f", "d.yaml/h.yaml")
    assert err == "".join(f"smccc-filter: {here}/{name}: Permission denied\n" for name in denied)


def test_an_empty_path() -> None:
    assert run("validate", "") == (2, "", "smccc-filter: an empty path: No such file or directory\n")
