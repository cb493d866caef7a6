"""Boot an arm64 machine with EL2 under QEMU, run what the initramfs holds, and take back what it wrote.

Nothing of the host shows in there: no network, no disk. The console is for people; answers go through a virtio-serial
port into a file, which is faster and free of kernel messages.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.programs.live.cpio import File, archive
from tests.programs.live.errors import HarnessError, MissingToolError

QEMU = "qemu-system-aarch64"
INSTALL = "apt-get install --no-install-recommends qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross rustc"
MACHINE = (
    *("-M", "virt,virtualization=on,gic-version=3", "-cpu", "max,pauth-impdef=on", "-net", "none"),
    *("-nographic", "-no-reboot", "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=answers"),
)
"""``pauth-impdef`` makes pointer authentication cheap to emulate, and KVM's world switch three times faster."""

KERNEL_ARGUMENTS = "console=ttyAMA0 quiet panic=-1"
CONSOLE_LINES = 25
"""How much of the console an error shows."""


class Boot(NamedTuple):
    """What a machine left behind. ``seconds`` are of wall time, from QEMU's start to its end."""

    console: str
    answers: str
    seconds: float


def boot(
    image: Path, files: list[File], *, timeout: float, memory: int = 1024, cpus: int = 1, more: bytes = b""
) -> Boot:
    """Run a kernel until it powers off; ``files`` must hold ``init``. ``timeout`` is in seconds, ``memory`` in MiB.

    ``more`` is another archive, unpacked over the first. HarnessError, with the end of the console, where the machine
    does not power off in time or QEMU fails.
    """
    qemu = shutil.which(QEMU)
    if qemu is None:
        raise MissingToolError(f"{QEMU} is missing: {INSTALL}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as name:
        folder = Path(name)
        console, answers, initrd = folder / "console", folder / "answers", folder / "initrd"
        initrd.write_bytes(archive(files) + more)
        command = [
            *(qemu, *MACHINE, "-m", str(memory), "-smp", str(cpus), "-chardev", f"file,id=answers,path={answers}"),
            *("-kernel", str(image), "-initrd", str(initrd), "-append", KERNEL_ARGUMENTS),
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


def _end_of(console: Path) -> str:
    return end_of(console.read_text(encoding="utf-8", errors="replace"))


def end_of(console: str) -> str:
    """Return the last lines of a console, marked as such."""
    return "\n".join(f"  console: {line}" for line in console.splitlines()[-CONSOLE_LINES:])
