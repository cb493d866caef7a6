"""What an editor says of a word, and the words that it offers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from smccc_filter.analysis import checks
from smccc_filter.analysis.api import examine
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.editor.completion import MAX_OFFERS, completions
from smccc_filter.editor.cursor import cursor
from smccc_filter.editor.meanings import explanation, field_meanings, markup
from smccc_filter.editor.text import EditorText
from smccc_filter.language.policy.language import fields
from smccc_filter.reports.explain.explanation import Explanation
from smccc_filter.reports.paper.columns import LabelledLine
from smccc_filter.smccc import registry
from tests.editor.client import CAPABILITIES, EditorClient, editing
from tests.paths import SUFFIX

Json = Any
RULE = "version: 1\nname: a\nrules:\n  - action: deny\n"


def asked(client: EditorClient, feature: str, text: str) -> Json:
    """Ask about the place `|` in a text."""
    before, _, behind = text.rpartition("|")
    uri = client.open(client.folder / f"a{SUFFIX}", before + behind)
    lines = before.split("\n")
    return client.about(feature, uri, position={"line": len(lines) - 1, "character": len(lines[-1])})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{RULE}    calls: [PSCI_CPU|_ON]", "**PSCI_CPU_ON**: power up a core"),
        (f"{RULE}    calls: [PSCI_CPU_ON/6|4]", "**0xC4000003 is PSCI_CPU_ON/64**"),
        (
            f"{RULE}    ranges: [0x840|00000-0x8400001F]",
            "**0x84000000-0x8400001F**: 32 IDs, inside psci, with 22 known calls",
        ),
        (f"{RULE}    services: [ps|ci]", "**psci**: Power State Coordination Interface"),
        (f"{RULE}    allow: [{{code: F50|4", "**F504 undiscoverable (warning)**"),
        (f"{RULE}    act|ion: deny", "**action**: What happens to the calls that the rule selects."),
        ("default: den|y", "**deny**: KVM answers NOT_SUPPORTED (-1)"),
        ('target: {kernels: ["6.1|2"]}', "**Linux 6.12**"),
        ("firmware: {std: [trn|g]}", "**trng**: KVM's TRNG 1.0 service"),
        ("target: {capabilities: [system_sus|pend]}", "**system_suspend**: KVM_CAP_ARM_SYSTEM_SUSPEND"),
        ("tests: [{call: 0x84000|00A, expect: deny}]", "**0x8400000A is PSCI_FEATURES**"),
        (f"{RULE}    vmm: {{feat|ures: {{}}}}", "**features**: Flags that a FEATURES call answers"),
        (f"{RULE}    vmm: {{implements: [PSCI_CPU|_ON]}}", "**PSCI_CPU_ON**: power up a core"),
        (f"{RULE}    vmm: {{implements: al|l}}", "**all**: Every call that `calls` of the rule names."),
        (f"{RULE}    vmm: {{version: {{psc|i: '1.1'}}}}", "**psci**: Power State Coordination Interface"),
        (f"{RULE}    vmm: {{version: {{psci: '1|.1'}}}}", "**1.1**: PSCI_VERSION answers 0x00010001"),
        (f"{RULE}    calls: [TRNG_VERSION]\n    vmm:\n      version: '1|.0'", "**1.0**: TRNG_VERSION answers"),
        (f"{RULE}    vmm: {{features: {{PSCI_CPU_S|USPEND: 1}}}}", "**PSCI_CPU_SUSPEND**: suspend"),
        (f"{RULE}    vmm: {{features: {{PSCI_CPU_SUSPEND: 0x|2}}}}", "**0x2**: bit 1 = 0: original StateID"),
    ],
)
def test_a_word_is_explained(tmp_path: Path, text: str, said: str) -> None:
    with editing(tmp_path) as client:
        found = asked(client, "hover", text)
        assert found["contents"]["kind"] == "markdown"
        assert found["contents"]["value"].startswith(said), found["contents"]["value"]


@pytest.mark.parametrize(
    "text",
    [
        f"{RULE}    vmm: {{features: {{PSCI_CPU_SUSPEND: nonse|nse}}}}",
        f"{RULE}    vmm: {{version: {{psci: 9|}}}}",
        f"{RULE}    reason: PSCI_CPU|_ON",
        f"{RULE}    calls: [NONSE|NSE]",
        "na|me",
        "|",
        "# PSC|I",
    ],
)
def test_of_other_words_nothing_is_said(tmp_path: Path, text: str) -> None:
    with editing(tmp_path) as client:
        found = asked(client, "hover", text)
        assert found is None or found["contents"]["value"].startswith("**name**")


def test_an_editor_without_markdown_gets_what_explain_prints(tmp_path: Path) -> None:
    capabilities = CAPABILITIES | {"textDocument": {"hover": {"contentFormat": ["plaintext"]}}}
    with editing(tmp_path, capabilities=capabilities) as client:
        found = asked(client, "hover", f"{RULE}    calls: [PSCI_CPU|_ON]")["contents"]
    assert found["kind"] == "plaintext"
    assert found["value"].startswith("PSCI_CPU_ON: power up a core")
    assert "**" not in found["value"]


def test_everything_that_has_a_name_is_explained() -> None:
    calls = [(f"{RULE}    calls: [", name) for name in registry.all_names()]
    services = [(f"{RULE}    services: [", service.name) for service in registry.services()]
    codes = [(f"{RULE}    allow: [{{code: ", check.CODE) for check in checks.ALL]
    for before, word in (*calls, *services, *codes):
        found = explanation(cursor(before + word, len(before)), word)
        assert found, word
        assert markup(found, types.MarkupKind.Markdown).value.startswith("**")


def test_an_explanation_is_a_list_of_what_is_known() -> None:
    lines = (LabelledLine("spec", "<one>"), LabelledLine("", "two"), LabelledLine("alone", ""), LabelledLine())
    found = markup(Explanation("a_b: `c*` d*", lines, "Why [x]."), types.MarkupKind.Markdown).value
    assert found == ("**a_b**: `c*` d\\*\n\nWhy \\[x\\].\n\n- **spec** \\<one>\n  - two\n- alone")
    assert markup(Explanation("a", ()), types.MarkupKind.Markdown).value == "**a**"
    assert markup(Explanation("a: b", ()), types.MarkupKind.PlainText).value == "a: b"


def test_every_field_has_a_meaning() -> None:
    assert set(field_meanings()) == {(key, name) for key, names in fields().items() for name in names}


def items(text: str, known: Examination | None = None) -> Sequence[types.CompletionItem]:
    before, _, behind = text.rpartition("|")
    whole = EditorText(before + behind)
    return completions(whole, cursor(whole.text, len(before)), known).items


def offered(text: str, known: Examination | None = None) -> list[str]:
    return [item.label for item in items(text, known)]


def written(text: str) -> list[str]:
    return [item.text_edit.new_text for item in items(text) if isinstance(item.text_edit, types.TextEdit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("|", ["version", "name", "description"]),
        (f"{RULE}    |", ["name", "calls", "ranges", "services", "except", "vmm", "reason", "allow"]),
        ("rules:\n  - action: |", ["handle", "deny", "forward"]),
        (f"{RULE}    calls: [TRNG_RND, TR|", ["TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID"]),
        (f"{RULE}    services: [trng]\n    except: {{calls: [|", ["TRNG_VERSION", "TRNG_FEATURES"]),
        (f"{RULE}    calls: [PSCI_CPU_ON/|", ["PSCI_CPU_ON/32", "PSCI_CPU_ON/64"]),
        (f"{RULE}    services: [trn|", ["trng"]),
        (f"{RULE}    services: [psci, |", ["sdei", "mm", "trng"]),
        ('target: {kernels: ["|', ["7.3", "7.2"]),
        *((f"target: {{{key}: |", ["true", "false"]) for key in ("nested", "protected", "stolen_time", "aarch32")),
        ("target: {psci: |", ["0.1", "0.2", "1.0"]),
        ("firmware: {vendor_hyp: [|", ["func_feat", "ptp"]),
        ("tests: [{call: |", []),
        (f"{RULE}    vmm: {{implements: |", ["all"]),
        (f"{RULE}    reason: |", []),
    ],
)
def test_words_are_offered(text: str, first: list[str]) -> None:
    assert offered(text)[: len(first)] == first


def test_calls_of_standards_are_offered_before_others() -> None:
    standards = {service.name for service in registry.services()}
    assert {function.service for function in registry.functions()} - standards
    calls = [registry.described(name) for name in offered(f"{RULE}    calls: [|")]
    assert all(call and call.service in standards for call in calls)


@pytest.mark.parametrize("text", [f"{RULE}    reason: ps|", f"{RULE}    # |", f"{RULE}    reason: |", "name: |"])
def test_no_words_are_offered_for_sentences(text: str) -> None:
    assert offered(text) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("vmm: {|", ["version: ", "implements: ", "features: "]),
        ("vmm:\n      version: |", ['"1.3"', '"1.2"', '"1.1"', '"1.0"', '"0.2"']),
        ('vmm:\n      version: "|"', ["1.3", "1.2", "1.1", "1.0", "0.2"]),
        ("vmm:\n      version: {|", ["psci: ", "sdei: ", "mm: "]),
        ("vmm:\n      version:\n        psci: '1.1'\n        |", ["sdei: ", "mm: "]),
        ("vmm:\n      version: {trng: |", ['"1.0"']),
        ("vmm:\n      version: {nonsense: |", []),
        ("vmm:\n      implements: |", ["all", "PSCI_VERSION", "PSCI_CPU_ON", "PSCI_CPU_SUSPEND"]),
        ("vmm:\n      implements: [|", ["PSCI_VERSION", "PSCI_CPU_ON", "PSCI_CPU_SUSPEND"]),
        ("vmm:\n      implements:\n        - PSCI_VERSION\n        - |", ["PSCI_CPU_ON", "PSCI_CPU_SUSPEND"]),
        ("vmm:\n      features: {|", ["PSCI_CPU_SUSPEND: ", "PSCI_SYSTEM_OFF2: "]),
        ("vmm:\n      features:\n        PSCI_CPU_SUSPEND: 0x1\n        |", ["PSCI_SYSTEM_OFF2: "]),
        ("vmm:\n      features: {PSCI_CPU_SUSPEND: |", ["0x1", "0x2"]),
        ("vmm:\n      features: {PSCI_CPU_ON: |", []),
        ("vmm:\n      features: {NONSENSE: |", []),
    ],
)
def test_words_are_offered_for_the_vmm(text: str, first: list[str]) -> None:
    found = written(f"{RULE}    calls: [PSCI_VERSION, PSCI_CPU_ON]\n    {text}")
    assert found[: len(first)] == first
    assert found or not first


def test_calls_of_rules_are_offered_first_to_tests() -> None:
    policy = f"{RULE}    name: random\n    calls: [TRNG_RND/64, TRNG_VERSION]\n"
    found = items(f"{policy}tests:\n  - {{call: |", examine(policy.encode()))
    assert [item.label for item in found[:2]] == ["TRNG_VERSION", "TRNG_RND"]
    assert (found[0].detail or "").startswith("deny by rule `random`: ")
    assert "rule" not in (found[2].detail or "")
    elsewhere = items(f"{policy}  - {{action: forward, calls: [|", examine(policy.encode()))
    assert all("rule" not in (item.detail or "") for item in elsewhere)


def test_a_list_that_is_whole_is_said_to_be() -> None:
    """And one of which only those that match are offered is not: what is typed next may match others."""
    for text, is_whole in (("tests: [{expect: |", True), ("tests: [{expect: de|", False), ("tests: [{call: |", False)):
        before, _, behind = text.rpartition("|")
        whole = EditorText(before + behind)
        found = completions(whole, cursor(whole.text, len(before)))
        assert found.is_incomplete is not is_whole
        assert 0 < len(found.items) <= MAX_OFFERS


def test_a_form_is_offered_of_a_call_that_has_two() -> None:
    assert offered(f"{RULE}    calls: [TRNG_RND/|") == ["TRNG_RND/32", "TRNG_RND/64"]
    assert offered(f"{RULE}    calls: [TRNG_VERSION/|") == offered(f"{RULE}    calls: [SDEI_VERSION/|") == []
    assert all("/" not in word for word in offered(f"{RULE}    calls: [TRNG_RND|"))


def test_what_has_no_ids_is_not_offered() -> None:
    function = registry.described("VENDOR_HYP_KVM_FEATURES_2")
    assert function
    assert not registry.function_ids(function)
    assert "VENDOR_HYP_KVM_FEATURES_2" not in offered(f"{RULE}    calls: [VENDOR_HYP_KVM_FEATURES_|")


def test_codes_that_may_be_allowed_are_offered_with_their_manuals() -> None:
    found = items(f"{RULE}    allow: [{{code: |")
    assert {item.label for item in found} == {check.CODE for check in checks.ALL if check.ALLOWABLE}
    documented = [item.documentation for item in found]
    assert all(isinstance(one, types.MarkupContent) and "[Manual](https://" in one.value for one in documented)
    assert all(item.documentation is None for item in items(f"{RULE}    calls: [|"))


def test_codes_of_what_is_wrong_are_offered_first() -> None:
    policy = f"{RULE}    calls: [TRNG_VERSION]\n"
    assert offered(f"{policy}    allow: [{{code: |", examine(policy.encode()))[0] == "F504"
    assert offered(f"{policy}    allow: [{{code: |")[0] != "F504"


def test_a_word_that_yaml_takes_for_a_number_is_quoted_once() -> None:
    assert written("target: {kernels: [7|")[0] == '"7.3"'
    assert written('target: {kernels: ["7|"')[0] == "7.3"


def test_an_editor_is_offered_words(tmp_path: Path) -> None:
    with editing(tmp_path) as client:
        found = asked(client, "completion", f"{RULE}    calls: [TRNG_RND, TR|")
        assert found["isIncomplete"]
        item = found["items"][0]
        assert item["label"] == "TRNG_VERSION"
        assert "DEN0098" in item["detail"]
        assert item["textEdit"] == {
            "newText": "TRNG_VERSION",
            "range": {"start": {"line": 4, "character": 22}, "end": {"line": 4, "character": 24}},
        }
