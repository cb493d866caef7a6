"""Ask a live KVM: the program in agent.c, cross-compiled, run as the only one of an emulated machine.

An operation is a line of text and has one answer, a line too. They are those of tests/data/kvm_answers/README.md, and:

* ``V FEATURES TYPE``: a fresh VM of that type (0 by default), whose vCPU gets ``features[0]`` instead of
  ``KVM_ARM_VCPU_PSCI_0_2`` alone, all hexadecimal; ``V 0`` gives PSCI 0.1. One with EL2 gets a GICv3. Answer ``ok``.
* ``P x0 x1 x2 x3``, ``S x0 x1 x2 x3``: the guest calls by HVC and by SMC, an AArch32 guest in A32 code, a nested one at
  EL1. X2 and X3 may be left out.
* ``p x0 x1``, ``s x0 x1``: the same in T32 code of an AArch32 guest, at EL2 of a nested one.
* ``G id``: ``KVM_GET_ONE_REG``. Answer ``0 value``, or the errno.
* ``C cap``: ``KVM_ENABLE_CAP`` on the VM (decimal). Answer errno.
* ``T``: gives the vCPU a stolen-time page. Answer errno.
* ``B hex``: inserts every entry of a blob, whatever the one before met. Answer: an errno for each, between blanks.
* ``A name``, ``W name``: ``name_apply`` on the VM and ``name_set_registers`` on the vCPU, from the generated header of
  the shipped policy with that C name. Answer ``0``, or errno and the base of the entry or the register ID refused.
* ``D name mistake``: has what the VM's guest calls and KVM forwards answered by that dispatcher, by a VMM that makes a
  mistake of vmm.c if one is named. Answer ``ok``.

A call can also answer ``off``, when it turned its vCPU off, and ``event type flags x0 x1 x2 x3`` for
``KVM_EXIT_SYSTEM_EVENT``, with the registers that the guest finds when it goes on. ``el2 vector ESR_EL2 x0 x1 x2 x3``
says that the guest's own EL2 got it: vector 4 is for calls of EL2, 8 for those of EL1. A dispatcher answers ``vmm``,
what ``user`` is followed by, ``told=`` a number made of the handler called and what it was told (0 for none), and the
registers that the guest finds. The word ``changed`` behind a plain guest's
registers says that X4 to X17 are not as they were, or that the guest went on elsewhere than behind its call.
The vCPU is created by the first operation that needs one. Calls that come in a row are made in one run, if they can be.
"""

import re
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.programs.live.artefacts import write_headers
from tests.programs.live.cpio import File
from tests.programs.live.errors import HarnessError
from tests.programs.live.hosts import Host
from tests.programs.live.machine import boot, end_of, require_version
from tests.programs.live.packages import Kernel
from tests.programs.live.toolchain import cross_compile

SOURCES = ("agent.c", "artefacts.c", "calls.c", "dispatchers.c", "vm.c", "vmm.c", "guest.S")
ANSWERS = re.compile(r"(?P<kvm>(?:KVM .*\n)*)BEGIN (?P<release>\S+)\n(?P<answers>(?:.*\n)*)END (\d+)\n")
AT_EL2 = re.compile(r"(?:VHE|VHE\+NV2|Hyp|Protected hVHE|Protected nVHE|hVHE|nVHE) mode initialized successfully")
BOOT_TIMEOUT = 120.0
ONE_PANIC_HANDLER = ("-Wl,--allow-multiple-definition",)
"""Each static library of Rust's has its own, under one name."""
SECONDS_PER_OPERATION = 0.05
"""A VM's creation, first call and end take 0.02 s on a busy machine."""


class Answers(NamedTuple):
    """One answer an operation, in order, and what the machine took in all."""

    lines: list[str]
    seconds: float


def ask(kernel: Kernel, host: Host, operations: Sequence[str], agent: bytes | None = None) -> Answers:
    """Put the operations to KVM in one boot; the first must be a ``V``. ``agent`` is one that has dispatchers.

    MissingToolError without QEMU, one that has the host, or the cross compiler; HarnessError where KVM did not come up
    at EL2, another kernel than ``kernel`` ran, or an answer is missing.
    """
    text = "".join(f"{operation}\n" for operation in operations).encode("ascii")
    files = [File("dev", None), File("init", agent or build()), File("operations", text)]
    if host.needs_qemu:
        require_version(host.needs_qemu, f"{host.mode} guests")
    timeout = BOOT_TIMEOUT + SECONDS_PER_OPERATION * len(operations)
    done = boot(kernel.image, files, timeout=timeout, cpu=host.cpu, arguments=host.arguments)
    match = ANSWERS.fullmatch(done.answers)
    if match is None:
        so_far = done.answers.splitlines()[-3:]
        raise HarnessError(f"the answers have no end; the last are {so_far}\n{end_of(done.console)}")
    if not AT_EL2.search(match["kvm"]):
        raise HarnessError(f"KVM did not come up at EL2\n{match['kvm']}{end_of(done.console)}")
    if not match["release"].startswith(f"{kernel.release}+"):
        raise HarnessError(f"{match['release']} ran instead of {kernel.release}")
    lines = match["answers"].splitlines()
    if not len(lines) == len(operations) == int(match[4]):
        raise HarnessError(f"{len(lines)} answers to {len(operations)} operations")
    return Answers(lines, done.seconds)


@cache
def build() -> bytes:
    """Return the program as a static arm64 ELF file."""
    return link((), ())


def link(dispatchers: Sequence[str], objects: Sequence[Path]) -> bytes:
    """Return the program with dispatchers of these names, whose functions are in ``objects``."""
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as folder:
        write_headers(Path(folder))
        rows = " ".join(f"X({name})" for name in dispatchers)
        Path(folder, "listed.h").write_text(f"#define DISPATCHERS(X) {rows}\n", encoding="ascii")
        return cross_compile(SOURCES, "-static", *ONE_PANIC_HANDLER, f"-I{folder}", objects=objects)
