"""``server``: the same findings, fixes and explanations in an editor, as a language server."""

import sys
from importlib.util import find_spec

import click

from smccc_filter.commands import output
from smccc_filter.commands.settings import finding

STDIN, STDOUT = 0, 1
NEEDED = ("pygls", "lsprotocol")
INSTALL = "pip install 'smccc-filter[server]'"
HINT = "this is a language server, which waits for an editor to speak to it on standard input; Ctrl-D ends it"


@click.command(
    epilog="""\b
Examples:
  smccc-filter server
  smccc-filter server --isolated"""
)
@finding.ISOLATED
def command(*, isolated: bool) -> int:
    """Show findings, fixes and explanations in an editor, as you type.

    This is a language server: an editor starts it and speaks the Language Server Protocol over standard input and
    output. It looks at what `validate` of the editor's folder finds, and at no other file that is open. It needs the
    extra `server`: pip install 'smccc-filter[server]'.

    Exit status 0: the editor ended it with `shutdown` and `exit`; 1: the editor was gone, or sent `exit` alone; 2: the
    extra is missing, or standard input or output is closed.
    """
    if not all(map(find_spec, NEEDED)):
        raise click.ClickException(f"the language server needs more packages: {INSTALL}")
    if sys.stdin is None or sys.stdout is None:
        raise click.ClickException("standard input or output is closed: an editor speaks to the server over them")
    if sys.stdin.isatty():
        output.tell(HINT)
    from smccc_filter.commands.serving.server import PolicyServer

    return PolicyServer(isolated=isolated).serve(STDIN, STDOUT)
