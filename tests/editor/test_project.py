"""Which documents are policies: those that a search of the editor's folder finds."""

from pathlib import Path

import pytest

from smccc_filter.commands import files
from smccc_filter.commands.serving.analysis import is_policy, path_of
from smccc_filter.commands.settings.finding import SettingsFinder

PATHS = (
    *("a.smccc.yaml", "a.smccc.yml", "a.yaml", "a.txt", ".a.smccc.yaml", "b/smccc.yaml"),
    *("smccc-policies/a.yaml", "smccc-policies/b/c.yml", "smccc-policies/.b/c.yml", "b/smccc-policies/a.txt"),
    *("left/a.smccc.yaml", "b/left-out.smccc.yaml", "b/taken.yaml", "b/c/taken.yaml", "b/smccc-policies.yaml"),
    *("other/a.smccc.yaml", "other/a.yaml", "other/taken.yaml", ".hidden/a.smccc.yaml"),
)
SETTINGS = 'include = ["b/taken.yaml"]\nexclude = ["left", "left-out*"]\n'


@pytest.mark.parametrize("name", ["home", "smccc"])
@pytest.mark.parametrize("isolated", [False, True])
def test_a_document_is_a_policy_where_a_search_finds_it(tmp_path: Path, name: str, isolated: bool) -> None:  # noqa: FBT001
    home = tmp_path / name
    for path in PATHS:
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.is_dir():
            file.write_text("")
    (home / ".smccc-filter.toml").write_text(SETTINGS)
    (home / "other" / ".smccc-filter.toml").write_text('include = ["*.yaml"]')
    found = files.expand([str(home)], (), SettingsFinder(isolated=isolated)).files
    searched = {str(file.path) for file in found if isinstance(file, files.InputFile)}
    everything = [str(path) for path in home.rglob("*") if path.is_file()]
    assert {path for path in everything if is_policy(path, [str(home)], isolated=isolated)} == searched
    assert len(searched) > 5


def test_outside_of_all_folders_a_policy_is_known_by_its_own(tmp_path: Path) -> None:
    for path, wanted in (("a.smccc.yaml", True), ("a.yaml", False), ("smccc/a.yaml", True), ("smccc/b/a.yaml", False)):
        assert is_policy(str(tmp_path / path), [str(tmp_path / "elsewhere")], isolated=True) is wanted


def test_only_files_have_a_path() -> None:
    assert path_of("file:///a/b%20c.yaml") == "/a/b c.yaml"
    assert path_of("untitled:a") is None
