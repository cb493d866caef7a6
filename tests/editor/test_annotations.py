"""What an editor writes beside a policy, compared with what other commands say of it."""

from typing import Any

import pytest
from lsprotocol import types

from smccc_filter.analysis.api import decide, examine
from smccc_filter.editor.annotations import OUTCOMES, hints, lenses, links, specification_url
from smccc_filter.editor.text import EditorText
from smccc_filter.language.places import Offsets
from smccc_filter.smccc import registry
from smccc_filter.version import page_of
from tests.editor.policies import FIXTURES, SHIPPED

POLICY = """\
version: 1
name: a
target:
  kernels: ["6.12", "7.3"]
rules:
  - action: forward
    ranges: [0x84000003, 0x84000001+2, 0x84000050-0x8400005F, 0x84000350]
    except: {services: [trng]}
  - action: deny
    calls: [VENDOR_HYP_KVM_PTP]
    allow: [{code: F501, reason: known}]
tests:
  - {call: PSCI_CPU_ON/32, expect: forward}
  - {call: VENDOR_HYP_KVM_PTP, expect: deny}
  - {call: PSCI_SYSTEM_OFF2, expect: handle}
"""
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(10_000, 0))


def beside(text: str, within: types.Range = EVERYWHERE) -> list[tuple[str, str]]:
    """Return each hint with the line that it is in, up to it."""
    known = EditorText(text)
    found = hints(examine(text.encode()), known, within)
    lines = text.split("\n")
    return [(lines[hint.position.line][: hint.position.character].strip()[-10:], str(hint.label)) for hint in found]


def test_hints_say_what_ranges_hold_and_what_a_guest_gets() -> None:
    assert beside(POLICY) == [
        ("0x84000003", "PSCI_CPU_ON/32"),
        ("84000001+2", "2 IDs, PSCI_CPU_SUSPEND/32 and PSCI_CPU_OFF"),
        ("0x8400005F", "16 IDs, 4 known calls"),
        ("ces: [trng", "32 IDs"),
        ("t: forward", "forwarded on 6.12 and 7.3"),
        ("pect: deny", "NOT_SUPPORTED on 6.12 and 7.3"),
        ("ct: handle", "NOT_SUPPORTED on 6.12; answered on 7.3"),
    ]


def test_hints_are_for_what_is_seen() -> None:
    seen = types.Range(types.Position(7, 0), types.Position(8, 0))
    assert [said for _, said in beside(POLICY, seen)] == ["32 IDs"]


def test_a_hint_is_seen_where_it_stands_and_nowhere_else() -> None:
    known, examination = EditorText(POLICY), examine(POLICY.encode())
    for hint in hints(examination, known, EVERYWHERE):
        at = known.offset(hint.position)
        for first, last in ((at, at), (0, at), (at, at + 1), (0, at - 1), (at + 1, len(POLICY))):
            seen = [*hints(examination, known, known.range(Offsets(first, last)))]
            assert (hint in seen) == (first <= at <= last)


def looked_at(text: str) -> list[tuple[str, str, list[Any], int]]:
    """Return the title of each lens, its command and what is given to that, and its line; it begins at a word."""
    found = []
    for lens in lenses(examine(text.encode()), EditorText(text), "uri"):
        assert lens.command
        assert lens.range.start == lens.range.end
        assert text.split("\n")[lens.range.start.line][lens.range.start.character :][:1].strip()
        command = lens.command.command.removeprefix("smccc-filter.")
        found.append((lens.command.title, command, list(lens.command.arguments or ()), lens.range.start.line))
    return found


def test_lenses_say_what_a_guest_gets() -> None:
    assert looked_at(POLICY.replace("F501", "A305")) == [
        ("Show as a page", "showPage", ["uri"], 0),
        ("4 IDs: forwarded on 6.12 and 7.3", "showPage", ["uri"], 5),
        ("1 ID: NOT_SUPPORTED on 6.12 and 7.3", "showPage", ["uri"], 8),
    ]


