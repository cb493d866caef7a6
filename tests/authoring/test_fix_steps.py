"""How fixing goes on: what each look may take, what is tried at once and what after it, and what counts as better."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.authoring import fixing
from smccc_filter.authoring.fix_candidates import FixCandidate, PolicyLook
from smccc_filter.language.source.writing import TextEdit
from tests.authoring.test_fix_work import STEPS
from tests.authoring.test_fixing import CASES, before

HEAD = "version: 1\nname: a\n"
UNSAFE = HEAD + "descripton: b\nrules: [{action: denny, ranges: [0x84000005]}]\n"
"""Two kinds of findings, each with a fix that is not safe."""
THREE = HEAD + f"rules: [{', '.join(f'{{action: deny, ranges: [0x8400013{number}]}}' for number in (3, 2, 1))}]\n"
"""Three numbers that have names, which is one kind of finding, and safe to fix."""
IDLE = HEAD + "rules: [{{action: deny, services: [pci], except: {{calls: [{}]}}}}]\n"


class RecordedLook(PolicyLook):
    """A look, and what it was given, and what those before it had taken by then."""

    def __init__(self, examination: Examination, most: int, others: "list[RecordedLook]") -> None:
        super().__init__(examination, most)
        self.most, self.spent = most, sum(other.work for other in others)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[RecordedLook]:
    """Return the looks of what is fixed, as they are made."""
    found: list[RecordedLook] = []

    def look(examination: Examination, most: int) -> RecordedLook:
        found.append(RecordedLook(examination, most, found))
        return found[-1]

    monkeypatch.setattr(fixing, "PolicyLook", look)
    return found


@pytest.mark.parametrize("unsafe", [False, True])
def test_all_looks_together_take_what_they_may(
    looks: list[RecordedLook], monkeypatch: pytest.MonkeyPatch, *, unsafe: bool
) -> None:
    """Half goes to the first, to any other what is left; none is begun that would take more if it were as long."""

    def fixed_with(most: int) -> list[int]:
        looks.clear()
        monkeypatch.setattr(fixing, "MAX_WORK", most)
        fixed = fixing.fix("p", STEPS, unsafe=unsafe)
        needed = [after.spent + now.looking for now, after in pairwise(looks)]
        assert [look.most for look in looks] == [most // 2, *(most - look.spent for look in looks[1:])]
        assert max(needed, default=0) <= most
        assert all(look.complete or look.work == look.looking for look in looks), "words for nothing"
        last = looks[-1]
        assert last.complete or (fixed.is_cut_short and fixed.report.text != last.examination.report.text) or not needed
        needed.append(last.spent + last.work + last.looking)
        assert not fixed.is_cut_short or not last.complete or needed[-1] > most
        return [2 * looks[0].looking, *needed]

    for about in range(0, 2000, 400):
        for turning in fixed_with(about):
            for most in (turning - 1, turning, turning + 1):
                fixed_with(most)


@pytest.mark.parametrize("most", range(6))
def test_a_file_is_looked_at_so_often_and_no_more(
    most: int, looks: list[RecordedLook], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fixing.fix("p", STEPS, unsafe=True)
    steps = len(looks) - 1
    assert (steps, whole.is_cut_short) == (4, False)
    looks.clear()
    monkeypatch.setattr(fixing, "MAX_LOOKS", most)
    fixed = fixing.fix("p", STEPS, unsafe=True)
    assert len(looks) == min(most, steps) + 1
    assert fixed.is_cut_short is (most < steps)
    assert most or not fixed.left, "what was not tried did not fail"
    assert fixed.is_cut_short or fixed.data == whole.data


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\n", b"\xef\xbb\xbf\xff", b"\xef\xbb\xbfversion: 1\r\nname: a\r\n"])
@pytest.mark.parametrize("most", [0, 1, 16, 64, 1 << 20])
def test_where_there_is_nothing_to_fix_nothing_is_cut_short(
    most: int, data: bytes, looks: list[RecordedLook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixing, "MAX_WORK", most)
    fixed = fixing.fix("p", data, unsafe=True)
    assert (fixed.data, fixed.fixed, fixed.left, fixed.is_cut_short) == (data, 0, (), False)
    assert len(looks) == 1


def test_fixes_that_nobody_wants_are_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "MAX_WORK", 0)
    assert [fixing.fix("p", UNSAFE.encode(), unsafe=unsafe).is_cut_short for unsafe in (False, True)] == [False, True]


def test_nothing_is_said_of_what_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    oddly = before("laid-out-oddly")
    assert {why.partition(" does not apply")[0] for _, why in fixing.fix("p", oddly, unsafe=True).left} == {"its fix"}
    monkeypatch.setattr(fixing, "MAX_WORK", 0)
    assert fixing.fix("p", oddly, unsafe=True)[2:] == (0, (), True)


def kinds(look: PolicyLook) -> set[str]:
    return {code for code in ("P102", "P103") if look.number_of(code)}


@pytest.mark.parametrize(
    ("text", "first"), [(UNSAFE, "P102"), (UNSAFE.replace("descripton: b\n", "") + "descripton: b\n", "P103")]
)
def test_the_kind_that_comes_first_is_fixed_first(text: str, first: str, looks: list[RecordedLook]) -> None:
    assert fixing.fix("p", text.encode(), unsafe=True).fixed >= 2
    assert [kinds(look) for look in looks[:3]] == [{"P102", "P103"}, {"P102", "P103"} - {first}, set()]


@pytest.mark.parametrize("is_preceded", [False, True])
def test_kinds_are_fixed_together_where_few_looks_are_left(
    looks: list[RecordedLook], monkeypatch: pytest.MonkeyPatch, *, is_preceded: bool
) -> None:
    text = UNSAFE.replace("0x84000005", "2214592517" if is_preceded else "0x84000005").encode()
    fixing.fix("p", text, unsafe=True)
    number = 1 if is_preceded else 0
    enough = looks[0].work + fixing.FEW * looks[1].work if is_preceded else fixing.FEW * looks[0].looking
    for most, left in ((enough - 1, 0), (enough, 1)):
        looks.clear()
        monkeypatch.setattr(fixing, "MAX_WORK", most)
        fixing.fix("p", text, unsafe=True)
        assert [len(kinds(look)) for look in looks[number : number + 2]] == [2, left]


Holds = Callable[[PolicyLook, PolicyLook, list[FixCandidate]], bool]
holds: Holds = fixing._holds  # noqa: SLF001 (what tells whether a batch holds)


@pytest.mark.parametrize("helps_later", [True, False])
def test_a_fix_that_did_not_help_is_tried_again_after_all_others(
    monkeypatch: pytest.MonkeyPatch, *, helps_later: bool
) -> None:
    tried: list[list[int]] = []

    def hardly(before: PolicyLook, after: PolicyLook, batch: list[FixCandidate]) -> bool:
        """Hold one at a time, and the first fix after the others, or never."""
        numbers = [int(candidate.order[3].partition("0x8400013")[2][0]) for candidate in batch]
        tried.append(numbers)
        if numbers == [3] and (before.number_of("R207") > 1 or not helps_later):
            return False
        return len(batch) == 1 and holds(before, after, batch)

    whole = fixing.fix("p", THREE.encode(), unsafe=False)
    monkeypatch.setattr(fixing, "_holds", hardly)
    fixed = fixing.fix("p", THREE.encode(), unsafe=False)
    assert tried == [[3, 2, 1], [3], [2, 1], [2], [1], [3]]
    assert (fixed.data == whole.data) is helps_later
    assert [why for _, why in fixed.left] == ([] if helps_later else ["its fix would not make the policy better"])
    assert not fixed.is_cut_short


@pytest.mark.parametrize("back", ["a", "b"])
def test_a_text_that_was_there_already_is_not_taken_again(back: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes round in circles, even if each step looks better than the last."""
    end = len("version: 1\nname: a")

    def there_and_back(look: PolicyLook, dropped: set[int], **_: bool) -> list[FixCandidate]:
        other = {"a": "b", "b": "c", "c": back}[look.examination.report.text[end - 1]]
        edits = (TextEdit(end - 1, end, other),)
        found = FixCandidate((0, 0, "R207", ""), 1, safe=True, message="", edits=edits, removed_from=())
        return [] if dropped else [found]

    monkeypatch.setattr(fixing, "_batch", there_and_back)
    monkeypatch.setattr(fixing, "_holds", lambda *_: True)
    fixed = fixing.fix("p", HEAD.encode(), unsafe=True)
    assert (fixed.data, fixed.fixed) == (HEAD.replace("name: a", "name: c").encode(), 2)


