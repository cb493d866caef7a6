"""What is measured, beside what, and what it must be."""

import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from smccc_filter.analysis import checks
from tests.paths import SCHEMA
from tests.programs.bench import dispatch
from tests.programs.bench.editing import answers, edited, growth, keystrokes
from tests.programs.bench.inputs import SHIPPED, WITHOUT_ALLOWANCES, image_log, many_files, many_rules, without_vmm
from tests.programs.bench.measure import Command, Pair, Spread, in_turn, memory_of_all
from tests.programs.bench.traces import ftrace, parquet, tables

MEBIBYTE = 1 << 20
WITHOUT = """
import sys, types
for name in {names}:
    sys.modules["smccc_filter.analysis.checks." + name] = types.SimpleNamespace(CODE="", ALLOWABLE=False)
from smccc_filter.analysis import checks
checks.ALL = tuple(check for check in checks.ALL if check.CODE)
from smccc_filter.cli import main
main()
"""
"""The tool without some checks, and without what those import."""
WITHOUT_DUCKDB = "import sys; sys.modules['duckdb'] = None; from smccc_filter.cli import main; main()"
FILES = 1000
EDITS = 1000, 10_000
"""Edits after which the memory of the language server is compared."""
CALLS = 100_000, 1_000_000, 10_000_000
TABLE_ROWS = 2_000_000
ROWS = 100_000_000
RULES_OF_AN_IMAGE = 1220
"""Four calls each by either conduit are almost as many as an image holds."""


class Row(NamedTuple):
    """One line of the table; ``unit`` is ``x`` for a ratio."""

    work: str
    beside: str
    found: Spread
    bound: float
    unit: str = "x"


