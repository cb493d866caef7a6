"""Fetch Debian's arm64 kernels: resolved at run time, downloaded and verified by apt, unpacked, and cached.

apt works on folders of its own, so that the machine's package lists and state stay as they are; what it trusts is
Debian's keyring alone. The cache is ``SMCCC_FILTER_KERNELS``, or ``smccc-filter/kernels`` where caches are.
"""

import fcntl
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.programs.live.errors import HarnessError, MissingToolError
from tests.programs.live.mirror import mirror
from tests.programs.live.toolchain import run

SUITES = {"6.12": "bookworm-backports", "newest": "trixie-backports"}
"""Where the meta package ``linux-image-arm64`` stands for which kernel; the others are named ``7.0.10``."""

SECURITY_SUITE = "trixie-security"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ABI = re.compile(r"\blinux-image-(\d+\.\d+\.\d+\+deb[0-9.+]+)-arm64\b")
TO_INSTALL = re.compile(r"^Inst (\S+) \((\S+) ", re.MULTILINE)
UPSTREAM = re.compile(r"\d+\.\d+\.\d+")
STAMP = "updated"
"""The file in apt's folder that is as old as its lists."""
LISTS_ARE_FRESH = 3600
"""Seconds for which downloaded package lists are not asked for again."""

CONFIGURATION = """\
#clear APT::Architectures;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "{architectures[0]}";
APT::Architectures {{ {listed} }};
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/debian.sources";
Dir::Etc::sourceparts "{folder}/empty";
Dir::Etc::preferences "{folder}/status";
Dir::Etc::preferencesparts "{folder}/empty";
"""

PARAGRAPH = """\
Types: deb
URIs: {uri}
Suites: {suites}
Components: main
Signed-By: {keyring}

"""


class Kernel(NamedTuple):
    """One kernel to boot. ``release`` is upstream's, ``6.12.95``; ``image`` is an uncompressed arm64 ``Image``."""

    release: str
    package: str
    image: Path


def cache() -> Path:
    """Return the folder that downloads are kept in, which need not exist."""
    chosen = os.environ.get("SMCCC_FILTER_KERNELS")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smccc-filter" / "kernels"


def resolve(name: str) -> Kernel:
    """Return Debian's kernel called ``6.12``, ``newest``, or exactly ``7.0.10``, downloading what is not cached.

    MissingToolError without apt, dpkg or Debian's keyring; HarnessError where there is no such kernel or apt fails.
    """
    folder = cache().resolve()
    configuration = configure(folder / "apt", SUITES.values())
    package = _image_package(configuration, name)
    version = _field(_show(configuration, package), "Version")
    release = UPSTREAM.match(version)
    if release is None or (name in SUITES and name != "newest" and not version.startswith(f"{name}.")):
        raise HarnessError(f"Debian's linux-image-arm64 in {SUITES[name]} is {version}, not {name}")
    image = folder / f"{package}_{version}.image"
    if not image.exists():
        _download(configuration, f"{package}={version}", image)
    return Kernel(release[0], f"{package} {version}", image)


def module(kernel: Kernel, name: str) -> bytes:
    """Return one of a kernel's modules, by its name without ``.ko``, downloading what is not cached."""
    cached = kernel.image.with_suffix(f".{name}.ko")
    if not cached.exists():
        package, _, version = kernel.package.replace("linux-binary-", "linux-modules-").partition(" ")
        configuration = configure(cache().resolve() / "apt", SUITES.values())
        with download(configuration, [f"{package}={version}"], cached.with_suffix(".download")) as (deb,):
            for path, source in contents(deb):
                if Path(path).name == f"{name}.ko.xz" and isinstance(source, bytes):
                    write(cached, lzma.decompress(source))
        if not cached.exists():
            raise HarnessError(f"{package} holds no {name}.ko.xz")
    return cached.read_bytes()


