"""Boot the image of ``probe --image`` in VMMs that use KVM, with policies and with mistakes, and judge its log.

The machine is that of the Linux guests. The VMM is Debian's QEMU, or image_vmm.c with the memory and the device tree of
another. A policy reaches its VMs, and its VMM's half the VMM, by the preloaded library.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from smccc_filter.analysis.pipeline import examine
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.kvm.machine import Conduit
from smccc_filter.kvm.profiles import Profile
from smccc_filter.probe.diagnosis import LogJudgement, judge
from smccc_filter.probe.image.build import image
from smccc_filter.probe.judging import CallVerdict
from smccc_filter.probe.log import LogHeader
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import VmmQuestions, digest_of, vmm_questions
from smccc_filter.reports.probe_log import render_text
from tests.probe import flattened
from tests.programs.live import machine
from tests.programs.live.cpio import File
from tests.programs.live.errors import HarnessError
from tests.programs.live.guest_boot import MEMORY, TIMEOUT, library
from tests.programs.live.linux_guests import LinuxGuest, shipped
from tests.programs.live.packages import Kernel
from tests.programs.live.programs import qemu
from tests.programs.live.toolchain import cross_compile

SECTION = re.compile(r"GUEST (\S+)\n(.*?)STATUS (\d+)\n", re.DOTALL)


class VmmLayout(NamedTuple):
    """Where a VMM lays out an arm64 VM: its memory, the image, the device tree, and its serial port; all are bytes.

    Read in the sources of kvmtool, crosvm, cloud-hypervisor and Firecracker, which are not run here.
    """

    tree: bytes
    memory: int
    image: int
    tree_at: int
    port: int
    gic: str = "gicv3"

    def arguments(self, cpus: int, *, stolen_time: bool) -> str:
        """Write what image_vmm.c takes behind its files."""
        numbers = (self.memory, MEMORY_BYTES, self.image, self.tree_at, self.port)
        return f"{' '.join(map(hex, numbers))} {self.gic} {'stolen' if stolen_time else 'none'} {cpus}"


MEMORY_BYTES = 128 << 20
LAYOUTS = {
    "kvmtool": VmmLayout(
        flattened.kvmtool(0x100_0000, 0x100_1000), 0x8000_0000, 0x8000_0000, 0x8700_0000, 0x100_0000, "nogic"
    ),
    "crosvm": VmmLayout(flattened.crosvm(0x3F8, 0x2F8), 0x8000_0000, 0x8000_0000, 0x8700_0000, 0x3F8),
    "cloud-hypervisor": VmmLayout(
        flattened.cloud_hypervisor(0x900_0000), 0x4000_0000, 0x4040_0000, 0x4000_0000, 0x900_0000
    ),
    "firecracker": VmmLayout(
        flattened.firecracker(0x4000_2000, 0x4000_1000), 0x8000_0000, 0x8020_0000, 0x87E0_0000, 0x4000_2000
    ),
}
"""The VMMs that image_vmm.c stands for, by name."""


class ImageGuest(NamedTuple):
    """A guest that boots the image of ``policy``; ``under`` is what its VMM is really given, and how.

    The VMM is QEMU, or where there is a ``layout`` one that has that.

    ``told`` is what a sentence of the diagnosis must begin with, and ``wrong`` are the IDs that must differ, ``None``
    where many do.
    """

    policy: bytes
    under: LinuxGuest
    told: str = ""
    wrong: frozenset[int] | None = frozenset()
    layout: VmmLayout | None = None

    @property
    def line(self) -> str:
        """What guest_host.c reads of it."""
        if self.layout is None:
            return self.under.line
        policy = examine(self.under.name, self.policy).policy
        stolen_time = policy is not None and bool(policy.target.stolen_time)
        return f"{self.under.line.rstrip()} {self.layout.arguments(self.under.cpus, stolen_time=stolen_time)}\n"


def sound(name: str, cpus: int = 1) -> ImageGuest:
    """Return a guest under the shipped policy that its image is of."""
    return ImageGuest(shipped(name), LinuxGuest(name, shipped(name), cpus=cpus))


def laid_out(vmm: str, name: str, cpus: int = 1) -> ImageGuest:
    """Return a guest under a shipped policy in a VM as another VMM lays it out."""
    under = LinuxGuest(f"{name}-in-{vmm}", shipped(name), cpus=cpus)
    return ImageGuest(shipped(name), under, layout=LAYOUTS[vmm])


def bare(name: str, told: str) -> ImageGuest:
    """Return a guest whose VMM does not know its policy."""
    return ImageGuest(shipped(name), LinuxGuest(f"{name}-bare", shipped(name), given=False), told, None)


REGISTERS = b"{version: 1, name: registers, target: {stolen_time: true}, firmware: {std: []}}"
ENTRY = b"""{version: 1, name: entry, target: {stolen_time: true}, rules: [
{action: deny, ranges: ["0x84000050-0x84000053"], allow: [{code: F501, reason: tried here}]}]}"""
LATE = ENTRY.replace(b"0x84000050", b"0x84000051")
"""The same policy with an entry that begins one ID too late."""
BOTH_FORMS = ENTRY.replace(b'"0x84000050-0x84000053"', b'"0x84000050-0x84000053", "0xC4000053+1"')

SOUND = (
    laid_out("kvmtool", "kvmtool-psci", cpus=2),
    laid_out("crosvm", "trng-in-vmm"),
    laid_out("cloud-hypervisor", "psci-for-realms"),
    laid_out("firecracker", "vcpu-hotplug", cpus=2),
    sound("kvmtool-psci", cpus=2),
)
"""VMMs without a mistake, one of each layout, and QEMU."""
MISTAKES = (
    ImageGuest(
        shipped("kvmtool-psci"),
        LinuxGuest("unanswered", shipped("kvmtool-psci"), answered=False),
        "The VMM answers no forwarded call",
        None,
        LAYOUTS["kvmtool"],
    ),
    ImageGuest(
        REGISTERS,
        LinuxGuest("registers-bare", REGISTERS, given=False),
        "The firmware registers have KVM's",
        None,
        LAYOUTS["crosvm"],
    ),
    ImageGuest(ENTRY, LinuxGuest("late", LATE), wrong=frozenset({0x8400_0050}), layout=LAYOUTS["cloud-hypervisor"]),
    ImageGuest(
        BOTH_FORMS,
        LinuxGuest("half", ENTRY),
        "The filter is there up to 0xC4000052 only",
        frozenset({0xC400_0053}),
        LAYOUTS["firecracker"],
    ),
    bare("kvmtool-psci", "The filter was not installed"),
)
"""VMMs with one mistake each."""
MORE = (
    *map(sound, ("vcpu-hotplug", "trng-in-vmm", "lockdown", "migration", "no-vendor-services", "stolen-time-off")),
    bare("trng-in-vmm", "The filter was not installed"),
    ImageGuest(REGISTERS, LinuxGuest("registers", REGISTERS)),
)
"""QEMU under the other policies whose VMM's half there is code for here, and what takes long."""


