"""What the language server shows of the word that somebody points at."""

import pytest

from smccc_filter.language.policy.language import ACTIONS, FIRMWARE_BITS
from smccc_filter.smccc import registry
from tests.language.editor.client import Editor
from tests.language.editor.inputs import HEAD, NAME, RULE, parted


def shown(editor: Editor, marked: str) -> str:
    """Return what is shown, without the backslashes that Markdown wants."""
    return editor.hover(NAME, *parted(marked)).replace("\\", "")


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("ver^sion: 1\nname: a\n", "The version of the policy language: 1."),
        ("version: 1\nna^me: a\n", "Becomes the C and Rust symbol, `-` turned into `_`."),
        (f"{HEAD}tar^get: {{nested: true}}\n", "Where the policy runs."),
        (f"{HEAD}target: {{nes^ted: true}}\n", "Whether the guest has EL2"),
        (f'{HEAD}target: {{kernels: ["6.^12"]}}\n', "A Linux release as first published, or a stable one."),
        (f'{HEAD}target: {{psci: "1.^1"}}\n', '* `"1.1"`: KVM_REG_ARM_PSCI_VERSION is 0x10001.'),
        (f"{HEAD}firmware: {{vendor_hyp: [pt^p]}}\n", f"* `ptp`: {FIRMWARE_BITS['ptp']}"),
        (f"{HEAD}ru^les:\n  - {{action: deny, calls: [TRNG_RND]}}\n", "Rules; their order is free."),
        (f"{HEAD}rules:\n  - act^ion: deny\n    calls: [TRNG_RND]\n", "What happens to the calls that the rule"),
        (
            f"{HEAD}rules:\n  - action: de^ny\n    calls: [TRNG_RND]\n",
            f"Allowed Values:\n\n* `deny`: {ACTIONS['deny']}",
        ),
        (f"{RULE}    cal^ls: [TRNG_RND]\n", "Calls by name; a name means every ID the call has"),
        (f"{RULE}    calls: [TRNG_RND, PSCI_C^PU_ON]\n", "power up a core at an entry point (DEN0022): 0x84000003, 0x"),
        (f"{RULE}    calls:\n      - PSCI_C^PU_ON\n", "power up a core at an entry point (DEN0022): 0x84000003, 0x"),
        (f"{RULE}    calls: [PSCI_C^PU_ON/64]\n", "power up a core at an entry point (DEN0022), SMC64: 0xC4000003"),
        (f"{RULE}    calls: [PSCI_C^PU_OFF/32]\n", "The only form of a call, SMC32 (/32) or SMC64 (/64)."),
        (f"{RULE}    calls: [PSCI_0_2^_FN64_CPU_ON]\n", "PSCI_CPU_ON/64 as Linux's headers call it, 0xC4000003"),
        (f"{RULE}    calls: [SMCCC_^VERSION]\n", "KVM keeps it: a filter that selects it gets EEXIST"),
        (f"{RULE}    services: [ps^ci]\n", "Power State Coordination Interface: CPUs and the system on and off"),
        (f"{RULE}    services: [psci]\n    except: {{calls: [PSCI_^CPU_OFF]}}\n", "power down the calling core"),
        (f"{RULE}    ranges: [0x84^000000-0x8400001F]\n", "0x84000000-0x8400001F (inclusive), 0xC6000040+2"),
        (f"{RULE}    ranges: [0x84^000000]\n", "0x84000000-0x8400001F (inclusive), 0xC6000040+2"),
        (f"{HEAD}tests: [{{call: PSCI_C^PU_ON, expect: deny}}]\n", "power up a core at an entry point (DEN0022)"),
        (f"{HEAD}tests: [{{call: 0x84^000003, expect: deny}}]\n", "One function ID in hexadecimal."),
        (f"{HEAD}tests: [{{call: PSCI_CPU_ON, expect: fo^rward}}]\n", f"* `forward`: {ACTIONS['forward']}"),
    ],
)
def test_a_word_is_explained(marked: str, text: str, editor: Editor) -> None:
    assert text in shown(editor, marked)


def test_of_a_call_only_that_call_is_shown(editor: Editor) -> None:
    text = shown(editor, f"{RULE}    calls: [PSCI_C^PU_ON]\n")
    assert text.startswith("#### Call\n\npower up a core")
    others = [function.meaning for function in registry.functions() if function.name != "PSCI_CPU_ON"]
    assert not [meaning for meaning in others if meaning in text]


def test_of_a_service_only_that_service_is_shown(editor: Editor) -> None:
    text = shown(editor, f"{RULE}    services: [ps^ci]\n")
    assert text.startswith("#### Service\n\nPower State")
    assert not [service.name for service in registry.services() if service.name != "psci" and service.title in text]
