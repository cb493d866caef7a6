"""Measure and print the table. The exit status is 0 whatever the figures: they are for people to read."""

import argparse
import compileall
import sysconfig
import tempfile
from itertools import chain
from pathlib import Path

import smccc_filter
from tests.programs.bench.machine import describe
from tests.programs.bench.rows import Row, of_an_editor, rows

LINE = "{:<34} {:<36} {:>8} {:>20}  {}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench", description=main.__doc__)
    parser.add_argument("--times", type=int, default=20, help="runs of what is fast (default: 20)")
    times: int = parser.parse_args().times

    # An installer compiles what it installs; a source tree that is linked into the environment may lack that.
    compiled = compileall.compile_dir(str(Path(smccc_filter.__file__).parent), quiet=1)
    for line in describe():
        print(line)
    print("Whole processes in turn, one warm-up. Bytecode of smccc_filter:", "present" if compiled else "absent")
    print()
    print(LINE.format("work", "beside", "median", "least .. most", "must be at most"))
    scripts = Path(sysconfig.get_path("scripts"))
    with tempfile.TemporaryDirectory() as folder:
        for row in chain(rows(scripts, Path(folder), times), of_an_editor(Path(folder), times)):
            print(format_row(row), flush=True)


def format_row(row: Row) -> str:
    """Return one line of the table."""
    least, median, most = (f"{value:.0f}" if row.unit == "MiB" else f"{value:.2f}" for value in row.found)
    verdict = "" if row.found.median <= row.bound else "  MISSED"
    return LINE.format(
        row.work, row.beside, f"{median} {row.unit}", f"{least} .. {most}", f"{row.bound:g} {row.unit}{verdict}"
    ).rstrip()


if __name__ == "__main__":
    main()
