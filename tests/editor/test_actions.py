"""What can be done to a policy at once: where it is offered, what it is called, and what it does."""

from lsprotocol import types

from smccc_filter.analysis.api import examine
from smccc_filter.analysis.pipeline import with_fixes
from smccc_filter.analysis.project import NO_PROJECT
from smccc_filter.editor import actions
from smccc_filter.editor.text import EditorText
from smccc_filter.language.places import Offsets

POLICY = """\
version: 1
name: a
rules:
  - action: handle
    calls: [PSCI_CPU_ON]
  - action: handle
    calls: [TRNG_RND]
"""
TEXT = EditorText(POLICY)
VERSIONED = types.VersionedTextDocumentIdentifier(uri="uri", version=7)
UNVERSIONED = types.TextDocumentIdentifier("uri")


def offered(
    first: int, last: int, document: actions.EditedDocument = VERSIONED, text: EditorText = TEXT
) -> list[types.CodeAction]:
    report = with_fixes(examine(text.data))
    return list(actions.quick_fixes(report, text, document, text.range(Offsets(first, last))))


def test_a_fix_is_offered_where_its_finding_is_and_nowhere_else() -> None:
    everything = offered(0, len(POLICY))
    assert [action.title for action in everything] == ["take rule 1 out", "take rule 2 out"]
    for action in everything:
        (found,) = action.diagnostics or ()
        start, end = TEXT.offset(found.range.start), TEXT.offset(found.range.end)
        for first, last in ((start, end), (end, end), (start, start), (0, start), (end, len(POLICY))):
            assert action in offered(first, last)
        for first, last in ((0, start - 1), (end + 1, len(POLICY))):
            assert action not in offered(first, last)


def test_a_fix_that_changes_a_decision_says_so() -> None:
    (safe, _), (unsafe,) = (
        offered(0, len(POLICY), text=EditorText(text)) for text in (POLICY, POLICY.replace("TRNG_RND", "TRNG_RN"))
    )
    assert (safe.kind, safe.is_preferred) == (types.CodeActionKind.QuickFix, True)
    assert (unsafe.kind, unsafe.is_preferred) == (actions.UNSAFE, None)
    assert "changes" not in safe.title
    assert unsafe.title.endswith(" (changes what the policy decides)")


def test_an_edit_is_of_a_version_where_an_editor_knows_versions() -> None:
    versioned, unversioned = (offered(0, len(POLICY), document)[0].edit for document in (VERSIONED, UNVERSIONED))
    assert versioned
    assert unversioned
    (change,) = versioned.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == ("uri", 7)
    assert unversioned.changes == {"uri": change.edits}
    assert versioned.changes is None
    assert unversioned.document_changes is None


def test_kinds_are_trees() -> None:
    assert actions.is_wanted("a.b", None)
    assert actions.is_wanted("a.b", ["c", "a"])
    assert actions.is_wanted("a.b", ["a.b"])
    assert not actions.is_wanted("a.b", ["a.b.c"])
    assert not actions.is_wanted("ab.c", ["a"])
    assert not actions.is_wanted("a.b", [])


def test_a_byte_order_mark_stays() -> None:
    """It is the editor's, which sends it or not, and no edit writes it a second time."""
    for text in (EditorText(f"\ufeff{POLICY}"), TEXT):
        edits = actions.formatted("a", EditorText(text.written.replace("action: handle", "action:   handle")))
        assert edits
        assert "\ufeff" not in edits[0].new_text
        done = actions.fixed(actions.fix_all(VERSIONED), "a", text, UNVERSIONED, NO_PROJECT)
        assert done.edit
        assert done.edit.changes
        assert all("\ufeff" not in edit.new_text for edit in done.edit.changes["uri"])
