"""A bug that shows in one file: the others get what they were asked for, it is told once, and the status is 70."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smccc_filter.analysis.checks import no_filter
from smccc_filter.analysis.diagnostics import Problem
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.authoring import fix_proof
from smccc_filter.commands.internal_errors import LONGEST, SHOWN
from smccc_filter.language import layout as layouts
from tests.cli.tool import BAD, GOOD, Outcome, run_unchecked

UGLY = b"name:   ugly\nversion: 1\n"
FIXABLE = b"version: 1\nname: fixable\nrules:\n  - {action: handle, ranges: [2248146945]}\n"
BROKEN = GOOD.replace(b"good", b"broken")
REPORT = "smccc-filter: please report it with the policy and what `smccc-filter list about` prints at https://"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "smccc"  # in which all YAML is policies
    folder.mkdir()
    for name, data in {"a": BAD, "broken": BROKEN, "c": BAD, "good": GOOD}.items():
        (folder / f"{name}.yaml").write_bytes(data)
    return folder


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a check raise for the policy that is called ``broken``."""
    sound = no_filter.check

    def check(subject: Subject) -> Iterator[Problem]:
        if subject.policy.name == "broken":
            raise KeyError("gone\x1b" * LONGEST)
        yield from sound(subject)

    monkeypatch.setattr(no_filter, "check", check)


def told(outcome: Outcome, *paths: str) -> None:
    """Hold that the bug is told once, with the files in which it shows, and where to report it."""
    assert outcome.status == 70
    *_, what, report = outcome.err.splitlines()
    assert what.startswith(f"smccc-filter: {', '.join(paths)}: a bug in the tool: KeyError: 'gone\\x1b")
    assert len(what) < 4 * LONGEST
    assert report.startswith(REPORT)
    assert outcome.err.count("a bug in the tool") == 1
    assert "Traceback" not in outcome.out + outcome.err


@pytest.mark.usefixtures("bug")
def test_text_has_the_findings_of_all_other_files(here: Path) -> None:
    outcome = run_unchecked("validate", ".", cwd=here)
    told(outcome, "./broken.yaml")
    assert " --> ./a.yaml:" in outcome.out
    assert " --> ./c.yaml:" in outcome.out
    assert "\nFound 2 errors in 3 files" in outcome.out


def _paths_in_json(out: str) -> list[str]:
    return [file["path"] for file in json.loads(out)["files"]]


def _paths_in_sarif(out: str) -> list[str]:
    (run,) = json.loads(out)["runs"]
    places: Iterator[Any] = (result["locations"][0]["physicalLocation"] for result in run["results"])
    return [f"./{place['artifactLocation']['uri']}" for place in places]


def _paths_in_github(out: str) -> list[str]:
    return [line.partition("file=")[2].partition(",")[0] for line in out.splitlines()]


@pytest.mark.usefixtures("bug")
@pytest.mark.parametrize(
    ("report_format", "paths"), [("json", _paths_in_json), ("sarif", _paths_in_sarif), ("github", _paths_in_github)]
)
def test_every_format_stays_a_whole_document(report_format: str, paths: Any, here: Path) -> None:  # noqa: ANN401
    outcome = run_unchecked("validate", "--format", report_format, ".", cwd=here)
    told(outcome, "./broken.yaml")
    assert {"./a.yaml", "./c.yaml"} <= set(paths(outcome.out)) <= {"./a.yaml", "./c.yaml", "./good.yaml"}


@pytest.mark.usefixtures("bug")
def test_one_bug_in_many_files_is_told_once(here: Path) -> None:
    for number in range(SHOWN + 2):
        (here / f"broken{number}.yaml").write_bytes(BROKEN)
    outcome = run_unchecked("validate", "broken.yaml", ".", cwd=here)
    told(outcome, "broken.yaml", "./broken0.yaml", "./broken1.yaml and 3 more")


@pytest.mark.usefixtures("bug")
def test_what_can_not_be_read_is_told_too_and_a_bug_counts_more(here: Path) -> None:
    outcome = run_unchecked("validate", "lost.yaml", "broken.yaml", cwd=here)
    told(outcome, "broken.yaml")
    assert outcome.err.startswith("smccc-filter: lost.yaml: No such file or directory\n")


@pytest.mark.usefixtures("bug")
def test_a_single_file_is_told_too(here: Path) -> None:
    outcome = run_unchecked("validate", "broken.yaml", cwd=here)
    told(outcome, "broken.yaml")
    assert "All clear" not in outcome.out


def test_other_files_are_fixed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.yaml").write_bytes(FIXABLE.replace(b"fixable", b"broken"))
    (here / "c.yaml").write_bytes(FIXABLE)
    sound = fix_proof.prove_same

    def prove_same(before: Any, after: Any, edits: Any) -> None:  # noqa: ANN401
        if before.policy.name == "broken":
            raise KeyError("gone\x1b")
        sound(before, after, edits)

    monkeypatch.setattr("smccc_filter.authoring.fixing.prove_same", prove_same)
    outcome = run_unchecked("validate", "--fix", "a.yaml", "c.yaml", cwd=here)
    told(outcome, "a.yaml")
    assert (here / "a.yaml").read_bytes() == FIXABLE.replace(b"fixable", b"broken")
    assert (here / "c.yaml").read_bytes() != FIXABLE
    assert " --> a.yaml:4:31\n" in outcome.out
    assert outcome.err.startswith("Fixed ")


@pytest.mark.parametrize("option", [None, "--check", "--diff"])
def test_other_files_are_formatted(option: str | None, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in {"a": UGLY.replace(b"ugly", b"broken"), "c": UGLY}.items():
        (here / f"{name}.yaml").write_bytes(data)
    sound = layouts.layout

    def layout(document: Any) -> str:  # noqa: ANN401
        if "broken" in document.text.text:
            raise KeyError("gone\x1b")
        return sound(document)

    monkeypatch.setattr("smccc_filter.authoring.formatting.layout", layout)
    outcome = run_unchecked("fmt", *([option] if option else []), "a.yaml", "c.yaml", cwd=here)
    told(outcome, "a.yaml")
    assert (here / "a.yaml").read_bytes() == UGLY.replace(b"ugly", b"broken")
    assert (here / "c.yaml").read_bytes() == (UGLY if option else b"version: 1\nname: ugly\n")
    assert ("c.yaml" in outcome.out) == (option is not None)
    assert outcome.err.startswith("1 file")
