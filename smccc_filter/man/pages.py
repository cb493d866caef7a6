"""The man pages, made of what the commands say of themselves, so that the two can't drift apart.

Own work rather than click-man's, whose pages end a command's summary in an ellipsis, lack the examples, the exit status
and the references to one another, and bear the day on which they were made. Write the pages anew after a change of a
command::

    python -m smccc_filter.man smccc_filter/man/man1
"""

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc

import click

from smccc_filter.cli import COMMANDS, EPILOG, cli
from smccc_filter.commands.status import PROGRAM
from smccc_filter.man.roff import bold, escape, italic, literal, prose, tagged
from smccc_filter.version import DOCUMENTATION, __version__

WRITTEN = "2026-11-22"
"""The day that the pages bear: that of the version's release, never that of a build."""

_VERBATIM = "\b"
"""The line by which click keeps the lines of a paragraph apart."""
_METAVAR = re.compile(r"([A-Z][A-Z0-9_]*)")
ENVIRONMENT = {
    "NO_COLOR": "If set and not empty, nothing is coloured.",
    "FORCE_COLOR": "If set and not empty, findings are coloured although they do not go to a terminal.",
    "FORCE_HYPERLINK": "If 0, no code of a finding is a link to its page on a terminal; else, if not empty, each is"
    " where findings are coloured. Otherwise they are on terminals that are known to show links.",
    "_SMCCC_FILTER_COMPLETE": "Makes the program write or serve a shell's completion, as in"
    ' `eval "$(_SMCCC_FILTER_COMPLETE=bash_source smccc-filter)"`.',
}
FILES = {
    "*.smccc.yaml": "A policy. The pre-commit hook takes a file of this name for one wherever it is.",
    ".smccc-filter.toml": "A project's settings, described in smccc-filter-validate(1).",
    "pyproject.toml": "Holds the same in a table `[tool.smccc-filter]`, unless .smccc-filter.toml is beside it.",
}
_ABOUT = """\
KVM on arm64 takes a filter of SMCCC calls one range at a time, refuses one that touches an earlier one, and checks
nothing else of the whole; what it took cannot be undone. A policy says in one YAML file which calls of a guest KVM
answers, which it denies, and which it forwards to the virtual machine monitor. This program looks at the whole policy
before there is a VM, and compiles it into what the monitor loads, proved to decide the same for all 2^32 function IDs.
"""
_WORKFLOW = (
    "smccc-filter init --template vcpu-hotplug my-vmm.smccc.yaml",
    "smccc-filter validate my-vmm.smccc.yaml",
    "smccc-filter query my-vmm.smccc.yaml PSCI_CPU_ON",
    "smccc-filter compile my-vmm.smccc.yaml -o my_vmm.h",
)


def pages() -> dict[str, str]:
    """Return every page by the name of its file."""
    context = click.Context(cli, info_name=PROGRAM, **cli.context_settings)
    result = {f"{PROGRAM}.1": _program_page(context)}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is not None:
            inner = click.Context(command, info_name=name, parent=context)
            result[f"{PROGRAM}-{name}.1"] = _command_page(name, command, inner)
    return result


def _program_page(context: click.Context) -> str:
    commands = (tagged(bold(f"{PROGRAM}-{name}") + "(1)", prose(meaning)) for name, meaning in COMMANDS.items())
    sections = {
        "SYNOPSIS": f"{bold(PROGRAM)} [{italic('OPTION')}...] {italic('COMMAND')} [{italic('ARGUMENT')}...]",
        "DESCRIPTION": f"{prose(cli.help or '')}\n.PP\n{prose(_ABOUT)}",
        "COMMANDS": "\n".join(commands),
        "OPTIONS": "\n".join(_options(context)),
        "EXIT STATUS": _statuses(),
        "ENVIRONMENT": _glossary(ENVIRONMENT),
        "FILES": _glossary(FILES),
        "EXAMPLES": literal(_WORKFLOW),
        "SEE ALSO": _references(f"{PROGRAM}-{name}" for name in COMMANDS),
    }
    return _page(PROGRAM, "SMCCC filter policies for KVM on arm64", sections)


def _command_page(name: str, command: click.Command, context: click.Context) -> str:
    arguments = (_argument(param) for param in command.params if isinstance(param, click.Argument))
    required = (_tag(param, context, short=True) for param in _own_options(command) if param.required)
    help_text, epilog = cleandoc(command.help or ""), dict(_blocks(command.epilog or ""))
    sections = {
        "SYNOPSIS": " ".join((bold(f"{PROGRAM} {name}"), f"[{italic('OPTION')}...]", *required, *arguments)),
        "DESCRIPTION": _paragraphs(help_text),
        "OPTIONS": "\n".join(_options(context)),
        "EXIT STATUS": _statuses(),
        **{title.upper(): literal(lines) for title, lines in epilog.items()},
        "SEE ALSO": _references([PROGRAM, *_mentioned(name, f"{help_text}\n{command.epilog}")]),
    }
    return _page(f"{PROGRAM}-{name}", COMMANDS[name].rstrip("."), sections)


