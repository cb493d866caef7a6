"""The program finds a mutant that no test notices, and no other; it judges by what a room allows."""

import ast
import json
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT
from tests.programs.mutants import package
from tests.programs.mutants.__main__ import Sample, judge
from tests.programs.mutants.equivalent import equivalents, gone
from tests.programs.mutants.mutations import ModuleMutants, Mutant
from tests.programs.mutants.nursery import DIED, SURVIVED, TIMED_OUT, Verdict
from tests.programs.mutants.rooms import ROOMS, files_of, imports_of

PLANTED = """
from smccc_filter.kvm import trng
from smccc_filter.kvm.machine import Call

def test_a_constant() -> None:
    assert trng.TRNG_VERSION_1_0 == 0x1_0000

def test_what_is_asked_at_most() -> None:
    assert trng.kvm_trng_do_rnd(Call(0, 3 * 32), 32) is None
"""
LAZY = """
def test_what_is_asked_at_most() -> None:
    from smccc_filter.kvm import trng
    from smccc_filter.kvm.machine import Call

    assert trng.kvm_trng_do_rnd(Call(0, 3 * 32), 32) is None
"""
"""Imports what it tests when it runs, as most of the package imports what it may not need."""
CONFTEST = """
import pytest

@pytest.fixture
def version() -> int:
    return 0x1_0000
"""
GIVEN = """
from smccc_filter.kvm import trng

def test_the_version(version: int) -> None:
    assert trng.TRNG_VERSION_1_0 == version
"""
"""Needs a fixture of all tests."""
WRITES = """
from pathlib import Path

from smccc_filter.kvm import trng

def test_folders(tmp_path: Path) -> None:
    trng.kvm_trng_do_rnd
    with Path(__file__).with_name("folders").open("a") as file:
        print(tmp_path.parent, file=file)
"""
"""Notes where pytest lets it write."""
SHARED = """
import pytest

@pytest.fixture(scope="module", autouse=True)
def everything() -> None:
    from smccc_filter.kvm import trng
    from smccc_filter.kvm.machine import Call

    trng.kvm_trng_do_rnd(Call(0, 0), 32)

def test_nothing() -> None:
    pass
"""
"""Runs for its tests what it tests nothing of."""
HANDED_ON = """
from smccc_filter.kvm import hypercalls

def test_an_id() -> None:
    assert hypercalls.TRNG_CALLS[0] == 0x8400_0050
"""
"""Looks at a constant by way of a module that imports it, and runs nothing."""
RUNS = """
import sys
from pathlib import Path

sys.path.append(sys.argv[1])
from tests.programs.mutants.nursery import run_pytest

sys.exit(run_pytest([Path(sys.argv[2])], object(), Path(sys.argv[3])))
"""
"""Runs a file of the project's tests as they are run against mutants."""
PROGRAM = """
import json, sys
from pathlib import Path

sys.path.append(sys.argv[1])
from tests.programs.mutants import nursery, package, runner, stems
from tests.programs.mutants.mutations import ModuleMutants

nursery.ROOT = stems.ROOT = Path(sys.argv[2])
folder, module, files = Path(sys.argv[2]), sys.argv[4], [Path(file) for file in json.loads(sys.argv[3])]
tree = package.tree_of(module)
wanted = json.loads(sys.argv[5])
mutants = [mutant for mutant in ModuleMutants(module, tree, texts=False).mutants if [*mutant.name[1:]] in wanted]
reach = runner.measured(files, [module], folder / "reached.json", folder)
verdicts = list(runner.grow(mutants, {module: tree}, reach, 2, folder))
print(json.dumps([(mutants[verdict.number].name, verdict.outcome, verdict.test) for verdict in verdicts]))
"""
SOURCE = """
LIMITS = {"low": 1, "high": 2}

def clamp(value: int, *, up: bool = False) -> int:
    '''Says 3 < 4.'''
    if value < LIMITS["low"] and not up:
        return min(value, 7)
    while value:
        value -= 1
    return [part for part in (value, 0) if part][1:]

def is_known(value: int) -> bool:
    return value in {1, 2}
"""
"""Has each kind of change once."""
SAID = """\
: without 'low'
: without 'high'
: 1 -> 2
: 1 -> 0
: 2 -> 3
: 2 -> 1
clamp: False -> True
clamp: value < LIMITS['low'] and (not up) -> value < LIMITS['low'] or not up
clamp: value < LIMITS['low'] and (not up) -> not up
clamp: value < LIMITS['low'] and (not up) -> value < LIMITS['low']
clamp: value < LIMITS['low'] -> value <= LIMITS['low']
clamp: value < LIMITS['low'] -> value >= LIMITS['low']
clamp: not up -> up
clamp: return min(value, 7) -> return None
clamp: min(value, 7) -> max(value, 7)
clamp: 7 -> 8
clamp: 7 -> 6
clamp: if value < LIMITS['low'] and (not up) -> if True
clamp: if value < LIMITS['low'] and (not up) -> if False
clamp: value -= 1 -> value += 1
clamp: 1 -> 2
clamp: 1 -> 0
clamp: if value -> if False
clamp: return [part for part in (value, 0) if part][1:] -> return None
clamp: 0 -> 1
clamp: 0 -> -1
clamp: if part -> if True
clamp: if part -> if False
clamp: [1:] -> without its start
clamp: 1 -> 2 (no. 2)
clamp: 1 -> 0 (no. 2)
is_known: return value in {1, 2} -> return True
is_known: return value in {1, 2} -> return False
is_known: value in {1, 2} -> value not in {1, 2}
is_known: without 1
is_known: without 2
is_known: 1 -> 2
is_known: 1 -> 0
is_known: 2 -> 3
is_known: 2 -> 1
"""
"""All of them, function by function."""


