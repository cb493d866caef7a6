"""Proves that safe fixes leave a policy as it was, for each of the 2**32 function IDs.

The map of the new policy, as entries that KVM takes, is proved against that of the old one, as an artefact is against a
policy. The one difference is an ID that was written in decimal and could not be read before. The proof leaves it out,
and checks that it is the same number.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate

from smccc_filter.analysis.pipeline import NO_POLICY, Examination
from smccc_filter.analysis.resolve import resolve
from smccc_filter.artefacts.backends.program import DecodedArtefact, canonical
from smccc_filter.artefacts.backends.proof import ProofError, prove
from smccc_filter.guests.setup import registers_of
from smccc_filter.language.places import Path
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.policy.ranges import number
from smccc_filter.language.source import plain, read
from smccc_filter.language.source.writing import TextEdit
from smccc_filter.words import cut

_NUMBER = re.compile("0[xX][0-9A-Fa-f_]+|[0-9_]+")

_LITERAL = re.compile(r"""(["']?)[0-9A-Za-z_+-]*\1""")
"""A value that is what it is written as, but for its quotes."""


def prove_same(before: Examination, after: Examination, edits: Sequence[TextEdit]) -> None:
    """Compare two policies, of which ``edits`` make the second from the first. Raises ProofError where they differ."""
    old, new = before.policy or NO_POLICY, after.policy or NO_POLICY
    actions = after.resolution.actions
    if not before.is_read:
        new = _without(after, new, _made_readable(before.report.text, edits))
        actions = resolve(new).actions
    if _beside_rules(old) != _beside_rules(new):
        raise ProofError(0, "one name, target, default and tests", "others")
    registers = tuple((reg_id, value) for _, reg_id, value in registers_of(old))
    written = tuple((reg_id, value) for _, reg_id, value in registers_of(new))
    prove(before.resolution.actions, DecodedArtefact(canonical(actions), written), registers)


def _beside_rules(policy: Policy) -> tuple[object, ...]:
    """Return everything that a policy says beside its rules and allowances."""
    tests = [(test.call, test.ids, test.expect) for test in policy.tests]
    return policy.name, policy.description, policy.target, policy.firmware, policy.default, tests


def _made_readable(text: str, edits: Sequence[TextEdit]) -> set[int]:
    """Return where the IDs begin that edits made readable. Raises ProofError for an ID that is another number now."""
    ordered = sorted(edits)
    shifts = accumulate((len(new) - (end - start) for start, end, new in ordered), initial=0)
    starts = set()
    for (start, end, new), shift in zip(ordered, shifts, strict=False):
        was, now = _numbers(text[start:end]), _numbers(new)
        if was != now:
            raise ProofError(now[0] if now else 0, cut(text[start:end]), cut(new))
        starts.add(start + shift)
    return starts


def _numbers(scalar: str) -> list[int]:
    """Return the numbers in a value as YAML reads it, whatever quotes and escapes it is written with."""
    if _LITERAL.fullmatch(scalar):
        value = scalar
    else:
        root = read(scalar.encode()).root
        value = "" if root is None else f"{plain(root)}"
    return [number(written) for written in _NUMBER.findall(value)]


def _without(after: Examination, policy: Policy, starts: AbstractSet[int]) -> Policy:
    """Return the policy less what begins in some places."""

    def stays(path: Path) -> bool:
        return after.document.offsets(path).start not in starts

    rules = tuple(
        rule._replace(
            selectors=tuple(selector for selector in rule.selectors if stays(selector.path)),
            exceptions=tuple(selector for selector in rule.exceptions if stays(selector.path)),
        )
        for rule in policy.rules
    )
    tests = tuple(test for test in policy.tests if stays((*test.path, "call")))
    return policy._replace(rules=rules, tests=tests)
