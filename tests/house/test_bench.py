"""The benchmark measures what it says; how long that takes is no test."""

import re
import sys
from pathlib import Path

import pytest

from smccc_filter import __version__
from smccc_filter.analysis import pipeline
from smccc_filter.traces.sources import read_traces, trace_files
from tests.programs.bench import dispatch, editing, inputs, machine, traces
from tests.programs.bench.__main__ import format_row
from tests.programs.bench.measure import Pair, Run, Spread, in_turn, memory_of_all, run
from tests.programs.bench.rows import Row


def noting(log: Path, letter: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"open({str(log)!r}, 'a').write({letter!r})")


def test_commands_run_in_turn_after_a_warm_up(tmp_path: Path) -> None:
    log = tmp_path / "log"
    pair = in_turn(noting(log, "A"), noting(log, "B"), 3)
    assert log.read_text() == "AB" + "ABABAB"
    assert [len(side) for side in pair] == [3, 3]


def test_a_run_knows_the_memory_of_its_process() -> None:
    assert run((sys.executable, "-c", "bytearray(300 << 20)")).memory > 300 << 20


def test_the_memory_of_all_processes_is_more_than_that_of_one() -> None:
    child = "import time; kept = bytearray(b'x') * (100 << 20); time.sleep(2)"
    waits = f"subprocess.run([sys.executable, '-c', {child!r}])"
    parent = f"import subprocess, sys; kept = bytearray(b'x') * (50 << 20); {waits}"
    assert 150 << 20 < memory_of_all((sys.executable, "-c", parent)) < 250 << 20
    with pytest.raises(RuntimeError, match="exit status 3 of"):
        memory_of_all((sys.executable, "-c", "raise SystemExit(3)"))


def test_a_broken_command_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit status 3 of"):
        run((sys.executable, "-c", "raise SystemExit(3)"))


def test_a_ratio_is_that_of_the_medians_and_spreads_over_neighbours() -> None:
    ours, theirs = ((2.0, 9.0, 4.0), (1.0, 3.0, 4.0))
    pair = Pair(tuple(Run(value, 0) for value in ours), tuple(Run(value, 0) for value in theirs))
    assert pair.ratio() == Spread(1.0, 4.0 / 3.0, 3.0)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("count", [1, 500])
def test_nothing_is_wrong_with_the_large_policies(tmp_path: Path, count: int, strict: bool) -> None:  # noqa: FBT001
    path = inputs.many_rules(tmp_path, count, strict=strict)
    examination = pipeline.examine(str(path), path.read_bytes())
    assert examination.report.diagnostics == ()
    assert examination.policy is not None
    assert len(examination.policy.rules) == count


def test_the_folder_holds_as_many_copies_as_it_says(tmp_path: Path) -> None:
    copies = list(inputs.many_files(tmp_path, 7).iterdir())
    assert len(copies) == 7
    assert {copy.read_bytes() for copy in copies} == {inputs.SHIPPED.read_bytes()}


def test_a_policy_can_be_silent_of_its_vmm(tmp_path: Path) -> None:
    path = inputs.without_vmm(tmp_path)
    says, silent = (pipeline.examine("p.yaml", file.read_bytes()).policy for file in (inputs.SHIPPED, path))
    assert says is not None
    assert any(rule.vmm for rule in says.rules)
    assert silent == says._replace(rules=tuple(rule._replace(vmm=None) for rule in says.rules))


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (Row("a", "b", Spread(0.5, 1.0, 1.256), 1.1), r"a +b +1\.00 x +0\.50 \.\. 1\.26  1\.1 x"),
        (Row("a", "b", Spread(0.5, 1.2, 1.256), 1.1), r"a +b +1\.20 x +0\.50 \.\. 1\.26  1\.1 x  MISSED"),
        (Row("a", "b", Spread(57.4, 57.5, 401), 400, "MiB"), r"a +b +58 MiB +57 \.\. 401  400 MiB"),
    ],
)
def test_a_line_says_what_was_found_and_what_it_must_be(row: Row, line: str) -> None:
    assert re.fullmatch(line, format_row(row))


def test_the_machine_is_described() -> None:
    pytest.importorskip("check_jsonschema", reason="an extra of its own")
    assert f"smccc-filter {__version__}, " in "\n".join(machine.describe())


def test_both_ways_to_dispatch_are_built_and_run(tmp_path: Path) -> None:
    programs = dispatch.programs(tmp_path)
    if programs is None:
        pytest.skip("there is no C compiler")
    for program in programs:
        assert run(program).seconds > 0


class SilentPolicy(editing.EditedPolicy):
    def __init__(self) -> None:
        self.text = "    action: deny"

    def ask(self, feature: str, at: dict[str, int]) -> None:
        assert (feature, at) == ("hover", {"line": 0, "character": 12})


def test_an_answer_that_says_nothing_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match=r"hover says nothing of `\s+action: deny`"):
        editing.answers(SilentPolicy(), "hover", 1)


def test_what_an_editor_waits_for_is_measured() -> None:
    with editing.edited(inputs.SHIPPED.read_text(encoding="utf-8")) as policy:
        before, cpu = policy.text, policy.cpu()
        found = editing.keystrokes(policy, 2)
        assert policy.text == f"##{before}"
        assert [len(each) for each in found] == [2, 2, 2]
        assert sum(found.cpu) <= policy.cpu() - cpu
        assert editing.answers(policy, "hover", 1).least > 0
        assert editing.growth(policy, 1, 3) > 0
        assert policy.text == f"#####{before}"


def test_what_is_waited_beyond_the_debounce_is_compared() -> None:
    found = editing.Keystrokes([0.3, 0.5, 0.2], [0.1, 0.2, 0.1], [])
    assert found.ratio() == pytest.approx(Spread(1.0, 2.0, 2.0))


def test_a_generated_trace_is_one_that_is_read(tmp_path: Path) -> None:
    for path in (
        traces.ftrace(tmp_path, 3000),
        traces.parquet(tmp_path, 3000),
        *traces.tables(tmp_path, 3000).values(),
    ):
        (source,) = read_traces(trace_files([str(path)]), lambda _: None).sources
        assert (source.number, source.unread, source.fault) == (3000, 0, "")
        assert {call.func_id for call in source.calls} <= traces.IDS.keys()
