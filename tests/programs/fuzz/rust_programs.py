"""Whole Rust programs at random, run and compared with what ``import`` reads of them: the compiler is the oracle.

A program is put together from pieces: those of ``rust_harmless.txt`` install entries, those of ``rust_changing.txt``
change, hide or rename one. A piece is items, a line ``---``, and statements. In it ``@k`` is a number of its own,
``@E`` the type of an entry, ``@L`` an entry written out, ``@B``, ``@N`` and ``@A`` its fields, ``@W`` and ``@V`` any
expressions of u32 and u8. A hundred programs are compiled as the modules of one crate, run, and each dumps the entries
that reach its ioctl. The reader gets the text of one module: it reads exactly these entries, or says what it can't
read, and it reads a program of harmless pieces alone. Run as a program, it says how many were read and refused::

    python -m tests.programs.fuzz.rust_programs --programs 5000 --seed 1
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from smccc_filter.artefacts import readers
from smccc_filter.kvm.uapi import KVM_ACTION

HARMLESS, CHANGING = (
    tuple(Path(__file__).with_name(f"rust_{kind}.txt").read_text(encoding="utf-8").split("====\n"))
    for kind in ("harmless", "changing")
)
BINDINGS = Path(__file__).with_name("kvm_bindings.rs")
_COMMENTS = ("/* { */", '/* /* } */ " */', "  ", "/**/")
BATCH = 100
FLAGS = ("--edition", "2021", "-C", "opt-level=0", "-C", "debuginfo=0", "-C", "overflow-checks=off", "-A", "warnings")
ALLOWED = ("-A", "arithmetic_overflow", "-A", "unconditional_panic", "--cfg", 'feature="on"')

ONE_BY_ONE = """\
use kvm_bindings::{install, install_value, install_at, ioctl_with_ref, has_filter, kvm_device_attr, kvm_smccc_filter};
use kvm_bindings::{KVM_SMCCC_FILTER_DENY, KVM_SMCCC_FILTER_FWD_TO_USER};
use kvm_bindings::{PSCI_0_2_FN_BASE, PSCI_0_2_FN64_BASE, KVM_PSCI_FN_BASE};
"""
HEADS = ("use kvm_bindings::*;\n", ONE_BY_ONE)
TYPES = {"kvm_smccc_filter": "", "kvm_bindings::kvm_smccc_filter": "", "Alias": "type Alias = kvm_smccc_filter;\n"}
CONSTANTS = """\
const C0: u32 = 0x8400_0000;
const C1: u32 = C0 | 0x4000_0000;
const C2: u32 = (1 << 4) + 2;
const S0: u8 = 0x12;
const S1: u8 = KVM_SMCCC_FILTER_FWD_TO_USER as u8;
const Q0: u64 = 0x1_8400_0010 & 0xFFFF_FFFF;
const I0: i32 = 0x1234;
"""
NAMES = {
    "u32": ("C0", "C1", "C2", "PSCI_0_2_FN_BASE", "KVM_PSCI_FN_BASE"),
    "u8": ("S0", "S1"),
    "u64": ("Q0",),
    "i32": ("I0",),
}
BITS = {"u32": 32, "u8": 8, "u64": 64, "i32": 31}


class RustProgram(NamedTuple):
    """One program: the text of its module, and whether nothing in it changes an entry."""

    text: str
    harmless: bool


class Tally(NamedTuple):
    """How many programs were read, and refused, of all that ran, and of the harmless ones; what was read wrongly."""

    read: int
    refused: int
    harmless_read: int
    harmless_refused: tuple[str, ...]
    mismatches: tuple[str, ...]


class _Writer:
    """Fills the holes of pieces."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.entry = rng.choice(list(TYPES))

    def program(self) -> RustProgram:
        rng = self.rng
        harmless = rng.random() < 0.5
        pieces = rng.sample(HARMLESS, rng.randint(1, 4) if harmless else rng.randint(0, 2))
        if not harmless:
            pieces += rng.sample(CHANGING, rng.choice((1, 1, 1, 2)))
        rng.shuffle(pieces)
        items, statements = [], []
        for number, piece in enumerate(pieces):
            before, _, after = self.filled(piece, number).partition("---\n")
            items.append(before)
            statements.append(self.shell(after.strip()))
        body = "\n".join(statements)
        if rng.random() < 0.3:
            items.insert(0, f"pub fn run() {{\n{body}\n}}\n")
        else:
            items.append(f"pub fn run() {{\n{body}\n}}\n")
        text = rng.choice(HEADS) + TYPES[self.entry] + CONSTANTS + "\n".join(items)
        return RustProgram(self.with_comments(text), harmless)

    def shell(self, statements: str) -> str:
        return self.rng.choice(
            (statements, f"{{ {statements} }}", f"unsafe {{ {statements} }}", f"if has_filter() {{ {statements} }}")
        )

    def with_comments(self, text: str) -> str:
        """Put comments where blanks are; none on lines with quotes."""
        lines = []
        for line in text.splitlines():
            plain = '"' not in line and "'" not in line and "/*" not in line and self.rng.random() < 0.2
            lines.append(re.sub(" ", lambda _: f" {self.rng.choice(_COMMENTS)} ", line, count=3) if plain else line)
        return "\n".join(lines) + "\n"

    def filled(self, piece: str, number: int) -> str:
        holes: dict[str, Callable[[], str]] = {
            "k": lambda: str(number),
            "E": lambda: self.entry,
            "L": self.literal,
            "B": self.base,
            "N": self.count,
            "A": self.action,
            "W": lambda: self.expression("u32", 3),
            "V": lambda: self.expression("u8", 3),
        }
        return re.sub("@([kELBNAWV])", lambda match: holes[match[1]](), piece)

    def literal(self) -> str:
        fields = [f"base: {self.base()}", f"nr_functions: {self.count()}", f"action: {self.action()}"]
        fields.append(self.rng.choice(("pad: [0; 15]", "pad: [0u8; 15]", "pad: [0x0; 15]")))
        if self.rng.random() < 0.4:
            self.rng.shuffle(fields)
        return f"{self.entry} {{ {', '.join(fields)}{self.rng.choice(('', ','))} }}"

    def base(self) -> str:
        number = self.rng.choice((0x84000000, 0xC4000000, 0x82000000, 0xBF000000)) + self.rng.randrange(0x4000)
        forms = (f"{number:#x}", f"0x{number:_X}", f"{number}", f"{number}u32", f"{number:#b}", f"{number:#o}_u32")
        return self.rng.choice((*forms, "C0", "C1", "C0 + 2", "C0 | C2 << 3", "Q0 as u32", "(I0 as u32) + C1"))

    def count(self) -> str:
        return self.rng.choice(("1", "0x20", "1_6", "C2", "S0 as u32", "1 << 4", "0b11 + 0o7", "2 * 3 + 1", "32u32"))

    def action(self) -> str:
        return self.rng.choice(
            ("1", "2", "0", "S1", "KVM_SMCCC_FILTER_DENY as u8", "KVM_SMCCC_FILTER_FWD_TO_USER as _", "3 - 1", "0x1u8")
        )

    def expression(self, kind: str, depth: int) -> str:
        """Return an expression of a type, with whatever overflows and casts cut off."""
        rng = self.rng
        choice = rng.random()
        if depth == 0 or choice < 0.2:
            number = rng.choice((0, 1, 2, 3, rng.getrandbits(7), rng.getrandbits(BITS[kind])))
            number = min(number, (1 << BITS[kind]) - 1)
            return rng.choice((f"{number}", f"{number:#x}", f"{number}{kind}", *NAMES[kind]))
        if choice < 0.35:
            return f"({self.expression(kind, depth - 1)})"
        if choice < 0.6:
            other = rng.choice([name for name in BITS if name != kind])
            return f"({self.expression(other, depth - 1)}) as {kind}"
        if choice < 0.7:
            return f"({self.expression(kind, depth - 1)}) << {rng.randrange(BITS[kind])}"
        operator = rng.choice("+-*&|^")
        left, right = self.expression(kind, depth - 1), self.expression(kind, depth - 1)
        left = f"({left})" if rng.random() < 0.5 else left
        right = f"({right})" if rng.random() < 0.5 else right
        return f"{left} {operator} {right}"