def check_images(kernel: Kernel, known: Profile, log: Callable[[str], None], guests: Sequence[ImageGuest]) -> bool:
    """Boot the image of each guest, one after the other in one machine; True where each is judged as it must be."""
    texts, seconds = boot_images(kernel, guests)
    log(f"  {len(guests)} images in {seconds:.0f} s")
    agreed = True
    for guest in guests:
        judgement = judged(guest, known, texts[guest.under.name])
        differing, unseen = (len(judgement.of(one)) for one in (CallVerdict.DIFFERS, CallVerdict.NOT_SEEN))
        wrong = {call.question.func_id for call in judgement.of(CallVerdict.DIFFERS)}
        right = not unseen and guest.wrong in {None, frozenset(wrong)}
        right = right and (not guest.told or any(told.startswith(guest.told) for told in judgement.diagnosis))
        agreed &= right
        told = "; ".join(judgement.diagnosis)
        log(f"  image {guest.under.name}: {len(judgement.calls)} calls, {differing} differ, {unseen} not seen; {told}")
        if not right:
            log(f"  DIFFERS image {guest.under.name}\n{render_text(guest.under.name, judgement, None)}")
    return agreed


def asked(guest: ImageGuest) -> tuple[LogHeader, VmmQuestions]:
    """Return the first line of a guest's log, and its calls."""
    examination = examine(guest.under.name, guest.policy)
    questions = vmm_questions(examination.resolution)
    if examination.policy is None:
        raise ValueError(guest.under.name)
    digest = digest_of(examination.policy, examination.resolution, questions)
    return LogHeader(digest, 0, len(questions.safe), tuple(Conduit)), questions


def judged(guest: ImageGuest, known: Profile, text: str) -> LogJudgement:
    """Judge what a guest printed, on this kernel."""
    examination = examine(guest.under.name, guest.policy)
    if examination.policy is None:
        raise ValueError(guest.under.name)
    _, questions = asked(guest)
    vms = set_up_on(examination.policy, examination.resolution.actions, (known,))
    return judge(read_log(text.encode()), examination.policy, examination.resolution, questions, vms)


def boot_images(kernel: Kernel, guests: Sequence[ImageGuest]) -> tuple[dict[str, str], float]:
    """Boot the images; return what each said, by the guest's name, and how many seconds all took."""
    files = [
        *(File(folder, None) for folder in ("dev", "proc", "sys", "tmp")),
        File("init", cross_compile(["guest_host.c"], "-static", f'-DARGUMENTS="{machine.KERNEL_ARGUMENTS}"')),
        File("vmm", cross_compile(["image_vmm.c"], "-pthread")),
        File("guest-initrd", bytes(4096)),
        File("guests", "".join(guest.line for guest in guests).encode()),
    ]
    for guest in guests:
        header, questions = asked(guest)
        files.append(File(f"{guest.under.name}.img", image(header, questions.safe)))
        if guest.layout:
            files.append(File(f"{guest.under.name}.dtb", guest.layout.tree))
        if guest.under.given:
            files.append(File(f"{guest.under.name}.so", library(guest.under)))
    done = machine.boot(kernel.image, files, timeout=TIMEOUT, memory=MEMORY, more=qemu())
    said = {name: text for name, text, _ in SECTION.findall(done.answers.replace("\r", ""))}
    if said.keys() != {guest.under.name for guest in guests}:
        raise HarnessError(f"not every image ran\n{done.answers}\n{machine.end_of(done.console)}")
    return said, done.seconds
