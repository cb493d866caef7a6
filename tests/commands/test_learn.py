from pathlib import Path

import pytest

from tests.cli.tool import run
from tests.paths import DATA

RECORDED = DATA / "linux-7.3-guest-2cpu.trace"


def test_a_proposal_is_clean_and_denies_no_recorded_call(tmp_path: Path) -> None:
    out = tmp_path / "learned.smccc.yaml"
    done = run("learn", RECORDED, "--kernel", "6.12", "--name", "guest", "-o", out)
    assert (done.status, done.out) == (0, "")
    assert done.err == f"smccc-filter: {out}: 13 names out of 42 recorded calls, and 6 that the checks ask for\n"
    assert run("validate", "--fail-on", "warning", out).status == 0
    assert run("audit", out, RECORDED, "--fail-on", "changed").status == 0
    assert run("fmt", "--check", out).status == 0
    assert 'kernels: ["6.12"]' in out.read_text()
    assert "name: guest" in out.read_text()
    assert "is there already" in run("learn", RECORDED, "-o", out).err
    assert run("learn", RECORDED, "-o", out, "--force").status == 0
    again = run("learn", RECORDED, "--base", out)
    assert (again.status, again.out) == (0, out.read_text())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "p.yaml", "--name", "x"), "--base has a name"),
        (("--default", "refuse"), "refuse"),
        (("-o", RECORDED), "the input"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str | Path, ...], said: str) -> None:
    done = run("learn", RECORDED, *arguments)
    assert done.status == 2
    assert said in done.err


def test_gaps_and_refused_calls_are_told(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("id,count\n0x84000000,1\n0x82001234,3\n")
    done = run("learn", path)
    assert "0x82001234 refused: KVM does not answer that" in done.err
    path.write_text("CPU:0 [LOST EVENTS]\n" + RECORDED.read_text())
    assert "the tracer lost events, so a call that guests need may be missing" in run("learn", path).err


def test_nothing_is_learned_of_an_empty_trace(tmp_path: Path) -> None:
    empty = tmp_path / "trace"
    empty.touch()
    done = run("learn", empty)
    assert (done.status, done.out) == (2, "")
    assert "it is empty, as where a recording failed" in done.err
    done = run("learn", empty, RECORDED)
    assert done.status == 0
    assert f"{empty}: it is empty" in done.err


def test_a_base_that_is_no_policy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("rules: 5")
    assert run("learn", RECORDED, "--base", tmp_path / "p.yaml").status == 1
    (tmp_path / "p.yaml").write_text("{version: 1, name: p, default: deny, rules: [] # why\n}")
    assert run("learn", RECORDED, "--base", tmp_path / "p.yaml").status in {0, 2}
