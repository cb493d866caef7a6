"""The way from an empty folder to a VMM, with each real build system: first build, change, mistake."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.blocks import Block, blocks
from tests.house.tree import environment, need, run
from tests.paths import DOCS

BUILD_PAGE = DOCS / "how-to" / "build.md"
BLOCKS = blocks(BUILD_PAGE)
WORKFLOW = BLOCKS[0].section[-1]
"""What is above all builds."""
POLICY = "my-vmm.smccc.yaml"
BUILDS = {"With meson": ("meson", "ninja", "cc"), "With make": ("make", "cc"), "With cargo": ("cargo",)}
"""Each section with the programs it needs."""


class Project(NamedTuple):
    """A folder in which somebody does what the page says."""

    folder: Path
    env: dict[str, str]

    def run(self, block: Block, status: int = 0) -> str:
        """Run the commands of a block one by one and return what they say."""
        script = "".join(f"{line} || exit 1\n" for line in commands(block))
        return run("bash", "-c", script, cwd=self.folder, env=self.env, status=status)

    def edit(self, old: str, new: str) -> None:
        policy = self.folder / POLICY
        text = policy.read_text(encoding="utf-8")
        assert text.count(old) == 1
        policy.write_text(text.replace(old, new), encoding="utf-8")


def commands(block: Block) -> list[str]:
    """Return the commands that a reader copies."""
    lines = block.text.splitlines()
    return [line[2:] for line in lines if line.startswith("$ ")] if block.language == "console" else lines


def only(language: str, section: str) -> Block:
    (block,) = (block for block in BLOCKS if block.language == language and block.section[-1] == section)
    return block


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty folder after the page's first commands, which said what it shows."""
    folder = tmp_path / "my-vmm"
    folder.mkdir()
    made = Project(folder, environment(tmp_path, CARGO_NET_OFFLINE="true"))
    first = only("console", WORKFLOW)
    shown = [line for line in first.text.splitlines() if not line.startswith("$ ")]
    assert made.run(first).splitlines() == shown
    return made


def write(project: Project, section: str) -> None:
    """Write the files that the page shows in a section and before all of them."""
    for block in BLOCKS:
        if block.file and block.section[-1] in (WORKFLOW, section):
            (project.folder / block.file).parent.mkdir(exist_ok=True)
            (project.folder / block.file).write_text(block.text, encoding="utf-8")


def entries(said: str) -> int:
    """Return what the built program says of its filter."""
    assert "PSCI_CPU_ON leaves to the VMM: yes\n" in said
    (count,) = re.findall(r"^filter entries: (\d+)$", said, re.MULTILINE)
    return int(count)


def test_every_build_is_on_the_page() -> None:
    assert list(BUILDS) == list(dict.fromkeys(block.section[-1] for block in BLOCKS if block.section[-1] != WORKFLOW))


@pytest.mark.parametrize("section", BUILDS)
def test_a_build_follows_the_policy(section: str, project: Project) -> None:
    for program in BUILDS[section]:
        need(program)
    write(project, section)
    build = only("bash", section)
    first = entries(project.run(build))
    assert "Compiling" not in project.run(build), "nothing has changed"

    project.edit("\nrules:\n", "\nrules:\n  - {action: deny, services: [sip]}\n")
    both_conventions = 2
    assert entries(project.run(build)) == first + both_conventions

    project.edit("[PSCI_CPU_ON, ", "[PSCI_CPU_ONN, ")
    said = project.run(build, status=1)
    assert "error[P104] unknown-name: " in said
    assert "did you mean `PSCI_CPU_ON`" in said
    assert f"{POLICY}:" in said

    project.edit("[PSCI_CPU_ONN, ", "[PSCI_CPU_ON, ")
    assert entries(project.run(build)) == first + both_conventions


@pytest.mark.parametrize("section", ["With meson", "With make"])
def test_the_same_policy_gives_the_same_header_to_each(section: str, project: Project) -> None:
    for program in BUILDS[section]:
        need(program)
    write(project, section)
    project.run(only("bash", section))
    (built,) = project.folder.rglob("my_vmm.h")
    run("smccc-filter", "compile", POLICY, "-o", "again.h", cwd=project.folder, env=project.env)
    assert built.read_bytes() == (project.folder / "again.h").read_bytes()
