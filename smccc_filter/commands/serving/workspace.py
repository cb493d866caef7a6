"""The policies of the editor's folders that are not open, and what is wrong with the project's settings."""

import os
from typing import Final

from pygls import uris

from smccc_filter.analysis.pipeline import Examiner
from smccc_filter.commands import files
from smccc_filter.commands.serving.analysis import PolicyAnalysis
from smccc_filter.commands.serving.host import PolicyHost
from smccc_filter.commands.settings import OWN_FILE, SHARED_FILE
from smccc_filter.commands.settings.finding import SettingsFinder
from smccc_filter.editor.findings import diagnostics
from smccc_filter.editor.text import EditorText

WATCHED = (
    *(f"**/{name}" for name in (OWN_FILE, SHARED_FILE)),
    *("**/*.smccc.{yaml,yml}", "**/{smccc,smccc-policies}/**/*.{yaml,yml}"),
)
"""Files whose changes on disk are told to the server; policies that settings include are looked at with the others."""


class WorkspacePolicies:
    """Examines policies that are not open, one after the other, and tells what is found."""

    def __init__(self, host: PolicyHost) -> None:
        """Look at nothing yet."""
        self._host: Final = host
        self._told: set[str] = set()
        self._settings: Final[dict[str, str]] = {}
        self._is_looking = self._is_to_look_again = False

    def look(self) -> None:
        """Look at the folders' policies, once more if that is under way."""
        if self._is_looking:
            self._is_to_look_again = True
        else:
            self._is_looking = True
            self._host.start(self._look())

    def tell(self, analysis: PolicyAnalysis, uri: str, version: int | None) -> None:
        """Send the findings of a text, and what is wrong with the settings that hold for it."""
        self._host.publish(uri, diagnostics(analysis.examination.report, analysis.text, uri), version)
        faulty = ""
        for report in analysis.settings_faults:
            faulty = uris.from_fs_path(os.path.abspath(report.path)) or ""
            self._host.publish(faulty, diagnostics(report, EditorText(report.text, self._host.encoding), faulty))
        was = self._settings.pop(uri, "")
        if faulty:
            self._settings[uri] = faulty
        if was and was not in self._settings.values():
            self._host.publish(was, [])

    async def _look(self) -> None:
        self._is_to_look_again = True
        try:
            while self._is_to_look_again:
                self._is_to_look_again = False
                told, examiner = set(), Examiner()
                for path in await self._host.worker.call(self._paths):
                    told |= await self._tell_file(path, examiner)
                for gone in self._told - told - self._host.policies.keys():
                    self._host.publish(gone, [])
                self._told = told
        finally:
            self._is_looking = False

    async def _tell_file(self, path: str, examiner: Examiner) -> set[str]:
        """Send what is wrong with a file that is not open; return its URI, nothing for one of which nothing is sent."""
        if path in self._open:
            return set()
        analysis = await self._host.worker.call(lambda: self._read(path, examiner))
        if analysis is None or path in self._open:
            return set()
        uri = uris.from_fs_path(path) or ""
        self.tell(analysis, uri, None)
        return {uri}

    @property
    def _open(self) -> frozenset[str]:
        return frozenset(policy.path for policy in self._host.policies.values())

    def _paths(self) -> list[str]:
        finder = SettingsFinder(isolated=self._host.isolated)
        found = files.expand(self._host.folders, (), finder)
        return [file.path for file in found.files if isinstance(file, files.InputFile)]

    def _read(self, path: str, examiner: Examiner) -> PolicyAnalysis | None:
        """Examine a file; ``None`` for one that is gone or can't be read, of which nothing is known."""
        try:
            contents = files.read(path, files.MAX_BYTES)
        except files.UnusableError:
            return None
        text = EditorText((contents.data or b"").decode(errors="surrogateescape"), self._host.encoding)
        return PolicyAnalysis(path, text, contents, examiner, isolated=self._host.isolated)
