"""What somebody does with a block of a page: one runner for each language."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from smccc_filter.version import HOME
from tests.house.blocks import Block
from tests.house.hooks import CONFIGURATION, Hooks
from tests.house.reader import Reader
from tests.house.tree import commit, need, run
from tests.language.editor import settings
from tests.language.editor.client import Editor
from tests.language.editor.inputs import HEAD, RULE, parted
from tests.linux_headers import LinuxHeaders
from tests.paths import SCHEMA

END = "\0"
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-c", "-o", os.devnull)
PUBLISHED = f"git+{HOME}"
"""What installs the tool where there is no clone."""


def console(reader: Reader, block: Block) -> None:
    """Run what follows each ``$`` in one shell; what is printed must be what is shown. ``--update`` shows it."""
    commands = re.findall(r"^\$ (.*)\n((?:[^$\n].*\n|\n)*)", block.text, re.MULTILINE)
    assert "".join(f"$ {command}\n{output}" for command, output in commands) == block.text
    script = "".join(f"{{ {command}\n}} 2>&1; printf '\\0'\n" for command, _ in commands)
    outputs = reader.run("bash", "-c", script).split(END)
    shown = "".join(f"$ {command}\n{output}" for (command, _), output in zip(commands, outputs, strict=False))
    if reader.update:
        text = reader.page.read_text(encoding="utf-8")
        reader.page.write_text(
            text.replace(f"```console\n{block.text}```", f"```console\n{shown}```", 1), encoding="utf-8"
        )
    else:
        assert shown == block.text


def shell(reader: Reader, block: Block) -> None:
    """Run the lines, in the shell that the block is for; ``pytest`` only collects here, since it is running already.

    What is installed from the published repository is not installed: a clone is, as every other page has it.
    """
    if ".venv/bin/pip install" in block.text:
        reader.ask("online")
    log = reader.stand_in("pipx") if "pipx " in block.text else None
    env = {
        "PYTEST_ADDOPTS": "--collect-only -qq -n0",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(reader.folder.parent / "hypothesis"),
    }
    script = "".join(f"{line} || exit 1\n" for line in block.text.splitlines())
    run(need(block.language), "-c", script, cwd=reader.folder, env=reader.env | env)
    assert log is None or log.read_text() == f"install {PUBLISHED}\n"


def yaml(reader: Reader, block: Block) -> None:
    """Validate a policy, but one that a console block shows the findings of; run what CI and pre-commit would."""
    assert block.file, "a YAML block names its file in the first line"
    if block.text == CONFIGURATION:
        pre_commit(reader)
    elif block.file.startswith(".github/"):
        github(reader, block)
    elif block.file == ".gitlab-ci.yml":
        gitlab(reader, block)
    elif not re.search(rf"^\$ smccc-filter validate [^\n]*{re.escape(block.file)}", reader.text, re.MULTILINE):
        reader.run("smccc-filter", "validate", "--fail-on", "warning", block.file)


def pre_commit(reader: Reader) -> None:
    """Run the hooks on the policies of the page, with this tree in place of the published repository."""
    hooks: Hooks = reader.ask("hooks")
    hooks.set_up(reader.folder.parent, reader.env)
    commit(reader.folder, reader.env)
    said = reader.run("pre-commit", "run", "--all-files")
    assert re.findall(r"^smccc-filter (\w+)\.+Passed$", said, re.MULTILINE) == ["validate", "fmt"]


class Runner:
    """A machine of a CI server: a repository with one commit on its main branch, and one more that is to be merged."""

    def __init__(self, reader: Reader, block: Block, schema: str) -> None:
        self.folder = reader.folder.parent / schema
        self.folder.mkdir()
        self.env = dict(reader.env)
        self.document = YAML(typ="safe").load(block.text)
        assert block.file
        reader.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", block.file)
        (self.folder / "old name.smccc.yaml").write_text("version: 1\nname: old\n")
        commit(self.folder, self.env)
        self.base = run("git", "rev-parse", "HEAD", cwd=self.folder, env=self.env).strip()
        trng = "rules:\n  - {action: forward, services: [trng]}\n"
        (self.folder / "old name.smccc.yaml").write_text(f"version: 1\nname: old\n{trng}")
        (self.folder / "--new.smccc.yaml").write_text(f"version: 1\nname: new\n{trng}")
        commit(self.folder, self.env)

    def step(self, script: str, **env: str) -> None:
        """Run a step as GitHub does, and GitLab too."""
        run("bash", "-e", "-c", script, cwd=self.folder, env=self.env | env)


def github(reader: Reader, block: Block) -> None:
    """Go the workflow's own steps, for a pull request with a changed and a new policy."""
    installed, commented = map(reader.stand_in, ("pipx", "gh"))
    runner = Runner(reader, block, "github-workflows")
    (job,) = runner.document["jobs"].values()
    given = {"PR": "7", "BASE": runner.base, "GH_TOKEN": "secret"}
    for step in job["steps"]:
        if "run" in step:
            runner.step(step["run"], **{name: given[name] for name in step.get("env", {})})
    (upload,) = (step["with"]["sarif_file"] for step in job["steps"] if "upload-sarif" in step.get("uses", ""))
    (analysis,) = json.loads((runner.folder / upload).read_text())["runs"]
    assert analysis["tool"]["driver"]["name"] == "smccc-filter"
    assert installed.read_text() == f"install {PUBLISHED}\n"
    comment = commented.read_text()
    assert comment.startswith("pr comment 7 ")
    assert "|\n**" not in comment, "what follows a table belongs to it without a blank line"
    assert re.findall(r"^\W*(?:wider|narrower|incomparable|equivalent)\b.*", comment, re.MULTILINE), comment
    assert {"old name.smccc.yaml", "--new.smccc.yaml"} <= set(re.findall(r"[\w-]+(?: \w+)?\.smccc\.yaml", comment))


