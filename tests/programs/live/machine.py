"""Boot an arm64 machine with EL2 under QEMU, run what the initramfs holds, and take back what it wrote.

Nothing of the host shows in there: no network, no disk. The console is for people; answers go through a virtio-serial
port into a file, which is faster and free of kernel messages.
"""

import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.programs.live.cpio import File, archive
from tests.programs.live.errors import HarnessError, MissingToolError
from tests.programs.live.toolchain import run, tool

QEMU = "qemu-system-aarch64"
INSTALL_NEWER = "apt-get install -t bookworm-backports qemu-system-arm"
VERSION = re.compile(r"version (\d+)\.(\d+)")
MACHINE = (
    *("-M", "virt,virtualization=on,gic-version=3", "-net", "none", "-nographic", "-no-reboot"),
    *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=answers"),
)
COUNTING = ("-icount", "shift=0,sleep=off")
"""Lets the machine's clock count instructions, a nanosecond each, and skip what nobody does. By the clock on the wall
an emulated CPU would spend much of its time on timers, and the more, the busier this machine is. It has one CPU then,
on which guests' CPUs that wait for each other take turns: their YIELD, which leaves QEMU's loop, costs a microsecond.
"""

CPU = "cortex-a76"
"""A CPU with EL2 and VHE, and without what costs most to emulate: pointer authentication and vectors of any length."""

KERNEL_ARGUMENTS = (
    "console=ttyAMA0 quiet panic=-1 rodata=off kpti=0 cryptomgr.notests initcall_blacklist=load_system_certificate_list"
)
"""What KVM has no part in and takes most of the boot is left out: page tables down to single pages, and their check at
the end; tests of ciphers; the kernel's certificates, each of which costs an RSA signature. So are page tables of the
kernel's own, for an emulated CPU forgets every translation when they change, twice a system call.
"""
CONSOLE_LINES = 25
"""How much of the console an error shows."""


class Boot(NamedTuple):
    """What a machine left behind. ``seconds`` are of wall time, from QEMU's start to its end."""

    console: str
    answers: str
    seconds: float


def boot(
    image: Path,
    files: list[File],
    *,
    timeout: float,
    memory: int = 1024,
    cpu: str = CPU,
    cpus: int = 1,
    arguments: str = "",
    more: bytes = b"",
) -> Boot:
    """Run a kernel until it powers off; ``files`` must hold ``init``. ``timeout`` is in seconds, ``memory`` in MiB.

    ``cpu`` is QEMU's name of one; of several ``cpus`` each has a thread, and the clock on the wall. ``arguments`` are
    the kernel's, beside those that it always gets; ``more`` is another archive, unpacked over the first. HarnessError,
    with the end of the console, where the machine does not power off in time or QEMU fails.
    """
    qemu = tool(QEMU)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as name:
        folder = Path(name)
        console, answers, initrd = folder / "console", folder / "answers", folder / "initrd"
        initrd.write_bytes(archive(files) + more)
        command = [
            *(qemu, *MACHINE, *(COUNTING if cpus == 1 else ("-smp", str(cpus)))),
            *("-cpu", cpu, "-m", str(memory), "-chardev", f"file,id=answers,path={answers}"),
            *("-kernel", str(image), "-initrd", str(initrd), "-append", f"{KERNEL_ARGUMENTS} {arguments}"),
        ]
        try:
            with console.open("wb") as output:
                status = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=timeout, check=False
                ).returncode
        except subprocess.TimeoutExpired:
            raise HarnessError(f"no power-off within {timeout:.0f} s\n{_end_of(console)}") from None
        if status:
            raise HarnessError(f"{QEMU} ended with status {status}\n{_end_of(console)}")
        return Boot(
            console=console.read_text(encoding="utf-8", errors="replace"),
            answers=answers.read_text(encoding="ascii", errors="replace"),
            seconds=time.monotonic() - began,
        )


def require_version(needed: tuple[int, ...], what: str) -> None:
    """MissingToolError where QEMU is not there, or older than ``what`` needs."""
    found = VERSION.search(run(tool(QEMU), "--version"))
    if found is None or tuple(map(int, found.groups())) < needed:
        version = ".".join(map(str, needed))
        raise MissingToolError(f"{QEMU} {version} or later is missing, which {what} need: {INSTALL_NEWER}")


def _end_of(console: Path) -> str:
    return end_of(console.read_text(encoding="utf-8", errors="replace"))


def end_of(console: str) -> str:
    """Return the last lines of a console, marked as such."""
    return "\n".join(f"  console: {line}" for line in console.splitlines()[-CONSOLE_LINES:])