def configure(folder: Path, suites: Iterable[str], architectures: Sequence[str] = ("arm64",)) -> Path:
    """Write apt's configuration and bring its lists up to date; return the file to give to ``apt-get -c``.

    A package without an architecture in its name is of the first of ``architectures``.
    MissingToolError without apt, dpkg or Debian's keyring.
    """
    for program in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(program) is None:
            raise MissingToolError(f"{program} is missing: the kernels are Debian's, so this needs Debian")
    if not KEYRING.exists():
        raise MissingToolError(f"{KEYRING} is missing: apt-get install debian-archive-keyring")
    for each in ("state/lists/partial", "cache/archives/partial", "empty"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    text = _sources(suites)
    listed = " ".join(f'"{architecture}";' for architecture in architectures)
    configured = CONFIGURATION.format(folder=folder, architectures=architectures, listed=listed)
    configuration, sources, stamp = folder / "apt.conf", folder / "debian.sources", folder / STAMP
    with _alone(folder):
        fresh = stamp.exists() and time.time() - stamp.stat().st_mtime < LISTS_ARE_FRESH
        if not fresh or sources.read_text(encoding="utf-8") != text:
            sources.write_text(text, encoding="utf-8")
            configuration.write_text(configured, encoding="utf-8")
            run("apt-get", "-c", str(configuration), "-q", "update", "--error-on=any")
            stamp.touch()
    return configuration


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else is at work in apt's folder, for apt does not wait for another apt."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sources(suites: Iterable[str]) -> str:
    found = mirror()
    archives = [(found.main, " ".join(suites))]
    if found.security is not None:
        archives.append((found.security, SECURITY_SUITE))
    return "".join(PARAGRAPH.format(uri=uri, suites=names, keyring=KEYRING) for uri, names in archives)


def _image_package(configuration: Path, name: str) -> str:
    """Return the package that holds the image: from 7.2 on, and in some builds before, ``linux-binary-*``."""
    if name in SUITES:
        abis = ABI.findall(_field(_show(configuration, f"linux-image-arm64/{SUITES[name]}"), "Depends"))
    else:
        known = run("apt-cache", "-c", str(configuration), "pkgnames", f"linux-image-{name}+deb")
        abis = sorted(ABI.findall(known))
    if not abis:
        raise HarnessError(f"Debian has no arm64 kernel {name!r} in the suites that this knows")
    image, binary = (f"linux-{kind}-{abis[-1]}-arm64" for kind in ("image", "binary"))
    return binary if binary in _field(_show(configuration, image), "Depends") else image


def _show(configuration: Path, package: str) -> str:
    return run("apt-cache", "-c", str(configuration), "show", "--no-all-versions", package)


def _field(record: str, name: str) -> str:
    match = re.search(rf"^{name}: (.*)$", record, re.MULTILINE)
    if match is None:
        raise HarnessError(f"apt-cache show prints no {name}:\n{record}")
    return match[1]


def _download(configuration: Path, package: str, image: Path) -> None:
    with download(configuration, [package], image.with_suffix(".download")) as (deb,):
        for name, source in contents(deb):
            if Path(name).name.startswith("vmlinuz") and isinstance(source, bytes):
                write(image, source)
    if not image.exists():
        raise HarnessError(f"{package} holds no vmlinuz")


def with_dependencies(configuration: Path, package: str) -> dict[str, str]:
    """Return the versions of a package and of all that it depends on, by their names.

    apt takes seconds to say so, and says the same until its lists are brought up to date.
    """
    plan, lists = (configuration.with_name(name) for name in (f"{package}.plan", STAMP))
    with _alone(configuration.parent):
        if not plan.exists() or plan.stat().st_mtime < lists.stat().st_mtime:
            apt = ("apt-get", "-c", str(configuration), "-q", "--simulate", "--no-install-recommends", "install")
            write(plan, run(*apt, package).encode())
        return dict(TO_INSTALL.findall(plan.read_text(encoding="utf-8")))


def digest(packages: Iterable[str]) -> str:
    """Return what tells some packages (``name=version``) from others in the name of a cached file."""
    return hashlib.sha256("\n".join(sorted(packages)).encode()).hexdigest()[:16]


@contextmanager
def download(configuration: Path, packages: Sequence[str], folder: Path) -> Iterator[list[Path]]:
    """Download packages (``name=version``), which apt verifies, into a folder that goes when the context ends.

    Another process that wants the same folder waits until then.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            run("apt-get", "-c", str(configuration), "-q", "download", *packages, cwd=folder)
            yield sorted(folder.glob("*.deb"))
        finally:
            shutil.rmtree(folder)


def contents(deb: Path) -> Iterator[tuple[str, bytes | str]]:
    """Yield path (``usr/bin/x``) and bytes of every file of a package, and the target of every symbolic link."""
    unpacking = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE)
    with unpacking, tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isreg() else None
            if member.issym():
                yield member.name.removeprefix("./"), member.linkname
            elif source is not None:
                yield member.name.removeprefix("./"), source.read()
    if unpacking.returncode:
        raise HarnessError(f"dpkg-deb of {deb.name} ended with status {unpacking.returncode}")


def write(path: Path, data: bytes) -> None:
    """Write a file of the cache, which is there as a whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.rename(path)
