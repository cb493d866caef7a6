"""What images are booted with on live kernels, and how their logs are judged: without booting one."""

from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.probe.judging import CallVerdict, predicted_answer
from tests.policies.shipped import NAMES
from tests.probe.vmm_logs import LETTERS, handled, line, written
from tests.programs.live.guest_boot import examined
from tests.programs.live.image_guests import (
    ALONE,
    BROKEN,
    GICV2,
    MISTAKES,
    MORE,
    NO_MISTAKE,
    SOUND,
    ImageGuest,
    JudgedImage,
    asked,
    is_as_expected,
    judged,
)

GUESTS = (*SOUND, *ALONE, *GICV2, *MISTAKES, *BROKEN, *MORE)


def test_every_guest_has_a_policy_without_errors_and_a_name_of_its_own() -> None:
    assert len({guest.under.name for guest in GUESTS}) == len(GUESTS)
    for guest in GUESTS:
        assert len(guest.under.name) < MAX_NAME
        assert not examined(guest.under).has_errors
        assert not examined(guest.under._replace(policy=guest.policy)).has_errors


MAX_NAME = 64
"""What guest_host.c has room for."""


def test_a_vmm_without_a_mistake_boots_under_every_policy_that_is_shipped() -> None:
    booted = {examined(guest.under).policy.name for guest in SOUND}  # type: ignore[union-attr]  # it has no errors
    assert booted == set(NAMES)


def test_every_wrong_answer_is_of_a_vmm_that_is_not_the_generated_one() -> None:
    for guest in BROKEN:
        assert (guest.mutant is None) is bool(guest.mistakes)
        assert guest.library != guest._replace(mutant=None, mistakes=NO_MISTAKE).library


def log_of(guest: ImageGuest) -> str:
    """Return what a guest prints whose VM is that of the policy."""
    header, questions = asked(guest)
    examination = examined(guest.under._replace(policy=guest.policy))
    assert examination.policy is not None
    vm = set_up(examination.policy, NEWEST, examination.resolution.actions)
    lines = [line(f"{header}1")]
    for conduit in header.conduits:
        for number in range(header.first, header.first + header.calls):
            question = questions.all[number]
            predicted = predicted_answer(vm, conduit, question)
            request = f"{number:x}{LETTERS[conduit]} "
            if predicted.comes_back is False:
                return f"{''.join(lines)}\r\nsmccc1 {request}"
            lines.append(line(f"{request}{written(predicted.reply.registers or handled(question))}"))
    return "filter: Success\n" + "".join(lines) + line("end")


def test_a_log_is_judged_by_the_policy_of_the_image() -> None:
    for guest in (GUESTS[0], GUESTS[-1]):
        assert judged(guest, NEWEST, log_of(guest)).is_as_predicted
    late = next(guest for guest in GUESTS if guest.under.name == "late")
    other = log_of(late._replace(policy=late.under.policy))
    (own_digest, other_digest) = (asked(one)[0].digest for one in (late, late._replace(policy=late.under.policy)))
    assert own_digest != other_digest
    assert judged(late, NEWEST, other).of(CallVerdict.DIFFERS)


def test_a_judgement_that_misses_a_mistake_is_noticed() -> None:
    for guest in (*MISTAKES, *BROKEN):
        log = log_of(guest)
        image = JudgedImage(judged(guest, NEWEST, log), f"{log}{guest.printed}", 1.0)
        assert image.judgement.is_as_predicted
        assert not is_as_expected(guest, image)
