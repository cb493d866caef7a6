"""``server``: the same findings, fixes and explanations in an editor, as a language server."""

from importlib.util import find_spec

import click

from smccc_filter.commands.settings import finding

STDIN, STDOUT = 0, 1
NEEDED = ("pygls", "lsprotocol")
INSTALL = "pip install 'smccc-filter[server]'"


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

    Exit status 0: the editor ended it with `shutdown` and `exit`; 1: the editor was gone; 2: the extra is missing.
    """
    if not all(map(find_spec, NEEDED)):
        raise click.ClickException(f"the language server needs more packages: {INSTALL}")
    from smccc_filter.commands.serving.server import PolicyServer

    return PolicyServer(isolated=isolated).serve(STDIN, STDOUT)
