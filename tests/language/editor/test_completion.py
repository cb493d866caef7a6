"""What the language server offers: keys, actions, calls and services with their meanings, and nothing that misleads."""

import pytest

from smccc_filter.kvm.profiles import RELEASES
from smccc_filter.kvm.uapi import PSCI_VERSIONS
from smccc_filter.language.policy.language import ACTIONS, CAPABILITIES, FIRMWARE_BITS, fields
from smccc_filter.smccc import registry
from tests.language.editor.client import Editor, Item
from tests.language.editor.inputs import HEAD, NAME, RULE, parted

CALLS = set(registry.all_names())
SERVICES = {service.name for service in registry.services()}
SNIPPET = "a rule"
GENERATED = {"Rule", "SMCCC filter policy", "- (array item) string"}
"""What the server makes up itself: a mapping's required keys, and an item where it takes a flow list for a block."""


def offers(editor: Editor, marked: str) -> dict[str, Item]:
    return {item.label: item for item in editor.offers(NAME, *parted(marked))}


OFFERED: dict[str, set[str]] = {
    "^": set(fields()[""]),
    "# A comment.\n^": set(fields()[""]),
    f"{HEAD}^": set(fields()[""]) - {"version", "name"},
    f"{HEAD}rules:\n  ^": {SNIPPET},
    f"{HEAD}rules:\n  - ^": {*fields()["rules"], SNIPPET},
    f"{RULE}    ^": {*fields()["rules"], SNIPPET} - {"action"},
    f"{RULE}    services: [psci]\n    except:\n      ^": set(fields()["except"]),
    f"{HEAD}target:\n  ^": set(fields()["target"]),
    f"{HEAD}firmware:\n  ^": set(fields()["firmware"]),
    f"{HEAD}rules:\n  - action: ^": set(ACTIONS),
    f"{HEAD}rules:\n  - {{action: ^": set(ACTIONS),
    f"{HEAD}default: ^": set(ACTIONS),
    f"{HEAD}tests:\n  - {{call: PSCI_CPU_ON, expect: ^}}": set(ACTIONS),
    f"{RULE}    calls: [^]": CALLS,
    f"{RULE}    calls: [PSCI_CPU_OFF, ^]": CALLS,
    f"{RULE}    calls: [PSCI_CPU_OFF, PSCI_C^]": CALLS,
    f"{RULE}    calls:\n      - ^": CALLS,
    f"{RULE}    calls:\n      - PSCI_CPU_OFF\n      - PSCI_C^": CALLS,
    f"{RULE}    services: [psci]\n    except: {{calls: [PSCI_C^]}}": CALLS,
    f"{HEAD}tests:\n  - call: ^": CALLS,
    f"{HEAD}tests:\n  - {{call: PSCI_C^}}": CALLS,
    f"{RULE}    services: [^]": SERVICES,
    f"{RULE}    services: [p^]": SERVICES,
    f"{RULE}    services:\n      - psci\n      - ^": SERVICES,
    f"{RULE}    ranges: [^]": set(),
    f"{HEAD}firmware:\n  std: [^]": {"trng"},
    f"{HEAD}firmware:\n  vendor_hyp:\n    - ^": {"func_feat", "ptp"},
    f"{HEAD}target:\n  psci: ^": {f'"{version}"' for version in PSCI_VERSIONS},
    f"{HEAD}target:\n  kernels: [^]": {f'"{release}"' for release in RELEASES},
    f"{HEAD}target:\n  kernels:\n    - ^": {f'"{release}"' for release in RELEASES},
    f"{HEAD}target:\n  capabilities: [^]": set(CAPABILITIES),
    f"{HEAD}target:\n  nested: ^": {"true", "false"},
}
"""What may stand at the caret."""


@pytest.mark.parametrize("marked", OFFERED, ids=ascii)
def test_what_may_stand_there_is_offered(marked: str, editor: Editor) -> None:
    assert set(offers(editor, marked)) - GENERATED == OFFERED[marked]


@pytest.mark.parametrize(
    ("marked", "label", "about"),
    [
        (f"{RULE}    calls: [PSCI_C^]", "PSCI_CPU_ON", "power up a core at an entry point (DEN0022): 0x84000003, 0xC4"),
        (f"{RULE}    calls: [^]", "PSCI_0_2_FN64_CPU_ON", "power up a core at an entry point: PSCI_CPU_ON/64 as Linux"),
        (f"{RULE}    calls:\n      - ^", "SMCCC_VERSION", "EEXIST"),
        (f"{RULE}    services:\n      - ^", "trng", "True Random Number Generator firmware interface (DEN0098): 0x840"),
        (f"{RULE}    services: [^]", "arch", "EEXIST"),
        (f"{HEAD}default: ^", "deny", ACTIONS["deny"]),
        (f"{HEAD}firmware:\n  vendor_hyp: [^]", "ptp", FIRMWARE_BITS["ptp"]),
        (f"{HEAD}target:\n  capabilities: [^]", "system_suspend", CAPABILITIES["system_suspend"]),
        (f"{HEAD}^", "rules", "Rules; their order is free."),
        (f"{RULE}    ^", "reason", "Why the rule is there."),
    ],
)
def test_an_offer_says_what_it_means(marked: str, label: str, about: str, editor: Editor) -> None:
    assert about in offers(editor, marked)[label].about


@pytest.mark.parametrize(
    ("marked", "label", "text"),
    [
        (f"{HEAD}^", "default", "default: "),
        (f"{HEAD}^", "target", "target:\n  "),
        (f"{HEAD}^", "rules", "rules:\n  - action: "),
        ("^", "SMCCC filter policy", "version: 1\nname: "),
        (f"{RULE}    ^", "reason", "reason: "),
        (f"{HEAD}tests:\n  - ^", "call", "call: "),
        (f"{HEAD}target:\n  psci: ^", '"1.1"', '"1.1"'),
        (f"{HEAD}target:\n  kernels: [^]", '"6.12"', '"6.12"'),
        (f"{RULE}    calls: [^]", "PSCI_CPU_ON", "PSCI_CPU_ON"),
        (
            f"{HEAD}rules:\n  ^",
            SNIPPET,
            "- action: ${1|forward,deny,handle|}\n  calls:\n    - ${2:PSCI_CPU_ON}\n  reason: $3",
        ),
    ],
)
def test_what_is_accepted_is_inserted_whole(marked: str, label: str, text: str, editor: Editor) -> None:
    assert offers(editor, marked)[label].text == text


def test_releases_are_offered_newest_first(editor: Editor) -> None:
    items = editor.offers(NAME, *parted(f"{HEAD}target:\n  kernels: [^]"))
    assert [item.label for item in items] == [f'"{release}"' for release in reversed(RELEASES)]


def test_no_form_of_a_call_crowds_the_list(editor: Editor) -> None:
    labels = offers(editor, f"{RULE}    calls: [^]")
    assert len(set(labels) - GENERATED) == len(CALLS)
    assert not [label for label in labels if "/" in label]