def looked(text: str) -> PolicyLook:
    return PolicyLook(pipeline.examine("p", text.encode()), 1 << 20)


OVERLAPS = HEAD + "rules: [{action: forward, ranges: [0x90000000, 0x90000000, 0x90000000]}]\n"
LIE = HEAD + "rules: [{action: deny, services: [pv-time]}]\n"
EMPTY = LIE.replace("[{", "[{action: deny, ranges: [0x84000005+0]}, {")
TWICE = HEAD.replace("name: a\n", "version: 1\nname: b\nname: a\n")
ONCE = HEAD.replace("name: a\n", "name: b\nname: a\n")

BETTER = {
    "fewer": (IDLE.format("TRNG_RND, TRNG_VERSION"), IDLE.format("TRNG_RND"), True),
    "as many": (IDLE.format("TRNG_RND"), IDLE.format("TRNG_VERSION"), False),
    "more": (IDLE.format("TRNG_RND"), IDLE.format("TRNG_RND, TRNG_VERSION"), False),
    "fewer errors": (OVERLAPS, OVERLAPS.replace(", 0x90000000]", "]"), True),
    "fewer errors, of another kind": (OVERLAPS, LIE, False),
    "what could not be found before": (EMPTY, LIE, True),
    "what selects nothing": (IDLE.format("TRNG_RND, TRNG_VERSION"), EMPTY, False),
    "what is read now": (HEAD + "descripton: b\n", IDLE.format("TRNG_RND"), True),
    "what is read no more": (IDLE.format("TRNG_RND, TRNG_VERSION"), HEAD + "descripton: b\n", False),
    "less syntax": (TWICE, ONCE, True),
    "as much syntax": (ONCE, ONCE + "descripton: b\n", True),
    "more syntax": (ONCE, TWICE, False),
}
"""A text, what is made of it, and whether that is better."""


