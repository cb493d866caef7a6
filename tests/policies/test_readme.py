"""The table of ``policies/README.md`` is the folder, its numbers are the artefacts', and its examples work."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts.backends import FORMAT_OF_SUFFIX, FORMATS
from tests.paths import POLICIES, SUFFIX
from tests.policies.shipped import NAMES, each_policy, examine, program

README = (POLICIES / "README.md").read_text(encoding="ascii")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line.startswith("| ")][
    1:
]
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE) for line in block.splitlines()
]


def count(number: int, word: str, plural: str) -> list[str]:
    return [f"{number} {word if number == 1 else plural}"] if number else []


def test_every_policy_has_one_row_and_every_row_a_policy() -> None:
    linked = [re.fullmatch(r"\[([a-z0-9-]+)\]\(\1\.smccc\.yaml\)", row[1]) for row in ROWS]
    assert sorted(match[1] for match in linked if match) == list(NAMES)
    assert len(ROWS) == len(NAMES)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert [link for link in links if not (POLICIES / link).exists()] == []


@each_policy
def test_a_row_says_what_the_artefact_holds(name: str) -> None:
    (row,) = (row for row in ROWS if row[1] == f"[{name}]({name}{SUFFIX})")
    need, _, decides, artefact = row
    assert need
    assert decides
    compiled = program(name)
    parts = count(len(compiled.entries), "entry", "entries") + count(len(compiled.registers), "register", "registers")
    assert artefact == ", ".join(parts)


def test_the_examples_write_what_the_tool_compiles(tmp_path: Path) -> None:
    (tmp_path / "policies").symlink_to(POLICIES)
    written: dict[str, bytes] = {}
    for line in COMMANDS:
        program_name, *arguments = shlex.split(line)
        assert program_name == "smccc-filter"
        subprocess.run(
            [sys.executable, "-m", "smccc_filter", *arguments], cwd=tmp_path, capture_output=True, check=True
        )
        out = tmp_path / arguments[-1]
        written[FORMAT_OF_SUFFIX[out.suffix]] = out.read_bytes()
    assert written == {name: pipeline.build(examine("lockdown"), name).data for name in FORMATS}
