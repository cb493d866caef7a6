"""The command line: which commands there are, and what the exit status means.

Only click is imported here; a command's module is imported when it runs or is asked for its own help.
"""

import sys
from importlib import import_module

import click

from smccc_filter import __version__

OK = 0
FINDINGS = 1
USAGE = 2
BUG = 70
INTERRUPTED = 130
REPORT_TO = "https://github.com/smccc-filter/smccc-filter/issues"

COMMANDS = {
    "validate": "Check policies and report everything that is wrong.",
    "compile": "Turn a policy into what a VMM loads, with a proof that it decides the same.",
    "explain": "Explain a function ID, a call, a service or a diagnostic code.",
    "list": "List calls, services, checks or kernels.",
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
        command: click.Command = import_module(f"smccc_filter.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for an unknown one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from smccc_filter.suggest import did_you_mean, listed

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


def main() -> None:
    """Run the tool and exit; the entry point of the console script."""
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
    except OSError as error:
        _close_stdout()
        status = _complain(f"can't write standard output: {error.strerror}")
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command and return the exit status."""
    try:
        status = cli.main(arguments, prog_name="smccc-filter", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("smccc-filter: interrupted", err=True)
        status = INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        status = OK
    except OSError as error:
        status = _complain(_describe(error))
    except Exception as error:  # noqa: BLE001 -- whatever else it is, it is ours to report
        status = _bug(error)
    return status if isinstance(status, int) else OK


def _describe(error: OSError) -> str:
    if error.filename is None:
        return f"can't write standard output: {error.strerror}"
    return f"{error.filename}: {error.strerror}"


def _complain(message: str) -> int:
    click.echo(f"smccc-filter: {message}", err=True)
    return USAGE


def _bug(error: Exception) -> int:
    """Say where to report a bug, with the line it happened on, since nobody reports a traceback that was cut."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    where = f" ({frame.tb_frame.f_code.co_filename.rpartition('smccc_filter')[2]}:{frame.tb_lineno})" if frame else ""
    click.echo(f"smccc-filter: a bug in the tool: {type(error).__name__}: {error}{where}", err=True)
    click.echo(f"Please report it with the policy at {REPORT_TO}", err=True)
    return BUG


def _close_stdout() -> None:
    """Point standard output at the null device, so that Python's own flush at exit does not fail again."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
