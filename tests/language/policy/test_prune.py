"""The law of pruning: put wrong parts into a right document, and each is a fault while all else stays as it was."""

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.source import plain, read
from tests.language.policy.documents import Data, documents, written

WRONG_ITEMS: dict[str, list[Any]] = {
    "rules": [5, "deny", [], None, {"action": "drop", "calls": ["TRNG_RND"]}, {"calls": ["TRNG_RND"]}],
    "tests": [5, None, {"call": "TRNG_RND", "expect": 1}, {"call": 7, "expect": "deny"}, {"expect": "deny"}],
    "allow": [5, {"code": "x", "reason": "y"}, {"code": "A305"}],
    **{key: [5, None, True, {}, ["x"]] for key in ("calls", "ranges", "services", "kernels", "implements")},
    **{key: [5, "no_such_word", []] for key in ("capabilities", "std", "std_hyp", "vendor_hyp", "vendor_hyp_2")},
}
"""Items that a list does not take; each is one fault."""
WRONG_FIELDS: dict[str, list[Any]] = {
    "reason": [5, [], None],
    "description": [5, {}, True],
    "default": ["drop", 5],
    "psci": ["9.9", 1.1],
    "nested": ["yes", 0],
    "aarch32": ["yes", 1],
    "allow": [{}, "A305"],
    "features": [{}, 5, "PSCI_CPU_ON", {"PSCI_CPU_ON": "many"}],
}
"""Values that a field does not take; each is one fault."""
OPTIONAL = {
    "": ("description", "default", "allow"),
    "rules": ("reason", "allow"),
    "target": ("psci", "nested"),
    "vmm": ("features",),
    **dict.fromkeys(("except", "firmware", "tests", "allow"), ()),
}
"""Fields that a mapping may lack, by the key under which it stands."""
UNKNOWN = ("za", "zb", "zc", "zd", "ze", "zf")
"""Names of no field; as many as a document gets wrong parts."""


class Spoilt(NamedTuple):
    """A right document, the same with wrong parts in it, how many, and where its rules are now, from 1."""

    right: Data
    wrong: Data
    spoils: int
    ordinals: list[int]


def mappings(data: Data, key: str = "") -> Iterator[tuple[str, Data]]:
    """Yield every mapping of a document with the key it stands under."""
    yield key, data
    for name, value in data.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and name not in {"version", "features"}:
                yield from mappings(item, name)


@st.composite
def spoilt(draw: st.DrawFn) -> Spoilt:
    right = draw(documents())
    wrong = copy.deepcopy(right)
    places = list(mappings(wrong))
    rules = list(wrong.get("rules", ()))
    spoils = draw(st.integers(1, len(UNKNOWN)))
    for _ in range(spoils):
        key, mapping = draw(st.sampled_from(places))
        lists = [name for name in mapping if name in WRONG_ITEMS and isinstance(mapping[name], list)]
        free = [name for name in OPTIONAL[key] if name not in mapping]
        unknown = [name for name in UNKNOWN if name not in mapping]
        if mapping is wrong and 2 * (len(UNKNOWN) - len(unknown) + 1) > len(mapping):
            unknown = []  # one more, and the document would hardly be a policy
        name = draw(st.sampled_from([*lists, *free, *unknown] or ["za"]))
        if name in lists:
            item = copy.deepcopy(draw(st.sampled_from(WRONG_ITEMS[name])))
            mapping[name].insert(draw(st.integers(0, len(mapping[name]))), item)
        elif name in free:
            mapping[name] = copy.deepcopy(draw(st.sampled_from(WRONG_FIELDS[name])))
        else:
            mapping[name] = draw(st.sampled_from(["x", 5, None]))
    now = wrong.get("rules", [])
    ordinals = [next(n for n, item in enumerate(now, 1) if item is rule) for rule in rules]
    return Spoilt(right, wrong, spoils, ordinals)


def loaded(data: Data) -> tuple[Policy, int, object]:
    """Return the policy, the number of faults, and what is left of the document."""
    policy, faults, document = load(read(written(data)))
    assert policy is not None
    assert document.root is not None
    return policy, len(list(faults)), plain(document.root)


def without_ordinals(policy: Policy) -> Policy:
    return policy._replace(rules=tuple(rule._replace(ordinal=0) for rule in policy.rules))


@settings(deadline=None)
@given(spoilt())
def test_each_wrong_part_is_one_fault(made: Spoilt) -> None:
    _, faults, _ = loaded(made.wrong)
    assert faults == made.spoils


@settings(deadline=None)
@given(spoilt())
def test_what_is_kept_is_exactly_the_rest(made: Spoilt) -> None:
    policy, _, left = loaded(made.wrong)
    assert left == made.right
    assert without_ordinals(policy) == without_ordinals(loaded(made.right)[0])


@settings(deadline=None)
@given(spoilt())
def test_rules_keep_the_number_that_they_have_in_the_file(made: Spoilt) -> None:
    policy, _, _ = loaded(made.wrong)
    assert [rule.ordinal for rule in policy.rules] == made.ordinals


@settings(deadline=None)
@given(spoilt())
def test_paths_lead_to_what_was_written(made: Spoilt) -> None:
    policy, _, document = load(read(written(made.wrong)))
    assert policy is not None
    for rule in policy.rules:
        for selector in (*rule.selectors, *rule.exceptions):
            start, end = document.offsets(selector.path)
            assert document.text.text[start:end] == f'"{selector.text}"'
