"""Boot Linux as the guest of an unmodified VMM under a policy, and read in its boot log what the tool predicted.

The VMM is Debian's QEMU, in an emulated machine with EL2. A preloaded library wraps ``ioctl`` and calls the generated
header's functions where a VMM would: on the new VM, on each vCPU that was initialised, and for each forwarded call.
"""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from smccc_filter.analysis.pipeline import Examination, examine, program
from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.handlers import handlers_of
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.guests.beliefs import ABSENT, BeliefTopic, Boot, BootStep
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.psci import MIGRATE_INFO_TYPE
from tests.programs.live import machine
from tests.programs.live.cpio import File, archive
from tests.programs.live.errors import HarnessError
from tests.programs.live.linux_guests import UNANSWERED, GuestBoot, LinuxGuest, Said, shortfalls, summary
from tests.programs.live.packages import Kernel, module
from tests.programs.live.programs import qemu, recorders
from tests.programs.live.toolchain import HERE, cross_compile, tool

TIMEOUT = 600.0
MEMORY = 2048
UNPREDICTED = ("psci: probing for conduit method from ", "smp: ")
"""What every guest prints before it asks its firmware anything, and what no firmware decides alone."""
BY_HANDLER = {MIGRATE_INFO_TYPE: "psci: Trusted OS migration not required"}
"""What a guest prints because of an answer that handlers_psci.c gives."""
UNSAID = "predicted, not said"
TRNG_DRIVER = "arm_smccc_trng"

SECTION = re.compile(r"GUEST (\S+)\n(.*?)STATUS (\d+)\n", re.DOTALL)


def check_guests(kernel: Kernel, known: Profile, log: Callable[[str], None], guests: Sequence[LinuxGuest]) -> bool:
    """Boot guests in one machine, one after the other, and compare; True where all is as predicted."""
    if any(guest.recorded for guest in guests):
        tool("trace-cmd")  # reports the file that trace-cmd records in there
    found, seconds = boot_guests(kernel, guests)
    log(f"  {len(guests)} Linux guests in {seconds:.0f} s")
    wrong = False
    for guest in guests:
        said = found[guest.name]
        differences = list(dict.fromkeys(differing(guest, known, said)))
        trng = "present" if said.boots[0].trng else "absent"
        log(f"  guest {guest.name}: {'; '.join(said.boots[0].log)}; TRNG {trng}{summary(said)}")
        if guest is UNANSWERED:
            unsaid = [difference for difference in differences if difference.endswith(UNSAID)]
            wrong |= not unsaid
            log(f"  guest {guest.name} differs, as it must: {'; '.join(unsaid) or 'NOT AT ALL'}")
            continue
        wrong |= bool(differences)
        for difference in differences:
            log(f"  DIFFERS guest {guest.name}: {difference}")
    return not wrong


def differing(guest: LinuxGuest, known: Profile, said: Said) -> Iterator[str]:
    """Yield what a guest said, found or did otherwise than predicted."""
    predicted = predict(guest, known)
    for each in said.boots:
        yield from compare(predicted, each)
    yield from shortfalls(guest, said)


def predict(guest: LinuxGuest, known: Profile) -> Boot:
    """Return what the tool says of a guest."""
    examination = examined(guest)
    if examination.policy is None:
        raise ValueError(guest.name)
    return boot(set_up(examination.policy, known, examination.resolution.actions))


def examined(guest: LinuxGuest) -> Examination:
    """Examine a guest's policy, which has no errors."""
    return examine(guest.name, guest.policy)


def compare(predicted: Boot, guest: GuestBoot) -> Iterator[str]:
    """Yield what a guest said or found otherwise than predicted."""
    (version,) = predicted.steps
    handled = {BY_HANDLER[step.func_id] for step in version.steps if step.func_id in BY_HANDLER and by_handler(step)}
    expected = {*predicted.log, *handled}
    for line in sorted(expected ^ {*guest.log}):
        yield f"{line!r} is {UNSAID if line in expected else 'said, not predicted'}"
    if guest.trng is (predicted.belief(BeliefTopic.TRNG).value == ABSENT):
        yield f"a TRNG was {'found' if guest.trng else 'not found'}"


def by_handler(step: BootStep) -> bool:
    """Tell whether a handler of the VMM's answers a call."""
    return step.reply.registers is None


