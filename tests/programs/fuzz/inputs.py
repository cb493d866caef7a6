"""Every kind of input: files drawn at random, and command lines that work on them.

An input is made of a seed and a number, so that any of a million can be had again.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from smccc_filter.analysis.reference.topics import words
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.commands import reporting
from tests.programs.fuzz import artefacts, policies
from tests.programs.fuzz.nearly import NUMBERS, nearly
from tests.programs.fuzz.strategies import SERVICES

CommandLine = tuple[str, ...]
POLICY = "p.yaml"
OTHER = "q.yaml"
FINDINGS = reporting.FORMATS
VERSIONS = ("6.4", "6.12", "6.12.112", "7.3", "6.3", "6.12.0", "6.10")
TERMS = tuple(dict.fromkeys((word for word, _ in words("")), None))
CODES = ("R201", "P103", "F501", "overlap", "idle-except")


class FuzzInput(NamedTuple):
    """Files by name, and the command lines that are run one after the other; ``-`` reads the policy."""

    kind: str
    files: Mapping[str, bytes]
    commands: tuple[CommandLine, ...]


def made(kind: str, seed: int, number: int) -> FuzzInput:
    """Return one input, always the same for the same arguments."""
    random = Random(f"{kind} {seed} {number}")  # noqa: S311 -- nothing is kept secret
    return KINDS[kind](random, kind)


def _of_policy(draw: Callable[[Random], bytes]) -> Callable[[Random, str], FuzzInput]:
    def make(random: Random, kind: str) -> FuzzInput:
        files = {POLICY: draw(random)}
        commands = [_command(random, files)]
        return FuzzInput(kind, files, tuple(commands))

    return make


def _of_tree(draw: Callable[[Random], policies.Tree]) -> Callable[[Random, str], FuzzInput]:
    return _of_policy(lambda random: policies.write(random, draw(random)))


def _command(random: Random, files: dict[str, bytes]) -> CommandLine:
    """Draw a command line that works on a policy, mostly one that people run."""
    return random.choice(COMMANDS)(random, files)


def _validate(random: Random, files: dict[str, bytes]) -> CommandLine:
    del files
    path = random.choice(("-", POLICY))
    how = random.choice(((), (), ("--fix",), ("--diff",)))
    unsafe = ("--unsafe-fixes",) if how and random.random() < 0.5 else ()
    return ("validate", *how, *unsafe, "--format", random.choice(FINDINGS), POLICY if how else path)


def _fmt(random: Random, files: dict[str, bytes]) -> CommandLine:
    del files
    return ("fmt", *random.choice(((), (), ("--check",), ("--diff",))), random.choice((POLICY, POLICY, "-")))


def _compile(random: Random, files: dict[str, bytes]) -> CommandLine:
    del files
    artefact = random.choice((*FORMATS, "blob"))
    return ("compile", POLICY, "--format", artefact, "-o", f"out.{artefact}")


def _ask(random: Random, files: dict[str, bytes]) -> CommandLine:
    del files
    form = ("--format", random.choice(("text", "json")))
    pictures = ("--svg", "out.svg"), ("--html", "out.html")
    return random.choice(
        (
            ("query", POLICY, *form, *_kernels(random), "--", term(random)),
            ("show", POLICY, *random.choice((form, form, ("--all",))), *_kernels(random)),
            ("show", POLICY, *random.choice(pictures)),
            ("guest", POLICY, *form, *_kernels(random)),
            ("probe", POLICY),
        )
    )


def _diff(random: Random, files: dict[str, bytes]) -> CommandLine:
    files[OTHER] = policies.mutated(random)
    form = random.choice(("text", "json", "github", "markdown"))
    page = random.choice(((), (), ("--html", "out.html")))
    return ("diff", "--format", form, *page, *random.choice(((POLICY, OTHER), (OTHER, POLICY))))


COMMANDS = (*(_validate,) * 12, *(_compile,) * 4, *(_ask,) * 4, _fmt, _fmt, _diff)
"""What draws a command line, as often as it does."""


def _kernels(random: Random) -> CommandLine:
    chosen = random.random()
    if chosen < 0.7:
        return ()
    name = random.choice(VERSIONS)
    return ("--kernel", name if chosen < 0.8 else _said(nearly(random, name)))


def _said(text: str) -> str:
    """Return what a shell can hand over: no NUL."""
    return text.replace("\0", "")


def term(random: Random) -> str:
    """Draw a word of the field, a range or an ID, mostly nearly right."""
    terms = (random.choice(TERMS), policies.call(random), policies.id_range(random), random.choice(CODES))
    return _said(nearly(random, random.choice((*terms, random.choice(NUMBERS)))))


def _asked(random: Random, kind: str) -> FuzzInput:
    """Draw a command line that asks about words."""
    several = [term(random) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    form = ("--format", random.choice(("text", "json")))
    match random.randrange(8):
        case 0:
            command: CommandLine = (
                "list",
                "calls",
                *form,
                "--service",
                _said(nearly(random, random.choice(SERVICES))),
            )
        case 1:
            command = ("list", _said(nearly(random, "kernels")), *form)
        case 2:
            template = random.choice(("lockdown", "vcpu-hotplug"))
            options = ("--template", _said(nearly(random, template)), "--name", _said(nearly(random, "a-b")))
            command = ("init", *options, *_kernels(random), "-")
        case 3:
            options = ("--name", _said(nearly(random, "vmm")), "--takes", _said(nearly(random, "psci")))
            command = ("init", *options, "--kernel", _said(nearly(random, "6.12")), "-")
        case 4:
            command = ("validate", "-", "--max-bytes", _said(nearly(random, "1000")))
        case _:
            command = ("explain", *form, "--", *several)
    return FuzzInput(kind, {POLICY: b"version: 1\nname: a\n"}, (command,))


def _questions(random: Random, kind: str) -> FuzzInput:
    """Draw a policy without faults and questions about it that are nearly right."""
    files = {POLICY: random.choice(policies.SOURCES).encode()}
    kernel = ("--kernel", _said(nearly(random, random.choice(VERSIONS)))) if random.random() < 0.5 else ()
    form = ("--format", random.choice(("text", "json")))
    command = random.choice(
        (
            *(("query", POLICY, *form, *kernel, "--", term(random)),) * 4,
            ("show", POLICY, *form, *kernel),
            ("guest", POLICY, *form, *kernel),
            ("probe", POLICY, *kernel[:2]),
            ("diff", POLICY, POLICY, "--order", _said(nearly(random, "deny,forward,handle"))),
            ("validate", POLICY, "--fail-on", _said(nearly(random, "warning"))),
            ("compile", POLICY, "-o", "out.h", "--format", _said(nearly(random, "c"))),
        )
    )
    return FuzzInput(kind, files, (command,))


def _of_artefact(draw: Callable[[Random], bytes], artefact_format: str) -> Callable[[Random, str], FuzzInput]:
    name = f"a.{artefacts.SUFFIX[artefact_format]}"

    def make(random: Random, kind: str) -> FuzzInput:
        path = name if random.random() < 0.8 else random.choice(("artefact", "a.txt"))
        files = {path: draw(random)}
        chosen = random.random()
        if chosen < 0.7:
            options = () if path == name else ("--format", artefact_format)
            return FuzzInput(kind, files, (("import", path, "-o", "out.yaml", "--force", *options),))
        if chosen < 0.8:
            return FuzzInput(kind, files, (("import", path, "--format", _said(nearly(random, artefact_format))),))
        if chosen < 0.9 and artefact_format == "blob":
            return FuzzInput(kind, files, (("probe", path),))
        files[POLICY] = random.choice(policies.SOURCES).encode()
        return FuzzInput(kind, files, (("diff", *random.choice(((POLICY, path), (path, POLICY)))),))

    return make


def _ours(random: Random, kind: str) -> FuzzInput:
    """Draw what ``compile`` wrote, changed somewhere."""
    artefact_format = random.choice(FORMATS)
    return _of_artefact(lambda random: artefacts.ours(random, artefact_format), artefact_format)(random, kind)


KINDS: dict[str, Callable[[Random, str], FuzzInput]] = {
    "bytes": _of_policy(policies.any_bytes),
    "words": _of_policy(policies.words),
    "trees": _of_tree(policies.tree),
    "policies": _of_tree(policies.policy),
    "flawed": _of_tree(policies.flawed),
    "near": _of_tree(policies.near),
    "mutated": _of_policy(policies.mutated),
    "rearranged": _of_policy(policies.rearranged),
    "asked": _asked,
    "questions": _questions,
    "blob": _of_artefact(artefacts.blob, "blob"),
    "regs": _of_artefact(artefacts.regs, "regs"),
    "json": _of_artefact(artefacts.json_document, "json"),
    "c": _of_artefact(artefacts.c_source, "c"),
    "rust": _of_artefact(artefacts.rust_source, "rust"),
    "ours": _ours,
}
"""By kind, what draws one of it."""
