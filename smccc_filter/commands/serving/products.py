"""What the server makes of a policy when somebody chooses so: an artefact, or a page, in a folder that goes with it."""

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from lsprotocol import types

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.artefacts.backends import FORMATS, backend
from smccc_filter.commands.serving.host import PolicyHost
from smccc_filter.words import listed, visible


class PolicyProducts:
    """Writes artefacts and pages, and asks the editor to show them."""

    def __init__(self, host: PolicyHost) -> None:
        """Write nothing yet."""
        self._host: Final = host
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def remove(self) -> None:
        """Remove what was written."""
        if self._folder:
            self._folder.cleanup()

    async def compile(self, *arguments: object) -> str | None:
        """Compile the policy of a URI into a format; return where that is, or say why it can't be."""
        uri, artefact_format = (*arguments, "c", "c")[:2]
        policy = self._host.policies.get(str(uri))
        if policy is None or artefact_format not in FORMATS:
            self._refuse(f"name an open policy, and one of {listed(FORMATS)}")
            return None
        analysis = await policy.analysis(self._host.worker)
        if analysis.examination.has_errors:
            self._refuse(f"{visible(os.path.basename(policy.path))} has errors: fix them first")
            return None
        work = partial(self._artefact, analysis.examination, str(artefact_format))
        return self._show(await self._host.worker.call(work), is_page=False)

    async def show_page(self, *arguments: object) -> str | None:
        """Show the map of the policy of a URI as a page; return where that is, or say why it can't be."""
        policy = self._host.policies.get(str((*arguments, "")[0]))
        if policy is None:
            self._refuse("name an open policy")
            return None
        analysis = await policy.analysis(self._host.worker)
        if not analysis.examination.is_understood:
            self._refuse(f"errors leave it open what {visible(os.path.basename(policy.path))} says")
            return None
        name = os.path.basename(policy.path)
        return self._show(await self._host.worker.call(partial(self._page, analysis.examination, name)), is_page=True)

    def _artefact(self, examination: Examination, artefact_format: str) -> Path:
        artefact = pipeline.build(examination, artefact_format)
        name = examination.policy.name if examination.policy else ""
        return self._written(f"{name}{backend(artefact_format).SUFFIXES[0]}", artefact.data)

    def _page(self, examination: Examination, name: str) -> Path:
        from smccc_filter.reports.map import page

        policy = examination.policy or pipeline.NO_POLICY
        setups = set_up_on(policy, examination.resolution.actions)
        return self._written(f"{policy.name}.html", page.render(name, examination, setups).encode())

    def _written(self, name: str, data: bytes) -> Path:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="smccc-filter-")
        path = Path(self._folder.name) / name
        path.write_bytes(data)
        return path

    def _show(self, path: Path, *, is_page: bool) -> str:
        """Ask the editor to show a file, or where it can't, say where the file is."""
        window = self._host.client_capabilities.window
        if window and window.show_document and window.show_document.support:
            self._host.window_show_document(types.ShowDocumentParams(path.as_uri(), external=is_page, take_focus=True))
        else:
            self._host.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"written: {path}"))
        return str(path)

    def _refuse(self, why: str) -> None:
        self._host.window_show_message(types.ShowMessageParams(types.MessageType.Error, why))
