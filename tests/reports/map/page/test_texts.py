"""What the page says to whoever has no script, as the artefact viewers of CI have none."""

import re
from pathlib import Path

import pytest

from smccc_filter.analysis.pipeline import Examiner, refuse_size
from smccc_filter.kvm.profiles import profile
from smccc_filter.reports.map import page
from smccc_filter.reports.map.page import findings, rules
from smccc_filter.reports.paper.html import LONG, Markup, tag
from smccc_filter.words import visible
from tests.policies.shipped import each_policy
from tests.reports.map import cases as maps
from tests.reports.map.page.drawn import draw, draw_shipped
from tests.reports.texts import texts_of

LARGEST = 250 * 1024
"""Bytes of the page of a shipped policy."""
LIES = b"""\
version: 1
name: lies
target: {kernels: ["6.6", "7.3"], psci: "1.3"}
rules:
  - {name: no-entropy, action: deny, calls: [TRNG_RND]}
"""


@each_policy
def test_a_shipped_policy_is_told_without_its_script_and_small(name: str, tmp_path: Path) -> None:
    drawn = draw_shipped(tmp_path, name)
    assert drawn.file.stat().st_size <= LARGEST
    said = texts_of(drawn.file)
    policy = drawn.examination.policy
    assert policy
    assert said["name"] == policy.name
    assert said["description"] == " ".join((policy.description or "").split())
    for rule in policy.rules:
        assert str(rule.name) in said["rules"]
        assert " ".join((rule.reason or "").split()) in " ".join(said["rules"].split())
    for found in drawn.examination.diagnostics:
        assert f"{found.severity}[{found.code}] {found.name}: {' '.join(found.message.split())}" in said["findings"]
    for section in ("guest", "vmm", "space"):
        assert len(said[section]) > 100


def test_the_verdict_stands_above_everything_and_in_one_line_where_all_is_well(tmp_path: Path) -> None:
    said = texts_of(draw_shipped(tmp_path, "trng-in-vmm").file)
    assert said["findings"] == "No findings: every check is content."
    order = [said["page"].index(said[name][:60]) for name in ("findings", "guest", "vmm", "space", "rules")]
    assert order == sorted(order)


def test_the_guest_is_told_and_gets(tmp_path: Path) -> None:
    said = texts_of(draw(tmp_path, LIES).file)["guest"]
    assert "Linux 6.6 refuses psci 0x10003 with EINVAL, and keeps its default." in said
    assert "The guest is told what is not so: TRNG_RND is told to be present, and comes to not_supported" in said
    assert "a Linux guest finds on Linux 6.6 on Linux 7.3 PSCI 1.1 1.3" in said
    assert "Absent: SYSTEM_SUSPEND, implementation CPUs and protected VM services." in said
    assert "psci: PSCIv1.3 detected in firmware." in said


def test_what_the_vmm_must_do(tmp_path: Path) -> None:
    said = texts_of(draw_shipped(tmp_path, "trng-in-vmm").file)["vmm"]
    assert "install the filter: 2 ranges (forward), by KVM_ARM_VM_SMCCC_FILTER" in said
    assert "TRNG_VERSION 0x84000050 nothing X0 version from the policy: X0 0x10000" in said
    assert "TRNG_RND 0x84000053 0xC4000053 X1 n X0 status, X1 entropy_high" in said
    assert "by a handler" in said
    lockdown = texts_of(draw_shipped(tmp_path, "lockdown").file)["vmm"]
    assert "KVM_REG_ARM_PSCI_VERSION = 0x10001 (1.1)" in lockdown
    assert "Answer no call: nothing is forwarded." in lockdown
    assert texts_of(draw(tmp_path, maps.HEAD.encode()).file)["vmm"].endswith(
        "Nothing: no filter to install, no register to write, no call to answer."
    )


def test_no_rules_are_said_to_be_none(tmp_path: Path) -> None:
    said = texts_of(draw(tmp_path, maps.HEAD.encode()).file)
    assert said["rules"] == "No rules, default handle The policy has none: the default decides."
    assert "Services with rules" not in said["space"]


@pytest.mark.parametrize("data", [b"version: 1\nname: [\n", b"", b"version: 1\nname: a\nrules: [{action: dney}]\n"])
def test_a_policy_that_has_only_faults_has_no_map(tmp_path: Path, data: bytes) -> None:
    drawn = draw(tmp_path, data)
    assert drawn.examination.has_errors
    said = texts_of(drawn.file)
    assert said["findings"].startswith("Must not be compiled: ")
    assert said["space"] == f"Map {page.NO_MAP}"
    assert "<script" not in drawn.file.read_text(encoding="utf-8")


