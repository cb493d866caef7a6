"""What an editor can do to a policy at once: fix a finding, fix all that is safe to fix, and lay the text out."""

from collections.abc import Iterator, Sequence

from lsprotocol import types

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.analysis.fixes import Fix
from smccc_filter.analysis.project import ProjectChoices
from smccc_filter.authoring import fixing, formatting
from smccc_filter.editor.findings import diagnostic
from smccc_filter.editor.text import EditorText

UNSAFE = "quickfix.unsafe"
"""The kind of fixes that change what the policy decides: who asks for every ``quickfix`` is told so in the title."""
FIX_ALL = "source.fixAll.smccc-filter"
KINDS = (types.CodeActionKind.QuickFix.value, UNSAFE, FIX_ALL)
EditedDocument = types.VersionedTextDocumentIdentifier | types.TextDocumentIdentifier
"""What an edit is of: a version of a document, or for an editor that knows none, whatever text it has."""


def quick_fixes(
    report: FileReport, text: EditorText, document: EditedDocument, at: types.Range
) -> Iterator[types.CodeAction]:
    """Yield the fixes of findings that ``at`` touches; ``report`` has fixes, and is of this version of the document."""
    for finding in report.diagnostics:
        if finding.fix and _touch(text.range_of(finding.span), at):
            fix = finding.fix
            yield types.CodeAction(
                title=fix.message if fix.safe else f"{fix.message} (changes what the policy decides)",
                kind=types.CodeActionKind.QuickFix if fix.safe else UNSAFE,
                diagnostics=[diagnostic(finding, text, document.uri)],
                is_preferred=fix.safe or None,
                edit=_edit(_edits(fix, text), document),
            )


def fix_all(document: types.VersionedTextDocumentIdentifier) -> types.CodeAction:
    """Return the action that ``fixed`` works out when it is chosen."""
    data = {"uri": document.uri, "version": document.version}
    return types.CodeAction("Fix all that changes no decision (smccc-filter)", kind=FIX_ALL, data=data)


def fixed(
    action: types.CodeAction,
    path: str,
    text: EditorText,
    document: EditedDocument,
    project: ProjectChoices,
) -> types.CodeAction:
    """Return the action with what it does: every safe fix, as ``validate --fix`` makes them, proved as there."""
    done = fixing.fix(path, text.data, unsafe=False, project=project)
    action.edit = _edit(text.replacing(done.data.decode().removeprefix("\ufeff")), document)
    return action


def formatted(path: str, text: EditorText) -> list[types.TextEdit] | None:
    """Return what lays a policy out, as ``fmt`` does; ``None`` where its form is faulty, which findings say."""
    done = formatting.format_policy(path, text.data)
    return None if done.faults else text.replacing(done.data.decode().removeprefix("\ufeff"))


def is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Tell whether an action of a kind is asked for: kinds are trees, ``source`` asks for ``source.fixAll`` too."""
    return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)


def _touch(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _edits(fix: Fix, text: EditorText) -> list[types.TextEdit]:
    return [types.TextEdit(text.range(one.at), one.text) for one in fix.replacements]


def _edit(edits: list[types.TextEdit], document: EditedDocument) -> types.WorkspaceEdit:
    """Return edits of one version of a document, which an editor that has a newer one refuses, or of any version."""
    if isinstance(document, types.TextDocumentIdentifier):
        return types.WorkspaceEdit(changes={document.uri: edits})
    known = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(known, [*edits])])
