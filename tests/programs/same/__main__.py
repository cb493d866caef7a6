"""Run both installations and print where they differ; the exit status is 1 where they do."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from tests.programs.same.inputs import command_lines, copy_inputs
from tests.programs.same.runner import Ran, run_all

SHOWN = 20
"""Differences that are printed in full."""
LINES = 12
"""Lines of one difference."""


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.same", description=main.__doc__)
    parser.add_argument("old", type=Path, help="a virtual environment with the tool as it was")
    parser.add_argument("new", type=Path, help="one with the tool as it is")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth command line (default: all)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inputs = copy_inputs(Path(folder) / "inputs")
        lines = list(command_lines(inputs))[:: arguments.every]
        old, new = run_all((arguments.old, arguments.new), lines, inputs, Path(folder))
    pairs = [(before, after) for before, after in zip(old, new, strict=True) if before != after]
    for before, after in pairs[:SHOWN]:
        print("\n".join(difference(before, after)))
    print(f"{len(old)} command lines, {len(pairs)} differ")
    sys.exit(1 if pairs else 0)


def difference(before: Ran, after: Ran) -> Iterator[str]:
    """Say what two runs of one command line differ in."""
    yield f"== smccc-filter {' '.join(before.arguments)}"
    if before.status != after.status:
        yield f"exit status {before.status} -> {after.status}"
    for name in sorted({*before.outputs, *after.outputs}):
        was, now = (one.outputs.get(name, b"").decode(errors="backslashreplace") for one in (before, after))
        lines = unified_diff(was.splitlines(), now.splitlines(), f"{name} before", f"{name} after", lineterm="", n=0)
        yield from islice(lines, LINES)


if __name__ == "__main__":
    main()