def mutants_of(source: str, *, texts: bool = False) -> list[Mutant]:
    return ModuleMutants("m", ast.parse(source), texts=texts).mutants


def became(folder: Path, planted: list[str], wanted: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Run mutants of the TRNG service, by function and change; return what became of each, and the test it died of."""
    inner = folder / "planted"
    inner.mkdir()
    (inner / "conftest.py").write_text(CONFTEST)
    files = [inner / f"test_planted_{number}.py" for number in range(len(planted))]
    for file, text in zip(files, planted, strict=True):
        file.write_text(text)
    arguments = [str(ROOT), str(folder), json.dumps([*map(str, files)]), "smccc_filter.kvm.trng", json.dumps(wanted)]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return {
        (function, change): (outcome, test.partition("::")[2])
        for (_, function, change), outcome, test in json.loads(done.stdout.splitlines()[-1])
    }


def test_the_tests_of_a_room_can_be_run(tmp_path: Path) -> None:
    """Each setting of the project must be known although only those plugins are loaded that the tests need."""
    file = ROOT / "tests" / "smccc" / "test_function_id.py"
    done = subprocess.run([sys.executable, "-c", RUNS, str(ROOT), file, tmp_path], check=False)
    assert done.returncode == 0


RND = "kvm_trng_do_rnd"


def test_a_mutant_dies_of_the_test_that_pins_it_and_survives_where_none_does(tmp_path: Path) -> None:
    expected = {
        ("", "65536 -> 65537"): (DIED, "test_a_constant"),  # in what importing runs
        (RND, "num_bits > WORDS * size -> num_bits >= WORDS * size"): (DIED, "test_what_is_asked_at_most"),
        (RND, "if num_bits > WORDS * size -> if True"): (DIED, "test_what_is_asked_at_most"),
        (RND, "if num_bits > WORDS * size -> if False"): (SURVIVED, ""),  # nothing asks for too much
        ("kvm_trng_call", "64 -> 65"): (SURVIVED, ""),  # nothing calls it
    }
    assert became(tmp_path, [PLANTED], [*expected]) == expected


def test_a_mutant_of_what_a_test_imports_dies_of_it_whatever_others_prepare(tmp_path: Path) -> None:
    expected = {
        (RND, "num_bits > WORDS * size -> num_bits >= WORDS * size"): (DIED, "test_what_is_asked_at_most"),
        (RND, "if num_bits > WORDS * size -> if False"): (SURVIVED, ""),
    }
    assert became(tmp_path, [LAZY, SHARED], [*expected]) == expected


def test_a_mutant_of_what_importing_runs_does_not_die_of_missing_fixtures(tmp_path: Path) -> None:
    expected = {("", "65536 -> 65537"): (DIED, "test_the_version"), ("", "3 -> 4"): (SURVIVED, "")}
    assert became(tmp_path, [GIVEN, GIVEN], [*expected]) == expected


def test_a_mutant_of_a_constant_dies_where_another_module_hands_it_on(tmp_path: Path) -> None:
    expected = {("", "2214592592 -> 2214592593"): (DIED, "test_an_id"), ("", "3 -> 4"): (SURVIVED, "")}
    assert became(tmp_path, [HANDED_ON], [*expected]) == expected


def test_each_mutant_has_its_own_folder(tmp_path: Path) -> None:
    """Pytest empties one that it is given when it first needs it, whoever else writes there."""
    expected = {("", "65536 -> 65537"): (SURVIVED, ""), ("", "3 -> 4"): (SURVIVED, "")}
    assert became(tmp_path, [WRITES], [*expected]) == expected
    _measured, *folders = (tmp_path / "planted" / "folders").read_text().splitlines()
    assert len(folders) == len(set(folders)) == len(expected)


def test_each_kind_of_change_is_made() -> None:
    changes = [f"{mutant.function}: {mutant.change}" for mutant in mutants_of(SOURCE)]
    assert changes == SAID.splitlines()


def test_types_docstrings_and_imports_are_no_program() -> None:
    source = (
        "from a import b\nKind = dict[1, 2]\n__all__ = ['x', 'y']\ndef f(x: Literal[1]) -> Literal[2]:\n    'One 1.'\n"
    )
    assert mutants_of(source) == []


def test_a_shift_by_0_goes_no_other_way() -> None:
    assert [mutant.change for mutant in mutants_of("A = B << 0") if "B" in mutant.change] == []
    assert [mutant.change for mutant in mutants_of("A = B << 1") if "B" in mutant.change] == ["B << 1 -> B >> 1"]


def test_the_text_of_programs_is_changed_where_asked() -> None:
    source = "TEXT = 'if (n < 1)\\n    return;\\n'"
    assert mutants_of(source) == []
    assert [mutant.change for mutant in mutants_of(source, texts=True)] == [
        "`<` -> `<=` in text `if (n < 1)`",
        "`1` -> `0` in text `if (n < 1)`",
        "text without `if (n < 1)`",
        "text without `return;`",
    ]


def test_a_mutant_changes_what_it_says_and_nothing_else() -> None:
    tree = ast.parse(SOURCE)
    first, *_ = [mutant for mutant in ModuleMutants("m", tree, texts=False).mutants if mutant.change == "not up -> up"]
    assert first.diff().splitlines()[3:] == [
        "-if value < LIMITS['low'] and (not up):",
        "+if value < LIMITS['low'] and up:",
        "     return min(value, 7)",
    ]
    assert ast.unparse(tree) == ast.unparse(ast.parse(SOURCE))
    first.apply()
    assert ast.unparse(tree) == ast.unparse(ast.parse(SOURCE.replace("not up", "up")))


def test_names_tell_mutants_apart_and_do_not_know_lines() -> None:
    names = [mutant.name for mutant in mutants_of(SOURCE)]
    assert len(names) == len(set(names))
    assert names == [mutant.name for mutant in mutants_of(f"import above\n\n\n{SOURCE}")]


def verdicts(*outcomes: str) -> list[Verdict]:
    return [Verdict(number, outcome) for number, outcome in enumerate(outcomes)]


def test_more_survivors_than_a_room_allows_are_a_fault() -> None:
    mutants = mutants_of(SOURCE)[:4]
    none_allowed, few_allowed = ROOMS["kvm"], ROOMS["checks"]
    one = verdicts(DIED, SURVIVED, TIMED_OUT, DIED)
    assert len(judge(none_allowed, mutants, one, {}).faults) == 1
    assert judge(none_allowed, mutants, verdicts(DIED, DIED, TIMED_OUT, DIED), {}).faults == []
    assert len(judge(few_allowed, mutants, one, {}).faults) == 1
    assert judge(few_allowed, mutants * 25, one, {}).faults == []


def test_a_survivor_with_a_reason_is_none_and_a_listed_mutant_that_dies_is_a_fault() -> None:
    mutants = mutants_of(SOURCE)[:2]
    reasons = {mutants[1].name: "why"}
    fine = judge(ROOMS["kvm"], mutants, verdicts(DIED, SURVIVED), reasons)
    assert (fine.survivors, fine.faults) == ([], [])
    (fault,) = judge(ROOMS["kvm"], mutants, verdicts(DIED, DIED), reasons).faults
    assert "without 'high'" in fault


def test_the_list_names_mutants_that_exist_and_their_reasons() -> None:
    listed = equivalents()
    existing = {}
    for room in ROOMS.values():
        for module in room.module_names():
            existing.update(
                dict.fromkeys(mutant.name for mutant in room.mutants(module, package.tree_of(module)).mutants)
            )
    assert gone(listed, {module for module, _, _ in listed}, existing.keys()) == []
    assert all(len(reason) > 10 for reason in listed.values())


def test_tests_that_import_something_of_a_room_are_run_there_or_left_out_with_a_reason() -> None:
    for name, room in ROOMS.items():
        if not room.allowed:
            continue
        modules, run = {*room.module_names()}, {*room.test_files()}
        near = {file for file in files_of(["."]) if not modules.isdisjoint(imports_of(file))}
        left_out = room.left_out_files()
        lacking = near - run - {file for files in left_out.values() for file in files}
        assert lacking == set(), f"add them to `tests` or to `left_out` of the room {name}"
        stale = [entry for entry, files in left_out.items() if run.issuperset(files)]
        assert stale == [], f"nothing of it is left out of the room {name}"


def test_where_no_mutant_may_survive_nothing_is_left_out() -> None:
    assert [name for name, room in ROOMS.items() if room.left_out and not room.allowed] == []


def test_a_sample_is_drawn_by_its_seed() -> None:
    mutants = mutants_of(SOURCE)
    assert Sample(1, None, 0).of(mutants) == mutants
    assert Sample(3, None, 4).of(mutants) == mutants[1::3]
    drawn = Sample(1, 5, 1).of(mutants)
    assert len(drawn) == 5
    assert drawn == Sample(1, 5, 1).of(mutants) != Sample(1, 5, 2).of(mutants)
    assert len(Sample(2, 1000, 1).of(mutants)) == len(mutants) // 2
