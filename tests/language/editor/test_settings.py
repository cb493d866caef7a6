"""Where the server finds the schema without any setting: by a first line in the policy."""

import shutil
from pathlib import Path

import pytest

from tests.house.tree import environment, run
from tests.language.editor import settings
from tests.language.editor.client import Editor
from tests.language.editor.inputs import HEAD, RULE, parted
from tests.paths import ROOT, SCHEMA

OFFLINE = {"yaml.schemaStore.enable": False}


@pytest.mark.parametrize("path", ["policy.schema.json", "./policy.schema.json", "../schemas/policy.schema.json"])
def test_a_first_line_says_where_the_schema_is(path: str, server: tuple[str | Path, ...], tmp_path: Path) -> None:
    """The path is relative to the policy."""
    (tmp_path / "policies").mkdir()
    target = tmp_path / "policies" / path
    target.parent.mkdir(exist_ok=True)
    shutil.copy(SCHEMA, target)
    line = f"# yaml-language-server: $schema={path}\n"
    with Editor(server, tmp_path / "policies", OFFLINE) as editor:
        assert [finding.line for finding in editor.findings("any.yaml", f"{line}{HEAD}author: me\n")] == [4]
        offers = editor.offers("any.yaml", *parted(f"{line}{RULE}    calls: [PSCI_C^]"))
        assert "PSCI_CPU_ON" in [item.label for item in offers]


def test_shipped_policies_have_that_line(server: tuple[str | Path, ...]) -> None:
    policies = sorted((ROOT / "policies").glob("*.yaml"))
    texts = [path.read_text(encoding="utf-8") for path in policies]
    assert all(text.startswith("# yaml-language-server: $schema=../schemas/policy.schema.json\n") for text in texts)
    with Editor(server, ROOT / "policies", OFFLINE) as editor:
        text, place = parted(texts[0].replace("\nname: ", "\nna^me: "))
        assert "Becomes the C and Rust symbol" in editor.hover(policies[0].name, text, place)


def test_without_either_nothing_is_said(server: tuple[str | Path, ...], tmp_path: Path) -> None:
    with Editor(server, tmp_path, OFFLINE) as editor:
        assert editor.findings("policy.smccc.yaml", f"{HEAD}author: me\n") == []


def test_the_installed_package_writes_the_schema(tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONSAFEPATH="1")
    assert run("smccc-filter", "list", "schema", cwd=tmp_path, env=env) == SCHEMA.read_text()


@pytest.mark.parametrize(
    ("language", "text"),
    {
        "json": '// c\n{\n  // c\n  "yaml.schemas": {"./a.json": ["*.b", "*.c"]}\n}\n',
        "lua": "x('y', {\n  cmd = { 'a' },\n  settings = {\n    yaml = { schemas = { ['./a.json'] = { '*.b', '*.c' } },"
        " },\n  },\n})\n",
        "elisp": ';; c\n((m . ((eglot-workspace-configuration\n . (:yaml (:schemas (:./a.json ["*.b" "*.c"])))))))\n',
    }.items(),
)
def test_configurations_are_read(language: str, text: str) -> None:
    found = settings.read(language, text)
    flat = found["yaml"]["schemas"] if "yaml" in found else found["yaml.schemas"]
    assert flat == {"./a.json": ["*.b", "*.c"]}
