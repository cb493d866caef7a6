"""What is true of fixes, whatever the policy is and however it is written."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.authoring import fixing
from smccc_filter.guests.setup import registers_of
from smccc_filter.language.source.comments import comments_among
from smccc_filter.reports.findings import sarif
from tests.language.layout.messy import Mess, messes
from tests.programs.fuzz import strategies
from tests.programs.fuzz.oracle import RULES, TREE

some = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
written = st.builds(lambda tree, block: strategies.write(tree, block=block), strategies.policies, st.booleans())
flawed = st.builds(lambda tree, block: strategies.write(tree, block=block), strategies.flawed(), st.booleans())
anything = flawed | strategies.mutated() | strategies.rearranged() | strategies.words.map(str.encode)


def comments(examination: Examination) -> list[str]:
    """Return every comment of a file that is wholly read, in order of letters."""
    root = examination.document.root
    assert root is not None
    text = examination.report.text
    return sorted(comment.strip() for comment in comments_among(text, 0, len(text), (root,)))


def meaning(examination: Examination) -> object:
    policy = examination.policy
    assert policy is not None
    tests = [(test.call, test.expect) for test in policy.tests]
    beside = (policy.name, policy.description, policy.target, policy.default)
    return examination.resolution.actions, registers_of(policy), tests, beside


@some
@given(written | strategies.mutated() | strategies.rearranged() | messes(comments=True).map(lambda m: m.text.encode()))
def test_a_safe_fix_changes_nothing_that_the_policy_decides(data: bytes) -> None:
    before = pipeline.examine("p", data)
    after = pipeline.examine("p", fixing.fix("p", data, unsafe=False).data)
    if before.is_read:
        assert meaning(after) == meaning(before)
        assert comments(after) == comments(before)


@some
@given(messes(comments=True))
def test_no_fix_loses_a_comment(mess: Mess) -> None:
    fixed = fixing.fix("p", mess.text.encode(), unsafe=True)
    assert comments(pipeline.examine("p", fixed.data)) == comments(pipeline.examine("p", mess.text.encode()))


@some
@given(written | anything, st.booleans())
def test_fixing_comes_to_an_end(data: bytes, unsafe: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    fixed = fixing.fix("p", data, unsafe=unsafe)
    assert fixed.data == data or fixed.fixed
    again = fixing.fix("p", fixed.data, unsafe=unsafe)
    assert (again.data, again.fixed) == (fixed.data, 0)
    assert again.report == pipeline.with_fixes(pipeline.examine("p", fixed.data))


@some
@given(written | anything)
def test_the_edits_of_a_fix_are_apart_and_in_the_text(data: bytes) -> None:
    examination = pipeline.examine("p", data)
    for finding in pipeline.with_fixes(examination).diagnostics:
        if finding.fix:
            places = [one.at for one in finding.fix.replacements]
            assert finding.suppressed is None
            assert all(0 <= at.start <= at.end <= len(examination.report.text) for at in places)
            assert all(one.end <= other.start for one, other in pairwise(places))


@some
@given(written | anything)
def test_fixes_are_written_as_sarif(data: bytes) -> None:
    report = pipeline.with_fixes(pipeline.examine("p", data))
    run: Any = json.loads(sarif.render([report], RULES, TREE))["runs"][0]
    for finding, result in zip(report.diagnostics, run["results"], strict=True):
        assert ("fixes" in result) is (finding.fix is not None)


@some
@given(written, st.sampled_from(["\r\n", "\r"]))
def test_line_ends_and_the_mark_stay(data: bytes, end: str) -> None:
    marked = fixing.BOM + data.replace(b"\n", end.encode())
    fixed = fixing.fix("p", marked, unsafe=True)
    plain = fixing.fix("p", data, unsafe=True)
    assert fixed.fixed == plain.fixed
    assert fixed.data == fixing.BOM + plain.data.replace(b"\n", end.encode())


def test_offsets_count_characters_not_bytes() -> None:
    data = "version: 1\nname: a\ndescription: é😀\nallow: [{code: A305, reason: é}]\n"
    fixed = fixing.fix("p", data.encode(), unsafe=False)
    assert fixed.data.decode() == data[: data.index("allow")]
