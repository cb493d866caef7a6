"""Debian's own Rust compiler with the core library for arm64, which a machine's own compiler seldom has.

Packages come as the kernels do (see packages.py). The compiler runs from the folder that it is unpacked to, by its own
dynamic linker and on its own libraries, so that it matters neither which system this is nor whether it has a compiler.
"""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.programs.live.errors import HarnessError
from tests.programs.live.packages import cache as cache_folder
from tests.programs.live.packages import configure, contents, digest, download, with_dependencies
from tests.programs.live.toolchain import run

SUITE = "trixie"
COMPILER, HOST_LIBRARY, LIBRARY = "rustc", "libstd-rust-dev", "libstd-rust-dev:arm64"
TARGET = "aarch64-unknown-linux-gnu"
KEPT = re.compile(
    r"usr/bin/rustc|usr/lib64/[^/]+|usr/lib/[^/]+-linux-gnu/[^/]+\.so[^/]*"
    rf"|usr/lib/rustlib/{TARGET}/lib/lib(core|compiler_builtins|rustc_std_workspace_core)-\w+\.rlib"
)
"""The compiler, its dynamic linker and libraries, and of arm64's what a program without ``std`` is made of."""


def compile_rust(source: Path, output: Path, *flags: str) -> None:
    """Compile a crate without ``std`` to a static library for arm64, in which a panic aborts."""
    folder = compiler()
    linkers = sorted(folder.glob("usr/lib64/ld-*.so*")) or sorted(folder.glob("usr/lib/*-linux-gnu/ld-*.so*"))
    drivers = sorted(folder.glob("usr/lib/*-linux-gnu/librustc_driver-*.so"))
    if not linkers or not drivers:
        raise HarnessError(f"{folder} holds no Rust compiler: remove it, and it is fetched again")
    compiler_command = (str(linkers[0]), "--library-path", str(drivers[0].parent), str(folder / "usr/bin/rustc"))
    target = ("--sysroot", str(folder / "usr"), "--target", TARGET, "--crate-type", "staticlib", "-C", "panic=abort")
    run(*compiler_command, *target, "--edition", "2021", *flags, "-o", str(output), str(source))


@cache
def compiler() -> Path:
    """Return the folder that it is unpacked to, downloading what is not cached. Errors are ``packages.resolve``'s."""
    folder = cache_folder().resolve()
    host = run("dpkg", "--print-architecture").strip()
    configuration = configure(folder / "apt-rust", [SUITE], (host, "arm64") if host != "arm64" else (host,))
    versions = with_dependencies(configuration, HOST_LIBRARY)
    release = versions.pop(HOST_LIBRARY)
    packages = [f"{name}={version}" for name, version in (versions | {COMPILER: release, LIBRARY: release}).items()]
    cached = folder / f"{COMPILER}_{digest(packages)}"
    if not cached.exists():
        with download(configuration, packages, cached.with_suffix(".download")) as debs:
            partial = cached.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            _unpack(debs, partial)
            partial.rename(cached)
    return cached


def _unpack(debs: list[Path], folder: Path) -> None:
    for path, source in _kept(debs):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            place.write_bytes(source)
            place.chmod(0o755)
        else:
            place.symlink_to(source)


def _kept(debs: list[Path]) -> Iterator[tuple[str, bytes | str]]:
    for deb in debs:
        yield from ((path, source) for path, source in contents(deb) if KEPT.fullmatch(path))
