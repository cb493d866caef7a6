"""The machine and the versions that a measurement is true for."""

import os
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

PACKAGES = ("smccc-filter", "click", "pydantic", "ruamel.yaml", "ruamel.yaml.clib", "check-jsonschema", "pygls")


def describe() -> Iterator[str]:
    """Yield lines that say where this runs."""
    cpu = next(_cpu_models(), platform.machine())
    yield f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
    yield f"{platform.python_implementation()} {platform.python_version()}"
    yield ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)


def _cpu_models() -> Iterator[str]:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                yield value.strip()
