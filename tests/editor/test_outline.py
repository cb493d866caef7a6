"""The parts of a policy, as an editor lists, folds and selects them."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from lsprotocol import types

from smccc_filter.editor.outline import folds, selections, symbols
from smccc_filter.editor.text import EditorText
from smccc_filter.language.source import read
from tests.editor.policies import FIXTURES, SHIPPED

POLICY = """\
# One policy,
# and what is said of it.
version: 1
name: a
target:
  kernels: ["6.12"]
rules:
  - name: power
    action: forward
    calls: [PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND, PSCI_MIGRATE]
  - action: deny
    services:
      - trng
tests:
  - {call: PSCI_CPU_ON, expect: forward}
"""


def outlined(found: list[types.DocumentSymbol], margin: str = "") -> Iterator[str]:
    for symbol in found:
        yield f"{margin}{symbol.name} {symbol.detail or ''}".rstrip()
        yield from outlined([*(symbol.children or ())], f"{margin}  ")


def test_the_parts_are_listed() -> None:
    assert list(outlined(symbols(read(POLICY.encode()), EditorText(POLICY)))) == [
        "version 1",
        "name a",
        "target",
        "  kernels",
        "    6.12",
        "rules",
        "  power forward PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND and 1 more",
        "  rule 2 deny trng",
        "tests",
        "  PSCI_CPU_ON forward",
    ]


def test_a_part_is_shown_by_its_first_key_or_as_it_is() -> None:
    text = EditorText(POLICY)
    found = {symbol.name: symbol for symbol in symbols(read(POLICY.encode()), text)}

    def shown(symbol: types.DocumentSymbol) -> tuple[types.SymbolKind, str]:
        at = symbol.selection_range
        return symbol.kind, POLICY[text.offset(at.start) : text.offset(at.end)]

    assert shown(found["name"]) == (types.SymbolKind.Property, "name")
    assert shown(found["rules"]) == (types.SymbolKind.Namespace, "rules")
    assert [shown(rule) for rule in found["rules"].children or ()] == [
        (types.SymbolKind.Function, "name"),
        (types.SymbolKind.Function, "action"),
    ]
    assert [shown(test) for test in found["tests"].children or ()] == [(types.SymbolKind.Event, "call")]
    (kernels,) = found["target"].children or ()
    assert [shown(kernel) for kernel in kernels.children or ()] == [(types.SymbolKind.Constant, '"6.12"')]


@pytest.mark.parametrize(("calls", "more"), [("A, B, C", ""), ("A, B, C, D, E", " and 2 more")])
def test_the_first_selectors_of_a_rule_are_shown(calls: str, more: str) -> None:
    text = f"rules:\n  - calls: [{calls}]\n"
    assert list(outlined(symbols(read(text.encode()), EditorText(text)))) == ["rules", f"  rule 1 A, B, C{more}"]


@pytest.mark.parametrize("within", [0, 3, 5])
def test_a_key_is_selected_from_its_start_to_its_end(within: int) -> None:
    text = EditorText(POLICY)
    (found,) = selections(read(POLICY.encode()), text, [text.position(POLICY.index("calls: ") + within)])
    assert POLICY[text.offset(found.range.start) : text.offset(found.range.end)] == "calls"
    assert found.parent
    assert POLICY[text.offset(found.parent.range.start) :].startswith("calls: [PSCI_CPU_ON, ")


def test_what_has_several_lines_is_folded() -> None:
    found = folds(read(POLICY.encode()), EditorText(POLICY))
    assert sorted(
        (fold.start_line, fold.end_line, types.FoldingRangeKind(fold.kind or "").value) for fold in found
    ) == [
        (0, 1, "comment"),
        (4, 5, "region"),
        (6, 12, "region"),
        (7, 9, "region"),
        (10, 12, "region"),
        (11, 12, "region"),
        (13, 14, "region"),
    ]


def test_a_selection_grows_from_a_word_to_the_whole() -> None:
    text = EditorText(POLICY)
    at = text.position(POLICY.index("PSCI_CPU_OFF") + 3)
    (found,) = selections(read(POLICY.encode()), text, [at])
    texts = []
    step: types.SelectionRange | None = found
    while step:
        texts.append(POLICY[text.offset(step.range.start) : text.offset(step.range.end)])
        step = step.parent
    assert texts[:3] == [
        "PSCI_CPU_OFF",
        "[PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND, PSCI_MIGRATE]",
        "calls: [PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND, PSCI_MIGRATE]",
    ]
    assert texts[-1] == POLICY
    assert all(inner in outer and inner != outer for inner, outer in pairwise(texts))


@pytest.mark.parametrize("text", ["", "a", "- a", "rules: [", "rules:\n  - {", "a: {b: [c"])
def test_a_text_that_is_no_policy_has_what_can_be_read(text: str) -> None:
    known, document = EditorText(text), read(text.encode())
    symbols(document, known)
    folds(document, known)
    (found,) = selections(document, known, [types.Position(0, len(text))])
    assert found.range.start <= found.range.end


def is_inside(inner: types.Range, outer: types.Range) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def test_every_part_is_inside_the_one_that_it_is_part_of() -> None:
    def check(symbol: types.DocumentSymbol) -> None:
        assert is_inside(symbol.selection_range, symbol.range)
        assert symbol.name
        for child in symbol.children or ():
            assert is_inside(child.range, symbol.range)
            check(child)

    for file in (*SHIPPED, *FIXTURES[::7]):
        document = read(file.read_bytes())
        for symbol in symbols(document, EditorText(document.text.text)):
            check(symbol)