def test_very_many_findings_are_folded_and_counted(tmp_path: Path) -> None:
    rules = "".join(f"  - {{action: deny, calls: [NOBODY_KNOWS_{number}]}}\n" for number in range(250))
    drawn = draw(tmp_path, f"{maps.HEAD}rules:\n{rules}".encode())
    said = texts_of(drawn.file)["findings"]
    assert said.startswith("Must not be compiled: 250 errors")
    shown = len(drawn.examination.diagnostics)
    assert said.count("error[P104] unknown-name: no call is called") == shown
    assert f"Show {shown + 1 - findings.IN_SIGHT} more" in said
    assert f"{250 - shown} more like these" in said


def test_a_file_that_was_not_read_says_so() -> None:
    text = page.render("large.yaml", refuse_size("large.yaml", "more than 10 bytes"), ())
    assert "the file has more than 10 bytes" in text


STRANGE = {
    "long": "a" * 10_000,
    "right-to-left": "\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "override": "a\u202eb\u2066c",
    "combining": "e" + "\u0301\u0323" * 200,
    "control": "a\x07b\x1b[31mc\u0085d",
    "markup": "</script></style><img src=x onerror=alert(1)>&lt;'\"",
}


@pytest.mark.parametrize("word", STRANGE.values(), ids=STRANGE)
def test_strange_words_stay_words(tmp_path: Path, word: str) -> None:
    escaped = word.encode("unicode_escape").decode() if not word.isprintable() else word.replace('"', '\\"')
    rule = f'{{name: "{escaped}", action: deny, calls: [TRNG_RND], reason: "{escaped}"}}'
    drawn = draw(tmp_path, f'{maps.HEAD}description: "{escaped}"\nrules: [{rule}]\n'.encode())
    assert drawn.examination.policy
    assert drawn.examination.policy.rules[0].name == word
    text = drawn.file.read_text(encoding="utf-8")
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    said = texts_of(drawn.file)
    if not drawn.examination.is_understood:  # YAML has no such letters
        assert "Must not be compiled" in said["findings"]
        return
    assert text.count("<script") == 2
    for section in ("description", "rules"):
        assert visible(word) in said[section]
    if len(word) > LONG:
        assert said["description"].startswith("aaa")
        assert "10,000 characters" in said["description"]


def test_markup_is_a_type_and_everything_else_is_text() -> None:
    assert tag("p", "<b>", tag("b", "&"), None, class_='"x"', hidden=True, title=None) == (
        '<p class="&quot;x&quot;" hidden>&lt;b&gt;<b>&amp;</b></p>'
    )
    assert isinstance(tag("br"), Markup)
    assert tag("br") == "<br>"


@pytest.mark.parametrize("count", [0, 1, rules.IN_SIGHT, rules.IN_SIGHT + 1, rules.FOLD, 2 * rules.FOLD + 1])
def test_rules_are_folded_and_none_is_lost(tmp_path: Path, count: int) -> None:
    text = draw(tmp_path, maps.many_rules(count).encode() if count else maps.HEAD.encode()).file.read_text()
    section = text[text.index('id="rules"') :]
    named = re.findall("<bdi>(r[0-9]+)</bdi>", section.partition("</section>")[0])
    assert named == [f"r{number}" for number in range(count)]
    folds = re.findall("<summary>Rules ([0-9,]+) to ([0-9,]+)</summary>", section)
    edges = [int(edge.replace(",", "")) for fold in folds for edge in fold]
    assert edges == sorted(edges)
    assert edges[-1:] == ([count] if count > rules.IN_SIGHT else [])


def test_of_very_many_rules_the_page_says_which_it_leaves_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 200)
    said = texts_of(draw(tmp_path, maps.many_rules(321).encode()).file)
    assert "121 more rules are not listed here. Look up a call to see the rule that decides on it." in said["rules"]
    assert "r199" in said["rules"]
    assert "r200" not in said["rules"]


def test_kernels_that_do_the_same_are_told_once(tmp_path: Path) -> None:
    examination = Examiner(tuple(filter(None, map(profile, ("6.6", "6.12"))))).examine("p.yaml", maps.HEAD.encode())
    file = tmp_path / "p.html"
    file.write_text(page.render("p.yaml", examination, maps.setups(examination)))
    assert texts_of(file)["guest"].count("Lines of its boot log") == 1