def test_a_lens_counts_what_differs_among_the_calls_of_a_rule() -> None:
    target, rule = 'target: {kernels: ["6.12", "7.3"]}', "{action: handle, services: [psci]}"
    (title, _, _, line) = looked_at(f"version: 1\nname: a\n{target}\nrules:\n  - {rule}\n")[-1]
    assert line == 4
    assert title == "64 IDs: 14 answered, 50 NOT_SUPPORTED on 6.12; 16 answered, 48 NOT_SUPPORTED on 7.3"


def test_a_policy_without_errors_can_be_compiled() -> None:
    assert looked_at("version: 1\nname: a\nrules: []\n") == [
        ("Compile to C", "compile", ["uri", "c"], 0),
        ("Compile to Rust", "compile", ["uri", "rust"], 0),
        ("Show as a page", "showPage", ["uri"], 0),
    ]


def test_words_lead_to_what_defines_them() -> None:
    text = POLICY.replace("0x84000350", "0x84000351")
    bare, full = ([*links(examine(text.encode()), EditorText(text), tooltips=tooltips)] for tooltips in (False, True))
    found = {link.tooltip: link.target for link in full}
    assert [(link.tooltip, link.target) for link in bare] == [(None, link.target) for link in full]
    assert found == {
        "What defines trng": "https://developer.arm.com/documentation/den0098/latest",
        "What defines VENDOR_HYP_KVM_PTP": "https://docs.kernel.org/virt/kvm/arm/hypercalls.html",
        "What defines PSCI_CPU_ON/32": "https://developer.arm.com/documentation/den0022/latest",
        "What defines PSCI_SYSTEM_OFF2": "https://developer.arm.com/documentation/den0022/latest",
        "What defines F501": page_of("F501"),
    }


def test_words_that_no_page_defines_lead_nowhere() -> None:
    text = "version: 1\nname: a\nrules:\n  - {action: forward, calls: [OPTEE_CALLS_UID], ranges: [0x84000053]}\n"
    assert not [*links(examine(text.encode()), EditorText(text))]


def test_a_hint_keeps_away_from_what_it_stands_behind() -> None:
    assert all(hint.padding_left for hint in hints(examine(POLICY.encode()), EditorText(POLICY), EVERYWHERE))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0x84000052-0x84000053", "2 IDs, TRNG_GET_UUID and TRNG_RND/32"),
        ("0x84000053-0x84000054", "2 IDs, TRNG_RND/32"),
        ("0x84000054-0x84000055", "2 IDs, 0 known calls"),
        ("0x84000054", ""),
    ],
)
def test_a_range_names_its_calls_where_they_are_few(written: str, said: str) -> None:
    found = beside(f"version: 1\nname: a\nrules:\n  - {{action: deny, ranges: [{written}]}}\n")
    assert [hint for _, hint in found] == ([said] if said else [])


def test_what_arm_defines_has_a_page() -> None:
    specs = {*(row.spec for row in registry.functions()), *(row.spec for row in registry.services())}
    for spec in specs:
        assert (specification_url(spec) is not None) == ("DEN0" in spec or "Linux Documentation/" in spec)


@pytest.mark.parametrize("text", ["", "version: 1\nname: a\nrules: [{action: deny, calls: [NONSENSE]}]\n"])
def test_of_a_policy_that_is_not_understood_nothing_is_said(text: str) -> None:
    examination, known = examine(text.encode()), EditorText(text)
    assert [*hints(examination, known, EVERYWHERE), *lenses(examination, known, "u"), *links(examination, known)] == []


def test_hints_of_expectations_are_what_query_says() -> None:
    seen = 0
    for file in (*SHIPPED, *FIXTURES[::9]):
        examination = examine(file.read_bytes())
        if not examination.is_understood or examination.policy is None:
            continue
        text = EditorText(examination.document.text.text)
        said = [str(hint.label) for hint in hints(examination, text, EVERYWHERE)]
        tests = examination.policy.tests
        for expectation, words in zip(tests, said[len(said) - len(tests) :], strict=True):
            for start, stop in expectation.ids:
                for kernel, outcome in decide(examination, start).outcomes.items():
                    assert kernel in words
                    assert OUTCOMES.get(outcome, outcome.value) in words
                    seen += stop > start
    assert seen > 20