def boot_guests(kernel: Kernel, guests: Sequence[LinuxGuest]) -> tuple[dict[str, Said], float]:
    """Boot the guests, one after the other; return what they said, and how many seconds it took."""
    guest_init = File("init", cross_compile(["guest_init.c"], "-static"))
    driver = [File(f"{TRNG_DRIVER}.ko", module(kernel, TRNG_DRIVER))] if any(each.entropy for each in guests) else []
    guest_initrd = archive([File("dev", None), File("sys", None), guest_init, *driver])
    files = [
        *(File(folder, None) for folder in ("dev", "proc", "sys", "tmp")),
        File("init", cross_compile(["guest_host.c"], "-static", f'-DARGUMENTS="{machine.KERNEL_ARGUMENTS}"')),
        File("image", kernel.image.read_bytes()),
        File("guest-initrd", guest_initrd),
        File("guests", "".join(guest.line for guest in guests).encode()),
        *(File(f"{guest.name}.so", library(guest)) for guest in guests if guest.given),
    ]
    more = qemu() + (recorders() if any(guest.recorded for guest in guests) else b"")
    done = machine.boot(kernel.image, files, timeout=TIMEOUT, memory=MEMORY, cpus=host_cpus(guests), more=more)
    said = dict(_said(done.answers, {guest.name for guest in guests if guest.given}))
    if not done.answers.endswith("END\n") or said.keys() != {guest.name for guest in guests}:
        raise HarnessError(f"not every guest ran\n{done.answers}\n{machine.end_of(done.console)}")
    return said, done.seconds


def host_cpus(guests: Sequence[LinuxGuest]) -> int:
    """Return how many CPUs the machine has: one where no guest's CPUs are made to wait for each other."""
    return 2 if any(guest.toggles for guest in guests) else 1


def library(guest: LinuxGuest, change: Callable[[str, str], str] | None = None, mistakes: int = 0) -> bytes:
    """Compile the library that gives a VMM's VMs a policy, from the policy's generated header.

    ``change`` makes a mistake in the header's text, which it is given behind the policy's C name; ``mistakes`` are
    those of preload.c.
    """
    examination = examined(guest)
    compiled = program(examination)
    text = backend("c").emit(compiled).decode()
    capabilities = examination.policy.target.capabilities if examination.policy else ()
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as name:
        folder = Path(name)
        header, answering = folder / "policy.h", folder / "answering.o"
        header.write_text(change(compiled.symbol, text) if change else text, encoding="utf-8")
        answering.write_bytes(answering_code())
        flags = [
            *("-shared", "-fPIC", f'-DHEADER="{header}"', f"-DPOLICY={compiled.symbol}", f"-I{HERE}"),
            f"-DMISTAKES={mistakes}",
            f"-DCAPABILITIES={''.join(f', KVM_CAP_ARM_{capability.upper()}' for capability in capabilities)}",
            *(handlers(compiled) if guest.answered else ()),
        ]
        return cross_compile(["preload.c"], *flags, objects=[answering])


@cache
def answering_code() -> bytes:
    """Compile what every library has in common, handlers for every policy that is booted among it."""
    sources = ["vcpus.c", *(path.name for path in sorted(HERE.glob("handlers_*.c")))]
    return cross_compile(sources, "-fPIC", "-r", "-nostdlib")


def handlers(compiled: CompiledPolicy) -> tuple[str, ...]:
    """Return the flag that fills a header's struct of handlers with those of that name; none where it has no struct."""
    if compiled.vmm is None:
        return ()
    names = [handler.name for handler in handlers_of(compiled.vmm.handled, compiled.vmm.answered)]
    return (f"-DHANDLERS={', '.join(f'.{name} = {name}' for name in names)}",)


def _said(answers: str, given: set[str]) -> Iterator[tuple[str, Said]]:
    for name, text, status in SECTION.findall(answers.replace("\r", "")):
        _, *boots = map(_boot, text.split("BOOT\n"))
        has_policy = name not in given or ("filter: Success" in text and "registers: Success" in text)
        if status != "0" or not boots or not has_policy:
            raise HarnessError(f"guest {name} did not boot, or not under its policy: status {status}\n{text}")
        yield name, Said(tuple(boots), text)


def _boot(text: str) -> GuestBoot:
    lines = re.findall(r"^LOG (.*)$", text, re.MULTILINE)
    log = tuple(line for line in lines if not line.startswith(UNPREDICTED))
    return GuestBoot(log, "TRNG present\n" in text, text)
