"""The page of each command: what its help says, its options in a table, and its examples."""

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from smccc_filter.cli import COMMANDS, EPILOG, cli
from smccc_filter.commands.status import PROGRAM
from smccc_filter.man.pages import ENVIRONMENT, FILES, meaning
from tests.programs.reference import markdown

VERBATIM = "\b"


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page of every command, and the one that lists them."""
    context = click.Context(cli, info_name=PROGRAM, **cli.context_settings)
    yield "index.md", _index(context)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command
        yield f"{name}.md", _page(name, command, click.Context(command, info_name=name, parent=context))


def _index(context: click.Context) -> str:
    commands = [(f"[{name}]({name}.md)", meaning) for name, meaning in COMMANDS.items()]
    statuses = [tuple(line.split(None, 1)) for line in EPILOG.splitlines() if re.match(r"  \d", line)]
    return markdown.page(
        "Commands",
        "Each prints what its page says with `--help`, and has a man page.",
        markdown.table(("command", "what it does"), commands),
        "## Options of all",
        _options(cli, context),
        "## Exit status",
        markdown.table(("status", "when"), statuses),
        "## Environment",
        markdown.table(("variable", "meaning"), [(f"`{name}`", meaning) for name, meaning in ENVIRONMENT.items()]),
        "## Files",
        markdown.table(("file", "meaning"), [(f"`{name}`", meaning) for name, meaning in FILES.items()]),
    )


def _page(name: str, command: click.Command, context: click.Context) -> str:
    usage = " ".join((f"{PROGRAM} {name}", *command.collect_usage_pieces(context)))
    return markdown.page(
        f"{PROGRAM} {name}",
        markdown.block("text", usage),
        *_paragraphs(cleandoc(command.help or "").partition("\f")[0]),
        "## Options",
        _options(command, context),
        *_epilog(command.epilog or ""),
        "The [exit status](index.md#exit-status) is that of every command.",
    )


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; one that click must not fill keeps its lines."""
    for paragraph in re.split(r"\n{2,}", text):
        first, _, rest = paragraph.partition("\n")
        yield markdown.block("text", cleandoc("\n" + rest)) if first.strip() == VERBATIM else paragraph


def _epilog(text: str) -> Iterator[str]:
    """Yield the parts of an epilog, each a title and lines."""
    for part in re.split(r"\n\s*\n", text.replace(VERBATIM, "")):
        title, *lines = cleandoc(part).splitlines() or [""]
        if lines:
            yield f"## {title.rstrip(':')}"
            yield markdown.block("text", cleandoc("\n" + "\n".join(lines)))


def _options(command: click.Command, context: click.Context) -> str:
    options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
    rows = [(_names(option, context), meaning(option, context)) for option in options]
    return markdown.table(("option", "meaning"), [*rows, ("`-h`, `--help`", "Show a short help and exit.")])


def _names(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag or option.count:
        return names
    if option.metavar is None and isinstance(option.type, click.Choice):
        return f"{names} {' '.join(f'`{choice}`' for choice in option.type.choices)}"
    return f"{names} `{'N' if isinstance(option.type, click.IntRange) else option.make_metavar(context)}`"
