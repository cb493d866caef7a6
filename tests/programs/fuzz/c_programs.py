"""Random C and C++ programs, read by ``import`` and run: it reads what they give to KVM, or refuses.

``python -m tests.programs.fuzz.c_programs --programs 5000 --seed 1`` prints the counts, and each program that was
misread; with ``--language c++`` they are programs of C++20.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import NamedTuple

from smccc_filter.artefacts import readers
from smccc_filter.artefacts.readers import Reading
from smccc_filter.kvm.uapi import KVM_ACTION
from tests.programs.fuzz.c_compiled import Given, run_all
from tests.programs.fuzz.c_program import Program
from tests.programs.fuzz.cpp_program import CppProgram

BATCH = 500
"""Programs that are linked into one."""


class Outcome(NamedTuple):
    """What became of programs; ``calm`` counts those without anything odd, and ``calm_read`` those of them read."""

    ran: int
    read: int
    calm: int
    calm_read: int
    misread: tuple[str, ...]
    refused: tuple[str, ...]
    """Calm programs that were refused, with the first reason."""


PROGRAMS = {"c": Program, "c++": CppProgram}
"""What draws a program of each language."""


def compare(count: int, seed: int, folder: Path, language: str = "c") -> Outcome:
    """Draw programs, read them, run them, and compare."""
    random = Random(seed)  # noqa: S311 -- a test's seed
    drawn = [PROGRAMS[language](random, number) for number in range(count)]
    sources = {program.number: program.source() for program in drawn}
    beside = {program.number: program.beside() for program in drawn}
    definitions = [definition for program in drawn for definition in program.definitions]
    given = run_all(sources, folder, beside, definitions, language)
    read = calm = calm_read = 0
    misread, refused = [], []
    for program in drawn:
        if program.number not in given:
            continue
        is_calm = program.harmless and program.calm == 1.0
        calm += is_calm
        text = sources[program.number]
        others = [(name, other.encode()) for name, other in beside[program.number].items()]
        reading = readers.read("p.c", text.encode(), "c", others, program.definitions)
        text += "".join(f"\n/* {name} */\n{other.decode()}" for name, other in others)
        text += "".join(f"\n-D {name}={value}" for name, value in program.definitions)
        if reading.faults:
            if is_calm:
                refused.append(f"{reading.faults[0].span}: {reading.faults[0].message}\n{text}")
            continue
        read += 1
        calm_read += is_calm
        found = entries_of(reading)
        if found != given[program.number]:
            misread.append(f"{text}\nread: {sorted(found)}\ngiven: {sorted(given[program.number])}\n")
    return Outcome(len(given), read, calm, calm_read, tuple(misread), tuple(refused))


def entries_of(reading: Reading) -> set[Given]:
    """Return the entries that were read as a program gives them."""
    entries = reading.entries or ()
    return {(entry.base, entry.nr_functions, int(KVM_ACTION[entry.action]), bytes(15)) for entry in entries}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--programs", type=int, default=BATCH)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--language", choices=PROGRAMS, default="c")
    parser.add_argument("--refused", action="store_true", help="print calm programs that are refused")
    options = parser.parse_args()
    failed = False
    for start in range(0, options.programs, BATCH):
        seed = options.seed + start // BATCH
        with tempfile.TemporaryDirectory() as folder:
            outcome = compare(min(BATCH, options.programs - start), seed, Path(folder), options.language)
        print(
            f"seed {seed}: {outcome.ran} ran, {outcome.read} read, {outcome.ran - outcome.read} refused, "
            f"{len(outcome.misread)} misread; of {outcome.calm} calm ones {outcome.calm_read} read",
            flush=True,
        )
        for text in (*outcome.misread, *(outcome.refused if options.refused else ())):
            print(text)
        failed = failed or bool(outcome.misread)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
