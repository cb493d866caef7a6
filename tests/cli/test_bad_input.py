import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import inputs
from tests.cli.tool import BAD, TOOL, UNMEASURED, environment, run

MIB = 1 << 20

ACCEPTED = {
    "byte-order-mark": b"\xef\xbb\xbfversion: 1\nname: a\n",
    "crlf": b"version: 1\r\nname: a\r\nrules:\r\n  - {action: deny, ranges: [0x82000000]}\r\n",
    "cr": b"version: 1\rname: a\r",
    "no-last-newline": b"version: 1\nname: a",
    "document-marks": b"---\nversion: 1\nname: a\n...\n",
    "json": b'{"version": 1, "name": "a", "rules": [{"action": "deny", "ranges": ["0x82000000"]}]}',
    "tab-in-comment": b"version: 1 #\tone\nname: a\n",
    "underscores": b"version: 1\nname: a\nrules: [{action: deny, ranges: [0x8200_0000, 0XC2000000+0x1]}]\n",
    "markup-in-texts": b"version: 1\nname: a\ndescription: '[red]x[/red] <b> $(id) %s {0}'\n",
}


@pytest.mark.parametrize("case", inputs.CASES, ids=[case.name for case in inputs.CASES])
def test_bad_input_gets_its_code_and_a_clear_message(case: inputs.Case) -> None:
    status, out, err = run("validate", "-", input=case.data)
    assert status == 1
    assert err == ""
    headlines = [line for line in out.splitlines() if line.startswith(f"error[{case.code}] ")]
    assert any(case.words in line for line in headlines), out
    assert not case.errors or f"\nFound {case.errors} error{'s' * (case.errors > 1)}" in out
    assert all(character.isprintable() for character in out.replace("\n", ""))


@pytest.mark.parametrize("case", inputs.CASES[::8], ids=[case.name for case in inputs.CASES[::8]])
def test_bad_input_is_not_compiled(case: inputs.Case, tmp_path: Path) -> None:
    output = tmp_path / "policy.h"
    output.write_text("old")
    status, out, err = run("compile", "-", "-o", output, input=case.data)
    assert status == 1
    assert out == ""
    assert f"error[{case.code}] " in err
    assert "--notes" not in err
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["policy.h"]


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_unusual_input_is_accepted(data: bytes) -> None:
    status, out, err = run("validate", "-", input=data)
    assert (status, err) == (0, "")
    assert out.startswith("All clear on Linux 7.3: 1 file")


MEASURE = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
"""Runs a command from a small process: the peak of a child starts with what its parent had."""


@pytest.mark.parametrize("name", ["sparse", "/dev/zero", "endless"])
def test_what_is_too_large_costs_no_memory(name: str, tmp_path: Path) -> None:
    sparse = tmp_path / "sparse.yaml"
    with sparse.open("wb") as file:
        file.truncate(1 << 30)
    argument = {"sparse": str(sparse), "/dev/zero": "/dev/zero", "endless": "-"}[name]
    report = tmp_path / "report"
    with report.open("wb") as out, Path("/dev/zero").open("rb") as zeros:
        command = [sys.executable, "-c", MEASURE, *TOOL, "validate", argument]
        measured = subprocess.run(
            command, stdin=zeros, stdout=out, stderr=subprocess.PIPE, env=environment(**UNMEASURED), check=False
        )
    status, kibibytes = map(int, measured.stderr.split())
    assert status == 1
    said = "1,073,741,824 bytes, more than 16,777,216" if name == "sparse" else "more than 16,777,216 bytes"
    assert report.read_text().startswith(f"error[P105] limit: the file has {said}\n")
    assert kibibytes * 1024 < 100 * MIB


@pytest.mark.parametrize("command", [["validate"], ["compile", "-o", "a.h"]], ids=lambda command: str(command[0]))
@pytest.mark.parametrize(("size", "status"), [(99, 1), (100, 0), (101, 0)])
def test_the_limit_is_the_largest_size(command: list[str], size: int, status: int, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(b"version: 1\nname: a\n".ljust(100, b"#"))
    done = run(*command, policy, "--max-bytes", str(size), cwd=tmp_path)
    assert done.status == status
    assert ("error[P105] limit" in done.out + done.err) == (status == 1)


def test_every_file_gets_its_findings_whatever_the_others_are(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(BAD)
    (tmp_path / "b.yaml").write_bytes(b"\xff")
    status, out, err = run("validate", "a.yaml", "gone.yaml", "b.yaml", "lost.yaml", cwd=tmp_path)
    assert status == 2
    assert " --> a.yaml:4:14\n" in out
    assert " --> b.yaml:1:1\n" in out
    assert out.endswith("Found 2 errors in 2 files (1 fixable with --fix --unsafe-fixes).\n")
    assert err == (
        "smccc-filter: gone.yaml: No such file or directory\nsmccc-filter: lost.yaml: No such file or directory\n"
    )
