"""An imported policy decides as what it was made of, for every function ID, and names what it recognises."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.artefacts import readers
from smccc_filter.artefacts.backends import FORMATS, backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.artefacts.readers import ReadEntry, Reading, ReadingFault, ReadRegister
from smccc_filter.authoring import importing
from smccc_filter.authoring.drafting import policy_name, policy_text
from smccc_filter.authoring.importing import ImportedDraft, draft, faults
from smccc_filter.guests.setup import registers_of
from smccc_filter.kvm.uapi import KVM_REG_ARM_PSCI_VERSION, Action
from smccc_filter.language.layout import layout
from smccc_filter.language.places import Position, Span
from smccc_filter.language.source import read
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import size, union
from tests.artefacts.backends.programs import PROGRAMS, programs
from tests.artefacts.readers.sources import RUST, C
from tests.conftest import Golden
from tests.policies import shipped
from tests.programs.fuzz.strategies import policies, write

GOLDEN = Path(__file__).parent / "golden" / "import"


def imported(program: CompiledPolicy, artefact_format: str) -> ImportedDraft:
    """Compile a program and import the artefact."""
    reading = readers.read("artefact", backend(artefact_format).emit(program), artefact_format)
    assert faults(reading) == ()
    return draft(reading, ["artefact"], program.name)


def registers(examination: Examination) -> list[tuple[str, int, int]]:
    assert examination.policy is not None
    return registers_of(examination.policy)


def check(program: CompiledPolicy, artefact_format: str, wanted: Examination | None = None) -> None:
    found = imported(program, artefact_format)
    assert found.proved == (0 if artefact_format == "regs" else SPACE)
    if wanted is not None and artefact_format != "regs":
        assert found.examination.resolution.actions == wanted.resolution.actions
    if wanted is not None and artefact_format not in {"blob", "sql"}:
        assert registers(found.examination) == registers(wanted)
    codes = {finding.code for finding in found.examination.report.diagnostics}
    assert not {code for code in codes if code.startswith(("P", "R"))}, found.text
    assert layout(read(found.text.encode())) == found.text


@shipped.each_policy
@pytest.mark.parametrize("artefact_format", FORMATS)
def test_what_compile_writes_of_a_shipped_policy_comes_back(name: str, artefact_format: str) -> None:
    check(shipped.program(name), artefact_format, shipped.examine(name))


@given(policies, st.sampled_from(FORMATS))
@settings(max_examples=150)
def test_what_compile_writes_comes_back(tree: dict[str, object], artefact_format: str) -> None:
    examination = pipeline.examine("p", write(tree, block=True))
    if examination.policy is not None and not examination.has_errors:
        check(pipeline.program(examination), artefact_format, examination)


@given(st.sampled_from(PROGRAMS) | programs(), st.sampled_from(FORMATS))
def test_any_program_comes_back(program: CompiledPolicy, artefact_format: str) -> None:
    check(program, artefact_format)


@pytest.mark.parametrize("language", ["c", "rust"])
def test_what_others_write_comes_back(language: str) -> None:
    for name, source in (C if language == "c" else RUST).items():
        reading = readers.read("a", source.text.encode(), language)
        assert faults(reading) == (), name
        actions = draft(reading, ["a"], "a").examination.resolution.actions
        for base, nr_functions, action in source.rows:
            assert {found for *_, found in actions.within(base, base + nr_functions)} == {action}, name


def test_what_a_person_gets(golden: Golden) -> None:
    for name, case in {
        "kvmtool": C["an array, by designators"],
        "qemu": C["calls as in QEMU's series, whose function is in another file"],
        "left-to-kvm": C["elements by index, in any order"],
    }.items():
        reading = readers.read(f"{name}.c", case.text.encode())
        golden(GOLDEN / f"{name}.yaml", draft(reading, [f"src/{name}.c"], policy_name(reading, f"src/{name}.c")).text)
    for name in ("lockdown", "vcpu-hotplug"):
        golden(GOLDEN / f"{name}.yaml", imported(shipped.program(name), "json").text)


def found(*ranges: tuple[int, int, Action]) -> Reading:
    entries = tuple(ReadEntry(base, nr, action, f"entry {i}") for i, (base, nr, action) in enumerate(ranges))
    return Reading("blob", None, entries, None)


@pytest.mark.parametrize(
    ("reading", "lines"),
    [
        (found((0xC4000003, 1, Action.FORWARD)), "calls: [PSCI_CPU_ON/64]"),
        (found((0xC4000003, 1, Action.FORWARD), (0x84000003, 1, Action.FORWARD)), "calls: [PSCI_CPU_ON]"),
        (found((0xC4000003, 1, Action.FORWARD), (0x84000003, 1, Action.DENY)), "calls: [PSCI_CPU_ON/32]"),
        (found((0x84000002, 2, Action.FORWARD)), "calls: [PSCI_CPU_OFF, PSCI_CPU_ON/32]"),
        (found((0x84000000, 0x20, Action.DENY)), "ranges: [0x84000000-0x8400001F]"),
        (found((0x84000000, 0x20, Action.DENY), (0xC4000000, 0x20, Action.DENY)), "services: [psci]"),
        (found((0x84000000, 0x20, Action.DENY), (0xC4000000, 0x20, Action.FORWARD)), "- name: psci-forward"),
        (found((0x84000000, 8, Action.DENY)), "calls:"),
        (found((0x84000000, 9, Action.DENY)), "ranges: [0x84000000-0x84000008]"),
        (found((0x84000000, 0x10000, Action.DENY), (0xC4000000, 0x10000, Action.DENY)), "- name: std"),
        (found((0x84000010, 0x10, Action.DENY)), "- name: psci"),
        (found((0x84000010, 0x11, Action.DENY)), "- action: deny"),  # the last ID is the next service's
        (found((0x82000001, 1, Action.DENY)), "ranges: [0x82000001]"),
        (found((0x87000010, 1, Action.DENY)), "ranges: [0x87000010]"),  # its name means sixteen IDs
        (found((0x82000000, 1, Action.HANDLE)), "rules: []"),
        (found((0x82000000, 1, Action.HANDLE)), "# a, entry 0 is left to KVM, 0x82000000, as the default is."),
    ],
)
def test_names(reading: Reading, lines: str) -> None:
    assert lines in [line.strip() for line in draft(reading, ["a"], "a").text.splitlines()]


@pytest.mark.parametrize("other", [Action.FORWARD, Action.DENY])
def test_what_is_in_no_service_gives_a_rule_no_name(other: Action) -> None:
    reading = found((0x84000010, 0x11, Action.DENY), (0x84000030, 0x11, other))
    assert "- name:" not in draft(reading, ["a"], "a").text


def test_rules_for_one_service_have_names_of_their_own() -> None:
    entries = tuple(
        ReadEntry(0x84000000 + 2 * i, 1, Action.DENY, f"entry {i}", symbol=symbol) for i, symbol in enumerate("abcd")
    )
    examination = draft(Reading("c", None, entries, ()), ["a.c"], "a").examination
    assert examination.policy
    names = [rule.name for rule in examination.policy.rules]
    assert names == ["psci", "psci-deny", "psci-deny-2", "psci-deny-3"]


def test_both_forms_of_any_call_are_its_bare_name() -> None:
    names = [function.name for function in registry.functions() if None not in {function.smc32, function.smc64}]
    forms = {name: [*(registry.by_name(f"{name}/32") or ()), *(registry.by_name(f"{name}/64") or ())] for name in names}
    pairs = {name: ids for name, ids in forms.items() if size(union(ids)) == 2}  # others are blocks
    assert len(pairs) > len(names) / 2
    for name, ids in pairs.items():
        assert registry.by_name(name) == union(ids)
        text = policy_text(found(*((start, 1, Action.DENY) for start, _ in ids)), ["a"], "a")
        assert f"    calls: [{name}]\n" in text


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        (["-"], "standard input"),
        (["x/a.c"], "a.c"),
        (["a.c", "b.c", "c.c", "d.c"], "a.c, b.c, c.c and d.c"),
        (["a.c", "b.c", "c.c", "d.c", "e.c"], "a.c, b.c, c.c and others"),
    ],
)
def test_the_first_comment_names_the_files(paths: list[str], named: str) -> None:
    assert policy_text(found(), paths, "a").startswith(f"# Imported from {named}. ")


@pytest.mark.parametrize(
    ("number", "last"), [(7, None), (8, None), (9, "# and 1 more entry"), (10, "# and 2 more entries")]
)
def test_a_rule_lists_the_places_of_some_entries_and_counts_the_rest(number: int, last: str | None) -> None:
    entries = found(*((0x84000000 + 2 * i, 1, Action.DENY) for i in range(number)))
    comments = [line.strip() for line in policy_text(entries, ["a.c"], "a").splitlines() if line.startswith("  #")]
    listed = [f"# a.c, entry {i}" for i in range(min(number, 8))]
    assert comments == [*listed, *([last] if last else [])]


SPAN = Span(Position(41, 1), Position(41, 9))


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (ReadEntry(1, 1, Action.DENY, "entry 3 at byte 48"), "a.c, entry 3 at byte 48"),
        (ReadEntry(1, 1, Action.DENY, "line 41", "BASE", SPAN), "a.c:41: BASE"),
        (ReadEntry(1, 1, Action.DENY, "line 41", "BASE", SPAN, None, "x/b.c"), "b.c:41: BASE"),
        (ReadEntry(1, 1, Action.DENY, "line 41", None, SPAN, None, "x/b.c"), "b.c:41: line 41"),
    ],
)
def test_a_comment_says_where_an_entry_stands(entry: ReadEntry, place: str) -> None:
    assert f"  # {place}\n" in policy_text(Reading("c", None, (entry,), None), ["a.c", "b.c"], "a")


def test_an_imported_filter_has_no_error_of_its_own() -> None:
    reading = readers.read("a.c", C["an array, by designators"].text.encode())
    report = draft(reading, ["a.c"], "a").examination.report
    assert {d.code for d in report.diagnostics if d.severity is Severity.ERROR} <= {"F503"}


STD = 0x6030_0000_0016_0000


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([(0x6030_0000_0010_0000, 1)], "is none that a policy can set"),
        ([(STD, 2)], "does not know the bits 0x2"),
        ([(STD, 1 << 63 | 1)], "does not know the bits 0x8000000000000000"),
        ([(KVM_REG_ARM_PSCI_VERSION, 3)], "0x3 is no PSCI version"),
        ([(STD, 1), (STD, 1)], "is set already at place 0"),
    ],
)
def test_registers_that_no_policy_can_set_are_told(pairs: list[tuple[int, int]], words: str) -> None:
    registers = tuple(ReadRegister(reg_id, value, f"place {i}") for i, (reg_id, value) in enumerate(pairs))
    (fault,) = faults(Reading("regs", None, None, registers))
    assert words in fault.message
    assert fault.place == f"place {len(pairs) - 1}"


def test_everything_is_told_that_keeps_a_reading_from_becoming_a_policy() -> None:
    unread = ReadingFault("line 1", "no number", "write one", SPAN)
    overlap = (ReadEntry(1, 2, Action.DENY, "line 2"), ReadEntry(2, 1, Action.DENY, "line 3"))
    unknown = ReadRegister(0x6030_0000_0010_0000, 1, "line 4")
    reading = Reading("c", None, overlap, (unknown,), (unread,))
    assert sorted(fault.place for fault in faults(reading)) == ["line 1", "line 3", "line 4"]
    assert faults(reading._replace(entries=None, registers=None)) == (unread,)
    assert faults(Reading("c", None, None, None)) == ()


def test_a_draft_that_is_no_policy_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "policy_text", lambda *_: "- a\n")
    with pytest.raises(ValueError, match="the draft of a is no policy"):
        draft(found(), ["a"], "a")


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("filter_ranges", "kvm.c", "filter-ranges"),
        (None, "/a/My Filter.v2.c", "my-filter-v2"),
        ("__", "9p.c", "filter-9p"),
        (None, "-", "imported"),
        (None, "\u202e\x1b[31m.bin", "filter-31m"),
    ],
)
def test_the_name(name: str | None, path: str, expected: str) -> None:
    assert policy_name(Reading("c", name, (), ()), path) == expected


def test_hostile_words_stay_in_their_comment() -> None:
    entry = ReadEntry(1, 1, Action.DENY, "entry 1", "A\u202e\nrules: []", readers.read("a.c", b"/*").faults[0].span)
    text = draft(Reading("c", None, (entry,), ()), ["x\n\x1b]0;evil.c"], "a").text
    assert all(line.isprintable() for line in text.splitlines())
    assert text.count("\nrules:") == 1
