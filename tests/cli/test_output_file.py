import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.tool import (
    BAD,
    GOOD,
    TIMEOUT,
    TOOL,
    UNMEASURED,
    Outcome,
    check,
    environment,
    run,
    run_process,
    run_unprivileged,
    through_shell,
)

FORMATS = {"blob": "bin", "regs": "regs", "c": "h", "rust": "rs", "json": "json"}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / "bad.yaml").write_bytes(BAD)
    return tmp_path


def compile_good(out: str | Path, here: Path) -> Outcome:
    return run("compile", "good.yaml", "--format", "c", "-o", out, cwd=here)


def header(here: Path) -> str:
    return run("compile", "good.yaml", "--format", "c", "-o", "-", cwd=here).out


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(("artefact_format", "suffix"), FORMATS.items())
def test_the_suffix_chooses_the_format(artefact_format: str, suffix: str, here: Path) -> None:
    status, out, err = run("compile", "good.yaml", "-o", f"a.{suffix}", cwd=here)
    proof = "registers read back" if artefact_format == "regs" else "proved over 4,294,967,296 IDs"
    assert (status, out, err) == (0, "", f"smccc-filter: a.{suffix}: {artefact_format}, {proof}\n")
    with (here / "stdout").open("wb") as stdout:
        arguments = ("compile", "good.yaml", "--format", artefact_format, "-o", "-")
        chosen = run_process(*arguments, cwd=here, stdout=stdout)
    assert chosen.err == f"smccc-filter: standard output: {artefact_format}, {proof}\n"
    assert (here / "stdout").read_bytes() == (here / f"a.{suffix}").read_bytes()


def test_warnings_do_not_stop_the_build(here: Path) -> None:
    (here / "warned.yaml").write_text(
        "version: 1\nname: a\nrules: [{action: deny, ranges: [0x88000000, 0x89000000]}]\n"
    )
    status, out, err = run("compile", "warned.yaml", "-o", "a.h", cwd=here)
    assert (status, out) == (0, "")
    assert err.startswith("smccc-filter: warned.yaml: 1 warning; see `smccc-filter validate`\n")


def test_a_new_file_has_the_permissions_of_any_new_file(here: Path) -> None:
    assert through_shell('umask 027; exec "$@"', "compile", "good.yaml", "-o", "a.h", cwd=here).status == 0
    assert stat.S_IMODE((here / "a.h").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o666])
def test_a_file_that_was_there_keeps_its_permissions(mode: int, here: Path) -> None:
    (here / "a.h").write_text("old")
    (here / "a.h").chmod(mode)
    assert compile_good("a.h", here).status == 0
    assert (here / "a.h").read_text() == header(here)
    assert stat.S_IMODE((here / "a.h").stat().st_mode) == mode
    assert names(here) == ["a.h", "bad.yaml", "good.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_was_there_keeps_its_owner(here: Path) -> None:
    (here / "a.h").write_text("old")
    os.chown(here / "a.h", 12345, 54321)
    assert compile_good("a.h", here).status == 0
    owner = (here / "a.h").stat()
    assert (owner.st_uid, owner.st_gid) == (12345, 54321)


@pytest.mark.parametrize("old", ["old", None], ids=["existing", "dangling"])
def test_a_symbolic_link_is_followed_and_stays(old: str | None, here: Path) -> None:
    (here / "include").mkdir()
    if old:
        (here / "include" / "real.h").write_text(old)
    (here / "a.h").symlink_to("include/real.h")
    assert compile_good("a.h", here).status == 0
    assert (here / "a.h").is_symlink()
    assert (here / "include" / "real.h").read_text() == header(here)
    assert names(here / "include") == ["real.h"]


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("missing/a.h", "No such file or directory"),
        ("missing/", "No such file or directory"),
        ("folder", "Is a directory"),
        (".", "Is a directory"),
        ("good.yaml/a.h", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
        ("a" * 300, "File name too long"),
        ("/dev/full", "No space left on device"),
        ("/proc/version", "Permission denied"),
    ],
)
def test_where_nothing_can_be_written(out: str, why: str, here: Path) -> None:
    (here / "folder").mkdir()
    (here / "loop").symlink_to("loop")
    before = names(here)
    done = run_unprivileged("compile", here / "good.yaml", "--format", "c", "-o", os.path.join(here, out))  # noqa: PTH118 -- keeps the slash at the end
    assert done == (2, "", f"smccc-filter: {os.path.join(here, out)}: {why}\n")  # noqa: PTH118
    assert names(here) == before


