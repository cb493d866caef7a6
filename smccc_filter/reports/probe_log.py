"""What the log of the image says of a VMM, as text and as JSON: the diagnosis first, then what differs."""

from collections.abc import Iterator

from smccc_filter.probe.diagnosis import LogJudgement
from smccc_filter.probe.judging import CallVerdict, JudgedCall
from smccc_filter.probe.vmm_questions import VmmQuestion
from smccc_filter.reports.paper.columns import prose, table
from smccc_filter.reports.paper.json import VERSION, dumps
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.words import counted, enumerated

HEADER = ("by", "call", "expected", "seen", "decided by", "what that means")
FAILING = (CallVerdict.DIFFERS, CallVerdict.NOT_SEEN)


def render_text(policy: str, judgement: LogJudgement, width: int | None) -> str:
    """Write the diagnosis, a table of what is not as predicted, and the counts."""
    parts = [prose(f"`{policy}` in this VMM, predicted as Linux {judgement.kernel}", width)]
    sentences = [*judgement.diagnosis, *_other_kernels(judgement)]
    if sentences:
        parts.append("".join(prose(sentence, width) for sentence in sentences))
    if rows := list(_rows(judgement)):
        parts.append(table([HEADER, *rows], width))
    parts.append(prose(_counts(judgement), width))
    return "\n".join(parts)


def render_json(policy: str, judgement: LogJudgement) -> str:
    """Write everything that was judged."""
    return dumps(
        {
            "version": VERSION,
            "policy": policy,
            "profile": judgement.kernel,
            "kernels": [{"profile": name, "differ": number} for name, number in judgement.differing_on],
            "diagnosis": judgement.diagnosis,
            "calls": [_object(call, judgement) for call in judgement.calls],
            "summary": {verdict.name.lower(): len(judgement.of(verdict)) for verdict in CallVerdict},
        }
    )


def _object(call: JudgedCall, judgement: LogJudgement) -> dict[str, object]:
    question = call.question
    return {
        "number": call.number,
        "id": show(question.func_id),
        "name": registry.name_of(question.func_id),
        "conduit": call.conduit,
        "argument": show(question.x1),
        "upper_halves": show(question.upper),
        "verdict": call.verdict.name.lower(),
        "expected": call.expected,
        "seen": call.seen or None,
        "rule": judgement.rules.get(question.func_id) if call.verdict is CallVerdict.DIFFERS else None,
        "meaning": call.meaning or None,
    }


def _rows(judgement: LogJudgement) -> Iterator[tuple[str, ...]]:
    """Yield a row for each call that fails; conduits by which the same was expected and seen share one."""
    conduits: dict[tuple[str, ...], list[str]] = {}
    for call in judgement.calls:
        if call.verdict in FAILING:
            rule = judgement.rules.get(call.question.func_id, "")
            cells = (call_title(call.question), call.expected, call.seen or str(call.verdict), rule, call.meaning)
            conduits.setdefault(cells, []).append(call.conduit)
    yield from ((", ".join(by), *cells) for cells, by in conduits.items())


def call_title(question: VmmQuestion) -> str:
    """Write the ID, the name, the argument where there is one, and whether upper halves are set."""
    name, x1 = registry.name_of(question.func_id), question.x1
    said = [*([registry.name_of(x1) or show(x1)] if x1 else []), *(["upper halves set"] if question.upper else [])]
    return " ".join((show(question.func_id), *([name] if name else []), *([f"({', '.join(said)})"] if said else [])))


def _other_kernels(judgement: LogJudgement) -> Iterator[str]:
    own = dict(judgement.differing_on)[judgement.kernel]
    others = [f"{number:,} as {name}" for name, number in judgement.differing_on if number > own]
    if others:
        differ = "differs" if own == 1 else "differ"
        fits = f"It fits Linux {judgement.kernel} best: {counted(own, 'call')} {differ}"
        yield f"{fits}, {enumerated(others)}."


def _counts(judgement: LogJudgement) -> str:
    parts = [
        f"{len(judgement.of(CallVerdict.AS_PREDICTED)):,} as predicted",
        f"{len(judgement.of(CallVerdict.NOT_KNOWN)):,} not known here (the host or a handler decides)",
        f"{len(judgement.of(CallVerdict.DIFFERS)):,} differ",
        f"{len(judgement.of(CallVerdict.NOT_SEEN)):,} not seen",
    ]
    return f"{counted(len(judgement.calls), 'call')}: {enumerated(parts)}."
