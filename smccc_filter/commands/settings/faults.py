"""What is wrong with a file of settings, and where: a report as of a policy, in the codes of policies."""

from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.source import SourceText

if TYPE_CHECKING:
    from smccc_filter.commands.settings.toml_places import TomlPlaces

CHECKS = {check.CODE: check for check in checks.ALL}


class SettingsFault(NamedTuple):
    """What is wrong with a file of settings, under a check's code. A path is the place of a value, not of its key."""

    code: str
    place: Path | KeyOf | Offsets
    message: str
    hint: str


def report(path: str, text: str, faults: list[SettingsFault]) -> FileReport:
    """Report the faults, ordered by place."""
    paths = [place for place in map(_path, faults) if place is not None]
    found = None
    if paths:
        from smccc_filter.commands.settings.toml_places import TomlPlaces

        found = TomlPlaces(text, paths)
    source = SourceText(text)
    diagnostics = (
        Diagnostic(
            source.span(_offsets(fault.place, found)),
            fault.code,
            CHECKS[fault.code].NAME,
            Severity.ERROR,
            fault.message,
            fault.hint,
        )
        for fault in faults
    )
    return FileReport(path, text, tuple(sorted(diagnostics, key=lambda each: (each.span, each.code, each.message))))


def _path(fault: SettingsFault) -> Path | None:
    place = fault.place
    return None if isinstance(place, Offsets) else place.path if isinstance(place, KeyOf) else place


def _offsets(place: Path | KeyOf | Offsets, found: "TomlPlaces | None") -> Offsets:
    """Return where a fault is: a value that has no place of its own, as a table's, is at its key."""
    if isinstance(place, Offsets) or found is None:
        return place if isinstance(place, Offsets) else Offsets(0, 0)
    path, places = (place.path, found.keys) if isinstance(place, KeyOf) else (place, found.values)
    return places.get(path) or found.keys.get(path) or Offsets(0, 0)
