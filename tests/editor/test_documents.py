"""One open document, many who ask about it, and texts that follow each other while it is examined."""

import asyncio
import threading
from pathlib import Path

import pytest
from lsprotocol import types

from smccc_filter.analysis.pipeline import Examiner
from smccc_filter.commands.serving import documents
from smccc_filter.commands.serving.analysis import PolicyAnalysis, analyse
from smccc_filter.commands.serving.documents import OpenPolicy
from smccc_filter.commands.serving.worker import Worker
from smccc_filter.editor.text import EditorText
from tests.editor import loops
from tests.paths import SUFFIX

TEXT = "version: 1\nname: a\nrules: []\n"


@pytest.fixture
def policy(tmp_path: Path) -> OpenPolicy:
    path = tmp_path / f"a{SUFFIX}"
    item = types.TextDocumentItem(path.as_uri(), "yaml", 1, TEXT)
    return OpenPolicy(item, str(path), EditorText(TEXT), isolated=True)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that are examined, each as soon as it is begun."""
    texts: list[str] = []

    def noting(path: str, text: EditorText, examiner: Examiner, *, isolated: bool) -> PolicyAnalysis:
        texts.append(text.text)
        return analyse(path, text, examiner, isolated=isolated)

    monkeypatch.setattr(documents, "analyse", noting)
    return texts


def written(number: int) -> types.DidChangeTextDocumentParams:
    change = types.TextDocumentContentChangeWholeDocument(f"{TEXT}# {number}\n")
    return types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(number, "uri"), [change])


def test_many_who_ask_wait_for_one_analysis(policy: OpenPolicy, examined: list[str]) -> None:
    """Also those who ask in the moment in which it ends."""

    async def ask() -> None:
        worker = Worker()
        asked = [asyncio.ensure_future(policy.analysis(worker)) for _ in range(9)]
        while not asked[0].done():
            asked.append(asyncio.ensure_future(policy.analysis(worker)))
            await asyncio.sleep(0)
        found = await asyncio.wait_for(asyncio.gather(*asked), 60)
        assert len({id(each) for each in found}) == 1

    loops.run(ask())
    assert examined == [TEXT]


def test_of_texts_that_follow_each_other_the_newest_is_examined(policy: OpenPolicy, examined: list[str]) -> None:
    async def edit() -> None:
        worker = Worker()
        going = threading.Event()
        busy = asyncio.ensure_future(worker.call(lambda: going.wait(60)))
        asked = []
        for number in range(1000):
            policy.change(written(number))
            asked.append(asyncio.ensure_future(policy.analysis(worker)))
            await asyncio.sleep(0)
        going.set()
        found = await asyncio.gather(*asked)
        assert await busy
        assert {each.text.text for each in found} == {f"{TEXT}# 999\n"}

    loops.run(edit())
    assert examined == [f"{TEXT}# 999\n"]


def test_who_gives_up_costs_nobody_else_an_answer(policy: OpenPolicy) -> None:
    async def ask() -> None:
        worker = Worker()
        first, second = (asyncio.ensure_future(policy.analysis(worker)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).text is policy.text

    loops.run(ask())


def test_what_nobody_waits_for_is_not_begun() -> None:
    async def ask() -> list[int]:
        worker, going, done = Worker(), threading.Event(), []
        first = asyncio.ensure_future(worker.call(lambda: going.wait(60)))
        second = asyncio.ensure_future(worker.call(lambda: done.append(2)))
        third = asyncio.ensure_future(worker.call(lambda: done.append(3)))
        await asyncio.sleep(0)
        second.cancel()
        going.set()
        await asyncio.gather(first, third)
        return done

    assert loops.run(ask()) == [3]