def rows(scripts: Path, folder: Path, times: int) -> Iterator[Row]:
    """Measure, slow things less often than ``times``, and yield lines as they are known."""
    python, tool = str(scripts / "python"), str(scripts / "smccc-filter")
    peer: Command = (str(scripts / "check-jsonschema"), "--schemafile", str(SCHEMA))
    validate: Command = (tool, "validate")
    shipped = (*validate, str(SHIPPED))
    few = max(3, times // 4)

    imports = (python, "-c", "import click, pydantic, ruamel.yaml; pydantic.BaseModel")
    pair = in_turn(shipped, imports, times)
    yield Row("validate a shipped policy", "import click, pydantic, ruamel.yaml", pair.ratio(), 1.3)
    pair = in_turn(shipped, (*peer, str(SHIPPED)), times)
    yield Row("validate a shipped policy", "check-jsonschema", pair.ratio(), 0.5)
    for option in ("--version", "--help"):
        pair = in_turn((tool, option), (python, "-c", "import click"), times)
        yield Row(option, "import click", pair.ratio(), 1.25)
    pair = in_turn((tool, "compile", str(SHIPPED), "-o", str(folder / "policy.h")), shipped, times)
    yield Row("compile a shipped policy to C", "validate", pair.ratio(), 1.15)
    pair = in_turn((tool, "guest", str(SHIPPED)), shipped, times)
    yield Row("guest of a shipped policy", "validate", pair.ratio(), 1.2)
    pair = in_turn((tool, "query", str(SHIPPED), "PSCI_CPU_ON"), shipped, times)
    yield Row("query a shipped policy", "validate", pair.ratio(), 1.2)
    pair = in_turn((tool, "show", str(SHIPPED)), shipped, times)
    yield Row("show a shipped policy", "validate", pair.ratio(), 1.2)
    narrowing: Command = (tool, "diff", "--fail-on-widening")
    pair = in_turn((*narrowing, str(SHIPPED), str(SHIPPED)), shipped, times)
    yield Row("diff of a shipped policy with itself", "validate", pair.ratio(), 1.2)
    pair = in_turn((tool, "fmt", "--check", str(SHIPPED)), shipped, times)
    yield Row("fmt --check of a shipped policy", "validate", pair.ratio(), 1.2)
    without = (python, "-c", WITHOUT.format(names=guest_checks()), "validate")
    pair = in_turn((*validate, str(WITHOUT_ALLOWANCES)), (*without, str(WITHOUT_ALLOWANCES)), times)
    yield Row("validate a shipped policy", "without checks F, G and K", pair.ratio(), 1.25)

    yield from chain(of_a_vmm(tool, folder, times), of_traces(tool, python, folder))

    pair = in_turn((*validate, str(many_files(folder, FILES))), shipped, few)
    seconds = [many.seconds - one.seconds for many, one in zip(*pair, strict=True)]
    spread = Spread.of(value / (FILES - 1) * 1000 for value in seconds)
    yield Row(f"validate {FILES:,} files of that size", "one, a file", spread, 1.5, "ms")

    large = many_rules(folder, 10_000)
    large_run = (*validate, str(large))
    pair = in_turn(large_run, (*peer, str(large)), few)
    yield Row("validate 10,000 rules", "check-jsonschema", pair.ratio(), 1.0)
    memory = Spread.of(run.memory / MEBIBYTE for run in pair.ours)
    yield Row("validate 10,000 rules", "peak memory", memory, 400, "MiB")
    pair = in_turn(large_run, (*without, str(large)), few)
    yield Row("validate 10,000 rules", "without checks F, G and K", pair.ratio(), 1.25)
    strict = many_rules(folder, 10_000, strict=True)
    pair = in_turn((*narrowing, str(large), str(strict)), large_run, few)
    yield Row("diff of two with 10,000 rules", "validate of one", pair.ratio(), 2.2)
    compose = f"import ruamel.yaml; ruamel.yaml.YAML(typ='safe', pure=False).compose(open({str(large)!r}))"
    pair = in_turn(large_run, (python, "-c", compose), few)
    yield Row("validate 10,000 rules", "compose in C", pair.ratio(), 2)
    pair = in_turn((*validate, str(many_rules(folder, 100_000))), large_run, 3)
    yield Row("validate 100,000 rules", "10,000 rules", pair.ratio(), 12)


def of_a_vmm(tool: str, folder: Path, times: int) -> Iterator[Row]:
    """Measure what it costs that a policy says what the VMM makes of its calls, and what a dispatched call takes."""
    bare = str(without_vmm(folder))
    pair = in_turn((tool, "compile", bare, "-o", str(folder / "bare.h")), (tool, "validate", bare), times)
    yield Row("compile it without its vmm to C", "validate", pair.ratio(), 1.1)
    for name, *asked in (("validate",), ("guest",), ("query", "PSCI_CPU_ON")):
        pair = in_turn((tool, name, str(SHIPPED), *asked), (tool, name, bare, *asked), times)
        yield Row(f"{name} a shipped policy", "the same without its vmm", pair.ratio(), 1.1)
    yield from of_an_image(tool, folder, times)
    programs = dispatch.programs(folder)  # none without a compiler
    if programs is not None:
        yield Row("dispatch a call in C", "a bare switch", in_turn(*programs, times).ratio(), 3)


def of_an_editor(folder: Path, times: int) -> Iterator[Row]:
    """Measure what an editor waits for, and what the language server takes; times without the debounce."""
    with edited(SHIPPED.read_text(encoding="utf-8")) as policy:
        yield Row("keystroke in a shipped policy", "examine", keystrokes(policy, times).ratio(), 1.3)
        for feature in ("completion", "hover"):
            yield Row(f"{feature} in a shipped policy", "", _in_ms(answers(policy, feature, times)), 20, "ms")
        grown = growth(policy, *EDITS)
        yield Row(f"memory after {EDITS[1]:,} edits", f"after {EDITS[0]:,}", Spread(grown, grown, grown), 1.1)
    with edited(many_rules(folder, 1000).read_text(encoding="utf-8")) as policy:
        found = keystrokes(policy, times)
        yield Row("keystroke in 1,000 rules", "examine", found.ratio(), 1.3)
        yield Row("keystroke in 1,000 rules", "CPU", _in_ms(Spread.of(found.cpu)), 200, "ms")
        for feature in ("completion", "hover"):
            yield Row(f"{feature} in 1,000 rules", "", _in_ms(answers(policy, feature, times)), 20, "ms")


def _in_ms(seconds: Spread) -> Spread:
    return Spread(*(value * 1000 for value in seconds))


def of_traces(tool: str, python: str, folder: Path) -> Iterator[Row]:
    """Measure how fast recorded calls are counted."""
    policy = folder / "nothing.yaml"
    policy.write_text("version: 1\nname: nothing\n")
    audit: Command = (tool, "audit", str(policy))
    few, more, many = (ftrace(folder, number) for number in CALLS)
    work = f"audit of a trace, {CALLS[-1]:,} lines"
    mawk = shutil.which("mawk")
    if mawk is not None:
        pair = in_turn((*audit, str(many)), (mawk, "{n[$8]++} END {for (id in n) print id, n[id]}", str(many)), 3)
        yield Row(work, "mawk counting a field", pair.ratio(), 1)
    first = _each(in_turn((*audit, str(more)), (*audit, str(few)), 7), CALLS[1] - CALLS[0])
    last = in_turn((*audit, str(many)), (*audit, str(more)), 3)
    memory = Spread.of(memory_of_all((*audit, str(many))) / MEBIBYTE for _ in range(3))
    yield Row(work, "memory of all its processes", memory, 300, "MiB")
    memory = Spread.of(memory_of_all((*audit, str(more))) / MEBIBYTE for _ in range(3))
    yield Row(f"audit of a trace, {CALLS[1]:,} lines", "memory of all its processes", memory, 300, "MiB")
    found = _each(last, CALLS[2] - CALLS[1])
    yield Row(f"a line more, from {CALLS[0]:,} on", "", first, 1000, "ns")
    yield Row(f"a line more, from {CALLS[1]:,} on", "", found, 1000, "ns")
    grown = found.median / first.median
    yield Row("the same", f"a line more, from {CALLS[0]:,} on", Spread(grown, grown, grown), 1.1)
    many.unlink()
    yield from of_tables(audit, python, few, folder)


def _each(pair: Pair, number: int) -> Spread:
    """Return how many nanoseconds each of so many lines takes, by which the first of two commands reads more."""
    seconds = (ours.seconds - theirs.seconds for ours, theirs in zip(*pair, strict=True))
    return Spread.of(value * 1e9 / number for value in seconds)


def of_tables(audit: Command, python: str, few: Path, folder: Path) -> Iterator[Row]:
    """Measure how fast DuckDB counts the rows of tables, beside Python where that can; nothing without DuckDB."""
    rows = parquet(folder, ROWS)
    if rows is None:
        return
    by_python: Command = (python, "-c", WITHOUT_DUCKDB, *audit[1:])
    for kind, table in tables(folder, TABLE_ROWS).items():
        pair = in_turn((*audit, str(table)), (*by_python, str(table)), 3)
        work = f"audit of {kind}, {TABLE_ROWS:,} rows"
        yield Row(work, "Python alone", pair.ratio(), 0.5)
        yield Row(work, "a row", Spread.of(run.seconds * 1e9 / TABLE_ROWS for run in pair.ours), 2000, "ns")
        table.unlink()
    pair = in_turn((*audit, str(rows)), (*audit, str(few)), 3)
    spread = Spread.of(run.seconds * 1e9 / ROWS for run in pair.ours)
    yield Row(f"audit of Parquet, {ROWS:,} rows", "a row", spread, 600, "ns")
    memory = Spread.of(memory_of_all((*audit, str(rows))) / MEBIBYTE for _ in range(3))
    yield Row(f"audit of Parquet, {ROWS:,} rows", "memory", memory, 4096, "MiB")


def of_an_image(tool: str, folder: Path, times: int) -> Iterator[Row]:
    """Measure what it takes to write the image for a VMM, and to judge a log of some 10,000 lines."""
    image = (tool, "probe", str(SHIPPED), "--image", str(folder / "guest.img"), "--force")
    yield Row("probe --image", "validate", in_turn(image, (tool, "validate", str(SHIPPED)), times).ratio(), 1.2)
    large = many_rules(folder, RULES_OF_AN_IMAGE)
    judging = (tool, "probe", str(large), "--log", str(image_log(large)))
    pair = in_turn(judging, (tool, "validate", str(large)), max(3, times // 4))
    yield Row("probe --log of 10,000 lines", "validate", pair.ratio(), 2)


def guest_checks() -> list[str]:
    """Name the modules of the checks that need the model of a guest or of a target kernel."""
    return [str(vars(check)["__name__"]).rpartition(".")[2] for check in checks.ALL if check.CODE[0] in "FGK"]