def programs(seed: int, count: int) -> Iterator[RustProgram]:
    """Yield programs, the same ones for the same seed."""
    rng = random.Random(seed)  # noqa: S311 -- what is drawn is no secret
    for _ in range(count):
        yield _Writer(rng).program()


Rows = set[tuple[int, int, int]]
"""Base, number and action of each entry, as numbers."""


def installed(batch: Sequence[RustProgram], folder: Path, rustc: str = "rustc") -> dict[int, Rows]:
    """Compile and run programs; return what each installs. Those that rustc refuses, or that panic, are left out."""
    library = folder / "libkvm_bindings.rlib"
    if not library.exists():
        subprocess.run([rustc, *FLAGS, "--crate-type=rlib", str(BINDINGS), "-o", str(library)], check=True)
    left = dict(enumerate(batch))
    source, binary = folder / "programs.rs", folder / "programs"
    while left:
        starts: list[tuple[int, int]] = []
        lines: list[str] = []
        for number, program in left.items():
            starts.append((len(lines) + 1, number))
            lines += [f"mod p{number} {{", *program.text.splitlines(), "}"]
        calls = "\n".join(f"kvm_bindings::dump({number}, p{number}::run);" for number in left)
        lines.append(f"fn main() {{ std::panic::set_hook(Box::new(|_| ()));\n{calls}\n}}")
        source.write_text("\n".join(lines), encoding="utf-8")
        command = [rustc, *FLAGS, *ALLOWED, "--error-format=json", "--extern", f"kvm_bindings={library}"]
        done = subprocess.run([*command, str(source), "-o", str(binary)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
        refused = set(_refused(done.stderr, starts))
        assert refused, done.stderr
        left = {number: program for number, program in left.items() if number not in refused}
    return _dumped(subprocess.run([binary], capture_output=True, text=True, check=True).stdout) if left else {}


def _refused(messages: str, starts: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Yield the programs of which rustc's messages speak."""
    for line in messages.splitlines():
        message = json.loads(line)
        if message.get("level") == "error":
            for span in message["spans"]:
                found = [number for start, number in starts if start <= span["line_start"]]
                if span["file_name"].endswith("programs.rs") and found:
                    yield found[-1]


def _dumped(output: str) -> dict[int, Rows]:
    result: dict[int, Rows] = {}
    rows: Rows = set()
    for line in output.splitlines():
        words = line.split()
        if words[0] == "program":
            rows = set()
            if len(words) == 2:
                result[int(words[1])] = rows
        else:
            base, nr_functions, action = map(int, words)
            rows.add((base, nr_functions, action))
    return result


def compare(seed: int, count: int, folder: Path, rustc: str = "rustc") -> Tally:
    """Read programs, and compare with what they install."""
    read = refused = harmless_read = 0
    harmless_refused: list[str] = []
    mismatches: list[str] = []
    drawn = list(programs(seed, count))
    for start in range(0, len(drawn), BATCH):
        batch = drawn[start : start + BATCH]
        for number, rows in installed(batch, folder, rustc).items():
            program = batch[number]
            reading = readers.read("p.rs", program.text.encode())
            found = {(e.base, e.nr_functions, KVM_ACTION[e.action].value) for e in reading.entries or ()}
            if reading.faults:
                refused += 1
                if program.harmless:
                    first = reading.faults[0]
                    harmless_refused.append(f"{program.text}\n{first.place}: {first.message}")
            else:
                read += 1
                harmless_read += program.harmless
                if found != rows:
                    told = f"read {sorted(found)}, and it installs {sorted(rows)}"
                    mismatches.append(f"{program.text}\n{told}")
    return Tally(read, refused, harmless_read, tuple(harmless_refused), tuple(mismatches))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare as many programs as asked, and print the counts, and each that was read wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--rustc", default="rustc")
    parser.add_argument("--refused", action="store_true", help="print harmless programs that are refused")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        tally = compare(options.seed, options.programs, Path(folder), options.rustc)
    for text in (*tally.mismatches, *(tally.harmless_refused if options.refused else ())):
        print(text, end="\n\n")
    print(
        f"seed {options.seed}: {tally.read + tally.refused} of {options.programs} programs ran, {tally.read} read,"
        f" {tally.refused} refused, {len(tally.mismatches)} read wrongly;"
        f" of the harmless ones {tally.harmless_read} read, {len(tally.harmless_refused)} refused"
    )
    return bool(tally.mismatches)


if __name__ == "__main__":
    sys.exit(main())
