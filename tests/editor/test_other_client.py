"""Every feature through a client of other people, which knows what editors can do and what the protocol demands.

Its typed answers and its checks of the protocol come from pytest-lsp; what the features say, other tests hold.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from tests.paths import SUFFIX

EDITORS = ("emacs", "neovim", "visual-studio-code")
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


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    params=EDITORS,
    config=ClientServerConfig(server_command=[sys.executable, "-P", "-m", "smccc_filter", "server", "--isolated"]),
)
async def client(lsp_client: LanguageClient, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[None]:
    """Begin and end as one of the editors does, which watches files where it is asked to."""
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda _: None)
    folder = types.WorkspaceFolder(tmp_path.as_uri(), tmp_path.name)
    capabilities = client_capabilities(request.param)
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities, root_uri=folder.uri, workspace_folders=[folder])
    )
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
@pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")
async def test_every_feature_says_something_that_the_protocol_allows(client: LanguageClient, tmp_path: Path) -> None:
    path = tmp_path / f"a{SUFFIX}"
    path.write_text(POLICY)
    opened = types.TextDocumentItem(path.as_uri(), "yaml", version=1, text=POLICY)
    client.text_document_did_open(types.DidOpenTextDocumentParams(opened))
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert client.diagnostics[opened.uri]
    for feature, ask in FEATURES.items():
        assert await ask(client, types.TextDocumentIdentifier(opened.uri)), feature
