"""A project's settings: what it says once for all its policies, in ``.smccc-filter.toml`` or ``pyproject.toml``.

Settings are for people who run the tool in trees of strangers, too. So they leave out nothing but notes and warnings
(``ignore``, each with a reason) and files of a search (``exclude``), and reports say so. No error can be ignored, and
``fail-on`` can only be stricter than the default. ``kernels`` are those of policies that name none.
"""

from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.project import NO_PROJECT, ProjectChoices

if TYPE_CHECKING:
    from smccc_filter.analysis.diagnostics import FileReport

OWN_FILE = ".smccc-filter.toml"
SHARED_FILE = "pyproject.toml"
TABLE = ("tool", "smccc-filter")
"""The table of ``SHARED_FILE``. All of ``OWN_FILE`` is settings."""


class ProjectSettings(NamedTuple):
    """The settings of the policies in some folder.

    ``choices`` go with each policy. ``include`` and ``exclude`` are patterns for searches of folders, relative to
    ``folder``, which has the file. ``faults`` is what is wrong with that file, if anything: what it wanted there is
    left at the default.
    """

    folder: str = ""
    choices: ProjectChoices = NO_PROJECT
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: Severity = Severity.ERROR
    faults: "FileReport | None" = None


NO_SETTINGS = ProjectSettings()
