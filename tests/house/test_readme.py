"""Every block of README does what it shows."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.backends import backend as backend_of
from smccc_filter.cli import COMMANDS, EPILOG
from tests.house.blocks import README, Block, blocks
from tests.house.hooks import CONFIGURATION, Hooks
from tests.house.test_builds import WORKFLOW
from tests.house.tree import commit, copy_source, environment, need, run
from tests.language.editor import settings
from tests.language.editor.client import Editor
from tests.language.editor.inputs import HEAD, RULE, parted
from tests.linux_headers import LinuxHeaders
from tests.paths import ROOT, SCHEMA, SUFFIX

BLOCKS = blocks()
SETUP = [block for block in BLOCKS if block.language == "sh"]
"""Commands for a fresh machine, each of which continues where the one before it ended."""
CASES = [block for block in BLOCKS if block not in SETUP and WORKFLOW not in block.section]
"""All but the workflow, each step of which needs the ones before it: ``test_builds`` goes it."""
CASES.append(Block(SETUP[0].line, "sh", "".join(block.text for block in SETUP)))
TEXT = README.read_text(encoding="utf-8")
END = "\0"
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-c", "-o", os.devnull)


class Reader:
    """Somebody with a clone, an installed tool, and every file that README shows."""

    node_modules: Callable[[], Path]
    """Gives the folder of npm's packages, installed once somebody asks."""
    hooks: Callable[[], Hooks]
    """Gives the hooks, likewise."""
    linux_headers: Callable[[], LinuxHeaders]
    """Gives the kernel's headers, likewise."""

    def __init__(self, folder: Path, *, tests: bool, update: bool) -> None:
        self.update = update
        self.folder = copy_source(folder / "clone", tests=tests)
        self.env = environment(folder)
        for block in BLOCKS:
            if block.file and WORKFLOW not in block.section:
                (self.folder / block.file).parent.mkdir(exist_ok=True)
                (self.folder / block.file).write_text(block.text, encoding="utf-8")

    def run(self, *command: str | Path, status: int = 0) -> str:
        return run(*command, cwd=self.folder, env=self.env, status=status)


@pytest.fixture
def reader(tmp_path: Path, block: Block, request: pytest.FixtureRequest) -> Reader:
    return Reader(tmp_path, tests="pytest" in block.text, update=request.config.getoption("--update"))


def console(reader: Reader, block: Block) -> None:
    """Run what follows each ``$`` in one shell; what is printed must be what is shown. ``--update`` shows it."""
    commands = re.findall(r"^\$ (.*)\n((?:[^$\n].*\n|\n)*)", block.text, re.MULTILINE)
    assert "".join(f"$ {command}\n{output}" for command, output in commands) == block.text
    script = "".join(f"{{ {command}\n}} 2>&1; printf '\\0'\n" for command, _ in commands)
    outputs = reader.run("bash", "-c", script).split(END)
    shown = "".join(f"$ {command}\n{output}" for (command, _), output in zip(commands, outputs, strict=False))
    if reader.update:
        README.write_text(README.read_text(encoding="utf-8").replace(block.text, shown, 1), encoding="utf-8")
    else:
        assert shown == block.text


def shell(reader: Reader, block: Block) -> None:
    """Run the lines, in the shell that the block is for; ``pytest`` only collects here, since it is running already."""
    reader.env["PYTEST_ADDOPTS"] = "--collect-only -qq -n0"
    reader.run(need(block.language), "-c", "".join(f"{line} || exit 1\n" for line in block.text.splitlines()))


def yaml(reader: Reader, block: Block) -> None:
    """Validate a policy, but one that a console block shows the findings of; run pre-commit with its configuration."""
    assert block.file, "a YAML block names its file in the first line"
    if block.text == CONFIGURATION:
        return pre_commit(reader)
    if f"$ smccc-filter validate {block.file}\n" not in "".join(other.text for other in BLOCKS):
        reader.run("smccc-filter", "validate", "--fail-on", "warning", block.file)
    return None


def pre_commit(reader: Reader) -> None:
    """Run the hooks on README's policies, with this tree in place of the published repository."""
    reader.hooks().set_up(reader.folder.parent, reader.env)
    commit(reader.folder, reader.env)
    said = reader.run("pre-commit", "run", "--all-files")
    assert re.findall(r"^smccc-filter (\w+)\.+Passed$", said, re.MULTILINE) == ["validate", "fmt"]


def c(reader: Reader, block: Block) -> None:
    """Compile against the generated header, here and for arm64, as C and as C++; for arm64 what is to be imported."""
    assert block.file
    if f"$ smccc-filter import {block.file}\n" in TEXT:
        reader.run(need("aarch64-linux-gnu-gcc"), "-std=c11", *reader.linux_headers().include(), *STRICT, block.file)
        return
    compile_included(reader, block, r'#include "(\w+)\.h"', "{}.h")
    for compiler in ("gcc", "aarch64-linux-gnu-gcc"):
        for standard in ("c99", "c11"):
            reader.run(need(compiler), f"-std={standard}", *STRICT, block.file)
    reader.run(need("g++"), "-std=c++17", *STRICT, "-x", "c++", block.file)


