"""Boot the image of ``probe --image`` in VMMs that use KVM, with policies and with mistakes, and judge its log.

The machine is that of the Linux guests. The VMM is Debian's QEMU, or image_vmm.c with the memory and the device tree of
another. A policy reaches its VMs, and its VMM's half the VMM, by the preloaded library, which can make mistakes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import IntFlag
from typing import NamedTuple

from smccc_filter.analysis.pipeline import examine
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.kvm.machine import Conduit
from smccc_filter.kvm.profiles import Profile
from smccc_filter.probe.diagnosis import LogJudgement, judge
from smccc_filter.probe.image.build import image
from smccc_filter.probe.judging import CallVerdict
from smccc_filter.probe.log import BEGIN, END, MARK, LogHeader
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import VmmQuestions, digest_of, vmm_questions
from smccc_filter.reports.probe_log import render_text
from tests.artefacts.backends.vmm_mutants import C_MUTANTS, Mutant
from tests.policies.shipped import NAMES
from tests.probe import flattened
from tests.probe.vmm_bugs import CAUGHT
from tests.programs.live import machine
from tests.programs.live.cpio import File
from tests.programs.live.errors import HarnessError
from tests.programs.live.guest_boot import MEMORY, TIMEOUT, library
from tests.programs.live.linux_guests import LinuxGuest, shipped
from tests.programs.live.packages import Kernel
from tests.programs.live.programs import qemu
from tests.programs.live.toolchain import cross_compile
from tests.programs.live.vmm_broken import MORE_C_MUTANTS

SECTION = re.compile(r"GUEST (\S+)\r?\n(.*?)STATUS (\d+)\r?\n", re.DOTALL)


class VmmMistakes(IntFlag):
    """What the library does wrong around generated code, as preload.c numbers it."""

    FILTER_LATE = 1
    REGISTERS_LATE = 2
    REGISTERS_WRITTEN_BACK = 4
    X0_ALONE = 8
    EXIT_FIELD = 16
    UNKNOWN_ENDS_VM = 32


NO_MISTAKE = VmmMistakes(0)


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

    The VMM is QEMU, or where there is a ``layout`` one that has that. It makes ``mistakes``, and ``mutant`` is one in
    the code that was generated for it.

    ``told`` is what a sentence of the diagnosis must begin with, and ``wrong`` are the IDs that must differ, ``None``
    where many do. ``meant`` is what must be said of one of them, and ``printed`` what the VMM must print.
    ``only`` is the call of an image of one.
    """

    policy: bytes
    under: LinuxGuest
    told: str = ""
    wrong: frozenset[int] | None = frozenset()
    layout: VmmLayout | None = None
    mistakes: VmmMistakes = NO_MISTAKE
    mutant: Mutant | None = None
    meant: str = ""
    printed: str = ""
    only: int | None = None

    @property
    def line(self) -> str:
        """What guest_host.c reads of it."""
        if self.layout is None:
            return self.under.line
        policy = examine(self.under.name, self.policy).policy
        stolen_time = policy is not None and bool(policy.target.stolen_time)
        return f"{self.under.line.rstrip()} {self.layout.arguments(self.under.cpus, stolen_time=stolen_time)}\n"

    @property
    def library(self) -> bytes:
        """What is preloaded into its VMM."""
        return library(self.under, self.mutant.changed if self.mutant else None, self.mistakes)


class JudgedImage(NamedTuple):
    """What was said of the log of a guest's image, and in how many seconds the image made its calls."""

    judgement: LogJudgement
    text: str
    seconds: float


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


def broken(name: str, mistakes: VmmMistakes = NO_MISTAKE) -> ImageGuest:
    """Return a guest that gets wrong answers: from a mutant of generated code with that bug, or by ``mistakes``."""
    under = LinuxGuest(name, ANSWERED)
    mutants = (one for one in (*C_MUTANTS, *MORE_C_MUTANTS) if one.bug == name)
    caught = CAUGHT[name]
    guest = ImageGuest(ANSWERED, under, "", None, LAYOUTS["kvmtool"], mistakes, meant=caught.told, only=caught.only)
    return guest if mistakes else guest._replace(mutant=next(mutants))


