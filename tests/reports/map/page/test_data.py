"""What the page embeds, without a browser."""

import re
from bisect import bisect_right
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.decision import decide
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.reports import query
from smccc_filter.reports.map import page
from smccc_filter.reports.map.page.data import payload, words_told
from smccc_filter.reports.map.page.rules import vmm_words
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from tests.programs.fuzz import strategies
from tests.reports.map import cases as maps
from tests.reports.map.page.drawn import HOSTILE, draw, draw_shipped
from tests.reports.map.page.drawn import payload as embedded


@settings(max_examples=20)
@given(strategies.policies, st.randoms(use_true_random=False))
def test_every_reply_is_what_query_says(tree: Any, random: Any) -> None:  # noqa: ANN401
    for rule in tree.get("rules", ()):
        if rule["action"] == "forward" and random.random() < 0.5:
            rule["vmm"] = {"implements": "all" if "calls" in rule else ["PSCI_VERSION", "TRNG_RND", "SDEI_PE_MASK"]}
    examination = pipeline.examine("p.yaml", strategies.write(tree, block=True))
    assume(examination.policy is not None)
    setups = maps.setups(examination)
    data: dict[str, Any] = payload("p.yaml", PolicyMap.of(examination, setups))
    starts = [start for start, _ in data["replies"]]
    edges = [edge for start in starts for edge in (start, start - 1) if edge >= 0]
    for func_id in [*random.sample(edges, min(len(edges), 150)), *(random.randrange(SPACE) for _ in range(100))]:
        decision = decide(examination, setups, func_id)
        answer = data["answers"][data["replies"][bisect_right(starts, func_id) - 1][1]]
        lines = query.replies_by_kernel(decision.replies, func_id)
        assert answer == tuple((line.label, line.text) for line in lines)


SAYING = b"""\
version: 1
name: p
rules:
  - {action: forward, services: [psci, trng],
     vmm: {version: {psci: "1.1", trng: "1.0"}, implements: [PSCI_VERSION, PSCI_CPU_SUSPEND/64, TRNG_VERSION],
           features: {PSCI_CPU_SUSPEND: 2}}}
  - {action: forward, calls: [SDEI_VERSION, SDEI_PE_MASK], vmm: {implements: all}}
  - {action: forward, services: [ffa]}
"""


def test_rules_say_what_the_vmm_makes_of_them() -> None:
    examination = pipeline.examine("p.yaml", SAYING)
    assert examination.policy is not None
    assert [vmm_words(rule.vmm) for rule in examination.policy.rules] == [
        [
            ("the VMM's version", "psci 1.1, trng 1.0"),
            ("the VMM implements", "PSCI_VERSION, PSCI_CPU_SUSPEND/64, TRNG_VERSION"),
            ("the VMM's features", "PSCI_CPU_SUSPEND 0x2"),
        ],
        [("the VMM implements", "SDEI_VERSION, SDEI_PE_MASK")],
        [],
    ]


def test_every_word_for_a_call_is_told_by_a_name_or_by_itself() -> None:
    examination = pipeline.examine("p.yaml", SAYING)
    data: dict[str, Any] = payload("p.yaml", PolicyMap.of(examination, maps.setups(examination)))
    told: dict[str, set[int]] = {}
    for func_id, name in data["names"]:
        for word in words_told(func_id, name):
            told.setdefault(word, set()).add(func_id)
    told |= {
        word: {func_id for ids in intervals for func_id in range(*ids)} for word, intervals in data["words"].items()
    }
    for name in registry.all_names():
        for word in (name, f"{name}/32", f"{name}/64"):
            ids = {func_id for interval in registry.by_name(word) or () for func_id in range(*interval)}
            assert told.get(word, set()) == ids, word


def test_nothing_of_a_policy_ends_the_script_that_holds_it(tmp_path: Path) -> None:
    drawn = draw(tmp_path, HOSTILE.encode())
    text = drawn.file.read_text(encoding="utf-8")
    assert re.findall("<script[^>]*>", text) == ['<script type="application/json" id="data">', "<script>"]
    assert text.count("</script>") == 2
    assert embedded(drawn)["rules"][0][1] == "<!--<script> ${alert(1)} &lt;b&gt; @DATA@ @SCRIPT@"


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    text = draw_shipped(tmp_path, "lockdown").file.read_text(encoding="utf-8")
    policy = re.findall('http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    hashed = "'sha256-[A-Za-z0-9+/]{43}='"
    expected = f"default-src 'none'; script-src {hashed}; style-src {hashed}; base-uri 'none'; form-action 'none'"
    assert len(policy) == 1
    assert re.fullmatch(expected, policy[0])
    assert not re.search(r'(src|href|action)="(?!#)|url\((?!#smccc-map-)|@import|https?:| style="| on[a-z]+="', text)


def test_the_page_is_the_same_from_run_to_run() -> None:
    examination = pipeline.examine("p.yaml", HOSTILE.encode())
    setups = maps.setups(examination)
    assert page.render("p.yaml", examination, setups) == page.render("p.yaml", examination, setups)
