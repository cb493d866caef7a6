"""Bugs of the tool itself: kept to the file in which one shows, told once, and where to report them."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from smccc_filter.commands import output
from smccc_filter.commands.status import BUG, PROGRAM
from smccc_filter.version import ISSUES

OURS = __package__.partition(".")[0]
LONGEST = 500
"""Characters of an error's own words that are told."""
SHOWN = 3
"""Files that are named before the others with the same error are counted."""


class InternalErrors:
    """The bugs that a run met, each with the files in which it did: one costs no other file its report."""

    def __init__(self) -> None:
        self._paths: dict[str, list[str]] = {}

    def __bool__(self) -> bool:
        """Whether there was one."""
        return bool(self._paths)

    @contextmanager
    def kept_to(self, path: str) -> Iterator[None]:
        """Note an error that nobody expected instead of raising it; what is said to a user on purpose passes."""
        try:
            yield
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the next file has nothing to do with it
            self._paths.setdefault(described(error), []).append(path)

    def tell(self) -> int:
        """Say on standard error what happened and where to report it; return the exit status."""
        for what, paths in self._paths.items():
            more = f" and {len(paths) - SHOWN:,} more" if len(paths) > SHOWN else ""
            output.tell(f"{', '.join(paths[:SHOWN])}{more}: {what}")
        return ask_for_report()


def described(error: Exception) -> str:
    """Say what a bug is, and the line of ours it happened on, since nobody reports a traceback that was cut."""
    where, trace = "", error.__traceback__
    while trace:
        module = trace.tb_frame.f_globals.get("__name__", "")
        where = f" ({module}:{trace.tb_lineno})" if module.startswith(OURS) else where
        trace = trace.tb_next
    return f"a bug in the tool: {type(error).__name__}: {str(error)[:LONGEST]}{where}"


def ask_for_report() -> int:
    """Say where to report a bug; return the exit status."""
    output.tell(f"please report it with the policy and what `{PROGRAM} list about` prints at {ISSUES}")
    return BUG
