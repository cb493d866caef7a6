"""A Python of Debian's for the emulated machine, from packages that apt downloads and verifies."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.programs.live.cpio import LINK, PROGRAM, File, archive
from tests.programs.live.packages import cache, configure, contents, download, write

SUITE = "trixie"
PYTHON = "3.13"
"""The Python of that suite."""
PACKAGES = (
    *(f"python{PYTHON}-minimal", f"libpython{PYTHON}-minimal", f"libpython{PYTHON}-stdlib"),
    *("libc6", "libexpat1", "libffi8", "libgcc-s1", "zlib1g"),
)
NOT_NEEDED = ("usr/share/", "usr/lib/aarch64-linux-gnu/gconv/", "usr/sbin/")
MERGED = File("lib", b"usr/lib", LINK)
"""Where programs look for their loader; the packages have it in /usr alone."""


def python() -> bytes:
    """Return an archive of the interpreter, its library and what both load, which is kept in the cache.

    MissingToolError without apt, HarnessError where it fails.
    """
    folder = cache().resolve()
    kept = folder / f"{SUITE}-python{PYTHON}.cpio"
    if not kept.exists():
        configuration = configure(folder / f"apt-{SUITE}", [SUITE])
        with download(configuration, PACKAGES, kept.with_suffix(".download")) as debs:
            write(kept, archive([MERGED, *_files(debs)]))
    return kept.read_bytes()


def with_folders(files: Iterable[File]) -> list[File]:
    """Put before ``files`` every folder that they lie in."""
    listed = list(files)
    folders = {str(parent) for file in listed for parent in PurePosixPath(file.path).parents} - {"."}
    return [*(File(folder, None) for folder in sorted(folders)), *listed]


def _files(debs: Iterable[Path]) -> list[File]:
    return with_folders(
        File(path, content.encode(), LINK) if isinstance(content, str) else File(path, content, PROGRAM)
        for deb in debs
        for path, content in contents(deb)
        if not path.startswith(NOT_NEEDED)
    )
