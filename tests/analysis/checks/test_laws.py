"""What holds of the findings of every policy."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.kvm.profiles import predates_filter, profile
from smccc_filter.language.places import Position, Span
from smccc_filter.reports.findings import json as json_report
from smccc_filter.reports.findings import text
from smccc_filter.reports.paper.excerpt import split_lines
from smccc_filter.reports.paper.styles import plain
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import union
from tests.analysis.checks.cases import HERE, POLICIES, examined

fixtures = st.sampled_from(POLICIES)


def _spans(finding: Diagnostic) -> list[Span]:
    return [finding.span, *(related.span for related in finding.related)]


def _assert_lawful(report: FileReport) -> None:
    keys = [(finding.span, finding.code, finding.message) for finding in report.diagnostics]
    assert keys == sorted(keys)
    assert len(set(zip(keys, (finding.kernels for finding in report.diagnostics), strict=True))) == len(keys)
    lines = [len(line) for line in split_lines(report.text)]
    lines.append(0)
    if not report.text:  # what is no policy is not quoted, and has one finding
        assert len(report.diagnostics) == 1
    for finding in report.diagnostics:
        for span in _spans(finding):
            assert span.start <= span.end
            for position in span if report.text else ():
                assert 1 <= position.line <= len(lines)
                assert 1 <= position.column <= lines[position.line - 1] + 1
        assert finding.ids == union(finding.ids)
        assert all(0 <= start < stop <= SPACE for start, stop in finding.ids)
        assert all(profile(name) or predates_filter(name) for name in finding.kernels)
        assert len(set(finding.kernels)) == len(finding.kernels)
        assert finding.message == finding.message.strip()
        assert finding.hint == finding.hint.strip()
        assert finding.message[-1:] != "."
        if finding.errno:
            assert finding.severity is Severity.ERROR
            assert finding.kernels
            assert finding.suppressed is None


@pytest.mark.parametrize("policy", POLICIES)
def test_findings_of_fixtures_are_sorted_and_in_their_text(policy: str) -> None:
    _assert_lawful(examined(policy))


NEED_WHOLE_FILES = {check.CODE for check in checks.ALL if check.WHOLE}
"""Codes that a policy with parts missing would give falsely."""


@given(st.data())
def test_findings_of_joined_and_cut_policies_are_sorted_and_in_their_text(data: st.DataObject) -> None:
    """Lines of one fixture among those of another: what typing leaves in a file on its way to be a policy."""
    lines = (HERE / data.draw(fixtures)).read_bytes().splitlines(keepends=True)
    others = (HERE / data.draw(fixtures)).read_bytes().splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines)))
    start = data.draw(st.integers(0, len(others)))
    stop = data.draw(st.integers(start, len(others)))
    joined = b"".join([*lines[:at], *others[start:stop], *lines[at:]])
    _assert_lawful(pipeline.examine("p", joined[: data.draw(st.integers(0, len(joined)))]).report)


OF_BREAKING_OFF = {"P101", "P105"}
"""Codes that say where reading stopped: at what is no YAML, or at a limit before that."""


@given(fixtures, st.floats(0, 1))
@example("limit/fires/nested-too-deep.yaml", 109 / 110)
def test_a_cut_policy_gets_no_finding_about_what_was_to_come(policy: str, share: float) -> None:
    contents = (HERE / policy).read_bytes()
    cut = contents[: round(share * len(contents))] + b"\n\t@\n"
    examination = pipeline.examine("p", cut)
    found = examination.report.diagnostics
    assert not examination.document.complete
    assert {finding.code for finding in found} & OF_BREAKING_OFF
    assert not {finding.code for finding in found} & NEED_WHOLE_FILES
    whole = {finding.message for finding in pipeline.examine("p", contents).report.diagnostics}
    assert not any(finding.message.endswith("is missing") and finding.message not in whole for finding in found)


def _everything() -> bytes:
    """Return one policy in which most checks find something, many times over."""
    rules = []
    for number in range(120):
        base = 0x8000_FFF0 + number * 0x0100_0000 // 3
        rules.append(
            f"  - name: r{number}\n    action: {('deny', 'forward', 'handle')[number % 3]}\n"
            f"    ranges: [0x{base:08X}+0x{number * 0x3_0000 + 1:X}, 0x{base + 8:08X}, 0x8400001F]\n"
            f"    services: [trng, vendor-hyp]\n"
            f"    except: {{calls: [TRNG_RND, PSCI_VERSION]}}\n"
            f"    allow: [{{code: A30{number % 8}, reason: known}}]\n"
        )
    head = 'version: 1\nname: everything\ntarget: {kernels: ["6.3", "6.12", "7.3", "9.1"]}\nrules:\n'
    tests = "tests:\n" + "".join(f"  - {{call: {name}, expect: deny}}\n" for name in ("TRNG_RND", "PSCI_VERSION"))
    return (head + "".join(rules) + tests).encode()


def test_output_is_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    path = tmp_path / "everything.yaml"
    path.write_bytes(_everything())
    program = (
        "import sys; from smccc_filter.analysis import pipeline; from smccc_filter.reports.findings import json, text;"
        "from smccc_filter.reports.paper.styles import plain;"
        "report = pipeline.examine('p', open(sys.argv[1], 'rb').read()).report;"
        "sys.stdout.write(json.render([report]) + plain(text.render([report], notes=True)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, path],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    report = pipeline.examine("p", _everything()).report
    _assert_lawful(report)
    assert len({finding.code for finding in report.diagnostics}) >= 13
    here = json_report.render([report]) + plain(text.render([report], notes=True))
    assert outputs == {here.encode()}


@given(fixtures, fixtures)
def test_what_was_examined_before_changes_nothing(first: str, second: str) -> None:
    pipeline.examine(first, (HERE / first).read_bytes())
    again = pipeline.examine(second, (HERE / second).read_bytes()).report
    assert again == examined(second)


def test_json_has_the_published_shape() -> None:
    for policy in POLICIES:
        document = json.loads(json_report.render([examined(policy)]))
        assert document["version"] == 1
        for finding in document["files"][0]["diagnostics"]:
            assert list(finding) == [
                *("code", "name", "severity", "message", "hint", "errno", "kernels", "span", "ids", "related"),
                "suppressed",
            ]
            assert finding["errno"] in {None, "EEXIST", "EINVAL", "ENOENT"}
            ends = [fid for pair in finding["ids"] for fid in pair]
            assert all(len(pair) == 2 for pair in finding["ids"])
            assert ends == sorted(f"0x{int(fid, 16):08X}" for fid in ends)


def test_positions_are_counted_from_one() -> None:
    (finding,) = pipeline.examine("p", b"[").report.diagnostics
    assert finding.span.start >= Position(1, 1)
