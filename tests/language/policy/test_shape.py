"""Prune and go on: each misshapen part is one fault at its place, and the rest is kept as if it were not there."""

import pytest
from hypothesis import given, settings

from smccc_filter.language.policy import shape
from smccc_filter.language.policy.language import MAX_RULES
from smccc_filter.language.source import Document, DocumentFault, plain, read
from tests.language.policy.documents import Data, documents, minimal, with_rule, written
from tests.language.source.trees import dump

ROOT = "a policy is a mapping with `version`, `name` and `rules`; this one is "


def said(document: Document, faults: list[DocumentFault]) -> list[tuple[str, str, str, str]]:
    """Return code, message and hint of each fault, and the text it is about."""
    texts = [document.offsets(fault.place) for fault in faults]
    return [
        (fault.code, fault.message, fault.hint, document.text.text[at.start : at.end])
        for fault, at in zip(faults, texts, strict=True)
    ]


RULE = "version: 1\nname: a\nrules:\n- action: deny\n  calls: [TRNG_RND]\n"


@pytest.mark.parametrize(
    ("text", "code", "message", "hint", "at"),
    [
        ("version: 2\nname: a", "P103", "`version` is the number 2", "write 1", "2"),
        ('version: "1"\nname: a', "P103", '`version` is `"1"`', "write 1", '"1"'),
        ("version: true\nname: a", "P103", "`version` is `true`", "write 1", "true"),
        ("version: 1.0\nname: a", "P103", "`version` is the number 1.0", "write 1", "1.0"),
        ("version:\nname: a", "P103", "`version` is empty", "write 1", "version"),
        ("name: a", "P103", "`version` is missing", "add `version:` with 1", "name: a"),
        (
            "version: 1",
            "P103",
            "`name` is missing",
            "add `name:` with a name such as `psci-to-userspace`: a lower-case letter, then letters, digits and `-`",
            "version: 1",
        ),
        (
            "version: 1\nname: No_Name",
            "P103",
            "`name` is `No_Name`",
            "write a name such as `no-name`: a lower-case letter, then letters, digits and `-`",
            "No_Name",
        ),
        ("version: 1\nname: a\ndescription: 5", "P103", "`description` is the number 5", "write text", "5"),
        ("version: 1\nname: a\ndescription: 0.50", "P103", "`description` is the number 0.50", "write text", "0.50"),
        (
            "version: 1\nname: a\nauthor: me",
            "P102",
            "the policy language has no field `author`",
            "known are `version`, `name`, `description`, `target`, `firmware`, `default`, `rules`, `allow` and `tests`",
            "author",
        ),
        (
            "version: 1\nname: a\nrule: []",
            "P102",
            "the policy language has no field `rule`",
            "did you mean `rules`?",
            "rule",
        ),
        (
            "version: 1\nname: a\n? 'two\n\n  lines'\n: 1",
            "P102",
            "the policy language has no field `'two...`",
            "known are `version`, `name`, `description`, `target`, `firmware`, `default`, `rules`, `allow` and `tests`",
            "'two\n\n  lines'",
        ),
        (
            "version: 1\nname: a\ndefault: drop",
            "P103",
            "`default` is `drop`",
            "write `handle`, `deny` or `forward`",
            "drop",
        ),
        ("version: 1\nname: a\ndefault: denny", "P103", "`default` is `denny`", "did you mean `deny`?", "denny"),
        ("version: 1\nname: a\ndefault: no", "P103", "`default` is `no`", "write `handle`, `deny` or `forward`", "no"),
        (
            "version: 1\nname: a\ndefault: false",
            "P103",
            "`default` is `false`",
            "write `handle`, `deny` or `forward`",
            "false",
        ),
        (
            "version: 1\nname: a\nrules: {}",
            "P103",
            "`rules` is a mapping",
            "write a list of rules, each a mapping with an `action`",
            "{}",
        ),
        (
            "version: 1\nname: a\nrules:",
            "P103",
            "`rules` is empty",
            "write a list of rules, each a mapping with an `action`",
            "rules",
        ),
        (
            "version: 1\nname: a\nrules: [deny]",
            "P103",
            "an item of `rules` is `deny`",
            "write a mapping with an `action`, and `calls`, `ranges` or `services`",
            "deny",
        ),
        (
            "version: 1\nname: a\nrules:\n- calls: [TRNG_RND]",
            "P103",
            "`action` is missing",
            "add `action:` with `handle`, `deny` or `forward`",
            "calls: [TRNG_RND]",
        ),
        (
            "version: 1\nname: a\nrules:\n- action: deny",
            "P103",
            "the rule selects nothing",
            "add `calls`, `ranges` or `services`",
            "action: deny",
        ),
        (
            f"{RULE}  except: {{}}",
            "P103",
            "`except` is empty",
            "add `calls`, `ranges` or `services` to it",
            "{}",
        ),
        (
            f"{RULE}  ranges: []",
            "P103",
            "`ranges` is empty",
            "write a list of ranges such as `[0x84000000-0x8400001F, 0xC6000040+2]`, or leave the key out",
            "[]",
        ),
        (
            f"{RULE}  ranges: [2214592515]",
            "P103",
            "decimal function ID 2214592515",
            "write it in hexadecimal: 0x84000003",
            "2214592515",
        ),
        (
            f"{RULE}  ranges: [-1]",
            "P103",
            "a function ID is never negative: -1",
            "write 0x00000000 to 0xFFFFFFFF",
            "-1",
        ),
        (
            f"{RULE}  ranges: [.nan]",
            "P103",
            "an item of `ranges` is the number .nan",
            "write a range such as `0x84000000-0x8400001F`, `0xC6000040+2` or `0x95C1BA5E`",
            ".nan",
        ),
        (
            f"{RULE}  services: trng",
            "P103",
            "`services` is `trng`",
            "write a list of services such as `[psci, trng]`",
            "trng",
        ),
        (f"{RULE}  name: ''", "P103", "`name` is an empty text", "write a name that is not empty", "''"),
        (f"{RULE}  reason: [no]", "P103", "`reason` is a list", "write text that says why", "[no]"),
        (
            f"{RULE}  acton: deny",
            "P102",
            "the policy language has no field `acton` in `rules`",
            "did you mean `action`?",
            "acton",
        ),
        (
            "version: 1\nname: a\nrules:\n- {action: deny, call: [TRNG_RND]}",
            "P102",
            "the policy language has no field `call` in `rules`",
            "did you mean `calls` or `allow`?",
            "call",
        ),
        (
            f"{RULE}  except: {{call: [TRNG_RND]}}",
            "P102",
            "the policy language has no field `call` in `except`",
            "did you mean `calls`?",
            "call",
        ),
        (
            f"{RULE}  allow: [{{code: a305, reason: because}}]",
            "P103",
            "`code` is `a305`",
            "did you mean `A305`?",
            "a305",
        ),
        (
            "version: 1\nname: a\nrules: [{action: deny, calls: [84000003]}]",
            "P103",
            "an item of `calls` is the number 84000003",
            "did you mean `PSCI_CPU_ON/32`, which is 0x84000003?",
            "84000003",
        ),
        (
            f"{RULE}  services: [84000003]",
            "P103",
            "an item of `services` is the number 84000003",
            "write `ranges: [0x84000003]`",
            "84000003",
        ),
        (
            f"{RULE}  allow: [{{code: A305}}]",
            "P103",
            "`reason` is missing",
            "add `reason:` with text that says why",
            "{code: A305}",
        ),
        (
            "version: 1\nname: a\ntarget: {kernels: [6.10]}",
            "P103",
            "an item of `kernels` is the number 6.10",
            'write a quoted kernel such as `"6.12"`: without quotes YAML reads 6.10 as 6.1',
            "6.10",
        ),
        (
            "version: 1\nname: a\ntarget: {psci: 1.1}",
            "P103",
            "`psci` is the number 1.1",
            'write a quoted version, such as `"1.1"`',
            "1.1",
        ),
        (
            'version: 1\nname: a\ntarget: {psci: "2.0"}',
            "P103",
            "`psci` is `2.0`",
            "did you mean `1.0`?",
            '"2.0"',
        ),
        (
            "version: 1\nname: a\ntarget: {nested: 'true'}",
            "P103",
            "`nested` is `'true'`",
            "write `true` or `false`",
            "'true'",
        ),
        (
            "version: 1\nname: a\ntarget: {capabilities: [system_suspends]}",
            "P104",
            "`system_suspends` is no capability",
            "did you mean `system_suspend`?",
            "system_suspends",
        ),
        (
            "version: 1\nname: a\nfirmware: {vendor_hyp: [ptp_clock_of_kvm]}",
            "P104",
            "`ptp_clock_of_kvm` is no bit of the firmware register `vendor_hyp`",
            "write `func_feat` or `ptp`",
            "ptp_clock_of_kvm",
        ),
        (
            "version: 1\nname: a\nfirmware: {stdhyp: []}",
            "P102",
            "the policy language has no field `stdhyp` in `firmware`",
            "did you mean `std_hyp` or `std`?",
            "stdhyp",
        ),
        (
            "version: 1\nname: a\ntests: [{call: 2214592515, expect: deny}]",
            "P103",
            "decimal function ID 2214592515",
            "write it in hexadecimal: 0x84000003",
            "2214592515",
        ),
        (
            "version: 1\nname: a\ntests: [{call: TRNG_RND}]",
            "P103",
            "`expect` is missing",
            "add `expect:` with `handle`, `deny` or `forward`",
            "{call: TRNG_RND}",
        ),
        ("", "P103", ROOT + "empty", "start with `version: 1`", ""),
        ("~", "P103", ROOT + "empty", "start with `version: 1`", "~"),
        ("[]", "P103", ROOT + "a list", "start with `version: 1`", "[]"),
        ("policy", "P103", ROOT + "`policy`", "start with `version: 1`", "policy"),
    ],
)
def test_one_fault(text: str, code: str, message: str, hint: str, at: str) -> None:
    document = read(text.encode())
    _, faults, _ = shape.check(document)
    assert said(document, list(faults or ())) == [(code, message, hint, at)]