def test_an_empty_output_path(here: Path) -> None:
    assert compile_good("", here) == (2, "", "smccc-filter: an empty path: No such file or directory\n")


def test_the_longest_name_can_be_written(here: Path) -> None:
    assert compile_good("a" * 255, here).status == 0


def test_a_file_that_must_not_be_written_is_refused(here: Path) -> None:
    (here / "a.h").write_text("old")
    (here / "a.h").chmod(0o444)
    done = run_unprivileged("compile", here / "good.yaml", "-o", here / "a.h")
    assert done == (2, "", f"smccc-filter: {here}/a.h: Permission denied\n")
    assert (here / "a.h").read_text() == "old"


def test_a_folder_that_must_not_be_written_is_refused(here: Path) -> None:
    folder = here / "folder"
    folder.mkdir()
    (folder / "a.h").write_text("old")
    folder.chmod(0o555)
    for out in (folder / "a.h", folder / "b.h"):
        done = run_unprivileged("compile", here / "good.yaml", "-o", out)
        assert done == (2, "", f"smccc-filter: {out}: Permission denied\n")
    folder.chmod(0o755)
    assert names(folder) == ["a.h"]
    assert (folder / "a.h").read_text() == "old"


@pytest.mark.parametrize("old", ["old", None], ids=["existing", "new"])
def test_a_disk_that_fills_up_on_the_way(old: str | None, here: Path) -> None:
    rules = "".join(f"  - {{action: deny, ranges: [0x{0x82000000 + 2 * number:X}]}}\n" for number in range(6000))
    (here / "large.yaml").write_text(f"version: 1\nname: large\nrules:\n{rules}")
    if old:
        (here / "a.h").write_text(old)
    before = names(here)
    done = through_shell(
        'ulimit -f 400; exec "$@"', "compile", "large.yaml", "-o", "a.h", cwd=here, env=environment(**UNMEASURED)
    )
    assert done == (2, "", "smccc-filter: a.h: File too large\n")
    assert names(here) == before
    assert not old or (here / "a.h").read_text() == old


def test_killed_before_the_file_is_complete(here: Path) -> None:
    (here / "a.h").write_text("old")
    script = (
        "import os, signal\n"
        "os.replace = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from smccc_filter.cli import main\n"
        "main()\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, "compile", "good.yaml", "-o", "a.h"], check=False, cwd=here)
    assert killed.returncode == -9
    assert (here / "a.h").read_text() == "old"
    assert compile_good("a.h", here).status == 0
    assert (here / "a.h").read_text() == header(here)


def test_a_policy_with_errors_leaves_the_file_alone(here: Path) -> None:
    (here / "a.h").write_text("old")
    status, out, err = run("compile", "bad.yaml", "-o", "a.h", cwd=here)
    assert (status, out) == (1, "")
    assert "error[P103] invalid-value: `action` is `dney`" in err
    assert (here / "a.h").read_text() == "old"


@pytest.mark.parametrize("source", ["gone.yaml", ".", "good.yaml/x"])
def test_a_policy_that_cannot_be_read_leaves_the_file_alone(source: str, here: Path) -> None:
    (here / "a.h").write_text("old")
    status, out, err = run("compile", source, "-o", "a.h", cwd=here)
    assert (status, out) == (2, "")
    assert err.startswith(f"smccc-filter: {source}: ")
    assert (here / "a.h").read_text() == "old"


def test_devices_and_pipes_are_written_to(here: Path) -> None:
    assert compile_good("/dev/null", here) == (
        0,
        "",
        "smccc-filter: /dev/null: c, proved over 4,294,967,296 IDs\n",
    )
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    to_stdout = ("compile", "good.yaml", "--format", "c", "-o", "/dev/stdout")
    assert run_process(*to_stdout, cwd=here).out == header(here)
    with (here / "redirected").open("wb") as file:
        assert run_process(*to_stdout, cwd=here, stdout=file).status == 0
    assert (here / "redirected").read_text() == header(here)


def test_a_named_pipe_is_written_to(here: Path) -> None:
    os.mkfifo(here / "a.h")
    child = subprocess.Popen(
        [*TOOL, "compile", "good.yaml", "-o", "a.h"], cwd=here, env=environment(), stderr=subprocess.DEVNULL
    )
    text = (here / "a.h").read_text()
    check(Outcome(child.wait(timeout=TIMEOUT), "", ""))
    assert text == header(here)
    assert stat.S_ISFIFO((here / "a.h").stat().st_mode)
