"""How much is done for the fixes of one file, counted, and what is said where that is not enough."""

from pathlib import Path

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.project import ProjectChoices
from smccc_filter.authoring import fixing
from smccc_filter.cli import cli
from tests.commands.asked import runner
from tests.programs.hostile.shapes import SHAPES

SIZE = 1 << 12
MANY = "version: 1\nname: a\nrules:\n  - action: deny\n    ranges: [{}]\n"
STEPS = b"""version: 1
name: a
rules:
  - {action: deny, ranges: [2214592515]}
  - {action: denny, ranges: [0x84000005]}
"""


@pytest.mark.parametrize("times", [0, 2, 3, 8])
@pytest.mark.parametrize(
    "shape", ["unknown fields of target", "misspelt: services in a line", "rules on six services", "rules on one ID"]
)
def test_a_file_is_not_examined_without_end(shape: str, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = SHAPES[shape](SIZE)
    examined = []
    unreported = pipeline.Examiner.unreported

    def counted(self: pipeline.Examiner, path: str, data: bytes, project: ProjectChoices) -> pipeline.Examination:
        examined.append(len(data))
        return unreported(self, path, data, project)

    monkeypatch.setattr(pipeline.Examiner, "unreported", counted)
    with monkeypatch.context() as limited:
        limited.setattr(fixing, "MAX_WORK", times * SIZE)
        fixed = fixing.fix("p", data, unsafe=True)
    assert sum(examined) <= max(times, 1) * SIZE
    assert fixed.is_cut_short or not fixing.fix("p", fixed.data, unsafe=True).fixed
    assert fixed.is_cut_short or times > 2


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("most", [0, 320, 400, 600, 1000, 2000])
def test_what_is_not_cut_short_is_all(most: int, monkeypatch: pytest.MonkeyPatch, *, unsafe: bool) -> None:
    whole = fixing.fix("p", STEPS, unsafe=unsafe)
    assert not whole.is_cut_short
    monkeypatch.setattr(fixing, "MAX_WORK", most)
    fixed = fixing.fix("p", STEPS, unsafe=unsafe)
    assert fixed.is_cut_short or fixed.data == whole.data
    assert (fixed.data == STEPS) is not bool(fixed.fixed)
    assert fixed.report == pipeline.with_fixes(pipeline.examine("p", fixed.data))


def test_what_has_no_fix_is_not_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "MAX_WORK", 0)
    assert not fixing.fix("p", MANY.format("0x02000000").encode(), unsafe=True).is_cut_short


def test_many_numbers_are_fixed_at_once() -> None:
    """A machine wrote them, in decimal: one rule of 256 KiB."""
    numbers = range(0x0200_0000, 0x0200_0000 + 40_000, 2)
    fixed = fixing.fix("p", MANY.format(", ".join(map(str, numbers))).encode(), unsafe=False)
    assert (fixed.fixed, fixed.is_cut_short) == (len(numbers), False)


@pytest.mark.parametrize(("most", "advice"), [(0, "split the policy"), (600, "run it again")])
def test_it_is_said_that_not_all_was_tried(
    most: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixing, "MAX_WORK", most)
    (tmp_path / "p.yaml").write_bytes(STEPS)
    result = runner().invoke(cli, ["validate", "--fix", "--unsafe-fixes", str(tmp_path / "p.yaml")])
    assert f"not every fix was tried, as there is too much to examine; {advice}" in result.stderr
