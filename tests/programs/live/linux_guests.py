"""The Linux guests that are booted under policies, and what each must show of those that answer it, beside its log.

Where a policy forwards calls and says what the VMM makes of them, the preloaded library answers through the generated
dispatcher. That it was the VMM who answered shows in what its handlers counted.
"""

import re
import struct
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from smccc_filter.analysis.audit.use import call_uses
from smccc_filter.authoring.learning import LearningWishes, learn
from smccc_filter.traces.recorded import TraceSource
from smccc_filter.traces.sources import read_traces, trace_files
from tests.paths import DATA, SUFFIX
from tests.paths import POLICIES as SHIPPED

TAG = 0x534D_4343_4300_0000
"""What handlers_trng.c counts up from."""
WORD = struct.Struct("<Q")
RECORDED_TRACE = DATA / "linux-7.3-guest-2cpu.trace"
TRACE_DAT = "trace.dat"
"""What trace-cmd recorded, in Base64, which this machine's trace-cmd reports."""
RECORDINGS = frozenset({"ftrace", "trace-cmd", "perf", TRACE_DAT})


class LinuxGuest(NamedTuple):
    """A guest: its policy's text, and what it is told to do.

    ``given`` says whether QEMU gets a library that gives VMs the policy, ``answered`` whether that answers what is
    forwarded. ``toggles`` counts how often CPU 1 goes down and comes up, ``entropy`` the bytes read of the TRNG.
    ``by_kvm`` says that KVM has PSCI, so that no VMM counts its calls, and ``recorded`` that its HVCs are traced.
    """

    name: str
    policy: bytes
    given: bool = True
    answered: bool = True
    cpus: int = 1
    toggles: int = 0
    entropy: int = 0
    reboots: bool = False
    by_kvm: bool = False
    recorded: bool = False

    @property
    def line(self) -> str:
        """What guest_host.c reads of it."""
        wishes = {"toggles": self.toggles, "entropy": self.entropy, "end": "reboot" if self.reboots else ""}
        arguments = "".join(f" {name}={value}" for name, value in wishes.items() if value)
        library = f"/{self.name}.so" if self.given else "-"
        end = "reboots" if self.reboots else "recorded" if self.recorded else "ends"
        return f"{self.name} {library} {self.cpus} {end} {arguments}\n"


class GuestBoot(NamedTuple):
    """What one boot of a guest said: its lines about firmware, whether it found a TRNG, and everything."""

    log: tuple[str, ...]
    trng: bool
    text: str


class Said(NamedTuple):
    """What a guest said in all its boots, and what it and its VMM said together."""

    boots: tuple[GuestBoot, ...]
    text: str


def shipped(name: str) -> bytes:
    """Return a shipped policy's text."""
    return (SHIPPED / f"{name}{SUFFIX}").read_bytes()


# QEMU gives vCPUs a stolen-time page, and leaves PSCI's version to the kernel.
UNFILTERED = LinuxGuest("unfiltered", b"{version: 1, name: unfiltered, target: {stolen_time: true}}", given=False)
HANDLED_BY_KVM = (
    UNFILTERED,
    LinuxGuest("trng-refused", b"{version: 1, name: trng-refused, target: {stolen_time: true}, firmware: {std: []}}"),
    LinuxGuest(
        "features-denied",
        b"{version: 1, name: features-denied, target: {stolen_time: true},"
        b" rules: [{action: deny, calls: [PSCI_FEATURES], allow: [{code: F507, reason: tried here}]}]}",
    ),
)
HOTPLUG = LinuxGuest("vcpu-hotplug", shipped("vcpu-hotplug"), cpus=4, toggles=3)
"""Powers off, by a call that is left to KVM."""
PSCI = LinuxGuest("kvmtool-psci", shipped("kvmtool-psci"), cpus=4, toggles=3, reboots=True)
TRNG = LinuxGuest("trng-in-vmm", shipped("trng-in-vmm"), entropy=512)
UNANSWERED = LinuxGuest("kvmtool-psci-unanswered", shipped("kvmtool-psci"), answered=False, cpus=2)
"""Its VMM does not know what it is asked: the comparison must notice."""


def _learned() -> bytes:
    """Return the policy that is proposed from what a guest was recorded to call."""
    sources = read_traces(trace_files([str(RECORDED_TRACE)]), lambda _: None).sources
    return learn(call_uses(sources), LearningWishes("learned", ("7.3",))).text.encode()


RECORDED = LinuxGuest(
    "recorded",
    b"{version: 1, name: recorded, target: {stolen_time: true}}",
    given=False,
    cpus=2,
    toggles=1,
    by_kvm=True,
    recorded=True,
)
LEARNED = LinuxGuest("learned", _learned(), cpus=2, toggles=1, by_kvm=True)
"""Does what the recorded guest did, and nothing but what that called is left to it."""


