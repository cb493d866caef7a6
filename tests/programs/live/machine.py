"""Boot an arm64 machine with EL2 under QEMU, run what the initramfs holds, and take back what it wrote.

Nothing of the host shows in there: no network, no disk. The console is for people; answers go through a virtio-serial
port into a file, which is faster and free of kernel messages.
"""

import re
import subprocess
import tempfile
import time
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from tests.programs.live.cpio import File, archive
from tests.programs.live.errors import HarnessError, MissingToolError
from tests.programs.live.toolchain import run, tool

QEMU = "qemu-system-aarch64"
INSTALL_NEWER = "apt-get install -t bookworm-backports qemu-system-arm"
VERSION = re.compile(r"version (\d+)\.(\d+)")
MACHINE = (
    *("-net", "none", "-nographic", "-no-reboot"),
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
EVERY = 0.05
"""Seconds between two looks at what was answered."""
CONSOLE_LINES = 25
"""How much of the console an error shows."""


class Boot(NamedTuple):
    """What a machine left behind. ``seconds`` are of wall time, from QEMU's start to its end.

    ``growth`` has how many characters of ``answers`` were there how many seconds after the start.
    """

    console: str
    answers: str
    seconds: float
    growth: Sequence[tuple[float, int]] = ()

    def seconds_to(self, place: int) -> float:
        """Return how many seconds after the start the character at ``place`` of the answers was there, nearly."""
        after = bisect_right(self.growth, place, key=itemgetter(1))
        return self.growth[after][0] if after < len(self.growth) else self.seconds


def boot(
    image: Path,
    files: list[File],
    *,
    timeout: float,
    memory: int = 1024,
    cpu: str = CPU,
    cpus: int = 1,
    gic: int = 3,
    arguments: str = "",
    more: bytes = b"",
) -> Boot:
    """Run a kernel until it powers off; ``files`` must hold ``init``. ``timeout`` is in seconds, ``memory`` in MiB.

    ``cpu`` is QEMU's name of one; of several ``cpus`` each has a thread, and the clock on the wall. ``gic`` is the
    version of the interrupt controller. ``arguments`` are the kernel's, beside those that it always gets; ``more`` is
    another archive, unpacked over the first. HarnessError, with the end of the console, where the machine does not
    power off in time or QEMU fails.
    """
    qemu = tool(QEMU)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as name:
        folder = Path(name)
        console, answers, initrd = folder / "console", folder / "answers", folder / "initrd"
        initrd.write_bytes(archive(files) + more)
        command = [
            *(
                qemu,
                "-M",
                f"virt,virtualization=on,gic-version={gic}",
                *MACHINE,
                *(COUNTING if cpus == 1 else ("-smp", str(cpus))),
            ),
            *("-cpu", cpu, "-m", str(memory), "-chardev", f"file,id=answers,path={answers}"),
            *("-kernel", str(image), "-initrd", str(initrd), "-append", f"{KERNEL_ARGUMENTS} {arguments}"),
        ]
        growth: list[tuple[float, int]] = []
        with (
            console.open("wb") as output,
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as process,
        ):
            try:
                while (status := _ended(process)) is None and time.monotonic() < began + timeout:
                    growth.append((time.monotonic() - began, answers.stat().st_size if answers.exists() else 0))
            finally:
                process.kill()
        if status is None:
            raise HarnessError(f"no power-off within {timeout:.0f} s\n{_end_of(console)}")
        if status:
            raise HarnessError(f"{QEMU} ended with status {status}\n{_end_of(console)}")
        return Boot(
            console=console.read_text(encoding="utf-8", errors="replace"),
            answers=answers.read_bytes().decode("ascii", errors="replace"),
            seconds=time.monotonic() - began,
            growth=growth,
        )


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for a process until it is time to look at what it wrote; return its status, ``None`` where it runs on."""
    try:
        return process.wait(EVERY)
    except subprocess.TimeoutExpired:
        return None


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
