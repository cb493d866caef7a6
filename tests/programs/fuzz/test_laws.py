"""The fuzz finds what it is there for: a bug, a hang, a flood, a wrong proof; and makes what it found small."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smccc_filter.analysis.checks import no_filter
from smccc_filter.analysis.diagnostics import Problem
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.artefacts.readers import blob
from smccc_filter.language.policy import malformed
from tests.paths import ROOT
from tests.programs.fuzz import campaign, laws, minimise, reading, runner
from tests.programs.fuzz.campaign import Batch, Failure
from tests.programs.fuzz.inputs import KINDS, FuzzInput, made


def failures(kind: str, folder: Path, size: int = 60, seed: int = 7) -> list[Failure]:
    return campaign.run(Batch(kind, seed, 0), str(folder), size).failures


def test_a_bug_in_what_is_nearly_a_range_is_found_by_all_that_draw_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count of bare hexadecimal digits ended the tool; each kind in which one can stand meets it in few batches."""
    sound = malformed.malformed

    def fails(text: str) -> malformed.MalformedRange:
        if text[:2] == "0x" and sound(text).instead and "+" in text:
            raise TypeError("no count")
        return sound(text)

    monkeypatch.setattr(malformed, "malformed", fails)
    monkeypatch.setattr(campaign, "minimised", lambda one, fails: one if fails(one) else one._replace(files={}))
    for kind in ("near", "asked"):
        found = (each for seed in (7, 8) for each in failures(kind, tmp_path, campaign.BATCH, seed))
        assert any("TypeError: no count" in each.why for each in found), kind


def test_a_bug_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(subject: Subject) -> Iterator[Problem]:
        if subject.policy.rules:
            raise KeyError("gone")
        yield from ()

    monkeypatch.setattr(no_filter, "check", check)
    monkeypatch.setattr(minimise, "TRIES", 20)
    found = failures("policies", tmp_path, 4)
    assert found
    assert all("KeyError" in failure.why for failure in found)


def test_what_fails_is_made_small() -> None:
    files = {"p.yaml": b"version: 1\nrules: [{action: deny}]\n" * 9, "q.yaml": b"name: a\n"}
    one = FuzzInput("near", files, (("query", "p.yaml", "--", "0x84000000+1F"),))

    def fails(other: FuzzInput) -> bool:
        return b"deny" in other.files["p.yaml"] and "+1F" in other.commands[0][-1]

    command = ("query", "p.yaml", "--", "+1F")
    assert minimise.minimised(one, fails) == FuzzInput("near", {"p.yaml": b"deny", "q.yaml": b""}, (command,))


def test_a_hang_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(subject: Subject) -> Iterator[Problem]:
        while subject.policy.name != "never":
            yield from ()

    monkeypatch.setattr(no_filter, "check", check)
    monkeypatch.setattr(runner, "HANG", 0.05)
    monkeypatch.setattr(campaign, "minimised", lambda one, fails: one if fails(one) else one._replace(files={}))
    (found,) = failures("trees", tmp_path, 1)
    assert found.why.startswith("HangError at ")
    assert "p.yaml" in found.smallest


def test_a_wrong_proof_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = blob.read

    def read(data: bytes) -> Any:  # noqa: ANN401
        found = sound(data)
        entries = tuple(one._replace(base=one.base + 1) for one in found.entries or ())
        return found._replace(entries=entries)

    monkeypatch.setattr(blob, "read", read)
    assert any("a wrong proof: " in failure.why for failure in failures("blob", tmp_path))


def test_a_flood_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laws, "FLOOD", 10)
    assert failures("asked", tmp_path, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_can_be_drawn_again(kind: str) -> None:
    assert made(kind, 3, 4) == made(kind, 3, 4)
    assert made(kind, 3, 4) != made(kind, 4, 4)
    assert isinstance(made(kind, 3, 4), FuzzInput)


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("0x84000000", "c", 0x84000000),
        ("010", "c", 8),
        ("0", "c", 0),
        ("32UL", "c", 32),
        ("KVM_SMCCC_FILTER_DENY", "c", 1),
        ("1 << 3", "c", None),
        ("0x8400_0000u32", "rust", 0x84000000),
        ("0o17", "rust", 15),
        ("010", "rust", 10),
        ("A + 1", "rust", None),
        ("7\x85", "rust", 7),
    ],
)
def test_numbers_are_read_as_a_compiler_does(text: str, language: str, value: int | None) -> None:
    assert reading.number(text, language) == value


@pytest.mark.parametrize(
    ("text", "language"),
    [("08", "c"), ("1_0", "c"), ("1\u0660", "c"), ("1UL", "rust"), ("7\x85", "c"), ("7\xa0", "rust")],
)
def test_what_no_compiler_takes_is_no_number(text: str, language: str) -> None:
    with pytest.raises(reading.NotANumberError):
        reading.number(text, language)


def test_the_program_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    command = [sys.executable, "-m", "tests.programs.fuzz", "--seed", "5", "--jobs", "1", "--kind", "bytes"]
    env = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    size = campaign.BATCH
    for inputs in (size, 2 * size, 2 * size):
        asked = [*command, "--inputs", str(inputs), "--state", str(state)]
        done = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=ROOT, env=env)
        assert f"bytes{inputs:19,} inputs       0 failures\n" in done.stdout
    assert json.loads(state.read_text())["done"] == [["bytes", 0], ["bytes", size]]
