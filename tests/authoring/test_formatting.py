"""Formatting: what is refused, what is proved, and that nothing a file may hold makes it fail."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smccc_filter.artefacts.backends.proof import ProofError
from smccc_filter.authoring import formatting
from smccc_filter.authoring.formatting import FormattingError, format_policy
from smccc_filter.language.layout import layout
from smccc_filter.language.places import Position, Span
from smccc_filter.language.source import Document
from tests.cli.inputs import CASES, Case
from tests.programs.fuzz.strategies import SHIPPED, flawed, mutated, rearranged, write

UGLY = b"""name: a # short
version: 1
rules:
- {ranges: [0xc6000040+2], calls: [TRNG_RND], action: deny, except: {calls: [TRNG_RND/64]}} # entropy
target: {psci: '1.1'}
firmware: {vendor_hyp: [ptp, func_feat], std: []}
tests: [{call: 0xc600_0040, expect: deny}, {call: TRNG_RND/64, expect: handle}]
"""
PRETTY = b"""version: 1
name: a  # short
target:
  psci: "1.1"
firmware:
  std: []
  vendor_hyp: [ptp, func_feat]
rules:
  # entropy
  - action: deny
    calls: [TRNG_RND]
    ranges: [0xC6000040+2]
    except: {calls: [TRNG_RND/64]}
tests:
  - {call: 0xC6000040, expect: deny}
  - {call: TRNG_RND/64, expect: handle}
"""


def test_a_policy_is_laid_out() -> None:
    assert format_policy("p.yaml", UGLY) == (PRETTY, True, None)


def test_what_is_laid_out_stays() -> None:
    assert format_policy("p.yaml", PRETTY) == (PRETTY, False, None)


@pytest.mark.parametrize("case", [case for case in CASES if case.code[0] == "P"], ids=lambda case: case.name)
def test_faults_of_form_leave_a_policy_alone(case: Case) -> None:
    formatted = format_policy("p.yaml", case.data)
    if formatted.faults is None:
        assert case.name == "kernel-unknown", "its form is right, and what a check says of it is no obstacle"
        return
    assert (formatted.data, formatted.changed) == (case.data, False)
    codes = {found.code for found in formatted.faults.diagnostics}
    assert case.code in codes
    assert codes <= {"P101", "P102", "P103", "P104", "P105"}


@pytest.mark.parametrize(
    "rule",
    [
        "action: deny, ranges: [0x84000003, 0x84000003]",
        "action: deny, ranges: [0x80000000]",
        "action: deny, ranges: [0x84000003+0]",
        "action: deny, ranges: [0xFFFFFFFF+2]",
        "action: deny, ranges: [0x84000004-0x84000003]",
        "action: deny, calls: [PSCI_FEATURES]",
    ],
)
def test_what_a_kernel_or_a_guest_objects_to_is_laid_out(rule: str) -> None:
    data = f"version: 1\nname: a\ntarget: {{kernels: ['6.1']}}\nrules: [{{{rule}}}]\n".encode()
    formatted = format_policy("p.yaml", data)
    assert formatted.changed
    assert formatted.faults is None


Spoil = Callable[[str], str]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace("action: deny", "action: forward"), "another policy"),
        (lambda text: text.replace("call: 0xC6000040", "call: 0xC6000041"), "another policy"),
        (lambda text: text.replace("+2", "+3"), "another policy"),
        (lambda text: text.replace("TRNG_RND/64", "TRNG_RND/32"), "another policy"),
        (lambda text: text.replace("calls: [TRNG_RND/64", "calls: [ARM_SMCCC_TRNG_RND64"), "another policy"),
        (lambda text: text.replace("call: TRNG_RND/64", "call: ARM_SMCCC_TRNG_RND64"), "another policy"),
        (lambda text: text.replace("name: a", "name: b"), "another policy"),
        (lambda text: text.replace("[ptp, func_feat]", "[ptp]"), "another policy"),
        (lambda text: text.replace("deny\n", "deny\n    reason: none\n"), "another policy"),
        (lambda text: text.replace("# entropy", "# Entropy"), "comment"),
        (lambda text: text.replace("  # short", ""), "comment"),
        (lambda text: text + "# more\n", "comment"),
        (lambda text: text + "rules: []\n", "the new text is no policy; the key `rules` stands here a second time"),
        (lambda text: text.replace("TRNG_RND]", "TRNG]"), "the new text is no policy; `TRNG` is a service, not a call"),
        (lambda _: "", "the new text is no policy"),
    ],
)
def test_a_text_that_is_not_the_same_policy_is_a_bug(
    spoil: Spoil, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(document: Document) -> str:
        text = layout(document)
        assert spoil(text) != text
        return spoil(text)

    monkeypatch.setattr(formatting, "layout", spoilt)
    with pytest.raises(FormattingError, match=message):
        format_policy("p.yaml", UGLY)


@pytest.mark.parametrize(("old", "new"), [("action: deny", "action: forward"), ("psci: '1.1'", "psci: '1.0'")])
def test_the_filter_and_the_registers_are_proved_by_themselves(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formatting, "layout", lambda _: UGLY.decode().replace(old, new))
    monkeypatch.setattr(formatting, "_meaning", lambda _: None)
    with pytest.raises(ProofError):
        format_policy("p.yaml", UGLY)


hostile = st.one_of(mutated(), rearranged(), st.builds(lambda tree: write(tree, block=True), flawed()))


@settings(max_examples=100)
@given(hostile)
@example(b"")
@example(b"# nothing\n")
@example(b"{}")
def test_nothing_that_a_file_may_hold_makes_it_fail(data: bytes) -> None:
    formatted = format_policy("p.yaml", data)
    if formatted.faults:
        assert formatted.faults.diagnostics
        assert formatted.data == data
    else:
        assert format_policy("p.yaml", formatted.data) == (formatted.data, False, None)


def test_a_flood_of_comments_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "MAX_COMMENTS", 2)
    assert format_policy("p.yaml", UGLY).changed
    data = UGLY + b"# a third\n"
    formatted = format_policy("p.yaml", data)
    assert (formatted.data, formatted.changed) == (data, False)
    assert formatted.faults
    assert [(found.code, found.message) for found in formatted.faults.diagnostics] == [
        ("P105", "3 signs `#` are more than the 2 comments that a policy can have to be formatted")
    ]
    assert formatted.faults.diagnostics[0].span == Span(Position(1, 1), Position(1, 1))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_policies_survive_other_line_ends(path: Path) -> None:
    data = path.read_bytes()
    for line_end in (b"\r\n", b"\r"):
        assert format_policy("p.yaml", b"\xef\xbb\xbf" + data.replace(b"\n", line_end)) == (data, True, None)
