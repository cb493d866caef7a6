"""What the proof of safe fixes compares, part by part."""

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.artefacts.backends.proof import ProofError
from smccc_filter.authoring.fix_proof import prove_same
from smccc_filter.language.source.writing import TextEdit

HEAD = "version: 1\nname: a\n"
TESTED = HEAD + "tests:\n  - {call: 2214592515, expect: handle}\n  - {call: TRNG_RND, expect: handle}\n"


def examined(text: str) -> Examination:
    return pipeline.examine("p", text.encode())


def written(text: str, number: str, new: str) -> tuple[Examination, Examination, list[TextEdit]]:
    """Return a policy, the same with a number written anew, and the edit."""
    at = text.index(number)
    return examined(text), examined(text.replace(number, new)), [TextEdit(at, at + len(number), new)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("description: b\n", "description: c\n"),
        ("tests: [{call: TRNG_RND, expect: handle}]\n", "tests: [{call: TRNG_RND, expect: deny}]\n"),
        ("tests: [{call: TRNG_RND, expect: handle}]\n", "tests: [{call: TRNG_VERSION, expect: handle}]\n"),
        ('target: {psci: "1.0"}\n', 'target: {psci: "1.1"}\n'),
        ("firmware: {std: []}\n", "firmware: {std: [trng]}\n"),
    ],
)
def test_what_a_policy_says_beside_its_rules_counts(before: str, after: str) -> None:
    with pytest.raises(
        ProofError, match="0x00000000: the policy says one name, target, default and tests, the artefact others"
    ):
        prove_same(examined(HEAD + before), examined(HEAD + after), [])


def test_reasons_and_names_of_rules_do_not_count() -> None:
    rule = "rules:\n  - {{action: deny, calls: [TRNG_RND], {}}}\n"
    one, other = (examined(HEAD + rule.format(said)) for said in ("name: b", "description: c"))
    prove_same(one, other, [])


def test_a_test_that_could_not_be_read_may_be_read_now() -> None:
    prove_same(*written(TESTED, "2214592515", "0x84000003"))


def test_a_rule_that_could_not_be_read_may_be_read_now() -> None:
    rules = "rules:\n  - action: deny\n    ranges: [2214592515]\n    except: {ranges: [0x84000004]}\n"
    prove_same(*written(HEAD + rules, "2214592515", "0x84000003"))
    excepting = rules.replace("[2214592515]", "[0x84000003-0x84000005]").replace("0x84000004", "2214592516")
    prove_same(*written(HEAD + excepting, "2214592516", "0x84000004"))
    several = excepting.replace("2214592516", "2214592516, 0x84000005")
    prove_same(*written(HEAD + several, "2214592516", "0x84000004"))


def test_what_else_is_read_now_counts() -> None:
    """One number is made readable by an edit; the other was changed beside it."""
    before, _, edits = written(TESTED, "2214592515", "0x84000003")
    after = examined(
        TESTED.replace("2214592515", "0x84000003").replace("TRNG_RND, expect: handle", "TRNG_RND, expect: deny")
    )
    with pytest.raises(ProofError):
        prove_same(before, after, edits)


@pytest.mark.parametrize(
    ("text", "new", "fid"),
    [
        ("2214592515", "0x84000004", "0x84000004"),
        ("2214592515", "", "0x00000000"),
        ("2214592515", "0x84000003-0x84000004", "0x84000003"),
        ("2_214_592_515", "0x8400_0004", "0x84000004"),
    ],
)
def test_an_edit_must_keep_the_number(text: str, new: str, fid: str) -> None:
    before, after, edits = written(TESTED.replace("2214592515", text), text, new)
    with pytest.raises(ProofError) as caught:
        prove_same(before, after, edits)
    assert str(caught.value) == f"{fid}: the policy says {text}, the artefact {new}"


@pytest.mark.parametrize("text", ["", "- a\n", "version: [\n"])
def test_what_is_no_policy_is_the_same_as_itself_and_as_no_other(text: str) -> None:
    prove_same(examined(text), examined(text), [])
    for one, other in ((text, HEAD), (HEAD, text)):
        with pytest.raises(ProofError):
            prove_same(examined(one), examined(other), [])


def test_several_edits_each_shift_those_behind_them() -> None:
    rules = "rules: [{action: deny, ranges: [2214592515, 2214592520, 2214592600]}]\n"
    new = {"2214592515": "0x8400_0003", "2214592520": "0x84000008", "2214592600": "0x8400_0058"}
    text = HEAD + rules
    edits = [TextEdit(text.index(number), text.index(number) + 10, now) for number, now in new.items()]
    after = text
    for number, now in new.items():
        after = after.replace(number, now)
    prove_same(examined(text), examined(after), edits[::-1])
    with pytest.raises(ProofError, match="0x84000008"):
        prove_same(examined(text), examined(after), [edits[0], edits[2]])


def test_a_number_of_thousands_of_digits_is_compared_too() -> None:
    ranges = "rules: [{{action: deny, ranges: [{}]}}]\n"
    long = f"{'0' * 5000}7"
    prove_same(*written(HEAD + ranges.format(long), long, "0x00000007"))
    with pytest.raises(ProofError):
        prove_same(*written(HEAD + ranges.format(long), long, "0x00000008"))