def alone(name: str, func_id: int, told: str) -> ImageGuest:
    """Return a guest of which a VMM without a mistake answers one call, which does not come back unless it may."""
    return ImageGuest(ANSWERED, LinuxGuest(name, ANSWERED), told, layout=LAYOUTS["crosvm"], only=func_id)


def untimely(name: str, told: str, mistakes: VmmMistakes, printed: str = "") -> ImageGuest:
    """Return a guest whose VMM installs its policy too late, or not for long."""
    return ImageGuest(TIMELY, LinuxGuest(name, TIMELY), told, None, LAYOUTS["crosvm"], mistakes, printed=printed)


REGISTERS = b"{version: 1, name: registers, target: {stolen_time: true}, firmware: {std: []}}"
ENTRY = b"""{version: 1, name: entry, target: {stolen_time: true}, rules: [
{action: deny, ranges: ["0x84000050-0x84000053"], allow: [{code: F501, reason: tried here}]}]}"""
LATE = ENTRY.replace(b"0x84000050", b"0x84000051")
"""The same policy with an entry that begins one ID too late."""
BOTH_FORMS = ENTRY.replace(b'"0x84000050-0x84000053"', b'"0x84000050-0x84000053", "0xC4000053+1"')
TIMELY = b"""{version: 1, name: timely, target: {stolen_time: true, psci: "1.1"}, firmware: {std_hyp: []}, rules: [
{action: deny, ranges: ["0x84000050-0x84000053", "0xC4000053+1"], allow: [{code: F501, reason: tried here}]}]}"""
ANSWERED = b"""{version: 1, name: answered, target: {stolen_time: true}, rules: [
{action: forward, services: [psci], vmm: {version: "1.1", implements: [PSCI_VERSION, PSCI_FEATURES, PSCI_CPU_SUSPEND,
PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_SYSTEM_RESET2,
PSCI_SYSTEM_SUSPEND, PSCI_SYSTEM_OFF2], features: {PSCI_SYSTEM_OFF2: 0x1}}},
{action: forward, services: [trng], vmm: {version: "1.0", implements: [TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID,
TRNG_RND]}}]}"""
"""PSCI and TRNG in the VMM, of whose answers it is known which are wrong."""

