"""The page of each check: its manual, and the shortest fixture that makes it speak, with what it says of that."""

import re
from collections.abc import Iterator
from difflib import unified_diff

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.analysis.examination.subject import RECORDED
from smccc_filter.analysis.reference.manuals import errnos, manual
from smccc_filter.language.source.writing import TextEdit, apply
from smccc_filter.reports.findings import text
from smccc_filter.reports.paper.styles import plain
from smccc_filter.words import enumerated
from tests.analysis.checks.cases import HERE, examined_as
from tests.programs.reference import markdown

GROUPS = {
    "P": "the policy as a text",
    "R": "what KVM takes, and refuses",
    "A": "to whom SMCCC allocates IDs",
    "K": "what the target kernels do",
    "F": "what the guest is told",
    "G": "what the guest needs",
    "V": "what the VMM makes of forwarded calls",
}
EXAMPLE = "policy.smccc.yaml"
LEAD = """\
A finding is an **error** where a kernel refuses the policy or the guest is told something untrue, a **warning** where
it loads and does what it says, but hardly what was meant, and otherwise a **note**, which `validate` counts and
`--notes` shows. A code never changes its meaning and is never used again. `smccc-filter explain CODE` prints what the
page of a code says.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page of every check, and the one that lists them."""
    yield "index.md", _index()
    for check in checks.ALL:
        yield f"{check.CODE}.md", _page(check)


def _index() -> str:
    parts = [LEAD]
    for letter, about in GROUPS.items():
        rows = [
            (f"[{check.CODE}]({check.CODE}.md)", check.NAME, check.SEVERITY, manual(check)[0])
            for check in checks.ALL
            if check.CODE.startswith(letter)
        ]
        parts += [f"## {letter}: {about}", markdown.table(("code", "name", "severity", "what is found"), rows)]
    return markdown.page("Checks", *parts)


def _page(check: "checks.Check") -> str:
    summary, rest = manual(check)
    policy, said = _example(check)
    return markdown.page(
        f"{check.CODE} {check.NAME}",
        f"**{summary}**",
        f"{_severity(check)} {_allowed(check)}",
        _linked(rest).replace("\nInstead: ", "\n**Instead:** ").replace("\nSource: ", "\n*Source:* "),
        "## Example",
        markdown.block("yaml", policy),
        f"Of this policy, `smccc-filter {_command(check)}` says under this code:",
        markdown.block("text", said),
        *_proposed(check.CODE, policy),
    )


def _command(check: "checks.Check") -> str:
    return f"audit {EXAMPLE} trace.txt" if check.CODE in RECORDED else f"validate --notes {EXAMPLE}"


def _linked(manual: str) -> str:
    """Have each code that a manual cites lead to its page, outside of what is to be typed."""
    parts = manual.split("`")
    parts[::2] = (re.sub(r"\b([A-Z][0-9]{3})\b", r"[\1](\1.md)", part) for part in parts[::2])
    return "`".join(parts)


def _severity(check: "checks.Check") -> str:
    numbers = errnos(check)
    refused = f"; the kernel answers {enumerated(list(numbers), 'or')}" if numbers else ""
    return f"{'An' if check.SEVERITY == 'error' else 'A'} {check.SEVERITY}{refused}."


def _allowed(check: "checks.Check") -> str:
    if not check.ALLOWABLE:
        return "It can't be allowed."
    return f'It may be allowed with `allow: [{{code: {check.CODE}, reason: "..."}}]`, on a rule or at top level.'


def _example(check: "checks.Check") -> tuple[str, str]:
    """Return the shortest fixture that can be shown, one with rules if there is one, and what the check says of it."""
    shown = [path for path in (HERE / check.NAME / "fires").glob("*.yaml") if _is_printable(path.read_bytes())]
    shown.sort(key=lambda path: _rank(path.read_bytes()))
    reports = [examined_as(EXAMPLE, path) for path in shown]
    own = [[found for found in report.diagnostics if found.code == check.CODE] for report in reports]
    found, policy = next(
        (found, path.read_text())
        for number in range(1, 100)
        for found, path in zip(own, shown, strict=True)
        if len(found) == number and found[0].suppressed is None
    )
    said = plain(text.render([FileReport(EXAMPLE, policy, tuple(found))], notes=True, summary=False))
    return policy, said


def _rank(data: bytes) -> tuple[bool, int, bytes]:
    return b"rules:\n" not in data, len(data), data


def _proposed(code: str, policy: str) -> Iterator[str]:
    """Yield what the first fix of a check's findings makes of its example."""
    report = pipeline.with_fixes(pipeline.examine(EXAMPLE, policy.encode()))
    for finding in report.diagnostics:
        if finding.code == code and finding.fix:
            option = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
            after = apply(policy, [TextEdit(*one.at, one.text) for one in finding.fix.replacements])
            lines = [*unified_diff(policy.splitlines(), after.splitlines(), lineterm="")][2:]
            yield f"`{option}` can {finding.fix.message}:"
            yield markdown.block("diff", "\n".join(lines))
            return


def _is_printable(data: bytes) -> bool:
    try:
        words = data.decode()
    except UnicodeDecodeError:
        return False
    return words.isascii() and words.replace("\n", "").isprintable() and max(map(len, words.splitlines())) < 120
