"""The comparison of two installations sees what differs, and nothing where nothing does."""

import sys
from pathlib import Path

from tests.programs.same.__main__ import difference
from tests.programs.same.inputs import CommandLine, command_lines, copy_inputs
from tests.programs.same.runner import Ran, run_all

GOOD = "version: 1\nname: p\nrules: [{action: deny, services: [trng]}]\n"
LINES: list[CommandLine] = [
    ("--version",),
    ("validate", "--notes", "policies/p.yaml"),
    ("compile", "policies/p.yaml", "-o", "out/p.h"),
    ("nonsense",),
]


def test_an_installation_is_the_same_as_itself(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs" / "policies"
    inputs.mkdir(parents=True)
    (inputs / "p.yaml").write_text(GOOD)
    environment = Path(sys.prefix)
    one, other = run_all((environment, environment), LINES, inputs.parent, tmp_path)
    assert one == other
    assert [ran.status for ran in one] == [0, 0, 0, 2]
    assert one[2].outputs["p.h"].startswith(b"/*")
    assert one[0].outputs["stdout"].startswith(b"smccc-filter ")
    assert b"no command is called `nonsense`" in one[3].outputs["stderr"]


def test_a_difference_names_the_command_line_the_status_and_the_lines() -> None:
    before = Ran(("list", "checks"), 0, {"stdout": b"one\ntwo\n", "stderr": b""})
    after = Ran(("list", "checks"), 1, {"stdout": b"one\n2\n", "stderr": b"", "x.h": b"new\n"})
    shown = "\n".join(difference(before, after))
    for line in ("== smccc-filter list checks", "exit status 0 -> 1", "-two", "+2", "+++ x.h after", "+new"):
        assert line in shown.splitlines()
    assert "one" not in shown.splitlines()


def test_every_command_is_asked(tmp_path: Path) -> None:
    lines = list(command_lines(copy_inputs(tmp_path)))
    assert {line[0] for line in lines if line} >= {
        "validate",
        "compile",
        "query",
        "show",
        "guest",
        "diff",
        "fmt",
        "import",
    }
    assert len(lines) > 5_000
