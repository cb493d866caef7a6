"""The two sides of a comparison, out of the files that were named."""

from typing import TYPE_CHECKING

from smccc_filter.commands import files, output, target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smccc_filter.analysis.comparison.compared import ComparedSide
    from smccc_filter.analysis.project import ProjectChoices

UNCLEAR = "neither a policy nor an artefact; where it is one, a suffix says which: .yaml, .bin, .regs, .h, .rs or .json"
SHOWN = 20
"""Troubles of one file that are told before the others are counted."""


def differ_as_policies(paths: "Sequence[str]", contents: "Sequence[files.FileContents]") -> bool:
    """Tell whether the two are policies of different text: those of one text have the same findings."""
    from smccc_filter.artefacts.readers import formats

    old, new = (each.data for each in contents)
    pairs = zip(paths, (old, new), strict=True)
    return old != new and all(data and formats.is_policy(path, data) for path, data in pairs)


def side_of(
    path: str, name: str, contents: files.FileContents, project: "ProjectChoices", *, findings: bool
) -> "ComparedSide | None":
    """Make a side of what was read from ``path``, with ``findings`` if it is a policy.

    ``project`` says what holds for it then. Where it can't be understood, say why and return ``None``.
    """
    from smccc_filter.analysis.comparison import compared

    data = contents.data
    if data == b"":
        return compared.side_without_filter(name)
    if data is None:
        target.examination_of(name, contents)
        return None
    from smccc_filter.artefacts.readers import formats

    if formats.is_policy(path, data):
        from smccc_filter.analysis.understanding import Understood, understand

        understood = understand(name, data, project, findings=findings)
        if isinstance(understood, Understood):
            return compared.side_of_policy(name, understood)
        output.write_text_report([understood], notes=True, err=True)
        return None
    from smccc_filter.artefacts import readers

    reading = readers.read(path, data)
    if not reading.format:
        output.tell(f"{name}: {UNCLEAR}")
    elif not (troubles := compared.troubles(reading)):
        for note in reading.notes[:SHOWN]:
            output.tell(f"{name}: {note.place}: note: {note.message}; {note.hint}")
        return compared.side_of_reading(name, reading)
    else:
        for trouble in troubles[:SHOWN]:
            output.tell(f"{name}: {trouble.place}: {trouble.message}; {trouble.hint}")
        if len(troubles) > SHOWN:
            output.tell(f"{name}: {len(troubles) - SHOWN:,} more")
    return None
