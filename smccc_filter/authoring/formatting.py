"""A policy in its canonical layout, with a proof that it is still the same policy.

A formatter that changes what a file means, or loses a word that people wrote into it, is worse than none. So the new
text is read again and compared with the old one: the policy part by part, the filter for each of the 2**32 function
IDs, the firmware registers, and the comments.
"""

from typing import NamedTuple

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport
from smccc_filter.language.layout import comments, layout
from smccc_filter.language.places import Offsets
from smccc_filter.language.policy.language import MAX_RULES
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Expectation, Policy, Rule
from smccc_filter.language.policy.ranges import is_number
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.language.source import Document, read

MAX_COMMENTS = MAX_RULES
"""As many as rules; each takes a kilobyte."""


class FormattingError(Exception):
    """The new text is not the old policy: a bug of this tool, and nothing may be written."""


class FormattedPolicy(NamedTuple):
    """A policy's bytes in canonical layout, or as they were where ``faults`` says why it can't be laid out."""

    data: bytes
    changed: bool
    faults: FileReport | None = None


def format_policy(path: str, data: bytes) -> FormattedPolicy:
    """Bring a policy into canonical layout, unless something is wrong with its form (P101 to P105).

    What a kernel or a guest would object to is no obstacle. Findings call the policy ``path``. Raises FormattingError
    and ``backends.proof.ProofError`` for bugs.
    """
    document = read(data)
    policy, faults, _ = load(document)
    if policy is None or faults:
        return FormattedPolicy(data, changed=False, faults=_faults(path, data))
    if (signs := document.text.text.count("#")) > MAX_COMMENTS:
        return FormattedPolicy(data, changed=False, faults=_too_many(path, document, signs))
    formatted = layout(document).encode()
    if formatted != data:
        _prove(document, policy, read(formatted))
    return FormattedPolicy(formatted, formatted != data)


def _faults(path: str, data: bytes) -> FileReport:
    """Return the findings about a policy's form, and no others."""
    from smccc_filter.analysis.checks import invalid_value, limit, syntax, unknown_field, unknown_name
    from smccc_filter.analysis.pipeline import examine

    codes = {check.CODE for check in (syntax, unknown_field, invalid_value, unknown_name, limit)}
    return examine(path, data).report.only(lambda kind: kind.code in codes)


def _too_many(path: str, document: Document, signs: int) -> FileReport:
    from smccc_filter.analysis.checks import limit

    message = f"{signs:,} signs `#` are more than the {MAX_COMMENTS:,} comments that a policy can have to be formatted"
    at = document.text.span(Offsets(0, 0))
    hint = "write fewer comments, or split the policy"
    finding = Diagnostic(span=at, code=limit.CODE, name=limit.NAME, severity=limit.SEVERITY, message=message, hint=hint)
    return FileReport(path, document.text.text, (finding,))


def _prove(before: Document, policy: Policy, after: Document) -> None:
    """Compare a policy with what its new text is read as. Raises FormattingError and ProofError."""
    from smccc_filter.analysis.resolve import resolve
    from smccc_filter.artefacts.backends.program import DecodedArtefact, canonical
    from smccc_filter.artefacts.backends.proof import prove
    from smccc_filter.guests.setup import registers_of

    anew, faults, _ = load(after)
    if anew is None or faults:
        raise FormattingError("; ".join(["the new text is no policy", *(fault.message for fault in faults)]))
    if _meaning(anew) != _meaning(policy):
        raise FormattingError("the new text is another policy")
    registers = tuple((reg_id, value) for _, reg_id, value in registers_of(anew))
    wanted = tuple((reg_id, value) for _, reg_id, value in registers_of(policy))
    prove(resolve(policy).actions, DecodedArtefact(canonical(resolve(anew).actions), registers), wanted)
    if sorted(comments(before)) != sorted(comments(after)):
        raise FormattingError("a comment was lost or changed")


def _meaning(policy: Policy) -> Policy:
    """Return a policy in which nothing depends on the order of keys and on how function IDs are spelt."""
    return policy._replace(
        rules=tuple(map(_rule, policy.rules)),
        firmware=dict(sorted(policy.firmware.items())),
        tests=tuple(map(_expectation, policy.tests)),
    )


def _rule(rule: Rule) -> Rule:
    return rule._replace(selectors=_selectors(rule.selectors), exceptions=_selectors(rule.exceptions))


def _selectors(selectors: tuple[Selector, ...]) -> tuple[Selector, ...]:
    """Order selectors by kind and place; a range is what it was read as, not how it was written."""
    return tuple(
        selector._replace(text="") if selector.kind is SelectorKind.RANGE else selector
        for selector in sorted(selectors, key=lambda selector: (selector.kind, selector.path))
    )


def _expectation(expectation: Expectation) -> Expectation:
    return expectation._replace(call="") if is_number(expectation.call) else expectation
