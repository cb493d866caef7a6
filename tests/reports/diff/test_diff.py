import json
import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from smccc_filter.analysis.comparison.comparison import Comparison
from smccc_filter.reports.diff import github as diff_github
from smccc_filter.reports.diff import json as diff_json
from smccc_filter.reports.diff import markdown as diff_markdown
from smccc_filter.reports.diff import text as diff_text
from smccc_filter.reports.paper.styles import Style, plain
from smccc_filter.smccc.function_id import show
from tests.conftest import Golden
from tests.reports.diff.cases import COMPARISONS, GOLDEN, many
from tests.reports.findings.test_github import runner_reads

FORMATS: dict[str, Callable[[Comparison], str]] = {
    "txt": lambda comparison: plain(diff_text.render(comparison, None)),
    "json": lambda comparison: "".join(diff_json.render(comparison)),
    "github": lambda comparison: diff_github.render(comparison, failed=True),
    "md": diff_markdown.render,
}
CODE = re.compile(r"<code>(.*?)</code>")
TAGS = {"<br>", "<code>", "</code>"}
each_comparison = pytest.mark.parametrize("name", COMPARISONS)


@pytest.mark.parametrize("suffix", FORMATS)
@each_comparison
def test_report_is_as_recorded(name: str, suffix: str, golden: Golden) -> None:
    golden(GOLDEN / f"{name}.{suffix}", FORMATS[suffix](COMPARISONS[name]))


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{name}.{suffix}" for name in COMPARISONS for suffix in FORMATS
    }


@pytest.mark.parametrize("suffix", FORMATS)
@each_comparison
def test_nothing_is_in_a_report_that_does_not_print(name: str, suffix: str) -> None:
    report = FORMATS[suffix](COMPARISONS[name])
    assert report.endswith("\n")
    assert not report.endswith("\n\n")
    assert report.replace("\n", "").isprintable()


@pytest.mark.parametrize("suffix", ["txt", "json", "md"])
@each_comparison
def test_the_verdict_comes_first(name: str, suffix: str) -> None:
    comparison = COMPARISONS[name]
    assert comparison.verdict in FORMATS[suffix](comparison).splitlines()[2 if suffix == "json" else 0]


@each_comparison
def test_text_has_every_range_and_its_two_lines_in_the_colours_of_a_diff(name: str) -> None:
    pieces = list(diff_text.render(COMPARISONS[name], None))
    for text, style in pieces:
        assert style is Style.PLAIN or "\n" not in text
        assert (style is Style.ERROR) is text.startswith("  - ")
        assert not text.startswith("  + ") or style is Style.CLEAR
    shown = plain(pieces)
    for change in COMPARISONS[name].in_guest:
        assert f"\n{show(change.start)}" in shown
    assert shown.count("\n  - ") == shown.count("\n  + ") >= len(COMPARISONS[name].in_guest)
    assert shown.count("\ntold by ") == len(COMPARISONS[name].told)


@each_comparison
def test_json_has_every_change(name: str) -> None:
    comparison = COMPARISONS[name]
    document = json.loads("".join(diff_json.render(comparison)))
    ranges = [[show(change.start), show(change.stop - 1)] for change in comparison.changes]
    assert [change["range"] for change in document["changes"]] == ranges
    assert sum(document["summary"].values()) == sum(change.size for change in comparison.changes)
    assert all(list(change["new"]["outcomes"]) == document["kernels"] for change in document["changes"])
    witnesses = [(found.discovery, *found.arguments[:1]) for found in comparison.told]
    told = [(found["witness"]["call"], found["witness"]["argument"]) for found in document["told"]]
    assert told == [(show(call), *([show(*argument)] if argument else [None])) for call, *argument in witnesses]
    assert all(list(found["old"]) == list(found["new"]) == found["kernels"] for found in document["told"])


@each_comparison
def test_github_is_one_command_a_line(name: str) -> None:
    comparison = COMPARISONS[name]
    new = [each for each in comparison.findings if each.is_new]
    verdict, *changes = map(runner_reads, diff_github.render(comparison, failed=True).splitlines())
    assert verdict[1]["title"] == f"diff: {comparison.verdict}"
    assert len(changes) == sum(map(len, (comparison.in_guest, comparison.told, new)))
    levels = ["error", "warning", "notice"]
    assert [level for level, _, _ in changes] == sorted((level for level, _, _ in changes), key=levels.index)
    findings = [each for each in changes if each[1]["title"].startswith("new: ")]
    assert [properties["title"].split()[1].partition("[")[0] for _, properties, _ in findings] == [
        each.finding.severity for each in new
    ]
    for level, properties, data in (each for each in changes if each not in findings):
        assert (level == "error") is properties["title"].startswith(("wider", "incomparable"))
        assert re.search(r"^was: .*\nis:  .*$", data, re.MULTILINE)


def test_github_warns_where_widening_does_not_fail() -> None:
    lines = diff_github.render(COMPARISONS["hostile"], failed=False).splitlines()
    assert [line.partition(" ")[0] for line in lines[1:]] == ["::warning"] * (len(lines) - 1)


def test_github_annotates_nothing_in_a_file_that_is_gone() -> None:
    assert "file=" not in diff_github.render(COMPARISONS["removed"], failed=True)


@each_comparison
def test_markdown_is_a_table_in_which_every_word_of_a_file_is_code(name: str) -> None:
    source = diff_markdown.render(COMPARISONS[name])
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    kinds = [token.type for token in tokens]
    assert kinds.count("td_open") == 6 * kinds.count("tr_open") - kinds.count("th_open")
    for inline in (token for token in tokens if token.type == "inline"):
        depth = 0
        for child in inline.children or ():
            assert child.type in {"text", "code_inline", "html_inline", "text_special", "strong_open", "strong_close"}
            if child.type == "html_inline":
                assert child.content in TAGS
                depth += {"<code>": 1, "</code>": -1}.get(child.content, 0)
            elif child.type != "code_inline" and not depth:
                assert not re.search(r"[@#<\[\]!`&|\\]|https?:|www\.", child.content)
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert all(re.fullmatch(r"</details>|<details><summary>[\w ,]+</summary>", block) for block in blocks)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a b",
        "a|b",
        "`",
        "``a``",
        "\\",
        "a\\|b",
        " a",
        "a ",
        "<b>",
        "@user",
        "&amp;",
        "**b**",
        "]",
        "漢",
        "~~~",
        "",
    ],
)
def test_code_shows_the_text_itself(text: str) -> None:
    table = f"| a |\n| --- |\n| {diff_markdown.code(text)} |\n"
    html = MarkdownIt("commonmark").enable("table").render(table)
    (shown,) = CODE.findall(html)
    for entity, character in {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}.items():
        shown = shown.replace(entity, character)
    assert shown == text


@pytest.mark.parametrize(
    ("count", "open_rows", "folded", "beyond"), [(20, 20, 0, 0), (100, 20, 80, 0), (300, 20, 180, 100)]
)
def test_markdown_folds_what_is_long(count: int, open_rows: int, folded: int, beyond: int) -> None:
    source = diff_markdown.render(many(count))
    before, _, behind = source.partition("<details>")
    assert (before.count("\n| `0x"), behind.count("\n| `0x")) == (open_rows, folded)
    assert (f"{beyond} ranges with {beyond} IDs more are not shown here" in source) is (beyond > 0)
    assert len(source) < 65_536
