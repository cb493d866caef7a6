"""How long an editor waits for the language server, and what the server takes: over the protocol, with warm processes.

The server and the examination that it is measured beside take turns, with the same texts.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from smccc_filter.analysis import pipeline
from smccc_filter.commands.serving.documents import DEBOUNCE
from tests.editor.client import EditorClient, running
from tests.paths import SUFFIX
from tests.programs.bench.measure import Spread

BURST = 50
"""Edits that an editor sends before it waits for findings."""
TOP = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
NANOSECONDS = 1_000_000_000


class EditedPolicy:
    """A policy that a person edits: each keystroke writes at its top, where nothing is decided."""

    def __init__(self, client: EditorClient, pid: int, text: str) -> None:
        """Open it."""
        self._client = client
        self._pid = pid
        self._version = 0
        self.text = text
        self._uri = client.open(client.folder / f"a{SUFFIX}", text, 0)
        client.findings(self._uri, 0)

    def type(self) -> None:
        """Press a key."""
        self._version += 1
        written = "#" if self._version % 80 else "\n#"
        self.text = written + self.text
        self._client.change(self._uri, self._version, {"range": TOP, "text": written})

    def wait(self) -> None:
        """Wait for the findings of the newest text."""
        self._client.findings(self._uri, self._version)

    def ask(self, feature: str, at: dict[str, int]) -> Any:  # noqa: ANN401 -- JSON
        """Ask about a place."""
        return self._client.about(feature, self._uri, position=at)

    def cpu(self) -> float:
        """Return the seconds that the server's threads have run."""
        tasks = Path(f"/proc/{self._pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / NANOSECONDS

    def memory(self) -> int:
        """Return the bytes that the server has in memory."""
        pages = Path(f"/proc/{self._pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Keystrokes(NamedTuple):
    """Seconds until each keystroke had its findings, of ``examine`` with the text, and of the server's CPU."""

    waited: list[float]
    examined: list[float]
    cpu: list[float]

    def ratio(self) -> Spread:
        """Return what is waited beyond the debounce by what ``examine`` takes, of medians and of neighbours."""
        beyond = [seconds - DEBOUNCE for seconds in self.waited]
        pairs = Spread.of(ours / theirs for ours, theirs in zip(beyond, self.examined, strict=True))
        return pairs._replace(median=Spread.of(beyond).median / Spread.of(self.examined).median)


@contextmanager
def edited(text: str) -> Iterator[EditedPolicy]:
    """Have a server at work in a process of its own, with one policy open."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (process, client):
        yield EditedPolicy(client, process.pid, text)


def keystrokes(policy: EditedPolicy, times: int) -> Keystrokes:
    """Press keys, each after the findings of the last one, and examine each text here too."""
    found = Keystrokes([], [], [])
    pipeline.examine("a", policy.text.encode())
    for _ in range(times):
        cpu, start = policy.cpu(), time.perf_counter()
        policy.type()
        policy.wait()
        found.waited.append(time.perf_counter() - start)
        found.cpu.append(policy.cpu() - cpu)
        start = time.perf_counter()
        pipeline.examine("a", policy.text.encode())
        found.examined.append(time.perf_counter() - start)
    return found


def answers(policy: EditedPolicy, feature: str, times: int) -> Spread:
    """Return the seconds of answers about the word in the middle of the text, after one that does not count."""
    lines = policy.text.split("\n")
    middle = next(number for number in range(len(lines) // 2, len(lines)) if "action: " in lines[number])
    at = {"line": middle, "character": lines[middle].index("action: ") + len("action: ")}
    seconds = []
    for _ in range(times + 1):
        start = time.perf_counter()
        if not policy.ask(feature, at):
            raise RuntimeError(f"{feature} says nothing of `{lines[middle]}`")
        seconds.append(time.perf_counter() - start)
    return Spread.of(seconds[1:])


def growth(policy: EditedPolicy, few: int, many: int) -> float:
    """Return the server's memory after many edits by that after few."""
    sizes = []
    for edits in (few, many - few):
        for number in range(edits):
            policy.type()
            if number % BURST == 0 or number == edits - 1:
                policy.wait()
        sizes.append(policy.memory())
    return sizes[1] / sizes[0]
