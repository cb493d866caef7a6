"""Debian's own arm64 programs with every library that they need, as an archive that Linux unpacks into its initramfs.

Packages come as the kernels do (see packages.py). The program and the libraries are kept of them: a machine without
network, disk and display reads nothing else, and every megabyte has to be unpacked by an emulated CPU.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.programs.live.cpio import LINK, File, archive
from tests.programs.live.errors import HarnessError
from tests.programs.live.packages import cache, configure, contents, digest, download, with_dependencies, write

SUITE = "trixie"
QEMU = ("qemu-system-arm", "usr/bin/qemu-system-aarch64")
TRACE_CMD = ("trace-cmd", "usr/bin/trace-cmd")
PERF = ("linux-perf", "usr/bin/perf")
"""Packages, each with the program that is kept of it."""
LIBRARIES = r"usr/lib/ld-linux-aarch64\.so\.1|usr/lib/aarch64-linux-gnu/[^/]+\.so[^/]*"
FOLDERS = ("usr", "usr/bin", "usr/lib", "usr/lib/aarch64-linux-gnu")
MERGED = {"bin": "usr/bin", "lib": "usr/lib"}
"""The links of a merged /usr, which no package holds: Debian's installer makes them."""


def qemu() -> bytes:
    """Return QEMU's archive, downloading what is not cached. Errors are those of ``packages.resolve``."""
    return _program(*QEMU)


def recorders() -> bytes:
    """Return the archive of what records traces, as ``qemu``."""
    return _program(*TRACE_CMD) + _program(*PERF)


def _program(package: str, program: str) -> bytes:
    folder = cache().resolve()
    configuration = configure(folder / "apt-programs", [SUITE])
    packages = [f"{name}={version}" for name, version in with_dependencies(configuration, package).items()]
    cached = folder / f"{package}_{digest(packages)}.cpio"
    if not cached.exists():
        with download(configuration, packages, cached.with_suffix(".download")) as debs:
            write(cached, archive(list(_files(debs, package, program))))
    return cached.read_bytes()


def _files(debs: list[Path], package: str, program: str) -> Iterator[File]:
    kept = re.compile(rf"{program}|{LIBRARIES}")
    yield from (File(folder, None) for folder in FOLDERS)
    yield from (File(path, target.encode(), LINK) for path, target in MERGED.items())
    found = False
    for deb in debs:
        for path, source in contents(deb):
            if kept.fullmatch(path):
                found |= path == program
                yield File(path, source) if isinstance(source, bytes) else File(path, source.encode(), LINK)
    if not found:
        raise HarnessError(f"Debian's {package} and what it depends on hold no {program}")
