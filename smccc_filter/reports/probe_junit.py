"""What the log of the image says of a VMM, as JUnit: a case for each call."""

from smccc_filter.probe.diagnosis import LogJudgement
from smccc_filter.probe.judging import CallVerdict, JudgedCall
from smccc_filter.reports.paper.junit import HEAD, case, quoted, suite_text, text_of
from smccc_filter.reports.probe_log import FAILING, call_title


def render_junit(name: str, judgement: LogJudgement) -> str:
    """Write a suite with a case for each call: what nobody here knows is skipped."""
    titles = (f"{call_title(call.question)} by {call.conduit}" for call in judgement.calls)
    inside = (_inside(call, judgement) for call in judgement.calls)
    cases = [case(name, title, xml) for title, xml in zip(titles, inside, strict=True)]
    failures = sum(len(judgement.of(verdict)) for verdict in FAILING)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    skipped = f'{counts} skipped="{len(judgement.of(CallVerdict.NOT_KNOWN))}"'
    suite = suite_text(name, skipped, cases)
    return f'{HEAD}<testsuites name="smccc-filter" {counts}>\n{suite}</testsuites>\n'


def _inside(call: JudgedCall, judgement: LogJudgement) -> str:
    if call.verdict is CallVerdict.NOT_KNOWN:
        return f"<skipped message={quoted(f'not known here: {call.seen}')}/>"
    if call.verdict not in FAILING:
        return ""
    message = f"expected {call.expected}, seen {call.seen or 'nothing'}"
    lines = [message, *([call.meaning] if call.meaning else []), *judgement.diagnosis]
    told = text_of("\n".join(lines))
    return f"<failure type={quoted(str(call.verdict))} message={quoted(message)}>{told}</failure>"
