"""What a project's settings left out of a report, in a line for each file of settings."""

from collections import Counter
from collections.abc import Iterable, Mapping

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.words import counted, cut, enumerated, visible

SHOWN = 10
"""Codes whose reasons are given before the others are counted."""


def lines(reports: Iterable[FileReport], excluded: Mapping[str, int]) -> list[str]:
    """Say of each file of settings what it changed; ``excluded`` counts what each kept from being searched.

    That is for which kernels policies were checked that name none, how many findings are ignored and why, and how many
    files and folders were passed over.
    """
    kernels: dict[tuple[str, tuple[str, ...]], int] = {}
    ignored: dict[str, Counter[str]] = {}
    reasons: dict[tuple[str, str], str] = {}
    for report in reports:
        if report.settings:
            key = report.settings, report.kernels
            kernels[key] = kernels.get(key, 0) + 1
        for found in report.diagnostics:
            if found.settings:
                ignored.setdefault(found.settings, Counter())[found.code] += 1
                reasons[found.settings, found.code] = found.suppressed or ""
        for left in report.left_out:
            if left.kind.settings:
                ignored[left.kind.settings][left.kind.code] += left.number
    said: dict[str, list[str]] = {}
    for (path, names), number in kernels.items():
        said.setdefault(path, []).append(f"{counted(number, 'file')} checked for Linux {enumerated(names, 'and')}")
    for path, codes in ignored.items():
        why = [f"{code} ({visible(cut(reasons[path, code]))})" for code in sorted(codes)]
        why[SHOWN:] = [counted(len(why) - SHOWN, "more code")] if len(why) > SHOWN else []
        said.setdefault(path, []).append(f"{counted(codes.total(), 'finding')} ignored: {', '.join(why)}")
    for path, number in excluded.items():
        said.setdefault(path, []).append(f"{counted(number, 'path')} excluded")
    return [f"Settings in {visible(path)}: {'; '.join(said[path])}." for path in sorted(said)]
