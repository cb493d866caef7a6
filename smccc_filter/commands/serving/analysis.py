"""One policy as the server knows it: what a text says, in the project that its file is in."""

import os
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from pygls import uris

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.analysis.pipeline import Examination, Examiner
from smccc_filter.commands import files, search
from smccc_filter.commands.settings import ProjectSettings
from smccc_filter.commands.settings.finding import SettingsFinder
from smccc_filter.editor.text import EditorText


class PolicyAnalysis:
    """What the checks say of one text of a file, with the settings as they were read for it."""

    def __init__(
        self, path: str, text: EditorText, contents: files.FileContents, examiner: Examiner, *, isolated: bool
    ) -> None:
        """Examine ``contents``, of which ``text`` is what the editor has; never raises for what they may hold."""
        self.text: Final = text
        finder = SettingsFinder(isolated=isolated)
        self.settings: Final[ProjectSettings] = finder.of_file(path)
        self.examination: Final[Examination] = files.examined(path, contents, examiner, self.settings.choices)
        self.settings_faults: Final = tuple(finder.faults())

    @cached_property
    def fixable(self) -> FileReport:
        """The report with its fixes, which only some requests need."""
        return pipeline.with_fixes(self.examination)


def analyse(path: str, text: EditorText, examiner: Examiner, *, isolated: bool) -> PolicyAnalysis:
    """Examine a text as ``validate`` examines a file of this path with it."""
    return PolicyAnalysis(path, text, files.bounded(text.data, files.MAX_BYTES), examiner, isolated=isolated)


def path_of(uri: str) -> str | None:
    """Return the path of a file on this machine, ``None`` for whatever else an editor has open."""
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return os.path.abspath(path) if path else None


def is_policy(path: str, folders: Sequence[str], *, isolated: bool = False) -> bool:
    """Tell whether a file is a policy, as searches of the workspace's folders would, or else one of its own folder."""
    homes = [folder for folder in folders if path.startswith(os.path.join(folder, ""))] or [os.path.dirname(path)]
    finder = SettingsFinder(isolated=isolated)
    return any(search.finds(folder, path, finder.of_folder) for folder in homes)
