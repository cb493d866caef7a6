"""The name of a new policy, and a file that must not have been there before."""

import errno
import os
from contextlib import suppress

import click

from smccc_filter.commands.files import UnusableError
from smccc_filter.words import visible

_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP}
"""What a file system without hard links answers."""


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


def refuse_existing(path: str) -> None:
    """Raise UnusableError where something is there, a link that leads nowhere included."""
    if os.path.isdir(path):
        raise UnusableError(f"{visible(path)} is a folder: name the file in it")
    if os.path.lexists(path):
        raise _existing(path)


def create(path: str, data: bytes) -> None:
    """Write a new file, whole or not at all, also where another process makes one of that name at this moment.

    Raises UnusableError as ``refuse_existing`` does.
    """
    refuse_existing(path)
    beside = os.path.join(os.path.dirname(path), f".smccc-filter.{os.urandom(8).hex()}")
    try:
        _write(beside, data)
        try:
            os.link(beside, path)  # unlike a rename, it replaces nothing
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _write(path, data)
        finally:
            os.unlink(beside)
    except FileExistsError:
        raise _existing(path) from None
    except OSError as error:
        raise UnusableError(f"{visible(path) or 'an empty path'}: {error.strerror}") from error


def _existing(path: str) -> UnusableError:
    return UnusableError(f"{visible(path)} is there already: name another OUT, or add --force")


def _write(path: str, data: bytes) -> None:
    """Write a new file, or leave none."""
    with open(path, "xb") as file:
        try:
            file.write(data)
            file.flush()
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(path)
            raise
