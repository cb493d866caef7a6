"""What editors ask, and which function of the editor's wing answers it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from lsprotocol import types

from smccc_filter.commands.serving.analysis import PolicyAnalysis
from smccc_filter.commands.serving.documents import OpenPolicy
from smccc_filter.commands.serving.host import PolicyHost
from smccc_filter.editor import actions, annotations, outline
from smccc_filter.editor.completion import completions
from smccc_filter.editor.cursor import cursor
from smccc_filter.editor.meanings import explanation, markup

T = TypeVar("T")


def register(host: PolicyHost) -> None:
    """Let a server answer what editors ask about the policies that are open."""
    requests = PolicyRequests(host)
    kinds = types.CodeActionOptions(code_action_kinds=list(actions.KINDS), resolve_provider=True)
    host.answer(types.TEXT_DOCUMENT_CODE_ACTION, requests.code_actions, kinds)
    host.answer(types.CODE_ACTION_RESOLVE, requests.resolved)
    host.answer(types.TEXT_DOCUMENT_FORMATTING, requests.formatting)
    host.answer(types.TEXT_DOCUMENT_HOVER, requests.hover)
    triggers = types.CompletionOptions(trigger_characters=["/", "[", "{", ",", " ", '"'])
    host.answer(types.TEXT_DOCUMENT_COMPLETION, requests.completion, triggers)
    host.answer(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, requests.symbols)
    host.answer(types.TEXT_DOCUMENT_FOLDING_RANGE, requests.folds)
    host.answer(types.TEXT_DOCUMENT_SELECTION_RANGE, requests.selections)
    host.answer(types.TEXT_DOCUMENT_INLAY_HINT, requests.hints)
    host.answer(types.TEXT_DOCUMENT_CODE_LENS, requests.lenses)
    host.answer(types.TEXT_DOCUMENT_DOCUMENT_LINK, requests.links)


class PolicyRequests:
    """The answers of a server; of a document that is no open policy there is nothing to say."""

    def __init__(self, host: PolicyHost) -> None:
        """Answer from the documents of ``host``."""
        self._host = host

    def _policy(self, document: types.TextDocumentIdentifier) -> OpenPolicy | None:
        return self._host.policies.get(document.uri)

    async def _asked(
        self, document: types.TextDocumentIdentifier, work: Callable[[PolicyAnalysis], Iterable[T]]
    ) -> list[T]:
        """Return what is made of the analysis of the newest text; nothing of a document that is no open policy."""
        policy = self._policy(document)
        if policy is None:
            return []
        analysis = await policy.analysis(self._host.worker)
        return await self._host.worker.call(lambda: list(work(analysis)))

    async def code_actions(self, params: types.CodeActionParams) -> Sequence[types.CodeAction]:
        """Return the fixes at a place, and one action for all that is safe to fix."""
        policy = self._policy(params.text_document)
        if policy is None:
            return []
        analysis = await policy.analysis(self._host.worker)
        report = await self._host.worker.call(lambda: analysis.fixable)
        only = params.context.only
        found = list(actions.quick_fixes(report, analysis.text, self._edited(policy), params.range))
        if any(finding.fix and finding.fix.safe for finding in report.diagnostics):
            whole = actions.fix_all(policy.identifier)
            is_asked_for = bool(only) and actions.is_wanted(actions.FIX_ALL, only)
            if self._host.asks_for_edits:
                found.append(whole)
            elif is_asked_for:  # to work it out unasked would take long
                found.append(await self.resolved(whole))
        return [action for action in found if actions.is_wanted(action.kind or "", only)]

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """Return an action with its edit, if the text is still the one that it was offered for."""
        data = action.data if isinstance(action.data, dict) else {}
        policy = self._host.policies.get(str(data.get("uri")))
        if policy is None or policy.version != data.get("version"):
            return action
        analysis = await policy.analysis(self._host.worker)
        document, choices = self._edited(policy), analysis.settings.choices
        work = partial(actions.fixed, action, policy.path, analysis.text, document, choices)
        return await self._host.worker.call(work)

    def _edited(self, policy: OpenPolicy) -> actions.EditedDocument:
        """Return what an edit names: a version of the document, where the editor takes that."""
        return policy.identifier if self._host.takes_versions else types.TextDocumentIdentifier(policy.uri)

    async def formatting(self, params: types.DocumentFormattingParams) -> Sequence[types.TextEdit] | None:
        """Return what lays the newest text out; nothing for one whose form is faulty."""
        policy = self._policy(params.text_document)
        if policy is None:
            return None
        text = policy.text
        edits = await self._host.worker.call(partial(actions.formatted, policy.path, text))
        return edits if policy.text is text else None

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Return what the word at a place means, in the text as it is at this moment."""
        policy = self._policy(params.text_document)
        if policy is None:
            return None
        text = policy.text
        at = cursor(text.text, text.offset(params.position))
        explained = explanation(at, text.text[slice(*at.word)])
        return explained and types.Hover(markup(explained, self._host.markup), text.range(at.word))

    def completion(self, params: types.CompletionParams) -> types.CompletionList | None:
        """Return what may be written at a place, in the text as it is at this moment."""
        policy = self._policy(params.text_document)
        if policy is None:
            return None
        at = cursor(policy.text.text, policy.text.offset(params.position))
        return completions(policy.text, at, policy.examination)

    async def symbols(self, params: types.DocumentSymbolParams) -> Sequence[types.DocumentSymbol]:
        """Return the parts of a policy."""
        return await self._asked(params.text_document, lambda a: outline.symbols(a.examination.document, a.text))

    async def folds(self, params: types.FoldingRangeParams) -> Sequence[types.FoldingRange]:
        """Return what can be folded."""
        return await self._asked(params.text_document, lambda a: outline.folds(a.examination.document, a.text))

    async def selections(self, params: types.SelectionRangeParams) -> Sequence[types.SelectionRange] | None:
        """Return what may be selected around places, one for each."""
        found = await self._asked(
            params.text_document, lambda a: outline.selections(a.examination.document, a.text, params.positions)
        )
        return found or None

    async def hints(self, params: types.InlayHintParams) -> Sequence[types.InlayHint]:
        """Return what stands behind ranges, services and expectations."""
        return await self._asked(params.text_document, lambda a: annotations.hints(a.examination, a.text, params.range))

    async def lenses(self, params: types.CodeLensParams) -> Sequence[types.CodeLens]:
        """Return what stands above rules, and what can be made of the policy."""
        uri = params.text_document.uri
        return await self._asked(params.text_document, lambda a: annotations.lenses(a.examination, a.text, uri))

    async def links(self, params: types.DocumentLinkParams) -> Sequence[types.DocumentLink]:
        """Return where calls, services and codes lead."""
        tooltips = self._host.shows_tooltips
        return await self._asked(
            params.text_document, lambda a: annotations.links(a.examination, a.text, tooltips=tooltips)
        )