def rust(reader: Reader, block: Block) -> None:
    """Compile against the generated module and stand-ins for the two crates, which have their items' signatures."""
    assert block.file
    compile_included(reader, block, r"mod (\w+);", "src/{}.rs")
    externs: list[str] = []
    for crate in ("kvm_bindings", "kvm_ioctls"):
        source = Path(__file__).parent / "crates" / f"{crate}.rs"
        reader.run(need("rustc"), "--edition=2021", "--crate-type=rlib", "-L.", *externs, source)
        externs += ["--extern", f"{crate}=lib{crate}.rlib"]
    options = ("--edition=2021", "--crate-type=lib", "--emit=metadata", "-D", "warnings", "-L.", *externs)
    reader.run("rustc", *options, block.file)


def compile_included(reader: Reader, block: Block, pattern: str, out: str) -> None:
    (name,) = re.findall(pattern, block.text)
    policy = reader.folder / "policies" / f"{name.replace('_', '-')}{SUFFIX}"
    (reader.folder / out.format(name)).parent.mkdir(parents=True, exist_ok=True)
    reader.run("smccc-filter", "compile", policy, "-o", out.format(name))


def editor(reader: Reader, block: Block) -> None:
    """Edit policies with the language server, its settings and the schema beside them, and no other first line."""
    shutil.copy(SCHEMA, reader.folder)
    configured = settings.read(block.language, block.text)
    server = (reader.node_modules() / ".bin" / "yaml-language-server", "--stdio")
    offline = {"yaml.schemaStore.enable": False}
    with Editor(server, reader.folder, configured, offline) as running:
        for name in ("policy.smccc.yaml", "x/policy.smccc.yml", "smccc/policy.yaml", "x/smccc-policies/y/policy.yml"):
            offers = running.offers(name, *parted(f"{RULE}    calls: [PSCI_C^]"))
            assert "PSCI_CPU_ON" in [item.label for item in offers]
            assert [finding.line for finding in running.findings(name, f"{HEAD}author: me\n")] == [3]
        for name in ("other.yaml", "smccc.yaml", "x/smccc2/other.yaml"):
            assert running.findings(name, f"{HEAD}author: me\n") == []


def pycon(reader: Reader, block: Block) -> None:
    """Run an interpreter's session as doctest does, with the package that is installed."""
    (reader.folder / "session.txt").write_text(block.text, encoding="utf-8")
    reader.run("python", "-P", "-m", "doctest", "session.txt")


def toml(reader: Reader, block: Block) -> None:
    """Validate a policy that has something to ignore under the settings, which must say so."""
    assert block.file
    policy = reader.folder / Path(block.file).with_name("board.smccc.yaml")
    policy.write_text('version: 1\nname: board\ntarget: {psci: "1.1"}\nrules: [{action: deny, ranges: [0x88000000]}]\n')
    said = reader.run("smccc-filter", "validate", policy.parent)
    assert f"Settings in {block.file}: 1 file checked for Linux 6.12 and 7.3; 1 finding ignored: A301 (our" in said


RUNNERS: dict[str, Callable[[Reader, Block], None]] = {
    "bash": shell,
    "c": c,
    "console": console,
    "elisp": editor,
    "fish": shell,
    "json": editor,
    "lua": editor,
    "pycon": pycon,
    "rust": rust,
    "sh": shell,
    "toml": toml,
    "yaml": yaml,
    "zsh": shell,
}


@pytest.mark.parametrize("block", CASES, ids=lambda block: f"line{block.line}-{block.language}")
def test_a_block_does_what_it_shows(block: Block, reader: Reader, request: pytest.FixtureRequest) -> None:
    assert block.language in RUNNERS, f"README.md:{block.line}: a block that can't be run"
    reader.node_modules = lambda: request.getfixturevalue("node_modules")
    reader.hooks = lambda: request.getfixturevalue("hooks")
    reader.linux_headers = lambda: request.getfixturevalue("linux_headers")
    if "pip install" in block.text:
        request.getfixturevalue("online")
    RUNNERS[block.language](reader, block)


def test_every_runner_is_used() -> None:
    assert {block.language for block in CASES} == RUNNERS.keys()


def test_the_first_screen_shows_a_broken_policy_and_what_is_said_of_it() -> None:
    policy, output = BLOCKS[:2]
    assert len(policy.text.splitlines()) == 10
    assert output.text.startswith(f"$ smccc-filter validate {policy.file}\nerror[")


def test_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not link.startswith("https://")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_tables_name_every_command_exit_status_and_format() -> None:
    commands = re.findall(r"^\| `(\w+)(?: \[?[A-Z][^`]*)?` \| \w", TEXT, re.MULTILINE)
    assert commands == list(COMMANDS)
    statuses = re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)
    assert statuses == re.findall(r"^  (\d+) ", EPILOG, re.MULTILINE)
    formats = dict(re.findall(r"^\| `(\w+)` \| `(\.\w+)` \| ", TEXT, re.MULTILINE))
    assert formats == {name: backend_of(name).SUFFIXES[0] for name in FORMATS}


def test_commands_that_do_not_exist_yet_do_not_exist() -> None:
    promised = re.findall(r"`(\w+)`", TEXT.partition("## What it does not do yet")[2].partition(" do not exist")[0])
    assert promised
    assert not set(promised) & set(COMMANDS)


def test_packages_named_are_those_that_ci_installs() -> None:
    section = TEXT.partition("With everything from\nDebian, that is ")[2].partition(".\n")[0]
    named = {"python3-venv", *re.findall(r"`([^`]+)`", section)}
    script = (ROOT / ".ci" / "run").read_text()
    needed = re.findall(r"^ +need '[^\n]*'(?: \\\n)? +([^'\n]+)$", script, re.MULTILINE)
    installed = {package for line in needed for package in line.split()}
    assert named == installed - {"python3", "libc6-dev", "libc6-dev-arm64-cross"}
