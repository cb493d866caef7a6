import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def test_links_to_folders_are_not_followed(here: Path) -> None:
    (here / "d" / "loop").symlink_to("..")
    (here / "d" / "self.yaml").symlink_to(".")
    assert paths(".", here=here) == [f"./{name}" for name in ALL]


def test_what_is_no_file_is_passed_over(here: Path) -> None:
    os.mkfifo(here / "pipe.yaml")
    (here / "null.yaml").symlink_to("/dev/null")
    assert paths(".", here=here) == [f"./{name}" for name in ALL]


def test_a_link_that_leads_nowhere_is_told(here: Path) -> None:
    (here / "d" / "gone.yaml").symlink_to("nowhere")
    (here / "d" / "loop.yaml").symlink_to("loop.yaml")
    status, out, err = run("validate", "d", cwd=here)
    assert status == 2
    assert out.startswith("All clear: 2 files")
    assert err == (
        "smccc-filter: d/gone.yaml: No such file or directory\n"
        "smccc-filter: d/loop.yaml: Too many levels of symbolic links\n"
    )


def test_a_folder_without_policies(here: Path) -> None:
    nothing = "smccc-filter: l: no .yaml or .yml file in this folder\n"
    assert run("validate", "l", cwd=here) == (2, "", nothing)
    status, out, err = run("validate", "l", "d", cwd=here)
    assert (status, err) == (2, nothing)
    assert out.startswith("All clear: 2 files")


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
    assert out.startswith("All clear: 2 files")
    denied = ("b.yaml", "d/f", "d.yaml/h.yaml")
    assert err == "".join(f"smccc-filter: {here}/{name}: Permission denied\n" for name in denied)


def test_an_empty_path() -> None:
    assert run("validate", "") == (2, "", "smccc-filter: an empty path: No such file or directory\n")
