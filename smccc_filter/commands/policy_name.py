"""The name of a new policy, as it is typed, and where it is written."""

import click

from smccc_filter.words import DASH, visible

OUT = click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    default=DASH,
    type=click.Path(allow_dash=True),
    help="Where to write the policy.  [default: standard output]",
)


def read_name(text: str) -> str:
    """Return the name of a policy. Raises click.BadParameter for a text that can't be one."""
    from smccc_filter.language.policy.language import wrong_name

    if wrong := wrong_name(text):
        message, hint = wrong
        raise click.BadParameter(f"{visible(message)}; {hint}")
    return text


def name_of(ctx: click.Context, param: click.Parameter, name: str | None) -> str | None:  # noqa: ARG001 -- click's
    """Read the option ``--name``, which may be missing. Raises click.BadParameter as ``read_name`` does."""
    return None if name is None else read_name(name)