@pytest.mark.parametrize(("text", "fixed", "is_better"), BETTER.values(), ids=BETTER)
def test_fewer_findings_are_better_and_no_new_errors(text: str, fixed: str, *, is_better: bool) -> None:
    assert fixing._is_better(looked(text), looked(fixed)) is is_better  # noqa: SLF001 (what tells)


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_read_or_selects_nothing_has_an_error_that_is_always_found(case: str) -> None:
    examination = pipeline.examine("p", before(case))
    always = {check.CODE for check in checks.ALL if not check.WHOLE}
    if not examination.is_read or not examination.is_whole:
        assert PolicyLook(examination, 1 << 20).errors(always)


def fixes_of(calls: list[str], *, safe: bool = True) -> list[FixCandidate]:
    """Return the fixes for calls that an exception needs not."""
    found = [looked(IDLE.format(call)).safe_candidates for call in calls]
    return [candidate._replace(edits=(), safe=safe) for candidates in found for candidate in candidates]


BOTH, ONE, OTHER, NEITHER = (
    *(IDLE.format(calls) for calls in ("TRNG_RND, TRNG_VERSION", "TRNG_RND", "TRNG_VERSION")),
    HEAD + "rules: [{action: deny, services: [pci]}]\n",
)
RULES = HEAD + "rules: [{}{{action: deny, services: [sdei], except: {{calls: [TRNG_RND]}}}}]\n"
TWO_RULES = RULES.format("{action: deny, services: [pci], except: {calls: [TRNG_RND]}}, ")
GONE = {
    "gone": (BOTH, OTHER, ["TRNG_RND"], True),
    "all are gone": (BOTH, NEITHER, ["TRNG_RND", "TRNG_VERSION"], True),
    "half are gone": (BOTH, ONE, ["TRNG_RND", "TRNG_VERSION"], False),
    "none is gone": (BOTH, BOTH, ["TRNG_RND"], False),
    "gone, and another came": (ONE, OTHER, ["TRNG_RND"], True),
    "gone, and another rule is called so now": (TWO_RULES, RULES.format(""), ["TRNG_RND"], True),
}
"""A text, what is made of it, the calls whose findings were fixed, and whether they are gone."""


