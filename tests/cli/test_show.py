import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.tool import GOOD, WARNED, environment, on_terminal, run, run_process, through_shell
from tests.commands.asked import HEAD, completions, invoke, path
from tests.commands.test_target import UNCLEAR
from tests.policies.shipped import NAMES

LIES = f"{HEAD}rules: [{{name: lie, action: deny, calls: [TRNG_RND]}}]\n"
"""KVM announces a call that this policy denies."""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / "warned.yaml").write_bytes(WARNED)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_policy_is_shown(name: str) -> None:
    result = invoke("show", path(name))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("ids ")


def test_a_table_is_the_same_whatever_the_file_is_called(here: Path) -> None:
    (here / "other.yaml").write_bytes(GOOD)
    outputs = [run("show", name, cwd=here) for name in ("good.yaml", "other.yaml")]
    assert outputs[0] == outputs[1] == run("show", "-", input=GOOD)
    assert outputs[0].out.splitlines()[2].split("  ")[0] == "0x82000000"


def test_a_terminal_gets_actions_in_colour_and_lines_of_the_file(here: Path) -> None:
    status, out, _ = on_terminal("show", here / "good.yaml")
    assert status == 0
    assert "\x1b[1;31mdeny\x1b[0m" in out
    assert "\x1b[1;32mhandle\x1b[0m" in out
    assert out.splitlines()[0].split() == ["ids", "action", "by", "line", "on", "7.3", "what", "lives", "there"]
    assert "rule 1   4     -" in out


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_terminal_without_colours_gets_words_alone(changes: dict[str, str], here: Path) -> None:
    status, out, _ = on_terminal("show", here / "good.yaml", changes=changes)
    assert status == 0
    assert "\x1b" not in out
    assert "deny" in out


def test_a_pipe_gets_no_colour_and_no_lines_of_the_file(here: Path) -> None:
    out = run("show", here / "good.yaml", env=environment(TERM="xterm-256color")).out
    assert "\x1b" not in out
    assert " line " not in out.splitlines()[0]


def test_colour_can_be_asked_for(here: Path) -> None:
    out = run("show", here / "good.yaml", env=environment(FORCE_COLOR="1", TERM="xterm-256color")).out
    assert "\x1b[1;31mdeny\x1b[0m" in out


@pytest.mark.parametrize("name", UNCLEAR)
@pytest.mark.parametrize("wanted", [(), ("--format", "json"), ("--svg", "-")], ids=str)
def test_a_policy_that_is_not_understood_gets_its_errors_alone(name: str, wanted: tuple[str, ...]) -> None:
    policy, said = UNCLEAR[name]
    result = invoke("show", *wanted, "-", policy=policy)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


@pytest.mark.parametrize("name", UNCLEAR)
def test_the_page_of_a_policy_that_is_not_understood_has_its_errors(name: str, tmp_path: Path) -> None:
    policy, said = UNCLEAR[name]
    svg, html = tmp_path / "a.svg", tmp_path / "a.html"
    result = invoke("show", "--svg", str(svg), "--html", str(html), "-", policy=policy)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    page = html.read_text(encoding="utf-8")
    assert "There is no map" in page
    code, slug = re.findall(r"error\[([A-Z]\d+)\] ([a-z-]+):", result.stderr)[0]
    assert f"error[{code}]</span> {slug}: " in page
    assert not svg.exists()


def test_a_policy_that_lies_to_the_guest_is_shown_and_that_is_no_failure() -> None:
    result = invoke("show", "-", policy=LIES)
    assert result.exit_code == 0
    assert "  `lie`" in result.stdout
    assert "error[F501] advertised-but-denied" in result.stderr


def test_kernels_are_those_asked_for() -> None:
    result = invoke("show", path("lockdown"), "--kernel", "6.4", "--kernel", "6.12.112")
    assert result.stdout.splitlines()[0].endswith("on 6.4, 6.12.112  what lives there")
    assert invoke("show", path("lockdown"), "--kernel", "6.3").exit_code == 2
    assert completions("6.19", "show", path("lockdown"), "--kernel") == ["6.19"]


def test_json_is_one_document() -> None:
    document = json.loads(run("show", "--format", "json", path("lockdown")).out)
    assert (document["version"], document["name"], document["kernels"]) == (1, "lockdown", ["6.12", "7.3"])


def test_all_shows_more() -> None:
    few, all_of_them = (invoke("show", *option, path("lockdown")).stdout.splitlines() for option in ((), ("--all",)))
    assert len(few) * 5 < len(all_of_them)
    assert few[0].split() == all_of_them[0].split()


def test_a_picture_and_a_page_are_written_in_one_run(here: Path) -> None:
    status, out, err = run("show", "good.yaml", "--svg", "a.svg", "--html", "a.html", cwd=here)
    assert (status, out, err) == (0, "", "smccc-filter: a.svg: svg\nsmccc-filter: a.html: html\n")
    assert ET.parse(here / "a.svg").getroot().tag.endswith("svg")  # noqa: S314 -- our own
    assert (here / "a.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")


@pytest.mark.parametrize("option", ["--svg", "--html"])
def test_standard_output_takes_either(option: str, here: Path) -> None:
    status, out, err = run("show", "good.yaml", option, "-", cwd=here)
    assert (status, err) == (0, "")
    assert run("show", "good.yaml", option, "out", cwd=here).status == 0
    assert (here / "out").read_text(encoding="utf-8") == out
    assert sorted(file.name for file in here.iterdir()) == ["good.yaml", "out", "warned.yaml"]