def _page(title: str, summary: str, sections: dict[str, str]) -> str:
    lines = [
        r".\" Written by python -m smccc_filter.man; do not edit.",
        f'.TH "{escape(title.upper())}" 1 "{WRITTEN}" "{PROGRAM} {__version__}" "User Commands"',
        ".nh",  # what is copied from a page must not have been broken
        f".SH NAME\n{escape(title)} \\- {escape(summary)}",
        *(f".SH {name}\n{body}" for name, body in sections.items()),
    ]
    return "\n".join(lines) + "\n"


def _statuses() -> str:
    lines = (line.split(None, 1) for _, block in _blocks(EPILOG) for line in block)
    return "\n".join(tagged(bold(status), prose(f"{meaning[0].upper()}{meaning[1:]}.")) for status, meaning in lines)


def _glossary(meanings: dict[str, str]) -> str:
    return "\n".join(tagged(bold(word), prose(meaning)) for word, meaning in meanings.items())


def _blocks(epilog: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the titles of an epilog's parts, and their lines without the common indentation."""
    for block in re.split(r"\n\s*\n", epilog.replace(_VERBATIM, "")):
        title, *lines = cleandoc(block).splitlines() or [""]
        if lines:
            yield title.rstrip(":"), cleandoc("\n".join(lines)).splitlines()


def _paragraphs(text: str) -> str:
    paragraphs = []
    for paragraph in re.split(r"\n{2,}", text.partition("\f")[0]):
        lines = paragraph.splitlines()
        is_verbatim = bool(lines) and lines[0].strip() == _VERBATIM
        paragraphs.append(literal(lines[1:]) if is_verbatim else prose(paragraph))
    return "\n.PP\n".join(paragraphs)


def _own_options(command: click.Command) -> list[click.Option]:
    return [param for param in command.params if isinstance(param, click.Option) and not param.hidden]


def _options(context: click.Context) -> Iterator[str]:
    for option in _own_options(context.command):
        yield tagged(_tag(option, context), prose(meaning(option, context)))
    yield tagged(f"{bold('-h')}, {bold('--help')}", prose("Show a short help and exit."))


def _tag(option: click.Option, context: click.Context, *, short: bool = False) -> str:
    """Write an option with what it takes: in a synopsis its first name, in the list all of them."""
    names = option.opts[:1] if short else [*option.opts, *option.secondary_opts]
    value = "" if option.is_flag or option.count else f" {_value(option, context)}"
    return ", ".join(map(bold, names)) + value


def _value(option: click.Option, context: click.Context) -> str:
    if option.metavar is None and isinstance(option.type, click.Choice):
        return " | ".join(bold(str(choice)) for choice in option.type.choices)
    if option.metavar is None and isinstance(option.type, click.IntRange):
        return italic("N")
    return _METAVAR.sub(lambda found: italic(found[0]), option.metavar or option.make_metavar(context))


def _argument(argument: click.Argument) -> str:
    if argument.metavar is None and isinstance(argument.type, click.Choice):
        return f"{{{' | '.join(bold(str(choice)) for choice in argument.type.choices)}}}"
    metavar = argument.metavar or str(argument.human_readable_name)
    return _METAVAR.sub(lambda found: italic(found[0]), metavar)


def meaning(option: click.Option, context: click.Context) -> str:
    """Return what an option is for, with its default, its range and whether it must be there."""
    notes = []
    if option.show_default is True:
        notes.append(f"default: `{option.get_default(context)}`")
    if isinstance(option.type, click.IntRange):
        notes.append(f"from {option.type.min} to {option.type.max}")
    if option.required:
        notes.append("required")
    text = option.help or "The format of the output."
    return f"{text} [{'; '.join(notes)}]" if notes else text


def _mentioned(name: str, text: str) -> list[str]:
    """List the pages of the other commands that a command's help or examples name."""
    named = {found[1] or found[2] for found in re.finditer(rf"{PROGRAM} ([a-z]+)|`([a-z]+)(?=[ `])", text)}
    return [f"{PROGRAM}-{other}" for other in COMMANDS if other in named and other != name]


def _references(names: Iterable[str]) -> str:
    return ",\n".join(f"{bold(name)}(1)" for name in names) + f"\n.PP\n{escape(DOCUMENTATION)}"