@pytest.mark.parametrize(("text", "fixed", "calls", "are_gone"), GONE.values(), ids=GONE)
def test_a_finding_is_gone_where_it_is_or_one_of_its_kind(
    text: str, fixed: str, calls: list[str], *, are_gone: bool
) -> None:
    assert fixing._are_gone(looked(text), looked(fixed), fixes_of(calls)) is are_gone  # noqa: SLF001 (what tells)


NOTHING = HEAD + "rules: []\n"


@pytest.mark.parametrize(
    ("text", "fixed", "batch", "expected"),
    [
        (BOTH, OTHER, fixes_of(["TRNG_RND"]), True),
        (BOTH, ONE, fixes_of(["TRNG_RND", "TRNG_VERSION"]), False),  # better, and not gone
        (ONE, OTHER, fixes_of(["TRNG_RND"]), False),  # gone, and not better
        (BOTH, NOTHING, fixes_of(["TRNG_RND", "TRNG_VERSION"]), False),  # decides otherwise
        (BOTH, NOTHING, [*fixes_of(["TRNG_RND"]), *fixes_of(["TRNG_VERSION"], safe=False)], True),
        (ONE, NOTHING, fixes_of(["TRNG_RND"], safe=False), True),
    ],
)
def test_fixes_hold_that_are_better_gone_and_where_safe_the_same(
    text: str, fixed: str, batch: list[FixCandidate], *, expected: bool
) -> None:
    assert holds(looked(text), looked(fixed), batch) is expected


def test_a_safe_fix_that_decides_otherwise_is_a_bug_that_names_it() -> None:
    message = r"^R206: take the exception `TRNG_RND` out: 0x84000130: the policy says deny"
    with pytest.raises(fixing.FixError, match=message):
        holds(looked(ONE), looked(NOTHING), fixes_of(["TRNG_RND"]))


@pytest.mark.parametrize(
    ("fixed", "codes", "chosen"),
    [
        (BOTH, ["R206", "R207", "R206"], [0, 2]),  # of the first one's kind
        (BOTH, ["R207", "R206", "R206"], [0]),
        (OTHER, ["R206", "R206"], [0]),  # what did something
        (ONE, ["R206", "R206"], [1]),
        (BOTH, ["R206", "R206"], [0]),  # nothing did, so a half
        (NEITHER, ["R206", "R206"], [0]),  # each did
    ],
)
def test_of_fixes_that_do_not_hold_together_some_are_tried(fixed: str, codes: list[str], chosen: list[int]) -> None:
    found = fixes_of(["TRNG_RND", "TRNG_VERSION", "TRNG_VERSION"][: len(codes)])
    batch = [one._replace(order=(*one.order[:2], code, one.order[3])) for one, code in zip(found, codes, strict=True)]
    fewer = fixing._fewer(looked(BOTH), looked(fixed), batch)  # noqa: SLF001 (what chooses)
    assert fewer == [batch[number] for number in chosen]