@pytest.mark.parametrize("wanted", [(), ("--format", "json"), ("--svg", "-"), ("--html", "-")], ids=str)
def test_output_is_the_same_in_every_run(wanted: tuple[str, ...]) -> None:
    outputs = {
        run_process("show", *wanted, path("lockdown"), env=environment(PYTHONHASHSEED=seed)).out
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["good.yaml", "--svg", "good.yaml"], "`good.yaml` is the policy itself: write to another file"),
        (["good.yaml", "--html", "./good.yaml"], "`./good.yaml` is the policy itself: write to another file"),
        (["good.yaml", "--html", "link"], "`link` is the policy itself: write to another file"),
        (["good.yaml", "--svg", "a", "--html", "a"], "`--svg` and `--html` are both `a`: write to two files"),
        (["good.yaml", "--svg", "-", "--html", "-"], "`--svg` and `--html` are both `-`: write to two files"),
        (["good.yaml", "--svg", "warned.yaml", "--html", "./warned.yaml"], "are both `./warned.yaml`: write to two"),
        (["good.yaml", "--svg", "./b.out", "--html", "b.out"], "are both `b.out`: write to two"),
        (["good.yaml", "--svg", "b.out", "--html", "folder/../B.OUT"], "are both `folder/../B.OUT`: write to two"),
        (["good.yaml", "--svg", "\u00e9", "--html", "e\u0301"], "are both `e\u0301`: write to two"),
        (["good.yaml", "--svg", "to-new", "--html", "new"], "are both `new`: write to two"),
        (["good.yaml", "--svg", "warned.yaml", "--html", "hard"], "are both `hard`: write to two"),
        (["good.yaml", "--svg", "also-good", "--html", "b"], "`also-good` is the policy itself: write to another"),
        (["good.yaml", "--svg", "a.svg", "--format", "json"], "`--format` and `--all` are for the table"),
        (["good.yaml", "--html", "a.html", "--all"], "`--format` and `--all` are for the table"),
        (["good.yaml", "--format", "svg"], "Invalid value for '--format'"),
        (["missing.yaml"], "missing.yaml: No such file or directory"),
        (["good.yaml", "--svg", "missing/a.svg"], "missing/a.svg: No such file or directory"),
        (["good.yaml", "--svg", ""], "an empty path: No such file or directory"),
        (["good.yaml", "--svg", "."], ".: Is a directory"),
        ([], "Missing argument 'FILE'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(arguments: list[str], said: str, here: Path) -> None:
    (here / "link").symlink_to("good.yaml")
    (here / "to-new").symlink_to("new")
    (here / "hard").hardlink_to(here / "warned.yaml")
    (here / "also-good").hardlink_to(here / "good.yaml")
    before = sorted(here.iterdir())
    status, out, err = run("show", *arguments, cwd=here)
    assert (status, out) == (2, "")
    assert said in " ".join(err.split())
    assert sorted(here.iterdir()) == before
    assert (here / "good.yaml").read_bytes() == GOOD
    assert (here / "warned.yaml").read_bytes() == WARNED


@pytest.mark.parametrize(
    ("script", "arguments", "said"),
    [
        ('"$@" <good.yaml', ["show", "-", "--svg", "good.yaml"], "`good.yaml` is the policy itself"),
        ('"$@" <good.yaml', ["compile", "-", "--format", "c", "-o", "good.yaml"], "`good.yaml` is the policy itself"),
        ('"$@" <good.yaml', ["import", "-", "--force", "-o", "good.yaml"], "`good.yaml` is the file itself"),
        ('"$@" >out', ["show", "good.yaml", "--svg", "-", "--html", "out"], "`--svg` and `--html` are both `out`"),
        ('"$@" | cat', ["show", "good.yaml", "--svg", "-", "--html", "/dev/stdout"], "are both `/dev/stdout`"),
    ],
)
def test_a_stream_is_the_file_that_it_is_connected_to(script: str, arguments: list[str], said: str, here: Path) -> None:
    done = through_shell(f"{script}; cat out 2>/dev/null; true", *arguments, cwd=here)
    assert done.out == ""
    assert said in " ".join(done.err.split())
    assert (here / "good.yaml").read_bytes() == GOOD


def test_devices_may_be_read_and_written(here: Path) -> None:
    assert run("show", "good.yaml", "--svg", "/dev/null", cwd=here).status == 0
    assert through_shell('exec "$@" </dev/null', "compile", "-", "--format", "c", "-o", "/dev/null").status == 1
    assert run("show", "good.yaml", "--svg", "a", "--html", "b", cwd=here).status == 0
    (here / "a").rename(here / "B")
    assert run("show", "good.yaml", "--svg", "b", "--html", "B", cwd=here).status == 0  # they are there, and two


def test_a_file_that_is_too_large_is_not_read() -> None:
    result = invoke("show", "--max-bytes", "10", path("lockdown"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[P105] limit: the file has " in result.stderr


def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 -- a device
        done = run_process("show", path("lockdown"), stdout=full)
    assert (done.status, done.err) == (2, "smccc-filter: can't write standard output: No space left on device\n")