SOUND = (
    laid_out("kvmtool", "kvmtool-psci", cpus=2),
    laid_out("crosvm", "trng-in-vmm"),
    laid_out("cloud-hypervisor", "psci-for-realms"),
    laid_out("firecracker", "vcpu-hotplug", cpus=2),
    laid_out("kvmtool", "system-power-in-vmm"),
    laid_out("crosvm", "target-impl-cpus"),
    laid_out("cloud-hypervisor", "other-hypervisor"),
    laid_out("firecracker", "sdei-in-vmm"),
    laid_out("kvmtool", "optee-in-vmm"),
    laid_out("crosvm", "ffa-in-vmm"),
    laid_out("cloud-hypervisor", "migration"),
    laid_out("firecracker", "no-vendor-services"),
    laid_out("kvmtool", "stolen-time-off"),
    laid_out("crosvm", "lockdown"),
    sound("kvmtool-psci", cpus=2),
)
"""VMMs without a mistake: one under each policy that is shipped, and QEMU."""
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
    untimely("filter-late", "The filter was not installed, or too late", VmmMistakes.FILTER_LATE, "late filter: EBUSY"),
    untimely(
        "registers-late",
        "Of the firmware registers, PSCI's version alone was written",
        VmmMistakes.REGISTERS_LATE,
        "late registers: EBUSY",
    ),
    untimely(
        "all-late",
        "The policy was installed when a vCPU had run",
        VmmMistakes.FILTER_LATE | VmmMistakes.REGISTERS_LATE,
        "late registers: EBUSY",
    ),
    untimely("written-back", "The firmware registers have KVM's own values", VmmMistakes.REGISTERS_WRITTEN_BACK),
)
"""VMMs with one mistake each around a policy."""
BROKEN = (
    broken("features-version-absent"),
    broken("smccc-version-hidden"),
    broken("features-bare-numbers"),
    broken("bit30-ignored"),
    broken("trng-word-order"),
    broken("trng-no-zero-fill"),
    broken("trng-n-zero"),
    broken("upper-halves-2"),
    broken("minus-one-not-extended"),
    broken("off2-features-flag"),
    broken("cpu-on-status"),
    broken("off2-type"),
    broken("cpu-on-mpidr-cut"),
    broken("affinity-values"),
    broken("affinity-stub"),
    broken("stale-x1-x3", VmmMistakes.X0_ALONE),
    broken("no-write-exit-field", VmmMistakes.EXIT_FIELD),
    broken("unknown-ends-vm", VmmMistakes.UNKNOWN_ENDS_VM),
)
"""VMMs that answer wrongly, by the names of tests.probe.vmm_bugs."""
LAST = "The last call that was made is 0x"
ALONE = (
    alone("only-system-off", 0x8400_0008, f"{LAST}84000008"),
    alone("only-system-reset", 0x8400_0009, f"{LAST}84000009"),
    alone("only-system-reset2", 0xC400_0012, f"{LAST}C4000012"),
    alone("only-system-off2", 0x8400_0015, f"{LAST}84000015"),
    alone("only-hibernate-off", 0xC400_0015, f"{LAST}C4000015"),
    alone("only-system-suspend", 0xC400_000E, ""),
)
"""Images of one call that other images leave out. The VMM refuses the last."""
GICV2 = (
    ImageGuest(
        shipped("kvmtool-psci"),
        LinuxGuest("kvmtool-psci-gicv2", shipped("kvmtool-psci"), cpus=2),
        layout=LAYOUTS["kvmtool"]._replace(gic="gicv2"),
    ),
)
"""A VMM that gives its guests a GICv2, which only a host has that has one itself."""
MORE = (
    *(sound(name) for name in NAMES if name not in {"kvmtool-psci", "psci-for-realms"}),
    ImageGuest(
        shipped("psci-for-realms"),
        LinuxGuest("psci-for-realms", shipped("psci-for-realms")),
        "The vCPUs have a stolen-time page",
        frozenset({0xC500_0020, 0xC500_0021}),
    ),
    bare("trng-in-vmm", "The filter was not installed"),
    ImageGuest(REGISTERS, LinuxGuest("registers", REGISTERS)),
)
"""QEMU under the other policies, which takes long. Unlike a Realm it has stolen time."""


def check_images(
    kernel: Kernel, known: Profile, log: Callable[[str], None], guests: Sequence[ImageGuest], gic: int = 3
) -> bool:
    """Boot the image of each guest, one after the other in one machine; True where each is judged as it must be.

    ``gic`` is the version of the machine's interrupt controller.
    """
    answers = boot_images(kernel, guests, gic)
    log(f"  {len(guests)} images in {answers.seconds:.0f} s")
    images = dict(judged_images(answers, known, guests))
    agreed = True
    for guest in guests:
        name, image = guest.under.name, images[guest.under.name]
        judgement = image.judgement
        differing, unseen = (len(judgement.of(one)) for one in (CallVerdict.DIFFERS, CallVerdict.NOT_SEEN))
        log(
            f"  image {name}: {len(judgement.calls)} calls, {differing} differ, {unseen} not seen, in"
            f" {image.seconds:.1f} s beyond the start; {'; '.join((*judgement.diagnosis, *meanings(guest, judgement)))}"
        )
        if not (right := is_as_expected(guest, image)):
            log(f"  DIFFERS image {name}\n{render_text(name, judgement, None)}")
        agreed &= right
    return agreed


