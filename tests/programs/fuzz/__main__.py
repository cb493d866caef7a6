"""``python -m tests.programs.fuzz --inputs 1000000 --seed 1``: the whole tool under inputs drawn at random.

Progress goes to standard error and, with ``--state``, into a file from which a run that was ended goes on. The exit
status is 1 where an answer was not sound; each such input is printed, made as small as it gets.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tests.programs.fuzz.campaign import BATCH, Batch, BatchResult, Failure, run

Done = tuple[str, int]
"""A batch that was run: its kind and its first number."""


class Arguments(NamedTuple):
    """What the program is asked to do."""

    inputs: int
    seed: int
    jobs: int
    kinds: list[str]
    state: Path | None


def main() -> int:
    """Run the campaign; return the exit status."""
    arguments = _arguments()
    done, failures = _state(arguments)
    every = [
        Batch(kind, arguments.seed, first)
        for first in range(0, -(-arguments.inputs // len(arguments.kinds)), BATCH)
        for kind in arguments.kinds
    ]
    left = iter([batch for batch in every if (batch.kind, batch.first) not in done])
    counts = Counter({kind: BATCH * sum(one[0] == kind for one in done) for kind in arguments.kinds})
    start, fresh = time.monotonic(), 0
    with ProcessPoolExecutor(arguments.jobs) as pool, tempfile.TemporaryDirectory() as folder:
        running: set[Future[BatchResult]] = {pool.submit(run, one, folder) for one in islice(left, arguments.jobs * 2)}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                result = future.result()
                counts[result.batch.kind] += BATCH
                fresh += BATCH
                done.add((result.batch.kind, result.batch.first))
                failures += result.failures
                for failure in result.failures:
                    print(failure.shown(), flush=True)
                running |= {pool.submit(run, one, folder) for one in islice(left, 1)}
            _save(arguments, done, failures)
            rate = fresh / (time.monotonic() - start)
            said = f"{sum(counts.values()):,} inputs, {rate:.0f} a second, {len(failures):,} failures"
            print(f"\r{said}", end="", file=sys.stderr, flush=True)
    print(f"\nseed {arguments.seed}")
    for kind, count in sorted(counts.items()):
        failed = sum(failure.kind == kind for failure in failures)
        print(f"{kind:12}{count:12,} inputs{failed:8,} failures")
    print(f"{'all':12}{sum(counts.values()):12,} inputs{len(failures):8,} failures")
    return int(bool(failures))


def _arguments() -> Arguments:
    from tests.programs.fuzz.inputs import KINDS

    parser = argparse.ArgumentParser(prog="python -m tests.programs.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=100_000, help="how many, of all kinds together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), help="only of this kind; may be repeated")
    parser.add_argument("--state", type=Path, help="a file that remembers what was done")
    given = parser.parse_args()
    return Arguments(given.inputs, given.seed, given.jobs, given.kind or list(KINDS), given.state)


def _state(arguments: Arguments) -> tuple[set[Done], list[Failure]]:
    """Return what an earlier run of the same seed did."""
    if arguments.state is None or not arguments.state.exists():
        return set(), []
    state = json.loads(arguments.state.read_text())
    if state["seed"] != arguments.seed:
        sys.exit(f"{arguments.state} is of seed {state['seed']}")
    return {(kind, first) for kind, first in state["done"]}, [Failure(*failure) for failure in state["failures"]]


def _save(arguments: Arguments, done: set[Done], failures: list[Failure]) -> None:
    if arguments.state:
        state = {"seed": arguments.seed, "done": sorted(done), "failures": failures}
        beside = arguments.state.with_suffix(".new")
        beside.write_text(json.dumps(state))
        beside.replace(arguments.state)


if __name__ == "__main__":
    sys.exit(main())
