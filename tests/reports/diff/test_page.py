"""The page of a comparison."""

import re
from pathlib import Path

import pytest

from smccc_filter.analysis.comparison.comparison import Comparison
from smccc_filter.reports.diff import page
from smccc_filter.reports.diff.answers import effects
from smccc_filter.reports.diff.findings import heading
from smccc_filter.reports.diff.rows import SENTENCES, ids_of
from tests.analysis.comparison.inputs import compared
from tests.reports.axe import check
from tests.reports.conftest import Open
from tests.reports.diff.cases import COMPARISONS, HOSTILE, hostile, many
from tests.reports.texts import texts_of

each_comparison = pytest.mark.parametrize("name", COMPARISONS)


def said(comparison: Comparison, folder: Path) -> dict[str, str]:
    return texts_of(written(comparison, folder))


def written(comparison: Comparison, folder: Path) -> Path:
    file = folder / "diff.html"
    file.write_text(page.render(comparison), encoding="utf-8")
    return file


@each_comparison
def test_everything_that_differs_is_said(name: str, tmp_path: Path) -> None:
    comparison = COMPARISONS[name]
    texts = said(comparison, tmp_path)
    assert f"{comparison.verdict}: {SENTENCES[comparison.verdict]}" in texts["verdict-title"].lower()
    for change in comparison.in_guest[: page.MOST]:
        assert ids_of(change) in texts["changes"]
    assert all(effect in texts["told"] for found in comparison.told for effect in effects(found))
    assert all(heading(change) in texts["findings"] for change in comparison.findings)
    assert ("space" in texts) is bool(comparison.changes)


def test_a_comparison_of_equals_says_so_in_one_line(tmp_path: Path) -> None:
    texts = said(compared("", ""), tmp_path)
    assert page.SAME in texts["verdict"]
    assert set(texts) & {"findings", "told", "changes", "words", "space"} == set()


def test_words_of_files_stay_words(tmp_path: Path) -> None:
    file = written(hostile(), tmp_path)
    text = file.read_text(encoding="utf-8")
    assert "<script" not in text
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert HOSTILE.partition("@")[0].replace("\\\\", "\\") in texts_of(file)["changes"]
    assert not re.search(r'(src|href|action)="(?!#)|@import| style="| on[a-z]+="', text)


def test_of_very_many_changes_it_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page, "MOST", 70)
    texts = said(many(100), tmp_path)
    assert "Show 20 more rows" in texts["changes"]
    assert "30 more rows are not listed here: see `smccc-filter diff`." in texts["changes"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1200)])
def test_axe_finds_nothing(opened: Open, tmp_path: Path, node_modules: Path, scheme: str, width: int) -> None:
    file = written(COMPARISONS["kernels"], tmp_path)
    check(opened(file, scheme=scheme, width=width, bypass_csp=True), node_modules)
