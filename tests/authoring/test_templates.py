"""The templates are the shipped policies, and hold nothing that is right beside them only."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.authoring import templates as shipped
from smccc_filter.authoring.templates import SCHEMA_BESIDE, adapted, names, templates, text_of
from smccc_filter.language.policy.json_schema import URL
from tests.paths import ROOT
from tests.policies.shipped import NAMES, each_policy, path, policy


def test_every_shipped_policy_is_a_template_and_nothing_else() -> None:
    assert names() == NAMES
    assert tuple(template.name for template in templates()) == NAMES


def test_a_template_describes_itself() -> None:
    for template in templates():
        wanted = policy(template.name)
        assert (template.description, template.kernels) == (wanted.description, wanted.target.kernels)


@each_policy
def test_the_schema_is_the_published_one_and_the_rest_to_the_letter(name: str) -> None:
    shipped = path(name).read_text(encoding="utf-8")
    text = text_of(name)
    first, rest = text.split("\n", 1)
    assert first == f"# yaml-language-server: $schema={URL}"
    assert SCHEMA_BESIDE in shipped
    assert rest == shipped.split("\n", 1)[1]


@each_policy
def test_nothing_is_named_that_another_folder_lacks(name: str) -> None:
    _, rest = text_of(name).split("\n", 1)
    assert re.findall(r"\S*(?:\.\./|\.ya?ml\b|\.md\b)\S*", rest) == []


def test_the_published_schema_is_called_by_its_address() -> None:
    schema = json.loads((ROOT / "schemas" / "policy.schema.json").read_text(encoding="utf-8"))
    assert schema["$id"] == URL


@each_policy
def test_a_name_and_kernels_change_nothing_else(name: str) -> None:
    text = text_of(name)
    assert adapted(text, None, ()) == text
    changed = adapted(text, "true", ("7.3", "6.18"))
    lines = list(zip(text.splitlines(), changed.splitlines(), strict=True))
    assert [new for old, new in lines if old != new and not old.startswith("  kernels: ")] == ['name: "true"']
    found = pipeline.examine("changed.yaml", changed.encode()).policy
    assert found is not None
    assert (found.name, found.target.kernels) == ("true", ("7.3", "6.18"))
    assert found.rules == policy(name).rules
    assert found.tests == policy(name).tests


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the module in a folder of its own; return that of its package."""
    package = tmp_path / "site-packages" / "smccc_filter"
    monkeypatch.setattr(shipped, "__file__", str(package / "authoring" / "templates.py"))
    names.cache_clear()
    yield package
    names.cache_clear()


def test_an_installation_has_its_policies_inside_the_package_a_source_tree_beside_it(elsewhere: Path) -> None:
    with pytest.raises(LookupError, match="lacks the shipped policies"):
        names()
    for folder, name in ((elsewhere.parents[1], "stranger"), (elsewhere.parent, "beside"), (elsewhere, "inside")):
        (folder / "policies").mkdir(parents=True)
        (folder / "policies" / f"{name}.smccc.yaml").write_bytes(b"")
        (folder / "policies" / f"{name}.yaml").write_bytes(b"")
        names.cache_clear()
        if name != "stranger":
            assert names() == (name,)


@pytest.mark.parametrize("text", ["", "version: 1\nname: odd\n"])
def test_a_template_without_a_description_is_a_bug(text: str, elsewhere: Path) -> None:
    (elsewhere / "policies").mkdir(parents=True)
    (elsewhere / "policies" / "odd.smccc.yaml").write_text(text)
    with pytest.raises(ValueError, match="the shipped policy odd has no description"):
        templates()


def test_an_unknown_name_is_no_way_to_another_file() -> None:
    for name in ("../pyproject", "README", "", "lockdown.smccc.yaml"):
        with pytest.raises(KeyError):
            text_of(name)
