import pytest

from smccc_filter.analysis.vmm_duties import ForwardedCall, VmmAnswering, VmmDuties, vmm_duties
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import size, union
from tests.policies.shipped import each_policy
from tests.reports.map import cases as maps

SAYING = f"""{maps.HEAD}
target: {{psci: "1.1", capabilities: [system_suspend]}}
firmware: {{std: []}}
rules:
  - name: entropy
    action: forward
    services: [trng]
    vmm: {{version: "1.0", implements: [TRNG_VERSION, TRNG_FEATURES, TRNG_RND/64]}}
  - {{name: silent, action: forward, calls: [PSCI_SYSTEM_RESET], ranges: [0x82000000]}}
  - {{name: no, action: deny, calls: [PSCI_SYSTEM_OFF]}}
"""


def duties(text: str) -> VmmDuties:
    return vmm_duties(maps.of(text))


def calls(text: str) -> dict[tuple[str, ...], ForwardedCall]:
    return {tuple(map(str, map(registry.name_of, call.ids))): call for call in duties(text).calls}


def test_what_is_forwarded_is_answered_as_the_policy_says() -> None:
    found = calls(SAYING)
    assert {names: call.answering for names, call in found.items()} == {
        ("PSCI_SYSTEM_RESET",): VmmAnswering.UNSAID,
        ("TRNG_VERSION",): VmmAnswering.TABLE,
        ("TRNG_FEATURES",): VmmAnswering.TABLE,
        ("TRNG_GET_UUID",): VmmAnswering.REFUSED,
        ("TRNG_RND/32",): VmmAnswering.REFUSED,
        ("TRNG_RND/64",): VmmAnswering.HANDLER,
    }
    assert found["TRNG_VERSION",].registers == (0x10000, 0, 0, 0)
    assert found["TRNG_FEATURES",].registers is None  # it depends on what is asked
    assert {str(call.rule and call.rule.name) for call in found.values()} == {"entropy", "silent"}
    signature = found["TRNG_RND/64",].signature
    assert signature
    assert [value.name for value in signature.arguments] == ["n"]


def test_the_forms_of_a_call_that_are_alike_are_one() -> None:
    (call,) = calls(f"{maps.HEAD}rules: [{{action: forward, calls: [TRNG_RND]}}]\n").values()
    assert call.ids == (0x84000053, 0xC4000053)


def test_what_no_specification_names_is_counted() -> None:
    found = duties(SAYING)
    assert (0x82000000, 0x82000001) in found.unnamed
    assert size(found.unnamed) == 1 + 32 - 5
    assert size(found.refused) == 32 - 5


def test_what_is_to_be_written_is_listed() -> None:
    found = duties(SAYING)
    assert [(register.macro, register.value) for register in found.registers] == [
        ("KVM_REG_ARM_PSCI_VERSION", 0x10001),
        ("KVM_REG_ARM_STD_BMAP", 0),
    ]
    assert found.capabilities == ("system_suspend",)
    assert [entry.action for entry in found.entries].count(Action.DENY) == 1


def test_a_policy_without_rules_asks_nothing() -> None:
    found = duties(maps.HEAD)
    assert found == VmmDuties((), (), (), (), (), ())
    assert not found.forwards


def test_what_the_default_forwards_has_no_rule() -> None:
    found = duties(f"{maps.HEAD}default: forward\n")
    assert {call.rule for call in found.calls} == {None}
    assert {call.answering for call in found.calls} == {VmmAnswering.UNSAID}


@each_policy
def test_every_forwarded_id_is_a_call_or_counted(name: str) -> None:
    drawn = maps.of_shipped(name)
    found = vmm_duties(drawn)
    forwarded = drawn.examination.resolution.actions.where(lambda action: action is Action.FORWARD)
    listed = union((func_id, func_id + 1) for call in found.calls for func_id in call.ids)
    blocks = [call.function.name for call in found.calls if call.function.last is not None]
    assert blocks or size(listed) + size(found.unnamed) == size(forwarded)
    assert union((*listed, *found.unnamed)) == forwarded or blocks


@pytest.mark.parametrize("answering", VmmAnswering)
def test_every_way_to_answer_is_met(answering: VmmAnswering) -> None:
    assert answering in {call.answering for call in duties(SAYING).calls}
