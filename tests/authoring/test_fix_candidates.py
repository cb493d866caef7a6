"""What fixing knows of a text: what is counted, what that takes, and which fixes are made at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.authoring.fix_candidates import (
    WORK_OF_ASKING,
    WORK_OF_SAYING,
    FixCandidate,
    PolicyLook,
    apart,
    leaving_some,
)
from smccc_filter.language.places import Path
from smccc_filter.language.source.writing import TextEdit, collide
from tests.authoring.test_fixing import CASES, before

HEAD = "version: 1\nname: a\n"
IDLE = HEAD + "rules: [{{action: deny, services: [pci], except: {{calls: [{}]}}}}]\n"
TWO = IDLE.format("TRNG_RND, TRNG_VERSION")
ALLOWED = TWO.replace("}}]", "}, allow: [{code: R206, reason: why}]}]")
BESIDE_ITS_CALL = HEAD + "rules: [{action: deny, calls: [PCI_VERSION], services: [pci]}]\n"
"""The service overlaps with a call of its own rule, and which of the two to take out nobody knows."""
MOST = 1 << 20


def looked(text: str | bytes, most: int = MOST) -> PolicyLook:
    return PolicyLook(pipeline.examine("p", text.encode() if isinstance(text, str) else text), most)


@pytest.mark.parametrize("case", CASES)
def test_the_findings_that_nothing_allows_are_counted(case: str) -> None:
    look = looked(before(case))
    found = [(each.code, each.severity) for each in look.examination.report.diagnostics if not each.suppressed]
    codes = sorted({code for code, _ in found})
    for chosen in (set(), set(codes), *({code} for code in codes), *({*each} for each in combinations(codes, 2))):
        errors = Counter(code for code, severity in found if severity is Severity.ERROR and code in chosen)
        assert look.errors(chosen) == errors
        numbers = tuple(sum(one is severity and code in chosen for code, one in found) for severity in Severity)
        assert look.severities(chosen) == numbers
    assert {code: look.number_of(code) for code in codes} == Counter(code for code, _ in found)


@pytest.mark.parametrize(
    ("text", "findings", "fixable"), [(HEAD, 0, 0), (TWO, 2, 2), (ALLOWED, 2, 0), (BESIDE_ITS_CALL, 1, 0)]
)
def test_what_a_look_takes_is_told(text: str, findings: int, fixable: int) -> None:
    """Whoever limits it counts on that: a finding costs the same whatever it is, words only where they are needed."""
    look = looked(text)
    assert look.complete
    assert look.work == look.looking == len(text) + WORK_OF_ASKING * findings
    assert sum(look.keys.values()) == fixable
    assert look.work == look.looking + WORK_OF_SAYING * fixable


@pytest.mark.parametrize(("text", "findings"), [(HEAD, 0), (BESIDE_ITS_CALL, 1), (TWO, 2)])
def test_a_look_that_takes_too_much_is_not_complete(text: str, findings: int) -> None:
    needed = len(text) + WORK_OF_ASKING * (findings - 1)
    for most in (0, needed - 1, needed, needed + 1):
        look = looked(text, most)
        assert look.complete is (findings == 0 or most >= needed)
        assert look.complete is (sum(look.severities({"R201", "R206"})) == findings)


def candidate(edits: Iterable[TextEdit] = (), *removed_from: Path) -> FixCandidate:
    return FixCandidate((0, 0, "R206", ""), 0, safe=True, message="", edits=tuple(edits), removed_from=removed_from)


@st.composite
def edits(draw: st.DrawFn) -> list[TextEdit]:
    """Draw edits of one fix, which are apart."""
    bounds = sorted(draw(st.lists(st.integers(0, 24), min_size=2, max_size=4, unique=True)))
    found = [TextEdit(start, end, "") for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    return found if draw(st.integers(0, 2)) else [TextEdit(bounds[0], bounds[0], "new")]


def one_by_one(candidates: Sequence[FixCandidate]) -> Iterator[FixCandidate]:
    """Take each that collides with none taken before: what ``apart`` does, in quadratic time."""
    taken: list[TextEdit] = []
    for each in candidates:
        if not any(collide(one, other) for one in each.edits for other in taken):
            taken += each.edits
            yield each


@settings(max_examples=100)
@given(st.lists(edits().map(candidate), max_size=8))
def test_each_fix_is_made_that_touches_none_before_it(candidates: list[FixCandidate]) -> None:
    assert list(apart(candidates)) == list(one_by_one(candidates))


def test_a_fix_with_several_edits_touches_by_each() -> None:
    two = candidate([TextEdit(0, 2, ""), TextEdit(10, 12, "")])
    for start in range(16):
        other = candidate([TextEdit(start, start + 1, "")])
        assert (other in list(apart([two, other]))) is (start not in {0, 1, 10, 11})
        assert (two in list(apart([other, two]))) is (start not in {0, 1, 10, 11})


@pytest.mark.parametrize(
    ("calls", "idle"),
    [
        (["TRNG_RND"], 1),
        (["TRNG_RND", "TRNG_VERSION"], 2),
        (["TRNG_RND", "TRNG_VERSION", "PSCI_VERSION"], 3),
        (["TRNG_RND", "TRNG_VERSION", "PCI_VERSION"], 2),
        (["PCI_VERSION", "TRNG_RND", "TRNG_VERSION", "PSCI_VERSION"], 3),
    ],
)
def test_fixes_made_at_once_leave_something_in_a_list(calls: list[str], idle: int) -> None:
    look = looked(IDLE.format(", ".join(calls)))
    found = list(look.safe_candidates)
    assert [each.removed_from for each in found] == [(("rules", 0, "except", "calls"),)] * idle
    assert leaving_some(look, found) == (found[:-1] if idle == len(calls) > 1 else found)


@pytest.mark.parametrize(("keys", "kept"), [(2, 1), (3, 2)])
def test_fixes_made_at_once_leave_something_in_a_mapping(keys: int, kept: int) -> None:
    firmware = ", ".join(f"{key}: []" for key in ("std", "std_hyp", "vendor_hyp")[:keys])
    look = looked(f"{HEAD}firmware: {{{firmware}}}\n")
    found = [candidate([TextEdit(at, at + 1, "")], ("firmware",)) for at in range(2)]
    assert leaving_some(look, found) == found[:kept]
