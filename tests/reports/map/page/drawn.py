"""Pages of policies, and what ``query`` says of the same policies, for comparison."""

import json
import random
from pathlib import Path
from typing import Any, NamedTuple

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.decision import decide
from smccc_filter.guests.setup import VmSetup
from smccc_filter.reports import query
from smccc_filter.reports.map import page
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from tests.paths import POLICIES, SUFFIX
from tests.reports.map import cases as maps

Line = tuple[str, str]

HOSTILE = """\
version: 1
name: hostile
description: '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>'
rules:
  - name: '"><img src=x onerror=alert(1)>'
    action: deny
    calls: [TRNG_RND]
    reason: '<!--<script> ${alert(1)} &lt;b&gt; @DATA@ @SCRIPT@'
  - name: "</title>\\u202e<svg onload=alert(1)>"
    action: forward
    ranges: [0x88000000]
    reason: "javascript:alert(1)"
"""


class Drawn(NamedTuple):
    """A page in a file, and what it is of."""

    file: Path
    path: str
    examination: pipeline.Examination
    setups: tuple[VmSetup, ...]

    @property
    def address(self) -> str:
        return self.file.as_uri()

    def said(self, func_id: int) -> tuple[str, list[Line]]:
        """Return what ``query`` writes of one ID: its title, and its lines."""
        text = query.render_text(self.path, [decide(self.examination, self.setups, func_id)], self.setups, None)
        title, *rest = text.partition("\n\n")[0].splitlines()
        lines = [line.strip().split("  ", 1) for line in rest]
        return title, [(label, value.strip()) for label, value in lines]


def draw(folder: Path, data: bytes, path: str = "policy.yaml") -> Drawn:
    examination = pipeline.examine(path, data)
    setups = maps.setups(examination) if examination.is_understood else ()
    file = folder / "page.html"
    file.write_text(page.render(path, examination, setups), encoding="utf-8")
    return Drawn(file, path, examination, setups)


def draw_shipped(folder: Path, name: str) -> Drawn:
    return draw(folder, (POLICIES / f"{name}{SUFFIX}").read_bytes(), f"{name}{SUFFIX}")


def payload(drawn: Drawn) -> Any:  # noqa: ANN401 -- JSON
    """Return the data that a page embeds."""
    text = drawn.file.read_text(encoding="utf-8")
    return json.loads(text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])


def some_ids(drawn: Drawn, count: int) -> list[int]:
    """Return IDs that matter, known calls and the edges of what decides, and others; the same in each run."""
    chance = random.Random(drawn.path)  # noqa: S311 -- no secret
    known = [func_id for start, stop in registry.known_ids() for func_id in range(start, stop)]
    starts = drawn.examination.resolution.decisions.starts
    edges = [edge for start in starts for edge in (start, start - 1) if edge >= 0]
    hints = [0x8401_0000, 0x84FF_001F, 0x0400_0000, 0xC400_0020, 0x95C1_BA5D, 0x95C1_BA62, 0xBFFF_FFFF, SPACE - 1]
    pool = [*chance.sample(known, count // 2), *edges[: count // 4], *hints]
    return [*pool, *(chance.randrange(SPACE) for _ in range(count - len(pool)))]
