"""An audit as one page for reviewers: the verdict, the calls that change, and what nobody knows. It has no script."""

from collections.abc import Iterator

from smccc_filter.analysis.audit.audit import Audit, AuditedCall, CallEffect
from smccc_filter.reports.audit.text import HEADER, HEADINGS, notes, row, summary
from smccc_filter.reports.paper.html import Markup, joined, stranger, table, tag
from smccc_filter.reports.paper.page import document
from smccc_filter.smccc.function_id import show

HEADS = tuple(heading.lower() for heading in HEADER[1:])
VERDICTS = {CallEffect.NEWLY_DENIED: "is-wider", CallEffect.CHANGED: "is-wider", CallEffect.SAME: "is-clear"}


def render(path: str, audit: Audit) -> str:
    """Write the page of an audit of the policy in ``path``."""
    about = audit.policy.description
    head = tag(
        "header", tag("div", tag("h1", tag("bdi", audit.policy.name)), tag("p", stranger(about)) if about else None)
    )
    worst = next((effect for effect in HEADINGS if audit.number(effect)), CallEffect.SAME)
    verdict = tag("section", tag("h2", summary(path, audit).strip()), class_=f"verdict {VERDICTS[worst]}")
    main = tag("main", *_findings(audit), *_calls(audit), _notes(audit))
    return document(f"{audit.policy.name}: audit of an SMCCC filter policy", joined(head, verdict, main))


def _calls(audit: Audit) -> Iterator[Markup]:
    for effect, heading in HEADINGS.items():
        rows = [_cells(call) for call in audit.calls if call.effect is effect]
        if rows:
            yield tag("section", tag("h2", heading), table(HEADS, rows, f"{heading} calls", "list audited"))


def _cells(call: AuditedCall) -> tuple[str, ...]:
    """Return what the text has of a call; its ID stands below its name."""
    _, name, *others = row(call)
    return (joined(name, tag("div", show(call.use.func_id), class_="ids id")), *others)


def _findings(audit: Audit) -> Iterator[Markup]:
    if audit.findings:
        cards = (
            tag(
                "article",
                tag("h3", f"{found.code} {found.name}"),
                tag("p", found.message + (f" (allowed: {found.suppressed})" if found.suppressed is not None else "")),
                tag("p", found.hint, class_="muted"),
                class_=f"card is-{found.severity if found.suppressed is None else 'allowed'}",
            )
            for found in audit.findings
        )
        yield tag("section", tag("h2", "Findings"), *cards)


def _notes(audit: Audit) -> Markup:
    lines = (part for line in notes(audit) for part in (tag("dt", line.label), tag("dd", line.text)))
    return tag("section", tag("h2", "What else there is to know"), tag("dl", *lines))
