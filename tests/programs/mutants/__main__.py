"""Run the mutants of rooms, and say what survived; the exit status is 1 where that is more than a room allows."""

import argparse
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.programs.mutants import package
from tests.programs.mutants.equivalent import Name, equivalents, gone
from tests.programs.mutants.mutations import Mutant
from tests.programs.mutants.nursery import DIED, SURVIVED, TIMED_OUT, Verdict
from tests.programs.mutants.rooms import ROOMS, Room
from tests.programs.mutants.runner import grow, measured


class Sample(NamedTuple):
    """Which mutants of a room are run: each Nth, or so many, drawn with a seed."""

    every: int
    most: int | None
    seed: int

    def of(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        """Draw."""
        drawn = mutants[self.seed % self.every :: self.every]
        if self.most is None or self.most >= len(drawn):
            return list(drawn)
        numbers = random.Random(self.seed).sample(range(len(drawn)), self.most)  # noqa: S311 (no secret)
        return [drawn[number] for number in sorted(numbers)]


class Result(NamedTuple):
    """What became of a room's mutants, and what is wrong with that."""

    line: str
    survivors: list[Mutant]
    faults: list[str]


def judge(room: Room, mutants: Sequence[Mutant], verdicts: Sequence[Verdict], reasons: Mapping[Name, str]) -> Result:
    """Count, and compare with what the room allows and with the list of equivalent mutants."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    survived = [mutants[verdict.number] for verdict in verdicts if verdict.outcome == SURVIVED]
    unexplained = [mutant for mutant in survived if mutant.name not in reasons]
    listed = [mutants[verdict.number].name for verdict in verdicts if verdict.outcome != SURVIVED]
    faults = [f"listed as equivalent, and dies: {' | '.join(name)}" for name in listed if name in reasons]
    if len(unexplained) > room.allowed * len(mutants):
        faults.append(f"{len(unexplained)} of {len(mutants)} survived, more than {float(room.allowed):.0%}")
    line = (
        f"{len(mutants)} mutants, {counts[DIED]} died, {counts[TIMED_OUT]} timed out, {len(survived)} survived, "
        f"{len(survived) - len(unexplained)} of them equivalent"
    )
    return Result(line, unexplained, faults)


def run_room(name: str, arguments: argparse.Namespace, reasons: Mapping[Name, str], folder: Path) -> Result:
    """Run the mutants of a room; with ``--list`` only list them."""
    room = ROOMS[name]
    modules = [module for module in room.module_names() if arguments.modules in module]
    trees = {module: package.tree_of(module) for module in modules}
    every = [mutant for module, tree in trees.items() for mutant in room.mutants(module, tree).mutants]
    missing = gone(reasons, modules, {mutant.name for mutant in every})
    faults = [f"listed as equivalent, and no longer there: {' | '.join(each)}" for each in missing]
    mutants = Sample(arguments.every, arguments.count, arguments.seed).of(every)
    if arguments.list:
        return Result("\n".join(" | ".join(mutant.name) for mutant in mutants), [], faults)
    start = time.monotonic()

    def say(done: str) -> None:
        print(f"{name}: {done}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

    kept = (arguments.reached or folder) / f"{name}.json"
    reach = measured(room.test_files(), room.module_names(), kept, folder).quick(arguments.quick)
    say(f"{sum(map(len, reach.files.values()))} tests measured")
    verdicts = []
    for verdict in grow(mutants, trees, reach, arguments.jobs, folder):
        verdicts.append(verdict)
        if verdict.outcome == SURVIVED and mutants[verdict.number].name not in reasons:
            say(f"survived: {' | '.join(mutants[verdict.number].name)}")
        if len(verdicts) % 100 == 0:
            say(f"{len(verdicts)} of {len(mutants)} mutants")
    result = judge(room, mutants, verdicts, reasons)
    return result._replace(line=f"{name}: {result.line}", faults=[f"{name}: {each}" for each in faults + result.faults])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.mutants", description=main.__doc__)
    parser.add_argument("--rooms", default=",".join(ROOMS), help="which, with commas (default: all)")
    parser.add_argument("--modules", default="", metavar="WORD", help="only modules whose name has this in it")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth mutant (default: all)")
    parser.add_argument("--count", type=int, metavar="N", help="only so many mutants of each room")
    parser.add_argument("--seed", type=int, default=0, help="which those are (default: 0)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="mutants at a time (default: 2)")
    parser.add_argument(
        "--quick", type=float, default=math.inf, metavar="S", help="only tests that take at most so long"
    )
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--survivors", type=Path, metavar="FILE", help="write survivors there (default: print them)")
    parser.add_argument("--reached", type=Path, metavar="FOLDER", help="keep there what tests reach, for the next run")
    arguments = parser.parse_args()
    survivors, faults = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.rooms.split(","):
            result = run_room(name, arguments, equivalents(), Path(folder))
            print(result.line, flush=True)
            survivors += [f"{' | '.join(mutant.name)}\n{mutant.diff()}\n" for mutant in result.survivors]
            faults += result.faults
            if arguments.survivors:
                arguments.survivors.write_text("\n".join(survivors), encoding="utf-8")
    if not arguments.survivors:
        print(*survivors, sep="\n")
    print(*faults, sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