def test_a_long_value_is_quoted_in_part() -> None:
    for data in (minimal(description=5, author="x"), minimal(default="x" * 1000), minimal(target="x" * 1000)):
        _, faults, _ = shape.check(read(written(data)))
        assert faults
        assert all(len(fault.message) < 100 for fault in faults)


def test_the_number_of_rules_is_limited() -> None:
    rule = b"{action: deny, calls: [TRNG_RND]},"
    _, faults, _ = shape.check(read(b"version: 1\nname: a\nrules: [" + b"{}," * (MAX_RULES + 1) + b"]"))
    assert [(fault.code, fault.message) for fault in faults or ()] == [("P105", "200,001 rules are more than 200,000")]
    data, faults, _ = shape.check(read(b"version: 1\nname: a\nrules: [" + rule * 10 + b"]"))
    assert data is not None
    assert len(data["rules"]) == 10
    assert not faults


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("name: b", {"version": 1, "name": "b"}),
        ("version: 3", {"version": 1, "name": "unnamed"}),
        ("version: []\nname: []", {"version": 1, "name": "unnamed"}),
        ("{}", {"version": 1, "name": "unnamed"}),
        ("version: 1\nname: a\nrules: [{action: deny, calls: [5], ranges: [6]}]", minimal(rules=[{"action": "deny"}])),
        ("version: 1\nname: a\nrules: [{action: drop, calls: [TRNG_RND]}]", minimal(rules=[])),
        (f"{RULE}  except: {{calls: [5]}}", with_rule(calls=["TRNG_RND"], **{"except": {}})),
        (f"{RULE}  allow: [{{code: A305}}]", with_rule(calls=["TRNG_RND"], allow=[])),
        ("version: 1\nname: a\ntests: [{call: TRNG_RND, expect: [deny]}]", minimal(tests=[])),
        ("version: 1\nname: a\nfirmware: {std: [ptp, trng]}", minimal(firmware={"std": ["trng"]})),
    ],
)
def test_what_is_left_of_a_broken_document(text: str, rest: Data) -> None:
    document = read(text.encode())
    whole = dump(document.root)
    data, faults, kept = shape.check(document)
    assert faults
    assert data == rest
    assert kept.root is not None
    assert plain(kept.root) == rest
    assert dump(document.root) == whole


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("rules: [{action: deny, calls: [", []),
        ("rules:\n- action: deny\n  except: {\n", []),
        ("rules:\n- action: deny\n- action: deny\n  calls: ['", ["the rule selects nothing"]),
        ("rules:\n- calls: []\n- reason: 'x", ["`action` is missing", "`calls` is empty"]),
        ("rules: [{action: deny, services: 5}]\nname: @", ["`services` is the number 5"]),
        ("rules: []\n---\nversion: 1\nname: a", ["`version` is missing", "`name` is missing"]),
    ],
)
def test_only_what_reading_stopped_in_may_have_more_in_it(text: str, messages: list[str]) -> None:
    document = read(text.encode())
    assert not document.complete
    assert [fault.message for fault in shape.check(document)[1] or ()] == messages


@settings(deadline=None)
@given(documents())
def test_nothing_is_wrong_with_a_document_of_the_right_shape(data: Data) -> None:
    document = read(written(data))
    found, faults, kept = shape.check(document)
    assert found == data
    assert not faults
    assert kept is document
