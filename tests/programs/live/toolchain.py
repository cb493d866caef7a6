"""Other programs of this machine: where they are, how they run, and the cross compiler for this folder's C files."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.programs.live.errors import HarnessError, MissingToolError

INSTALL = (
    "apt-get install --no-install-recommends qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross rustc"
    " trace-cmd"
)
CROSS_COMPILER = "aarch64-linux-gnu-gcc"
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")
HERE = Path(__file__).parent


def cross_compile(sources: Sequence[str], *flags: str, objects: Sequence[Path] = ()) -> bytes:
    """Compile sources of this folder for arm64 and link them, with objects if there are any; return the ELF file."""
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as folder:
        output = Path(folder, "output")
        paths = [*(str(HERE / source) for source in sources), *map(str, objects)]
        run(tool(CROSS_COMPILER), *FLAGS, *flags, "-o", str(output), *paths)
        return output.read_bytes()


def tool(name: str) -> str:
    """Return where a program is; MissingToolError, with how to install all that the harness needs, without it."""
    path = shutil.which(name)
    if path is None:
        raise MissingToolError(f"{name} is missing: {INSTALL}")
    return path


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a program and return what it prints; HarnessError, with its messages, where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HarnessError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return done.stdout
