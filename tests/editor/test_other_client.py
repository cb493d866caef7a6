"""Every feature through a client of other people, which knows what editors can do and what the protocol demands.

Its typed answers and its checks of the protocol come from pytest-lsp; what the features say, other tests hold.
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from tests.editor import loops
from tests.paths import SUFFIX

POLICY = """\
version: 1
name: a
rules:
  - action: handle
    calls: [PSCI_CPU_ON]
  - action: deny
    ranges: [0x84000050-0x8400005F]
tests:
  - {call:   TRNG_RND/32, expect: deny}
"""
RULE, CALL = types.Position(4, 14), types.Position(8, 14)
WHOLE = types.Range(types.Position(0, 0), types.Position(9, 0))
FORMAT = types.FormattingOptions(tab_size=2, insert_spaces=True)

FEATURES: dict[str, Callable[[LanguageClient, types.TextDocumentIdentifier], Awaitable[object]]] = {
    "hover": lambda client, at: client.text_document_hover_async(types.HoverParams(at, CALL)),
    "completion": lambda client, at: client.text_document_completion_async(types.CompletionParams(at, RULE)),
    "code actions": lambda client, at: client.text_document_code_action_async(
        types.CodeActionParams(at, WHOLE, types.CodeActionContext([*client.diagnostics[at.uri]]))
    ),
    "inlay hints": lambda client, at: client.text_document_inlay_hint_async(types.InlayHintParams(at, WHOLE)),
    "code lenses": lambda client, at: client.text_document_code_lens_async(types.CodeLensParams(at)),
    "formatting": lambda client, at: client.text_document_formatting_async(types.DocumentFormattingParams(at, FORMAT)),
    "symbols": lambda client, at: client.text_document_document_symbol_async(types.DocumentSymbolParams(at)),
    "folding": lambda client, at: client.text_document_folding_range_async(types.FoldingRangeParams(at)),
    "selection": lambda client, at: client.text_document_selection_range_async(types.SelectionRangeParams(at, [CALL])),
    "links": lambda client, at: client.text_document_document_link_async(types.DocumentLinkParams(at)),
}


async def ask_all(folder: Path, editor: str) -> None:
    """Begin and end as one of the editors does, which watches files where it is asked to, and ask for all between."""
    path = folder / f"a{SUFFIX}"
    path.write_text(POLICY)
    opened = types.TextDocumentItem(path.as_uri(), "yaml", version=1, text=POLICY)
    client = make_test_lsp_client()
    client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda _: None)
    await client.start_io(sys.executable, "-P", "-m", "smccc_filter", "server", "--isolated")
    home = types.WorkspaceFolder(folder.as_uri(), folder.name)
    await client.initialize_session(
        types.InitializeParams(client_capabilities(editor), root_uri=home.uri, workspace_folders=[home])
    )
    client.text_document_did_open(types.DidOpenTextDocumentParams(opened))
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert client.diagnostics[opened.uri]
    for feature, ask in FEATURES.items():
        assert await ask(client, types.TextDocumentIdentifier(opened.uri)), feature
    await client.shutdown_session()


@pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")
@pytest.mark.parametrize("editor", ["emacs", "neovim", "visual-studio-code"])
def test_every_feature_says_something_that_the_protocol_allows(tmp_path: Path, editor: str) -> None:
    loops.run(ask_all(tmp_path, editor))
