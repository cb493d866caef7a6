"""A Linux guest's boot, for the policies that change it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.guests.beliefs import (
    ABSENT,
    HOST_DECIDES,
    PAGE_DECIDES,
    PRESENT,
    VMM_ANSWERS,
    Belief,
    BeliefTopic,
    Boot,
    BootStep,
)
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Conduit, Outcome
from smccc_filter.kvm.profiles import all_profiles
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Target
from tests.guests.policies import DENY, FORWARD, Ranges, deny, forward, vm
from tests.guests.test_discovery import policies

TRNG = [(0x8400_0050, 0x8400_005F, DENY), (0xC400_0050, 0xC400_005F, DENY)]
PSCI_TO_VMM = [
    (0x8400_0000, 0x8400_001F, FORWARD),
    (0x95C1_BA5E, 0x95C1_BA61, DENY),
    (0xC400_0000, 0xC400_001F, FORWARD),
]
SERVICES = "smccc: KVM: hypervisor services detected (0x00000000 0x00000000 0x00000000 0x00000003)"
STOLEN_TIME = "arm-pv: using stolen time PV"
BEHIND_SMCCC = [*list(BeliefTopic)[6:]]


def log(psci: str, smccc: str | None = "1.1", *more: str) -> tuple[str, ...]:
    lines = [
        f"psci: PSCIv{psci} detected in firmware.",
        "psci: Using standard PSCI v0.2 function IDs",
        "psci: Trusted OS migration not required",
    ]
    return (*lines, *([f"psci: SMC Calling Convention v{smccc}"] if smccc else []), *more)


def values(booted: Boot, *topics: BeliefTopic) -> dict[BeliefTopic, str]:
    return {belief.topic: belief.value for belief in booted.beliefs if belief.known and belief.topic in topics}


@pytest.mark.parametrize("name", [known.name for known in all_profiles()])
def test_no_policy(name: str) -> None:
    booted = boot(vm(name))
    new = name not in {"6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10", "6.11", "6.12"}
    assert booted.log == log("1.3" if new else "1.1", "1.1", SERVICES)
    assert booted.conduit is Conduit.HVC
    expected = {
        BeliefTopic.PSCI: "1.3" if new else "1.1",
        BeliefTopic.SMCCC: "1.1",
        BeliefTopic.CPU_SUSPEND: PRESENT,
        BeliefTopic.SYSTEM_SUSPEND: ABSENT,
        BeliefTopic.SYSTEM_RESET2: PRESENT,
        BeliefTopic.SYSTEM_OFF2: PRESENT if new else ABSENT,
        BeliefTopic.TRNG: "1.0",
        BeliefTopic.KVM_SERVICES: "0x00000000 0x00000000 0x00000000 0x00000003",
        BeliefTopic.PTP: PRESENT,
        BeliefTopic.IMPLEMENTATION_CPUS: ABSENT,
        BeliefTopic.PKVM: ABSENT,
    }
    assert values(booted, *BeliefTopic) == expected
    for topic in (BeliefTopic.SPECTRE_V2, BeliefTopic.SPECTRE_V4, BeliefTopic.SPECTRE_BHB):
        assert booted.belief(topic) == Belief(topic, HOST_DECIDES, known=False)
    assert booted.belief(BeliefTopic.STOLEN_TIME) == Belief(BeliefTopic.STOLEN_TIME, PAGE_DECIDES, known=False)


def calls(steps: tuple[BootStep, ...]) -> list[tuple[int, int]]:
    return [call for step in steps for call in ((step.func_id, step.x1), *calls(step.steps))]


def test_which_calls_a_guest_makes_one_behind_the_other() -> None:
    features, arch, pv_time = 0x8400_000A, 0x8000_0001, (0xC500_0020, 0xC500_0021)
    assert calls(boot(vm(target=Target(stolen_time=True))).steps) == [
        *((0x8400_0000, 0), (0x8400_0006, 0), (features, 0x8000_0000), (0x8000_0000, 0)),
        *((0x8400_0050, 0), (0x8600_FF01, 0), (0x8600_0000, 0), (0x8600_0001, 0)),
        *((arch, 0x8000_8000), (arch, 0x8000_7FFF), (arch, 0x8000_3FFF), (arch, pv_time[0]), pv_time, (pv_time[1], 0)),
        *((features, 0xC400_0001), (features, 0xC400_000E), (features, 0xC400_0012), (features, 0xC400_0015)),
    ]


@pytest.mark.parametrize("name", ["6.4", "7.3"])
def test_a_32_bit_linux_asks_for_the_smc32_forms_and_has_no_code_for_some_services(name: str) -> None:
    every = {"std_hyp": ("pv_time",), "vendor_hyp": ("func_feat", "ptp")}
    target = Target(stolen_time=True, capabilities=("system_suspend",))
    wide = boot(vm(name, firmware=every, target=target))
    booted = boot(vm(name, firmware=every, target=target._replace(aarch32=True)))
    made = calls(booted.steps)
    assert not [call for pair in made for call in pair if call >> 30 == 3]
    assert {(0x8400_000A, 0x8400_0001), (0x8400_000A, 0x8400_000E), (0x8000_0001, 0x8000_8000)} <= set(made)
    assert [belief.topic for belief in booted.beliefs] == list(BeliefTopic)
    alone = {
        *(BeliefTopic.SPECTRE_V4, BeliefTopic.SPECTRE_BHB, BeliefTopic.STOLEN_TIME),
        *(BeliefTopic.IMPLEMENTATION_CPUS, BeliefTopic.PKVM),
    }
    for belief in booted.beliefs:
        expected = Belief(belief.topic, ABSENT, known=True) if belief.topic in alone else wide.belief(belief.topic)
        assert belief == expected
    assert booted.log == tuple(line for line in wide.log if line != STOLEN_TIME)


@pytest.mark.parametrize(
    ("topic", "ranges", "bits"),
    [
        (BeliefTopic.IMPLEMENTATION_CPUS, forward(0xC600_0040), ("discover_impl_ver", "discover_impl_cpus")),
        (BeliefTopic.PKVM, [*deny(0x8600_0000), *forward(0xC600_0002)], ()),  # a refused bitmap has every bit
    ],
)
def test_what_a_32_bit_linux_has_no_code_for_is_the_vmms_elsewhere(
    topic: BeliefTopic, ranges: Ranges, bits: tuple[str, ...]
) -> None:
    for aarch32, expected in ((False, VMM_ANSWERS), (True, ABSENT)):
        booted = boot(vm(ranges=ranges, target=Target(aarch32=aarch32), firmware={"vendor_hyp_2": bits}))
        assert booted.belief(topic) == Belief(topic, expected, known=aarch32)
        assert any(func_id >> 24 == 0xC6 for func_id, _ in calls(booted.steps)) is not aarch32


@pytest.mark.parametrize("topic", [BeliefTopic.IMPLEMENTATION_CPUS, BeliefTopic.PKVM])
def test_a_32_bit_linux_finds_none_of_them_in_the_vmms_bitmap(topic: BeliefTopic) -> None:
    for aarch32, expected in ((False, VMM_ANSWERS), (True, ABSENT)):
        booted = boot(vm(ranges=forward(0x8600_0000), target=Target(aarch32=aarch32)))
        assert booted.belief(topic) == Belief(topic, expected, known=aarch32)


@pytest.mark.parametrize("name", ["6.12", "7.3"])
def test_trng_refused_through_the_register(name: str) -> None:
    booted = boot(vm(name, firmware={"std": ()}))
    assert booted.belief(BeliefTopic.TRNG) == Belief(BeliefTopic.TRNG, ABSENT, known=True)
    assert booted.log == boot(vm(name)).log
    assert booted.beliefs == boot(vm(name, TRNG)).beliefs


def test_psci_features_denied_ends_at_smccc_1_0() -> None:
    booted = boot(vm(ranges=deny(0x8400_000A), target=Target(stolen_time=True)))
    assert booted.log == log("1.3", "1.0")
    assert values(booted, BeliefTopic.SMCCC, *BEHIND_SMCCC) == {
        BeliefTopic.SMCCC: "1.0",
        **dict.fromkeys(BEHIND_SMCCC, ABSENT),
    }
    (root,) = booted.steps
    assert [(step.func_id, step.x1, step.steps) for step in root.steps] == [
        (0x8400_0006, 0, ()),
        (0x8400_000A, 0x8000_0000, ()),
        (0x8400_000A, 0xC400_0001, ()),
        (0x8400_000A, 0xC400_000E, ()),
        (0x8400_000A, 0xC400_0012, ()),
        (0x8400_000A, 0xC400_0015, ()),
    ]


def test_psci_version_denied_reads_as_65535_65535_and_goes_on() -> None:
    booted = boot(vm(ranges=deny(0x8400_0000)))
    assert booted.log == log("65535.65535", "1.1", SERVICES)
    assert booted.beliefs[1:] == boot(vm()).beliefs[1:]


def test_psci_0_2_does_not_look_for_smccc() -> None:
    booted = boot(vm(target=Target(psci="0.2")))
    assert booted.log == log("0.2", None)
    assert values(booted, *BeliefTopic) == {
        BeliefTopic.PSCI: "0.2",
        BeliefTopic.SMCCC: "1.0",
        **dict.fromkeys(list(BeliefTopic)[2:], ABSENT),
    }


def test_psci_0_1_comes_from_the_devicetree() -> None:
    booted = boot(vm(target=Target(psci="0.1")))
    assert booted.log == ("psci: Using PSCI v0.1 Function IDs from DT",)
    assert booted.belief(BeliefTopic.PSCI) == Belief(BeliefTopic.PSCI, "0.1", known=True)
    assert values(booted, *BEHIND_SMCCC) == dict.fromkeys(BEHIND_SMCCC, ABSENT)
    assert booted.steps == ()


def test_migrate_info_type_denied() -> None:
    assert "psci: MIGRATE_INFO_TYPE not supported." in boot(vm(ranges=deny(0x8400_0006))).log


@pytest.mark.parametrize(
    ("ranges", "firmware", "expected"),
    [
        ((), {}, PRESENT),
        ((), {"std_hyp": ()}, ABSENT),
        (deny(0xC500_0020), {}, ABSENT),
        (deny(0xC500_0021), {}, ABSENT),
        (forward(0xC500_0020), {}, VMM_ANSWERS),
        (forward(0xC500_0021), {}, VMM_ANSWERS),
        (forward(0xC500_0020, 0xC500_0021), {"std_hyp": ()}, ABSENT),
    ],
)
def test_stolen_time_with_a_page(ranges: Ranges, firmware: dict[str, tuple[str, ...]], expected: str) -> None:
    booted = boot(vm(ranges=ranges, firmware=firmware, target=Target(stolen_time=True)))
    assert booted.belief(BeliefTopic.STOLEN_TIME) == Belief(
        BeliefTopic.STOLEN_TIME, expected, known=expected != VMM_ANSWERS
    )
    assert (STOLEN_TIME in booted.log) is (expected == PRESENT)
    assert booted.belief(BeliefTopic.CPU_SUSPEND) == Belief(BeliefTopic.CPU_SUSPEND, PRESENT, known=True)


@pytest.mark.parametrize(
    ("ranges", "firmware", "expected"),
    [
        ((), {}, PAGE_DECIDES),
        (forward(0xC500_0021), {}, VMM_ANSWERS),
        (deny(0xC500_0021), {}, ABSENT),
        (deny(0xC500_0020), {}, ABSENT),
        ((), {"std_hyp": ()}, ABSENT),
    ],
)
def test_stolen_time_where_nobody_says_whether_there_is_a_page(
    ranges: Ranges, firmware: dict[str, tuple[str, ...]], expected: str
) -> None:
    booted = boot(vm(ranges=ranges, firmware=firmware))
    known = expected == ABSENT
    assert booted.belief(BeliefTopic.STOLEN_TIME) == Belief(BeliefTopic.STOLEN_TIME, expected, known=known)
    assert STOLEN_TIME not in booted.log


def test_stolen_time_without_a_page() -> None:
    booted = boot(vm(target=Target(stolen_time=False)))
    assert (0xC500_0020, 0xC500_0021) in calls(booted.steps)
    assert (0xC500_0021, 0) not in calls(booted.steps)
    assert booted.belief(BeliefTopic.STOLEN_TIME).value == ABSENT
    assert STOLEN_TIME not in booted.log


def test_no_vendor_services() -> None:
    for setup in (vm(firmware={"vendor_hyp": ()}), vm(ranges=deny(0x8600_FF01))):
        booted = boot(setup)
        assert booted.log == log("1.3")
        assert values(booted, *list(BeliefTopic)[-4:]) == dict.fromkeys(list(BeliefTopic)[-4:], ABSENT)


def test_a_denied_bitmap_is_a_bitmap() -> None:
    booted = boot(vm(ranges=deny(0x8600_0000)))
    words = "0x00000000 0x00000000 0x00000000 0xffffffffffffffff"
    assert booted.log[-1] == f"smccc: KVM: hypervisor services detected ({words})"
    assert values(booted, BeliefTopic.PTP, BeliefTopic.PKVM, BeliefTopic.IMPLEMENTATION_CPUS) == {
        BeliefTopic.PTP: PRESENT,
        BeliefTopic.PKVM: ABSENT,
        BeliefTopic.IMPLEMENTATION_CPUS: ABSENT,
    }


def test_ptp_that_is_advertised_and_denied_is_no_clock() -> None:
    assert boot(vm(ranges=deny(0x8600_0001))).belief(BeliefTopic.PTP).value == ABSENT


def test_implementation_cpus_come_from_the_vmm() -> None:
    bits = {"vendor_hyp_2": ("discover_impl_ver", "discover_impl_cpus")}
    booted = boot(vm(ranges=forward(0xC600_0040, 0xC600_0041), firmware=bits))
    assert booted.belief(BeliefTopic.IMPLEMENTATION_CPUS) == Belief(
        BeliefTopic.IMPLEMENTATION_CPUS, VMM_ANSWERS, known=False
    )
    assert booted.log[-1].endswith("(0x00000000 0x00000003 0x00000000 0x00000003)")
    for setup in (vm(firmware=bits), vm(ranges=forward(0xC600_0040, 0xC600_0041))):
        assert boot(setup).belief(BeliefTopic.IMPLEMENTATION_CPUS) == Belief(
            BeliefTopic.IMPLEMENTATION_CPUS, ABSENT, known=True
        )


@pytest.mark.parametrize("bit", ["discover_impl_ver", "discover_impl_cpus"])
def test_one_bit_of_two_is_not_enough_for_implementation_cpus(bit: str) -> None:
    booted = boot(vm(ranges=forward(0xC600_0040, 0xC600_0041), firmware={"vendor_hyp_2": (bit,)}))
    assert booted.belief(BeliefTopic.IMPLEMENTATION_CPUS) == Belief(BeliefTopic.IMPLEMENTATION_CPUS, ABSENT, known=True)


def test_psci_in_the_vmm_leaves_all_but_refusals_open() -> None:
    booted = boot(vm("6.12", PSCI_TO_VMM))
    assert booted.log == ()
    assert booted.belief(BeliefTopic.PSCI) == Belief(BeliefTopic.PSCI, VMM_ANSWERS, known=False)
    assert booted.belief(BeliefTopic.SMCCC) == Belief(BeliefTopic.SMCCC, "1.1", known=False)
    assert booted.belief(BeliefTopic.TRNG) == Belief(BeliefTopic.TRNG, "1.0", known=False)
    assert booted.belief(BeliefTopic.SYSTEM_RESET2) == Belief(BeliefTopic.SYSTEM_RESET2, VMM_ANSWERS, known=False)
    without = Target(stolen_time=False)
    refused = boot(vm("6.12", [*PSCI_TO_VMM, *deny(0x8600_FF01)], firmware={"std": ()}, target=without))
    assert values(refused, *BeliefTopic) == dict.fromkeys(
        (
            BeliefTopic.TRNG,
            BeliefTopic.STOLEN_TIME,
            BeliefTopic.KVM_SERVICES,
            BeliefTopic.PTP,
            BeliefTopic.IMPLEMENTATION_CPUS,
            BeliefTopic.PKVM,
        ),
        ABSENT,
    )


def test_a_forwarded_psci_version_does_not_open_what_psci_features_closes() -> None:
    booted = boot(vm(ranges=[*forward(0x8400_0000), *deny(0x8400_000A)]))
    assert booted.log == ()
    assert booted.belief(BeliefTopic.SMCCC) == Belief(BeliefTopic.SMCCC, "1.0", known=True)
    assert values(booted, *BEHIND_SMCCC) == dict.fromkeys(BEHIND_SMCCC, ABSENT)


def test_a_forwarded_features_call_leaves_what_is_behind_it_open_and_no_more() -> None:
    booted = boot(vm(ranges=forward(0x8400_000A)))
    assert booted.log == log("1.3", None)
    assert booted.belief(BeliefTopic.PSCI) == Belief(BeliefTopic.PSCI, "1.3", known=True)
    assert booted.belief(BeliefTopic.SMCCC) == Belief(BeliefTopic.SMCCC, "1.1", known=False)


def test_what_is_unsure_stays_so_where_the_vmm_answers_more() -> None:
    booted = boot(vm(ranges=forward(0x8400_0000, 0x8400_0050)))
    assert booted.log == ()
    assert {belief.topic for belief in booted.beliefs if belief.known and belief.value != ABSENT} == set()


def test_trng_in_the_vmm() -> None:
    booted = boot(vm(ranges=[(first, last, FORWARD) for first, last, _ in TRNG]))
    assert booted.belief(BeliefTopic.TRNG) == Belief(BeliefTopic.TRNG, VMM_ANSWERS, known=False)
    assert booted.log == log("1.3", "1.1", SERVICES)


@pytest.mark.parametrize("more", [(), tuple(deny(0x8600_0000))])
def test_another_hypervisors_uid(more: tuple[tuple[int, int, Action], ...]) -> None:
    booted = boot(vm(ranges=[*forward(0x8600_FF01), *more]))
    assert booted.log == log("1.3")
    expected = VMM_ANSWERS if more else "0x00000000 0x00000000 0x00000000 0x00000003"
    assert booted.belief(BeliefTopic.KVM_SERVICES) == Belief(BeliefTopic.KVM_SERVICES, expected, known=False)


def test_a_protected_guest_finds_pkvm() -> None:
    booted = boot(vm(target=Target(protected=True)))
    assert booted.belief(BeliefTopic.KVM_SERVICES).value == "0x00000000 0x00000000 0x00000000 0x0000001d"
    assert values(booted, BeliefTopic.PKVM, BeliefTopic.PTP) == {BeliefTopic.PKVM: PRESENT, BeliefTopic.PTP: ABSENT}


def test_a_nested_guest_boots_by_smc() -> None:
    booted = boot(vm(target=Target(nested=True)))
    assert booted.conduit is Conduit.SMC
    assert booted.log == log("1.3", "1.1", SERVICES)


def test_system_suspend_needs_the_capability() -> None:
    booted = boot(vm(target=Target(capabilities=("system_suspend",))))
    assert booted.belief(BeliefTopic.SYSTEM_SUSPEND).value == PRESENT


def walk(steps: tuple[BootStep, ...]) -> list[BootStep]:
    return [found for step in steps for found in (step, *walk(step.steps))]


@settings(deadline=None)
@given(policies)
def test_every_topic_has_one_belief_in_order_and_every_step_its_reply(setup: VmSetup) -> None:
    booted = boot(setup)
    assert [belief.topic for belief in booted.beliefs] == list(BeliefTopic)
    everything = setup.outcomes()
    for step in walk(booted.steps):
        assert step.reply.outcome is everything[step.func_id]
    for belief in booted.beliefs:
        assert not (belief.known and belief.value in {VMM_ANSWERS, HOST_DECIDES})


@settings(deadline=None)
@given(policies, st.data())
def test_a_policy_that_forwards_nothing_leaves_nothing_to_the_vmm(setup: VmSetup, data: st.DataObject) -> None:
    if Outcome.FORWARDED in setup.outcomes().values:
        return
    belief = data.draw(st.sampled_from(boot(setup).beliefs))
    assert belief.known is (belief.value != HOST_DECIDES)
