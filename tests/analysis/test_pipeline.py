"""What an examiner remembers of one file changes nothing that it says of the next."""

import pytest

from smccc_filter.analysis.examination.guest_models import MOST_SEGMENTS, REMEMBERED, GuestModels
from smccc_filter.analysis.pipeline import Examiner
from smccc_filter.analysis.resolve import resolve
from smccc_filter.kvm.profiles import Profile, all_profiles
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.smccc.intervals import IntervalMap
from tests.analysis.checks.cases import HERE, POLICIES, examined
from tests.language.policy.documents import policy_of

NOTHING_DENIED: IntervalMap[Action] = IntervalMap.of((), Action.HANDLE)
ONE_DENIED = IntervalMap.of([(0x84000001, 0x84000002, Action.DENY)], Action.HANDLE)
POLICY = policy_of([])


def test_files_are_examined_as_if_each_were_the_only_one() -> None:
    examiner = Examiner()
    unrecorded = [policy for policy in POLICIES if not (HERE / policy).with_suffix(".calls").exists()]
    for policy in (*unrecorded, *reversed(unrecorded)):
        assert examiner.examine(policy, (HERE / policy).read_bytes()).report == examined(policy)


def test_policies_that_decide_alike_for_one_vm_share_their_guests() -> None:
    models, other = GuestModels(), policy_of([{"action": "handle", "calls": ["PSCI_CPU_ON"]}])
    first = models.guests(POLICY, all_profiles()[-2:], NOTHING_DENIED)
    assert models.guests(other, all_profiles()[-2:], resolve(other).actions) is first
    assert GuestModels().guests(POLICY, all_profiles()[-2:], NOTHING_DENIED) is not first


@pytest.mark.parametrize(
    ("policy", "kernels", "actions"),
    [
        (POLICY, all_profiles()[-1:], NOTHING_DENIED),
        (POLICY, all_profiles()[-2:], ONE_DENIED),
        (POLICY._replace(target=Target(stolen_time=True)), all_profiles()[-2:], NOTHING_DENIED),
        (POLICY._replace(firmware={"std": ()}), all_profiles()[-2:], NOTHING_DENIED),
    ],
)
def test_what_differs_in_anything_that_a_guest_can_tell_is_another_guest(
    policy: Policy, kernels: tuple[Profile, ...], actions: IntervalMap[Action]
) -> None:
    models = GuestModels()
    first = models.guests(POLICY, all_profiles()[-2:], NOTHING_DENIED)
    assert models.guests(policy, kernels, actions) is not first
    assert models.guests(POLICY, all_profiles()[-2:], NOTHING_DENIED) is first


def test_so_many_policies_are_remembered_and_no_more() -> None:
    models = GuestModels()
    maps = [IntervalMap.of([(number, number + 1, Action.DENY)], Action.HANDLE) for number in range(REMEMBERED + 1)]
    found = [models.guests(POLICY, all_profiles()[-1:], actions) for actions in maps]
    again = [models.guests(POLICY, all_profiles()[-1:], actions) for actions in reversed(maps)][::-1]
    assert [one is other for one, other in zip(found, again, strict=True)] == [False] + [True] * REMEMBERED


@pytest.mark.parametrize("segments", [MOST_SEGMENTS, MOST_SEGMENTS + 1])
def test_a_very_large_policy_is_not_remembered(segments: int) -> None:
    alternating = (
        (number, number + 1, Action.FORWARD if number % 2 else Action.DENY) for number in range(segments - 1)
    )
    actions = IntervalMap.of(alternating, Action.HANDLE)
    assert len(actions.starts) == segments
    models = GuestModels()
    first, second = (models.guests(POLICY, all_profiles()[-1:], actions) for _ in range(2))
    assert (first is second) is (segments <= MOST_SEGMENTS)
