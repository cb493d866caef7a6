"""What an examination yields: its findings by kind, what backends need of it, an artefact, fixes."""

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination, Examiner, build, program, refuse_size, reported, with_fixes
from smccc_filter.analysis.project import ProjectChoices
from smccc_filter.analysis.targets import profile_named
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.backends.program import FilterEntry, WrittenRegister
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Position
from smccc_filter.smccc.function_id import SPACE

HEAD = "version: 1\nname: a\n"
GOOD = HEAD + "firmware: {std: []}\nrules: [{action: deny, ranges: [0x82000000+2]}]\n"
ERRORS = {
    "no policy": "",
    "a policy with a fault": HEAD + "rules: [{action: deny, calls: [NONSENSE]}]\n",
    "a policy that KVM refuses": HEAD + "rules: [{action: deny, ranges: [0x80000000]}]\n",
}
ALLOWED = HEAD + "tests: [{call: PSCI_CPU_ON, expect: deny}]\nallow: [{code: P106, reason: not yet}]\n"


def examined(text: str) -> Examination:
    return pipeline.examine("p.yaml", text.encode())


@pytest.mark.parametrize("text", ERRORS.values(), ids=ERRORS)
def test_what_has_errors_is_not_compiled(text: str) -> None:
    examination = examined(text)
    assert examination.has_errors
    assert examination.errors
    for compiling in (program, lambda one: build(one, "c")):
        with pytest.raises(ValueError, match=r"^p\.yaml has errors$"):
            compiling(examination)


def test_a_backend_is_given_the_name_the_entries_and_the_registers() -> None:
    compiled = program(examined(GOOD))
    assert compiled.name == "a"
    assert compiled.entries == (FilterEntry(0x8200_0000, 2, Action.DENY),)
    assert compiled.registers == (WrittenRegister(0x6030_0000_0016_0000, 0),)


@pytest.mark.parametrize("artefact_format", FORMATS)
def test_an_artefact_is_proved_for_every_id_that_it_decides(artefact_format: str) -> None:
    made = build(examined(GOOD), artefact_format)
    assert made.data
    assert made.proved == (0 if artefact_format == "regs" else SPACE)


def test_an_allowed_error_is_none_that_counts() -> None:
    examination = examined(ALLOWED)
    assert [(found.code, found.suppressed) for found in examination.diagnostics if found.code == "P106"] == [
        ("P106", "not yet")
    ]
    assert not examination.errors
    assert not examination.has_errors


@pytest.mark.parametrize(
    ("text", "is_understood", "is_read", "is_whole"),
    [
        (GOOD, True, True, True),
        (ERRORS["no policy"], False, False, False),
        (ERRORS["a policy with a fault"], False, False, False),
        (HEAD + "rules: [{action: deny, ranges: [0x84000000+0]}]\n", False, True, False),
        (HEAD + "rules: [{action: deny, calls: [TRNG_RND], except: {ranges: [0x84000000+0]}}]\n", False, True, False),
    ],
)
def test_what_is_known_of_a_file(text: str, *, is_understood: bool, is_read: bool, is_whole: bool) -> None:
    examination = examined(text)
    assert (examination.is_understood, examination.is_read, examination.is_whole) == (is_understood, is_read, is_whole)


@pytest.mark.parametrize(
    ("text", "is_uncut"),
    [(GOOD, True), (ERRORS["a policy with a fault"], True), (HEAD + "x: 1\n", False), (HEAD + "rules: [", False)],
)
def test_a_file_is_cut_where_a_part_of_it_is_not_in_the_document(text: str, *, is_uncut: bool) -> None:
    assert examined(text).is_uncut is is_uncut


@pytest.mark.parametrize(
    ("target", "asked", "project", "kernels", "settings"),
    [
        ("", (), ("6.6", "6.12"), ("6.6", "6.12"), "s.toml"),
        ("", (), (), ("7.3",), ""),
        ("", ("6.4",), ("6.6",), ("6.4",), ""),
        ("", ("6.4",), (), ("6.4",), ""),
        ("target: {kernels: ['6.5']}\n", (), ("6.6",), ("6.5",), ""),
        ("target: {kernels: ['6.5']}\n", (), (), ("6.5",), ""),
        ("target: {kernels: ['6.5']}\n", ("6.4",), ("6.6",), ("6.4",), ""),
    ],
)
def test_a_policy_is_for_the_kernels_asked_for_or_its_own_or_its_projects(
    target: str, asked: tuple[str, ...], project: tuple[str, ...], kernels: tuple[str, ...], settings: str
) -> None:
    examiner = Examiner(tuple(profile_named(name) for name in asked))
    report = examiner.examine("p.yaml", (HEAD + target).encode(), ProjectChoices("s.toml", project)).report
    assert (report.kernels, report.settings) == (kernels, settings)


def test_what_was_reported_without_an_inquiry_stays_as_it_is() -> None:
    examination = examined(GOOD)._replace(inquiry=None)
    assert reported(examination) is examination


def test_a_file_that_was_not_read_for_its_size_has_one_finding_at_its_start() -> None:
    examination = refuse_size("p.yaml", "2,000 bytes, more than 1,000")
    (finding,) = examination.diagnostics
    assert (finding.code, finding.message) == ("P105", "the file has 2,000 bytes, more than 1,000")
    assert finding.hint == "split the policy, or raise the limit with `--max-bytes`"
    assert finding.span.start == finding.span.end == Position(1, 1)
    assert (examination.policy, examination.is_read, examination.is_whole) == (None, False, False)
    assert (examination.path, examination.report.text) == ("p.yaml", "")


def test_a_finding_gets_a_fix_where_its_remedy_applies_and_none_where_there_is_no_remedy() -> None:
    text = HEAD + "rules:\n  - action: deny\n    ranges: [0x84000053]\n  - {action: deny, ranges: [0x88000000]}\n"
    report = with_fixes(examined(text))
    fixes = {finding.code: finding.fix for finding in report.diagnostics}
    by_name = fixes["R207"]
    assert by_name
    assert (by_name.safe, report.text) == (True, text)
    assert all(finding.fix is None for finding in report.diagnostics if finding.remedy is None)
    assert [finding for finding in report.diagnostics if finding.remedy is None]


def test_of_one_kind_200_findings_are_told_and_the_others_are_counted() -> None:
    for number in (200, 201):
        ranges = ", ".join(["0x82000000+0"] * number)
        report = examined(HEAD + f"rules: [{{action: deny, ranges: [{ranges}]}}]\n").report
        assert len(report.diagnostics) == 200
        assert [left.number for left in report.left_out] == [1] * (number - 200)
