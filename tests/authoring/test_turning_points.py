"""What authoring does on both sides of a condition that few policies meet."""

import pytest

from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.artefacts.readers import ReadEntry, Reading
from smccc_filter.authoring import fixing, formatting
from smccc_filter.authoring.fix_candidates import FixCandidate, PolicyLook
from smccc_filter.authoring.importing import draft
from smccc_filter.authoring.starting.text import StartingAnswers, compose, name_scalar
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Position

NUMBERED = (
    b"version: 1\nname: a\nrules:\n  - {action: deny, ranges: [0x84000053]}\n  - {action: deny, ranges: [0x84000052]}\n"
)


@pytest.mark.parametrize("verdict", ComparisonVerdict)
def test_what_is_wider_in_part_widens(verdict: ComparisonVerdict) -> None:
    assert verdict.widens is (verdict.value in {"wider", "incomparable"})


def test_an_id_whose_name_means_more_is_imported_as_a_number() -> None:
    entry = ReadEntry(0x8700_0010, 1, Action.DENY, "entry 1 at byte 16")
    text = draft(Reading("blob", None, (entry,), None), ["x.bin"], "a").text
    assert "0x87000010" in text
    assert "calls:" not in text


def test_fixes_that_fail_together_are_applied_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    holds, sizes = fixing._holds, []  # noqa: SLF001 (what tells whether a batch holds)

    def alone(before: PolicyLook, after: PolicyLook, batch: list[FixCandidate]) -> bool:
        sizes.append(len(batch))
        return len(batch) == 1 and holds(before, after, batch)

    together = fixing.fix("p", NUMBERED, unsafe=False)
    monkeypatch.setattr(fixing, "_holds", alone)
    assert fixing.fix("p", NUMBERED, unsafe=False).data == together.data != NUMBERED
    assert sizes == [2, 1, 1]


@pytest.mark.parametrize(
    ("name", "written"), [("vm", "vm"), ("null", '"null"'), ("true", '"true"'), ("false", '"false"')]
)
def test_a_name_is_quoted_where_yaml_reads_something_else(name: str, written: str) -> None:
    assert name_scalar(name) == written


def test_a_flood_of_comments_is_found_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "MAX_COMMENTS", 0)
    faults = formatting.format_policy("p", NUMBERED + b"# one\n").faults
    assert faults
    (finding,) = faults.diagnostics
    assert finding.span.start == finding.span.end == Position(1, 1)


@pytest.mark.parametrize(("takes", "is_said"), [((), False), (("trng",), True)])
def test_what_a_vmm_must_do_is_said_where_it_takes_something(takes: tuple[str, ...], *, is_said: bool) -> None:
    assert ("KVM_EXIT_HYPERCALL" in compose(StartingAnswers("a", takes=takes))) is is_said
