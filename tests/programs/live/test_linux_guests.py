"""What Linux guests are told, and how what they say is compared: without booting one."""

import re
from collections.abc import Iterable

import pytest

from smccc_filter.analysis.pipeline import program
from smccc_filter.kvm.profiles import Profile, profile
from tests.programs.live.guest_boot import compare, differing, handlers, predict
from tests.programs.live.guest_boot import examined as examine_guest
from tests.programs.live.linux_guests import (
    HANDLED_BY_KVM,
    HOTPLUG,
    PSCI,
    TAG,
    TRNG,
    UNANSWERED,
    WORD,
    GuestBoot,
    LinuxGuest,
    Said,
    is_of_vmm,
    shortfalls,
)

BY_NAME = {guest.name: guest for guest in (*HANDLED_BY_KVM, HOTPLUG, PSCI, TRNG, UNANSWERED)}


def newest() -> Profile:
    known = profile("7.3.4")
    assert known is not None
    return known


def differences(name: str, *, trng: bool, drop: str = "", add: tuple[str, ...] = ()) -> list[str]:
    predicted = predict(BY_NAME[name], newest())
    log = tuple(line for line in predicted.log if line != drop)
    return list(compare(predicted, GuestBoot((*log, *add), trng, "")))


def test_a_guest_is_compared_line_by_line_and_by_its_trng() -> None:
    assert [differences(guest.name, trng=guest.name == "unfiltered") for guest in HANDLED_BY_KVM] == [[], [], []]
    old = "psci: SMC Calling Convention v1.0"
    assert old in predict(BY_NAME["features-denied"], newest()).log
    assert differences("features-denied", trng=False, drop=old) == [f"{old!r} is predicted, not said"]
    assert differences("trng-refused", trng=False, add=(old,)) == [f"{old!r} is said, not predicted"]
    assert differences("trng-refused", trng=True) == ["a TRNG was found"]
    assert differences("unfiltered", trng=False) == ["a TRNG was not found"]


def test_a_guest_says_what_a_handler_of_its_vmm_answers() -> None:
    said = "psci: Trusted OS migration not required"
    assert differences("kvmtool-psci", trng=True) == [f"{said!r} is predicted, not said"]
    assert differences("kvmtool-psci", trng=True, add=(said,)) == []
    assert differences("vcpu-hotplug", trng=True) == []


def test_libraries_have_the_handlers_that_headers_ask_for() -> None:
    given = {guest.name: handlers(program(examine_guest(guest))) for guest in BY_NAME.values()}
    assert [name for name in given if not given[name]] == [guest.name for guest in HANDLED_BY_KVM]
    assert re.findall(r"\.(\w+) = \1", given["trng-in-vmm"][0]) == ["trng_get_uuid", "trng_rnd"]


def words(numbers: Iterable[int]) -> bytes:
    return b"".join(WORD.pack(TAG + number) for number in numbers)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (words(range(9)), True),
        (words([0, 1, 2, 6, 7, 8, 9, 10, 11]), True),
        (words([2, 1, 0, 5, 4, 3, 8, 7, 6]), False),
        (words([0, 2, 4, 6, 8, 10, 12, 14, 16]), False),
        (words(range(8)), False),
        (bytes(72), False),
        (bytes(range(72)), False),
        (b"", False),
    ],
    ids=["all", "the kernel took some", "words swapped", "words lost", "too few", "zeros", "other bytes", "nothing"],
)
def test_entropy_of_the_vmm_is_recognised(data: bytes, *, expected: bool) -> None:
    assert is_of_vmm(data, 72) is expected


def as_told(guest: LinuxGuest) -> str:
    """Return what a guest says that does all it is told, without its log."""
    boots = 2 if guest.reboots else 1
    boot = [
        f"LOG smp: Brought up 1 node, {guest.cpus} CPU{'s' if guest.cpus > 1 else ''}",
        *([f"CPU1 {guest.toggles} times down and {guest.toggles} up"] if guest.toggles else []),
        *["LATER psci: CPU1 killed (polled 0 ms)"] * guest.toggles,
        *([f"ENTROPY {words(range(guest.entropy // WORD.size)).hex()}"] if guest.entropy else []),
    ]
    on, off = boots * (guest.cpus - 1 + guest.toggles), boots * guest.toggles
    whole = int(guest is PSCI)
    handled = f"HANDLED {on} cpu_on, {off} cpu_off, {whole} system_off, {whole} system_reset, 60 words"
    return "\n".join([*["BOOT", *boot] * boots, handled, ""])


def complaints(guest: LinuxGuest, text: str) -> list[str]:
    boots = text.split("BOOT\n")[1:]
    return list(shortfalls(guest, Said(tuple(GuestBoot((), trng=True, text=boot) for boot in boots), text)))


@pytest.mark.parametrize("guest", [HOTPLUG, PSCI, TRNG, *HANDLED_BY_KVM], ids=lambda guest: guest.name)
def test_a_guest_that_did_all_is_not_complained_of(guest: LinuxGuest) -> None:
    assert complaints(guest, as_told(guest)) == []


@pytest.mark.parametrize(
    ("guest", "pattern", "instead", "complaint"),
    [
        (HOTPLUG, "4 CPUs", "1 CPU", "it did not bring up 4 CPUs"),
        (HOTPLUG, "3 times down", "2 times down", "CPU 1 did not go down and up 3 times"),
        (HOTPLUG, "and 3 up", "and 0 up", "CPU 1 did not go down and up 3 times"),
        (HOTPLUG, r"killed \(polled.*", "may not have shut down cleanly", "it found CPU 1 off 2 times, not 3"),
        (HOTPLUG, "6 cpu_on", "0 cpu_on", "its VMM handled cpu_on 0 times, not 6"),
        (HOTPLUG, "3 cpu_off", "4 cpu_off", "its VMM handled cpu_off 4 times, not 3"),
        (HOTPLUG, "0 system_off", "1 system_off", "its VMM handled system_off 1 times, not 0"),
        (PSCI, r"(?s)BOOT.*BOOT", "BOOT", "it booted 1 times, not 2"),
        (PSCI, "1 system_reset", "0 system_reset", "its VMM handled system_reset 0 times, not 1"),
        (TRNG, "ENTROPY .*", f"ENTROPY {'00' * 512}", f"what it read of the TRNG is not the VMM's: {'00' * 512}"),
        (TRNG, "ENTROPY .*", "", "what it read of the TRNG is not the VMM's: "),
    ],
)
def test_what_a_guest_did_not_do_is_noticed(guest: LinuxGuest, pattern: str, instead: str, complaint: str) -> None:
    text = re.sub(pattern, instead, as_told(guest), count=1)
    assert text != as_told(guest)
    assert complaints(guest, text) == [complaint]


def test_a_guest_that_nobody_answers_differs() -> None:
    text = "LOG psci: PSCIv33792.0 detected in firmware.\nTRNG present\n"
    boot = GuestBoot(("psci: PSCIv33792.0 detected in firmware.",), trng=True, text=text)
    found = list(differing(UNANSWERED, newest(), Said((boot,), text)))
    assert "'psci: PSCIv1.0 detected in firmware.' is predicted, not said" in found
    assert "'psci: PSCIv33792.0 detected in firmware.' is said, not predicted" in found
