"""``import``: a policy out of a blob, a source or another artefact."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.commands import clashes, files, output, policy_name, saving
from smccc_filter.commands.definitions import Definitions, definitions_of
from smccc_filter.commands.status import FINDINGS, OK
from smccc_filter.words import DASH, output_name, plural, visible

if TYPE_CHECKING:
    from smccc_filter.artefacts.readers import ReadingFault

SHOWN = 100
"""Faults that are told one by one; a file with more is no filter."""
SHOWN_PATHS = 4
"""Files that the last line names."""


@click.command(
    "import",
    epilog="""\b
Examples:
  smccc-filter import filter.bin -o policy.yaml
  smccc-filter import arm64/kvm.c --name psci-in-vmm -o policy.yaml
  smccc-filter import src/vm.rs | less
  smccc-filter import kvm.c -D CONFIG_ARM64 | less
  aarch64-linux-gnu-gcc -E kvm.c | smccc-filter import - --format c""",
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@policy_name.OUT
@click.option("--format", "file_format", type=click.Choice(FORMATS), help="What FILE is.  [default: as it looks]")
@click.option(
    "-D",
    "definitions",
    metavar="NAME[=VALUE]",
    multiple=True,
    callback=definitions_of,
    help="Define a macro of C, by default as 1; may be repeated.",
)
@click.option("--name", metavar="NAME", callback=policy_name.name_of, help="The policy's name.  [default: after FILE]")
@click.option("--force", is_flag=True, help="Replace OUT where it exists.")
@files.LIMIT
def command(  # noqa: PLR0913 -- one parameter an option
    paths: tuple[str, ...],
    out: str,
    *,
    file_format: str | None,
    definitions: Definitions,
    name: str | None,
    max_bytes: int,
    force: bool,
) -> int:
    """Make a policy of the filter entries and firmware registers in a file: the reverse of `compile`.

    FILE is a blob, C or C++ (arrays, variables and literals of struct kvm_smccc_filter, and calls of a function that
    makes one of its arguments), Rust, or what `compile` writes; or - for standard input. The format is told by the
    suffix, else by the contents. Several sources of one language are read together: a C file is read where another one
    includes it, else it is compiled by itself; in Rust what `use` brings in is looked for in all of them.

    Calls and services get their names, and comments say where each entry stood. The policy is proved to decide as FILE
    does for every function ID. What can't be read for certain (an unknown macro, an #if that decides) and what KVM
    would refuse is told, and then nothing is written. A name of Linux that the file gives another value is told too.
    Conditions in the program that installs the entries are not looked at.
    """
    path = paths[0]
    _refuse_paths(paths, out, force=force)
    read: list[tuple[str, bytes]] = []
    for each in paths:
        contents = files.read(each, max_bytes)
        if contents.data is None:
            output.tell(f"{each} has {contents.excess}: raise the limit with --max-bytes")
            return FINDINGS
        read.append((each, contents.data))
    from smccc_filter.artefacts import readers
    from smccc_filter.authoring import drafting, importing

    reading = readers.read(*read[0], file_format, read[1:], definitions)
    faults = importing.faults(reading)
    _tell(path, faults)
    _tell(path, reading.notes, "note: ")
    if faults:
        output.tell(f"{', '.join(paths[:SHOWN_PATHS])}: nothing is written")
        return FINDINGS
    draft = importing.draft(reading, paths, name or drafting.policy_name(reading, path))
    data = draft.text.encode()
    saving.deliver(out, data, force=force)
    where = output_name(out)
    _summarise(where, draft.examination.report)
    proof = f"proved over {draft.proved:,} IDs" if draft.proved else "registers only"
    output.tell(f"{where}: from {reading.format}, {proof}")
    return OK


def _refuse_paths(paths: Sequence[str], out: str, *, force: bool) -> None:
    """Raise UsageError or UnusableError for files that can't be meant, before anything is read."""
    twice = next((path for i, path in enumerate(paths) if path in paths[:i]), None)
    if twice is not None:
        raise click.UsageError(f"`{visible(twice)}` is named twice: name each file once")
    if out == DASH:
        return
    for path in paths:
        clashes.refuse_input(path, out, "the file")
    if not force:
        saving.refuse_existing(out)


def _tell(path: str, faults: "tuple[ReadingFault, ...]", kind: str = "") -> None:
    """Write what keeps a file from becoming a policy, or notes, to standard error, a line each."""
    for place, message, hint, span, file in faults[:SHOWN]:
        name = "standard input" if (file or path) == DASH else visible(file or path)
        where = f"{name}:{span.start.line}:{span.start.column}" if span else f"{name}: {place}"
        output.complain(f"{where}: {kind}{visible(message)}; {visible(hint)}\n")
    if len(faults) > SHOWN:
        output.complain(f"{visible(path)}: {kind}and {len(faults) - SHOWN:,} more\n")


def _summarise(where: str, report: FileReport) -> None:
    """Say how much `validate` has to say about the draft."""
    counts = [(report.number_of(severity), severity) for severity in (Severity.ERROR, Severity.WARNING)]
    found = " and ".join(f"{count} {plural(count, severity)}" for count, severity in counts if count)
    if found:
        output.tell(f"{where}: {found}; see `smccc-filter validate`")
