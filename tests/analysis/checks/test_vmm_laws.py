"""What the VMM is made to say of itself is the truth, or a check says that it is not."""

from hypothesis import given, settings

from smccc_filter.analysis.pipeline import examine
from smccc_filter.guests.discovery import answers
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.machine import Outcome
from tests.guests.policies import kernel
from tests.guests.vmm_policies import VmmCase, vmm_cases
from tests.language.policy.documents import written

READ_OTHERWISE = {"P103", "P104", "K403", "K404"}
"""With these the policy is not what the model is asked about."""


@settings(deadline=None, max_examples=60)
@given(vmm_cases())
def test_what_the_vmm_promises_and_refuses_is_reported(case: VmmCase) -> None:
    examination = examine("p.yaml", written(case.document()))
    codes = {finding.code for finding in examination.diagnostics}
    if examination.policy is None or case.target.aarch32 or codes & READ_OTHERWISE:
        return
    vm = set_up(examination.policy, kernel(case.kernel), examination.resolution.actions)
    untrue = {
        answer.asked
        for answer in answers(vm)
        if answer.told.by_vmm and answer.got.by_vmm and answer.advertised and answer.call is Outcome.NOT_SUPPORTED
    }
    reported = [ids for found in examination.diagnostics if found.code in {"V702", "V705"} for ids in found.ids]
    assert {call for call in untrue if not any(start <= call < stop for start, stop in reported)} == set()
