"""The command line: which commands there are, and what the exit status means.

Only click is imported here; a command's module is imported when it runs or is asked for its own help.
"""

import gc
import io
import os
import sys
from importlib import import_module
from keyword import iskeyword

import click

from smccc_filter.commands.status import BUG, INTERRUPTED, OK, PROGRAM, USAGE
from smccc_filter.version import __version__

COMPLETE = "_SMCCC_FILTER_COMPLETE"
"""Variable in which a shell asks for completions."""

COMMANDS = {
    "validate": "Check policies and report everything that is wrong.",
    "compile": "Turn a policy into what a VMM loads, with a proof that it decides the same.",
    "query": "Say what happens to a call: the action, the rule, and what the guest gets on each kernel.",
    "show": "Show the resolved map of the whole ID space: a table, JSON, a picture or a page.",
    "guest": "Show what a guest discovers, and whether it is the truth.",
    "diff": "Compare two policies or artefacts by what they mean: which calls changed, and how.",
    "audit": "Say what a policy would have done to the calls that a trace has.",
    "learn": "Propose a policy from the calls that a trace has.",
    "fmt": "Bring policies into the one canonical layout, comments kept.",
    "init": "Write a new commented policy, from a template or from answers.",
    "import": "Make a policy of a blob, a C or Rust source, or another artefact.",
    "probe": "Compare prediction and truth: load a policy into a throw-away VM on arm64 with KVM.",
    "server": "Show the same in an editor, as you type: a language server on standard input and output.",
    "explain": "Explain a function ID, a range, a call, a service, a diagnostic code, or words.",
    "list": "List calls, services, checks, kernels, templates or versions, or print the schema of policies.",
}

EPILOG = """\b
Exit status:
  0    nothing found at or above the fail level
  1    findings
  2    wrong usage, or a file that can't be read or written
  70   a bug in the tool
  130  interrupted"""


class LazyGroup(click.Group):
    """A group whose commands are modules of ``commands``, imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"smccc_filter.commands.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for an unknown one; a shell that completes wants no words."""
        name = args[0]
        if name not in COMMANDS and not ctx.resilient_parsing:
            from smccc_filter.words import did_you_mean, listed

            hint = did_you_mean(name, COMMANDS, f"there are {listed(list(COMMANDS), 'and')}")
            raise click.UsageError(f"no command is called `{name}`; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="smccc-filter", message="%(prog)s %(version)s")
def cli() -> None:
    """Write, check and ship the policy of which SMCCC calls KVM/arm64 answers, denies or forwards to the VMM."""


@cli.result_callback()
@click.pass_context
def leave(context: click.Context, status: int | None) -> None:
    """Make what a command returns the exit status."""
    context.exit(status or OK)


def main() -> None:
    """Run the tool and exit; the entry point of the console script."""
    gc.disable()  # a run is short and its data has few cycles: a third of the time of a policy of 10,000 rules
    status = run(sys.argv[1:])
    gc.freeze()  # the interpreter collects once more as it ends, for a fifth of the time of a run
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command and return the exit status; what ends it early is told in one message, never a traceback."""
    status = OK
    try:
        if instruction := os.environ.get(COMPLETE):
            status = _complete(instruction)
        elif not arguments:
            status = _help()
        else:
            with cli.make_context(PROGRAM, arguments) as context:  # ``cli.main`` has exit statuses of its own
                cli.invoke(context)
    except click.exceptions.Exit as end:
        status = end.exit_code
    except click.UsageError as error:
        status = _misused(error)
    except click.ClickException as error:
        status = _tell(USAGE, error.message)
    except KeyboardInterrupt:
        status = _interrupted()
    except OSError as error:
        status = _unwritten(error)
    except Exception as error:  # noqa: BLE001 -- whatever else it is, it is ours to report
        status = _bug(error)
    return status


def _complete(instruction: str) -> int:
    """Answer a shell that completes a command line; see click's documents. Raises ClickException for anything else."""
    from click.shell_completion import get_completion_class, shell_complete

    shell, _, what = instruction.partition("_")
    known = get_completion_class(shell)
    if known and what == "complete":
        try:
            known(cli, {}, PROGRAM, COMPLETE).get_completion_args()
        except (KeyError, ValueError, IndexError):
            words = "COMP_WORDS and COMP_CWORD do not hold the words that it completes"
            raise click.ClickException(f"{COMPLETE} is `{instruction}`, but {words}: unset it") from None
    if shell_complete(cli, {}, PROGRAM, COMPLETE, instruction):
        ways = "`bash_source`, `zsh_source` or `fish_source`"
        raise click.ClickException(f"{COMPLETE} is `{instruction}`, and a shell sets it to {ways}: unset it")
    return OK


def _help() -> int:
    """Complain of a command line that asks for nothing, with the help: click before 8.2 calls that a success."""
    from smccc_filter.commands import output

    with cli.make_context(PROGRAM, [], resilient_parsing=True) as context:
        output.complain(f"{context.get_help()}\n")
    return USAGE


def _tell(status: int, message: str) -> int:
    from smccc_filter.commands import output

    output.tell(message)
    return status


def _misused(error: click.UsageError) -> int:
    """Show the usage, and what is wrong, in click's words; those for an option that is not there change with click."""
    from smccc_filter.commands import output
    from smccc_filter.words import did_you_mean, visible

    if isinstance(error, click.NoSuchOption) and error.ctx:
        options = [
            name
            for param in error.ctx.command.get_params(error.ctx)
            for name in (*param.opts, *param.secondary_opts)
            if name[0] == "-"
        ]
        hint = did_you_mean(error.option_name, options, f"`{error.ctx.command_path} --help` lists what there is")
        error = click.UsageError(f"no option is called `{visible(error.option_name)}`; {hint}", error.ctx)
    shown = io.StringIO()
    error.show(shown)
    output.complain(visible(shown.getvalue().replace("\n\t", "\n  "), keep="\n"))
    return USAGE


def _interrupted() -> int:
    """Tell so, undisturbed by a second Ctrl-C."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _tell(INTERRUPTED, "interrupted")


def _unwritten(error: OSError) -> int:
    """Give up on standard output, where click wrote a help text or the version."""
    from smccc_filter.commands import output

    try:
        output.give_up(error)
    except click.ClickException as failure:
        return _tell(USAGE, failure.message)
    return OK


def _bug(error: Exception) -> int:
    """Say what it is and where to report it."""
    from smccc_filter.commands import internal_errors

    _tell(BUG, internal_errors.described(error))
    return internal_errors.ask_for_report()