def groups(*, newest: bool) -> list[tuple[LinuxGuest, ...]]:
    """Return the guests to boot on a kernel, each group in a machine of its own."""
    if newest:
        return [(HOTPLUG, PSCI), (*HANDLED_BY_KVM, TRNG, UNANSWERED), (RECORDED, LEARNED)]
    return [(HOTPLUG,), HANDLED_BY_KVM]


def shortfalls(guest: LinuxGuest, said: Said) -> Iterator[str]:
    """Yield what a guest was told to do and did not, and what its VMM says otherwise than it did."""
    boots = 2 if guest.reboots else 1
    if len(said.boots) != boots:
        yield f"it booted {len(said.boots)} times, not {boots}"
    for boot in said.boots:
        if f"smp: Brought up 1 node, {guest.cpus} CPU{'s' if guest.cpus > 1 else ''}\n" not in boot.text:
            yield f"it did not bring up {guest.cpus} CPUs"
        if guest.toggles and f"CPU1 {guest.toggles} times down and {guest.toggles} up\n" not in boot.text:
            yield f"CPU 1 did not go down and up {guest.toggles} times"
        killed = len(re.findall(r"^LATER psci: CPU1 killed \(polled \d+ ms\)$", boot.text, re.MULTILINE))
        if killed != guest.toggles:
            yield f"it found CPU 1 off {killed} times, not {guest.toggles}"
        if guest.entropy and not is_of_vmm(entropy(boot), guest.entropy):
            yield f"what it read of the TRNG is not the VMM's: {entropy(boot).hex()}"
    if guest.recorded:
        yield from traces_amiss(said.text)
    if guest.cpus > 1 and not guest.by_kvm:
        yield from _miscounted(guest, said, boots)


def traces_of(text: str) -> dict[str, str]:
    """Return what each tool shows of a guest's calls."""
    return dict(re.findall(r"^TRACE (\S+)\n(.*?)(?=^TRACE )", text, re.MULTILINE | re.DOTALL))


def traces_amiss(text: str) -> Iterator[str]:
    """Yield what is wrong with recordings of one guest: each tool must show the same calls, line by line."""
    counted: dict[str, dict[int, int]] = {}
    for tool, trace in traces_of(text).items():
        source = _counted(b"".join(map(b64decode, trace.split())) if tool == TRACE_DAT else trace.encode())
        counted[tool] = {use.func_id: use.number for use in call_uses([source])}
        if source.fault:
            yield f"{tool}: {source.fault}"
        if source.gaps or source.backward:
            yield f"{tool} lost {source.gaps} times events, and went {source.backward} times back"
    if counted.keys() != RECORDINGS:
        yield f"it was recorded by {', '.join(counted) or 'nobody'}"
    for tool, calls in counted.items():
        if calls != counted.get("ftrace") or calls.get(0xC400_0003) != 2:
            yield f"{tool} shows {calls}"


def _counted(data: bytes) -> TraceSource:
    with tempfile.NamedTemporaryFile(prefix="smccc-filter-") as file:
        file.write(data)
        file.flush()
        (source,) = read_traces(trace_files([file.name]), lambda _: None).sources
    return source


def _miscounted(guest: LinuxGuest, said: Said, boots: int) -> Iterator[str]:
    handled = {call: int(count) for count, call in re.findall(r"(\d+) (\w+)", _handled(said))}
    whole = b"services: [psci]" in guest.policy
    expected = {
        "cpu_on": boots * (guest.cpus - 1 + guest.toggles),
        "cpu_off": boots * guest.toggles,
        "system_off": int(whole),
        "system_reset": int(whole and guest.reboots),
    }
    for call, count in expected.items():
        if handled.get(call) != count:
            yield f"its VMM handled {call} {handled.get(call)} times, not {count}"


def summary(said: Said) -> str:
    """Say in a line what the VMM handled and how often the guest booted; nothing where nobody counted."""
    handled = _handled(said)
    return f"; boots: {len(said.boots)}, the VMM handled {handled}" if handled else ""


def entropy(boot: GuestBoot) -> bytes:
    """Return what a guest read of its TRNG."""
    found = re.search(r"^ENTROPY ([0-9a-f]*)$", boot.text, re.MULTILINE)
    return bytes.fromhex(found[1]) if found else b""


def is_of_vmm(data: bytes, count: int) -> bool:
    """Tell whether a guest's bytes are the handler's words in their order.

    The kernel takes some for itself in between, but not of one call, which has three words and so two steps.
    """
    if len(data) != count or count % WORD.size:
        return False
    words = [word for (word,) in WORD.iter_unpack(data)]
    steps = [after - before for before, after in pairwise(words)]
    return words[0] >> 32 == TAG >> 32 and min(steps) > 0 and 3 * steps.count(1) >= 2 * (len(steps) - 1)


def _handled(said: Said) -> str:
    found = re.search(r"^HANDLED (.*)$", said.text, re.MULTILINE)
    return found[1] if found else ""
