"""What a report of a bug has to say of the installation: versions, the platform, and which parser reads YAML."""

import platform

from smccc_filter.kvm.profiles import RELEASES
from smccc_filter.version import __version__

PACKAGES = ("click", "pydantic", "rich", "ruamel.yaml", "ruamel.yaml.clib")
"""What the tool is built on, as pip calls it."""


def about() -> tuple[tuple[str, str], ...]:
    """Return each fact with its value; nothing in it names the machine or its user."""
    from smccc_filter.language.source.parsers import CParser

    return (
        ("smccc-filter", __version__),
        ("python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("platform", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("newest-kernel", f"Linux {RELEASES[-1]}"),
        ("yaml-parser", "Python" if CParser is None else "C"),
        *((package, _version(package)) for package in PACKAGES),
    )


def _version(package: str) -> str:
    """Return the version that is installed of a package, ``-`` where none is."""
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "-"
