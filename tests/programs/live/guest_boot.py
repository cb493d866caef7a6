"""Boot Linux as the guest of an unmodified VMM under a policy, and read in its boot log what the tool predicted.

The VMM is Debian's QEMU, in an emulated machine with EL2. A preloaded library wraps ``ioctl`` and calls the generated
header's functions where a VMM would: on the new VM, and on each vCPU that was initialised.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from smccc_filter.analysis.pipeline import program
from smccc_filter.artefacts.backends import backend
from smccc_filter.guests.beliefs import ABSENT, BeliefTopic, Boot
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.profiles import Profile
from tests.programs.live import machine
from tests.programs.live.cpio import File, archive
from tests.programs.live.errors import HarnessError
from tests.programs.live.packages import Kernel
from tests.programs.live.programs import qemu
from tests.programs.live.toolchain import cross_compile
from tests.programs.live.written import understand

POLICIES = {
    # QEMU gives vCPUs a stolen-time page, and leaves PSCI's version to the kernel.
    "unfiltered": "{version: 1, name: unfiltered, target: {stolen_time: true}}",
    "trng-refused": "{version: 1, name: trng-refused, target: {stolen_time: true}, firmware: {std: []}}",
    "features-denied": """\
{version: 1, name: features-denied, target: {stolen_time: true}, rules: [{action: deny, calls: [PSCI_FEATURES]}]}
""",
}
WITHOUT_POLICY = "unfiltered"
"""This guest's QEMU gets no library at all."""

TIMEOUT = 600.0
MEMORY = 2048
UNPREDICTED = "psci: probing for conduit method from "
"""What every guest prints before it asks its firmware anything."""

SECTION = re.compile(r"GUEST (\S+)\n(.*?)STATUS (\d+)\n", re.DOTALL)


class Guest(NamedTuple):
    """What one guest said: its lines about firmware, whether it found a TRNG, and everything."""

    log: tuple[str, ...]
    trng: bool
    text: str


def check_guests(kernel: Kernel, known: Profile, log: Callable[[str], None]) -> bool:
    """Boot every guest in one machine and compare; True where all is as predicted."""
    guests, seconds = boot_guests(kernel)
    log(f"  {len(guests)} Linux guests in {seconds:.0f} s")
    wrong = False
    for name in POLICIES:
        differences = list(compare(predict(name, known), guests[name]))
        wrong |= bool(differences)
        log(f"  guest {name}: {'; '.join(guests[name].log)}; TRNG {'present' if guests[name].trng else 'absent'}")
        for difference in differences:
            log(f"  DIFFERS guest {name}: {difference}")
    return not wrong


def predict(name: str, known: Profile) -> Boot:
    """Return what the tool says of a guest under that policy."""
    examination = understand(name, POLICIES[name].encode())
    if examination.policy is None:
        raise ValueError(name)
    return boot(set_up(examination.policy, known, examination.resolution.actions))


def compare(predicted: Boot, guest: Guest) -> Iterator[str]:
    """Yield what a guest said or found otherwise than predicted."""
    for line in sorted({*predicted.log} ^ {*guest.log}):
        yield f"{line!r} is {'predicted, not said' if line in predicted.log else 'said, not predicted'}"
    if guest.trng is (predicted.belief(BeliefTopic.TRNG).value == ABSENT):
        yield f"a TRNG was {'found' if guest.trng else 'not found'}"


def boot_guests(kernel: Kernel) -> tuple[dict[str, Guest], float]:
    """Boot a guest under each policy, one after the other; return what they said, and how many seconds it took."""
    guest_init = File("init", cross_compile(["guest_init.c"], "-static"))
    guest_initrd = archive([File("dev", None), File("sys", None), guest_init])
    lines = [f"{name} {'-' if name == WITHOUT_POLICY else f'/{name}.so'}\n" for name in POLICIES]
    files = [
        *(File(folder, None) for folder in ("dev", "proc", "sys", "tmp")),
        File("init", cross_compile(["guest_host.c"], "-static", f'-DARGUMENTS="{machine.KERNEL_ARGUMENTS}"')),
        File("image", kernel.image.read_bytes()),
        File("guest-initrd", guest_initrd),
        File("guests", "".join(lines).encode()),
        *(File(f"{name}.so", library(name)) for name in POLICIES if name != WITHOUT_POLICY),
    ]
    done = machine.boot(kernel.image, files, timeout=TIMEOUT, memory=MEMORY, more=qemu())
    guests = dict(_guests(done.answers))
    if not done.answers.endswith("END\n") or guests.keys() != POLICIES.keys():
        raise HarnessError(f"not every guest ran\n{done.answers}\n{machine.end_of(done.console)}")
    return guests, done.seconds


def library(name: str) -> bytes:
    """Compile the library that gives QEMU's VMs a policy, from the policy's generated header."""
    compiled = program(understand(name, POLICIES[name].encode()))
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as folder:
        header = Path(folder, f"{name}.h")
        header.write_bytes(backend("c").emit(compiled))
        flags = ("-shared", "-fPIC", f'-DHEADER="{header}"', f"-DPOLICY={compiled.symbol}")
        return cross_compile(["preload.c"], *flags)


def _guests(answers: str) -> Iterator[tuple[str, Guest]]:
    for name, text, status in SECTION.findall(answers.replace("\r", "")):
        found = re.search(r"^TRNG (\w+)$", text, re.MULTILINE)
        given = name == WITHOUT_POLICY or ("filter: Success" in text and "registers: Success" in text)
        if status != "0" or found is None or not given:
            raise HarnessError(f"guest {name} did not boot, or not under its policy: status {status}\n{text}")
        lines = re.findall(r"^LOG (.*)$", text, re.MULTILINE)
        log = tuple(line for line in lines if not line.startswith(UNPREDICTED))
        yield name, Guest(log, found[1] == "present", text)
