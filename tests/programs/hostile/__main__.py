"""Measure and print the worst. The exit status is 1 where a bound is missed."""

import argparse
import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import smccc_filter
from tests.programs.hostile.c_sources import C_SOURCES
from tests.programs.hostile.commands import COMMANDS, IMPORTS, OTHER, POLICY, SOURCES
from tests.programs.hostile.run import Cost, cost
from tests.programs.hostile.rust_sources import RUST_SOURCES
from tests.programs.hostile.shapes import SHAPES

MEBIBYTE = 1 << 20
SECONDS, MEMORY = 5, 300
"""What a file of one MiB may take at most: seconds, and MiB."""
LINE = "{:<32} {:<36} {:>12} {:>8} {:>10}  {}"


class Measured(NamedTuple):
    """What a command took of a shape."""

    command: str
    shape: str
    cost: Cost


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.hostile", description=main.__doc__)
    parser.add_argument("--size", type=int, default=1024, metavar="KIB", help="of each file (default: 1024)")
    parser.add_argument("--command", default="", metavar="WORD", help="only the commands with this word")
    parser.add_argument("--shape", default="", metavar="WORD", help="only the shapes with this word")
    parser.add_argument("--worst", type=int, default=5, metavar="N", help="lines of each table (default: 5)")
    parser.add_argument("--all", action="store_true", help="print each measurement as it is made")
    arguments = parser.parse_args()
    for module in pkgutil.walk_packages(smccc_filter.__path__, "smccc_filter."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    size = arguments.size << 10
    found = []
    for one in measure(size, arguments.command, arguments.shape):
        found.append(one)
        if arguments.all:
            print(format_line(one, size), flush=True)
    print(LINE.format("command", "shape", "seconds/MiB", "MiB", "written", "status"))
    for key in (lambda one: one.cost.seconds, lambda one: one.cost.memory):
        for one in sorted(found, key=key, reverse=True)[: arguments.worst]:
            print(format_line(one, size))
        print()
    scale = max(size / MEBIBYTE, 1)
    missed = [one for one in found if one.cost.seconds > SECONDS * scale or one.cost.memory > MEMORY * scale * MEBIBYTE]
    odd = [one for one in found if one.cost.status not in {0, 1, 2}]
    print(f"{len(found)} measured, {len(missed)} above {SECONDS} s or {MEMORY} MiB, {len(odd)} without an answer")
    sys.exit(1 if missed or odd else 0)


def measure(size: int, command: str, shape: str) -> Iterator[Measured]:
    """Run the commands over the shapes whose names have a word."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / OTHER).write_bytes(SHAPES["rules apart"](size))
        for kind in (kind for kind in SHAPES if shape in kind):
            (folder / POLICY).write_bytes(SHAPES[kind](size))
            for wanted in (wanted for wanted in COMMANDS if command in wanted):
                yield Measured(wanted, kind, cost(COMMANDS[wanted], folder))
        for language, texts in (("c", C_SOURCES), ("rust", RUST_SOURCES)):
            for kind in (kind for kind in texts if shape in kind):
                (folder / SOURCES[language]).write_text(sized(texts[kind], size))
                for verb, arguments in IMPORTS.items():
                    if command in (wanted := f"{verb} {language}"):
                        yield Measured(wanted, kind, cost(arguments(SOURCES[language]), folder))


def sized(text: Callable[[int], str], size: int) -> str:
    """Return the text of about a size, which grows with its number."""
    unit = (len(text(512)) - len(text(256))) / 256
    return text(int(max(size - len(text(0)), 0) / unit) if unit else size)


def format_line(one: Measured, size: int) -> str:
    """Return one line of the table."""
    seconds, memory, written, status = one.cost
    return LINE.format(
        one.command,
        one.shape,
        f"{seconds * MEBIBYTE / size:.2f}",
        f"{memory / MEBIBYTE:.0f}",
        f"{written / 1024:.0f} KiB",
        status,
    )


if __name__ == "__main__":
    main()
