"""Find the Debian mirror that this machine's own apt uses, so that no host name stands in this project.

A machine that builds in a closed network reaches one mirror and no other, and its apt configuration names it. Both
formats of apt's sources are read: lines (``*.list``) and paragraphs (``*.sources``, deb822).

Source: sources.list(5).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.programs.live.errors import HarnessError

APT = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
LINE = re.compile(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)")


class Mirror(NamedTuple):
    """Where packages come from. ``security`` is None where the machine takes no security updates."""

    main: str
    security: str | None


class Source(NamedTuple):
    """One archive, suite by suite as apt sees it."""

    uri: str
    suite: str
    components: tuple[str, ...]


def mirror(apt: Path = APT, os_release: Path = OS_RELEASE) -> Mirror:
    """Return the mirror of the release that this machine runs; HarnessError where it runs no Debian."""
    codename = _codename(os_release)
    uris = {source.suite: source.uri for source in reversed(list(sources(apt))) if "main" in source.components}
    if codename is None or codename not in uris:
        raise HarnessError(f"{apt} names no mirror of a Debian release, and Debian's kernels come from there")
    return Mirror(uris[codename], uris.get(f"{codename}-security"))


def sources(apt: Path) -> Iterator[Source]:
    """Yield every enabled binary archive that the configuration names."""
    for file in sorted([apt / "sources.list", *apt.glob("sources.list.d/*")]):
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".list":
            yield from _lines(text)
        elif file.suffix == ".sources":
            yield from _paragraphs(text)


def _lines(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = LINE.fullmatch(line.partition("#")[0].strip())
        if match:
            yield Source(match[1], match[2], tuple(match[3].split()))


def _paragraphs(text: str) -> Iterator[Source]:
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for paragraph in re.split(r"\n\s*\n", kept):
        unfolded = re.sub(r"\n\s+", " ", paragraph.strip())
        fields = {name.lower(): value.split() for name, _, value in (f.partition(":") for f in unfolded.splitlines())}
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        for uri in fields.get("uris", []):
            for suite in fields.get("suites", []):
                yield Source(uri, suite, tuple(fields.get("components", [])))


def _codename(os_release: Path) -> str | None:
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", os_release.read_text(encoding="utf-8"), re.MULTILINE)
    return match[1] if match else None