def is_as_expected(guest: ImageGuest, image: JudgedImage) -> bool:
    """Tell whether the log of a guest was judged as it must be."""
    judgement = image.judgement
    wrong = frozenset(call.question.func_id for call in judgement.of(CallVerdict.DIFFERS))
    may_end = VmmMistakes.UNKNOWN_ENDS_VM in guest.mistakes
    return (
        (may_end or not judgement.of(CallVerdict.NOT_SEEN))
        and guest.wrong in {None, wrong}
        and (guest.wrong is not None or bool(wrong))
        and (not guest.told or any(told.startswith(guest.told) for told in judgement.diagnosis))
        and (not guest.meant or bool(meanings(guest, judgement)))
        and guest.printed in image.text
    )


def meanings(guest: ImageGuest, judgement: LogJudgement) -> tuple[str, ...]:
    """Return what must be said of a wrong answer as it was said; nothing where it was not."""
    said = [call.meaning for call in judgement.of(CallVerdict.DIFFERS) if guest.meant and guest.meant in call.meaning]
    return tuple(said[:1])


def asked(guest: ImageGuest) -> tuple[LogHeader, VmmQuestions]:
    """Return the first line of a guest's log, and its calls."""
    examination = examine(guest.under.name, guest.policy)
    questions = vmm_questions(examination.resolution)
    if examination.policy is None:
        raise ValueError(guest.under.name)
    digest = digest_of(examination.policy, examination.resolution, questions)
    if guest.only is None:
        return LogHeader(digest, 0, len(questions.safe), tuple(Conduit)), questions
    number = questions.number_of(guest.only)
    if number is None:
        raise ValueError(guest.under.name)
    return LogHeader(digest, number, 1, (Conduit.HVC,)), questions


def judged(guest: ImageGuest, known: Profile, text: str) -> LogJudgement:
    """Judge what a guest printed, on this kernel."""
    examination = examine(guest.under.name, guest.policy)
    if examination.policy is None:
        raise ValueError(guest.under.name)
    _, questions = asked(guest)
    vms = set_up_on(examination.policy, examination.resolution.actions, (known,))
    return judge(read_log(text.encode()), examination.policy, examination.resolution, questions, vms)


def judged_images(
    answers: machine.Boot, known: Profile, guests: Sequence[ImageGuest]
) -> Iterator[tuple[str, JudgedImage]]:
    """Yield what is said of each guest, by its name."""
    named = {guest.under.name: guest for guest in guests}
    for section in SECTION.finditer(answers.answers):
        name, text = section[1], section[2]
        begun, ended = (text.find(f"{MARK}{word}") for word in (BEGIN, END))
        start, stop = section.start(2) + max(begun, 0), section.start(2) + ended if ended >= 0 else section.end(2)
        seconds = answers.seconds_to(stop) - answers.seconds_to(start)
        yield name, JudgedImage(judged(named[name], known, text), text, seconds)


def boot_images(kernel: Kernel, guests: Sequence[ImageGuest], gic: int = 3) -> machine.Boot:
    """Boot the images. Raises HarnessError unless each ran."""
    files = [
        *(File(folder, None) for folder in ("dev", "proc", "sys", "tmp")),
        File("init", cross_compile(["guest_host.c"], "-static", f'-DARGUMENTS="{machine.KERNEL_ARGUMENTS}"')),
        File("vmm", cross_compile(["image_vmm.c"], "-pthread")),
        File("guest-initrd", bytes(4096)),
        File("guests", "".join(guest.line for guest in guests).encode()),
    ]
    for guest in guests:
        header, questions = asked(guest)
        files.append(
            File(f"{guest.under.name}.img", image(header, questions.all[header.first : header.first + header.calls]))
        )
        if guest.layout:
            files.append(File(f"{guest.under.name}.dtb", guest.layout.tree))
        if guest.under.given:
            files.append(File(f"{guest.under.name}.so", guest.library))
    done = machine.boot(kernel.image, files, timeout=TIMEOUT, memory=MEMORY, gic=gic, more=qemu())
    if {name for name, _, _ in SECTION.findall(done.answers)} != {guest.under.name for guest in guests}:
        raise HarnessError(f"not every image ran\n{done.answers}\n{machine.end_of(done.console)}")
    return done