def gitlab(reader: Reader, block: Block) -> None:
    """Go the job's steps; the report that it keeps must be there."""
    installed = reader.stand_in("pip")
    runner = Runner(reader, block, "gitlab-ci")
    (job,) = runner.document.values()
    for line in job["script"]:
        runner.step(line)
    assert isinstance(json.loads((runner.folder / job["artifacts"]["reports"]["codequality"]).read_text()), list)
    assert installed.read_text() == f"install {PUBLISHED}\n"


def c(reader: Reader, block: Block) -> None:
    """Compile with the generated header, here and for arm64, as C and as C++; for arm64 what is to be imported."""
    assert block.file
    if f"$ smccc-filter import {block.file}\n" in reader.text:
        headers: LinuxHeaders = reader.ask("linux_headers")
        reader.run(need("aarch64-linux-gnu-gcc"), "-std=c11", *headers.include(), *STRICT, block.file)
        return
    for compiler in ("gcc", "aarch64-linux-gnu-gcc"):
        for standard in ("c99", "c11"):
            reader.run(need(compiler), f"-std={standard}", *STRICT, block.file)
    reader.run(need("g++"), "-std=c++17", *STRICT, "-x", "c++", block.file)


def rust(reader: Reader, block: Block) -> None:
    """Compile with the generated module and stand-ins for the two crates, which have their items' signatures."""
    assert block.file
    libraries = reader.folder.parent / "crates"
    libraries.mkdir()
    externs: list[str] = [f"-L{libraries}"]
    for crate in ("kvm_bindings", "kvm_ioctls"):
        source = Path(__file__).parent / "crates" / f"{crate}.rs"
        out = libraries / f"lib{crate}.rlib"
        reader.run(need("rustc"), "--edition=2021", "--crate-type=rlib", *externs, "-o", out, source)
        externs += ["--extern", f"{crate}={out}"]
    options = ("--edition=2021", "--crate-type=lib", "--emit=metadata", "-D", "warnings", "--out-dir", libraries)
    reader.run("rustc", *options, *externs, block.file)


def editor(reader: Reader, block: Block) -> None:
    """Edit policies with the language server, its settings and the schema beside them, and no other first line."""
    shutil.copy(SCHEMA, reader.folder)
    configured = settings.read(block.language, block.text)
    node_modules: Path = reader.ask("node_modules")
    server = (node_modules / ".bin" / "yaml-language-server", "--stdio")
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
    session = reader.folder.parent / "session.txt"
    session.write_text(block.text, encoding="utf-8")
    reader.run("python", "-P", "-m", "doctest", session)


def toml(reader: Reader, block: Block) -> None:
    """Validate a policy that has something to ignore under the settings, which must say so."""
    assert block.file
    policy = reader.folder / Path(block.file).with_name("board.smccc.yaml")
    policy.write_text('version: 1\nname: board\ntarget: {psci: "1.1"}\nrules: [{action: deny, ranges: [0x88000000]}]\n')
    said = reader.run("smccc-filter", "validate", policy.parent)
    policy.unlink()
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
