"""What images are booted with on live kernels, and how their logs are judged: without booting one."""

from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.probe.judging import CallVerdict, predicted_answer
from tests.probe.vmm_logs import LETTERS, handled, line, written
from tests.programs.live.guest_boot import examined
from tests.programs.live.image_guests import MISTAKES, MORE, SOUND, ImageGuest, asked, judged

GUESTS = (*SOUND, *MISTAKES, *MORE)


def test_every_guest_has_a_policy_without_errors_and_a_name_of_its_own() -> None:
    assert len({guest.under.name for guest in GUESTS}) == len(GUESTS)
    for guest in GUESTS:
        assert not examined(guest.under).has_errors
        assert not examined(guest.under._replace(policy=guest.policy)).has_errors


def log_of(guest: ImageGuest) -> str:
    """Return what a guest prints whose VM is that of the policy."""
    header, questions = asked(guest)
    examination = examined(guest.under._replace(policy=guest.policy))
    assert examination.policy is not None
    vm = set_up(examination.policy, NEWEST, examination.resolution.actions)
    lines = [line(f"{header}1")]
    for conduit in header.conduits:
        for number, question in enumerate(questions.safe):
            answer = predicted_answer(vm, conduit, question).reply.registers or handled(question)
            lines.append(line(f"{number:x}{LETTERS[conduit]} {written(answer)}"))
    return "filter: Success\n" + "".join(lines) + line("end")


def test_a_log_is_judged_by_the_policy_of_the_image() -> None:
    for guest in (GUESTS[0], GUESTS[-1]):
        assert judged(guest, NEWEST, log_of(guest)).is_as_predicted
    late = next(guest for guest in GUESTS if guest.under.name == "late")
    other = log_of(late._replace(policy=late.under.policy))
    (own_digest, other_digest) = (asked(one)[0].digest for one in (late, late._replace(policy=late.under.policy)))
    assert own_digest != other_digest
    assert judged(late, NEWEST, other).of(CallVerdict.DIFFERS)
