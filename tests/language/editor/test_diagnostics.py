"""What the language server reports: the faults of a broken policy at their lines, and nothing of a good one."""

from pathlib import Path

import pytest

from tests.house.blocks import Block, blocks, pages
from tests.language.editor.client import Editor, Finding
from tests.language.editor.inputs import HEAD, NAME, RULE
from tests.paths import ROOT, SCHEMA

GOOD = [
    *sorted((ROOT / "policies").glob("**/*.yaml")),
    ROOT / "tests" / "language" / "source" / "policy.yaml",
]
SHOWN = {block.text: block for page in pages() for block in blocks(page) if block.language == "yaml"}
EXAMPLES = [block for text, block in SHOWN.items() if "\nversion: 1\n" in text]
"""The policies of README and of the pages, each one time."""
_UNKNOWN_CALL = "no call has this name, or no such form: see `smccc-filter list calls`"
_MALFORMED = "no function IDs in hexadecimal: write first-last, base+count or one ID, as in 0x84000000-0x8400001F"
_BAD_ACTION = 'Value is not accepted. Valid values: "handle", "deny", "forward".'


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_shipped_policy_has_no_fault(path: Path, editor: Editor) -> None:
    text = path.read_text(encoding="utf-8").replace("$schema=../schemas/", f"$schema={SCHEMA.parent.as_uri()}/")
    assert editor.findings(NAME, text) == []


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.file)
def test_an_example_has_no_fault(block: Block, editor: Editor) -> None:
    text = block.text.replace("$schema=schemas/", f"$schema={SCHEMA.parent.as_uri()}/")
    assert editor.findings(NAME, text) == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (f"{HEAD}author: me\n", [(3, "Property author is not allowed.")]),
        ("version: 1\n", [(1, 'Missing property "name".')]),
        ("version: 2\nname: a\n", [(1, "Value must be 1.")]),
        ("version: 1\nname: A\n", [(2, "lower-case letters, digits and -, the first a letter")]),
        (f"{HEAD}name: b\n", [(3, "Map keys must be unique")]),
        (f"{HEAD}rules:\n  - action: dney\n    calls: [TRNG_RND]\n", [(4, _BAD_ACTION)]),
        (f"{HEAD}rules:\n  - calls: [TRNG_RND]\n", [(4, 'Missing property "action".')]),
        (RULE, [(4, "a rule selects something: add calls, ranges or services")]),
        (
            f"{RULE}    call: [TRNG_RND]\n",
            [(4, "a rule selects something: add calls, ranges or services"), (5, "Property call is not allowed.")],
        ),
        (f"{RULE}    calls:\n      - PSCI_CPU_OFF\n      - PSCI_CPU_ONN\n", [(7, _UNKNOWN_CALL)]),
        (f"{RULE}    calls: [PSCI_CPU_OFF/64]\n", [(5, _UNKNOWN_CALL)]),
        (f"{RULE}    ranges: [0x84000000-0x8400001F, 0x84000000-]\n", [(5, _MALFORMED)]),
        (f"{RULE}    ranges: ['2214592515']\n", [(5, _MALFORMED)]),
        (f"{RULE}    calls: []\n", [(5, "Array has too few items. Expected 1 or more.")]),
        (f"{RULE}    services: [pcsi]\n", [(5, 'Value must be "psci" | "sdei" | "mm"')]),
        (f"{HEAD}target: {{kernels: [6.12]}}\n", [(3, 'Incorrect type. Expected "string".')]),
        (f"{HEAD}firmware: {{std: [ptp]}}\n", [(3, 'Value is not accepted. Valid values: "trng".')]),
        (f"{HEAD}allow: [{{code: r201, reason: a}}]\n", [(3, "a letter and three digits, as in A305")]),
        (f"{HEAD}tests:\n  - {{call: PSCI_CPU_ONN, expect: deny}}\n", [(4, _UNKNOWN_CALL)]),
        (
            f"{RULE}    calls: [PSCI_CPU_ONN]\n  - action: drop\n    services: [psci]\n",
            [(5, _UNKNOWN_CALL), (6, _BAD_ACTION)],
        ),
    ],
)
def test_a_fault_is_reported_at_its_line(text: str, findings: list[tuple[int, str]], editor: Editor) -> None:
    found = editor.findings(NAME, text)
    wanted = [Finding(*finding) for finding in findings]
    assert [
        (finding.line, finding.message[: len(want.message)]) for finding, want in zip(found, wanted, strict=True)
    ] == findings
