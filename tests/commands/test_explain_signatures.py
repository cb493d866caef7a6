import json
from typing import Any

import pytest

from smccc_filter.cli import cli
from smccc_filter.reports.explain import text
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.registry import Function
from smccc_filter.smccc.registry.rows import PROVISIONAL
from smccc_filter.smccc.signatures import signature_of
from tests.commands.asked import runner

KNOWN = [function for function in registry.functions() if signature_of(function) is not None]
WIDTH = 80


def run(*arguments: str) -> str:
    result = runner().invoke(cli, arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def in_json(*words: str) -> list[dict[str, Any]]:
    explanations: list[dict[str, Any]] = json.loads(run("explain", "--format", "json", *words))["explanations"]
    return explanations


def under(label: str, explanation: str) -> list[str]:
    """Return the texts of a label, one a line."""
    found: list[str] = []
    here = False
    for line in explanation.splitlines()[1:]:
        here = line.startswith(f"  {label} ") or (here and line.startswith("   "))
        if here:
            found.append(line.removeprefix(f"  {label} ").strip())
    return found


@pytest.mark.parametrize("function", KNOWN, ids=lambda function: function.name)
def test_a_call_shows_all_that_its_signature_says(function: Function) -> None:
    signature = signature_of(function)
    assert signature is not None
    shown = text.explain(function).render(None)
    for label, values in (("arguments", signature.arguments), ("results", signature.results)):
        lines = under(label, shown)
        names = [f"{value.registers} {value.name or 'reserved'}" for value in values]
        assert [line.split(" (")[0] for line in lines] == (names or ["none"])
        assert all(line.endswith(value.meaning) for value, line in zip(values, lines, strict=False))
    lines = under("errors", shown)
    assert [line.partition(" ")[0] for line in lines] == ([error.name for error in signature.errors] or ["none"])
    assert all(
        f" ({one.value}" in line and one.when in line for one, line in zip(signature.errors, lines, strict=False)
    )
    assert under("returns", shown) == [
        {"always": "always", "never": "only where it fails"}.get(signature.returns, signature.returns_when)
    ]
    assert all(remark in shown for _, remark in signature.remarks)
    assert under("read in", shown)[0] == f"{signature.sources[0]} (confidence {signature.confidence})"


def test_widths_are_told_of_each_form() -> None:
    shown = run("explain", "PSCI_SYSTEM_OFF2", "PSCI_VERSION", "PV_TIME_FEATURES")
    assert "X1 off_type (32 bits): " in shown
    assert "X2 cookie (32 bits, 64 in SMC64): " in shown
    assert "X1 pv_call_id (32 bits): " in shown
    assert "X0 status (64 bits): " in shown


def test_an_error_says_where_it_is_and_how_sure_it_is() -> None:
    shown = run("explain", "FFA_FEATURES", "PSCI_AFFINITY_INFO")
    assert "INVALID_PARAMETERS (-2 in X2, 0x84000060 in X0): bad input" in shown
    assert "DISABLED (-8): the affinity instance is physically disabled (confidence unverified)" in shown


def test_an_id_shows_its_call_s_signature_once() -> None:
    fids = [show(fid) for function in KNOWN for fid in (function.smc32, function.smc64) if fid is not None]
    blocks = run("explain", *fids).split("\n0x")
    assert len(blocks) == len(fids)
    assert [block.count("\n  arguments ") for block in blocks] == [1] * len(fids)


def test_a_call_without_a_signature_says_nothing_of_it() -> None:
    assert "arguments" not in run("explain", "LFA_CANCEL")
    assert in_json("LFA_CANCEL")[0]["signature"] is None


@pytest.mark.parametrize("function", KNOWN, ids=lambda function: function.name)
def test_lines_fit_a_terminal_but_for_words_that_do_not(function: Function) -> None:
    for line in text.explain(function).render(WIDTH).splitlines():
        assert len(line) <= WIDTH or len(line.split()) == 1


def test_json_says_what_the_signature_says() -> None:
    explained = in_json(*(function.name for function in KNOWN))
    for function, found in zip(KNOWN, explained, strict=True):
        signature = signature_of(function)
        assert signature is not None
        told = found["signature"]
        for values, rows in ((signature.arguments, told["arguments"]), (signature.results, told["results"])):
            assert [(row["register"], row["count"], row["name"], row["meaning"]) for row in rows] == [
                (f"X{value.register}", value.span, value.name or None, value.meaning) for value in values
            ]
            assert [row["width"] for row in rows] == [{"smc32": one.smc32, "smc64": one.smc64} for one in values]
        assert [(row["value"], row["name"], row["register"], row["x0"], row["when"]) for row in told["errors"]] == [
            (e.value, e.name, f"X{e.register}", None if e.with_x0 is None else show(e.with_x0), e.when)
            for e in signature.errors
        ]
        assert all(row["confidence"] in {"high", "medium", "unverified"} for row in told["errors"])
        assert (told["returns"], told["returns_when"]) == (signature.returns, signature.returns_when)
        assert [(row["bit"], row["meaning"]) for row in told["flags"]] == list(signature.flags)
        assert [(row["about"], row["text"]) for row in told["remarks"]] == list(signature.remarks)
        assert (tuple(told["sources"]), told["confidence"]) == (signature.sources, signature.confidence)


def test_what_is_provisional_is_called_so_wherever_a_call_is_told() -> None:
    provisional = {function.name for function in registry.functions() if function.status == PROVISIONAL}
    assert len(provisional) == 24
    rows = run("list", "calls").splitlines()
    assert {row.split()[0] for row in rows if row.endswith(f" ({PROVISIONAL})")} == provisional
    objects = json.loads(run("list", "calls", "--format", "json"))["calls"]
    assert {row["name"] for row in objects if row["status"] == PROVISIONAL} == provisional
    assert run("explain", *sorted(provisional)).count("\n  status       provisional\n") == len(provisional)
