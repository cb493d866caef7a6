"""How files are written, here and nowhere else: whole or not at all, over nothing that nobody meant."""

import errno
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from smccc_filter.commands import output
from smccc_filter.commands.attributes import keep_attributes, told
from smccc_filter.commands.files import UnusableError, unusable
from smccc_filter.commands.held import HeldFolder, held, is_regular
from smccc_filter.words import DASH, visible

_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP}
"""What a file system without hard links answers."""
_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def write(path: str, data: bytes) -> None:
    """Make ``data`` the contents of ``path``, whole or not at all: written beside it, then renamed.

    A symbolic link is followed and stays. A file that was there keeps what ``attributes`` can keep; what is lost, and
    other names of it, which keep the old contents, are told on standard error. One that must not be written is
    refused. A device or a pipe is written to, and one of our own descriptors, such as /dev/stdout, where it stands.
    Raises UnusableError.
    """
    try:
        if (descriptor := _own_descriptor(path)) is not None:
            _write_all(os.dup(descriptor), data)
            return
        try:
            there = os.open(path, os.O_WRONLY)
        except FileNotFoundError:
            with held(path) as folder, _beside(folder, data) as beside:
                folder.take_from(beside)
            return
        if not is_regular(there):
            _write_all(there, data)
            return
        try:
            _write_over(path, there, data)
        finally:
            os.close(there)
    except OSError as error:
        raise unusable(error, path) from error


def replace(path: str, read: bytes, data: bytes, *, within: str | None = None) -> None:
    """Write ``data`` to a file as ``write`` does, if it still holds ``read``: what somebody wrote since is not lost.

    Where the system can exchange two names at once (Linux, on most file systems), whatever has the name in that
    instant is looked at afterwards, and gets its name back if it is not what was read. Elsewhere it is looked at
    immediately before. What nobody can see is a write, through a descriptor that was open before, after that look.
    ``within`` is the searched folder that must not be left. Raises UnusableError where the file holds something else,
    and for what is no regular file.
    """
    try:
        with held(path, within=within) as folder:
            there = folder.open(os.O_RDWR)
            try:
                if not is_regular(there):
                    raise UnusableError(f"{visible(path)}: not a regular file, and so left alone")
                if not _holds(folder, folder.name, read):
                    raise _changed(path)
                with _beside(folder, data, path, there) as beside:
                    _take_place(folder, beside, path, read)
            finally:
                os.close(there)
    except OSError as error:
        raise unusable(error, path) from error


def create(path: str, data: bytes) -> None:
    """Write a new file, whole or not at all, also where another process makes one of that name at this moment.

    Raises UnusableError as ``refuse_existing`` does.
    """
    refuse_existing(path)
    try:
        with held(path, follow=False) as folder, _beside(folder, data) as beside:
            try:  # unlike a rename, a link replaces nothing
                os.link(beside, folder.name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                _create_without_links(folder, data)
    except FileExistsError:
        raise _existing(path) from None
    except OSError as error:
        raise unusable(error, path) from error


def deliver(path: str, data: bytes, *, force: bool) -> None:
    """Write ``data`` to standard output for ``-``, else to a file, over one that is there only with ``force``."""
    if path == DASH:
        output.write(data)
    elif force:
        write(path, data)
    else:
        create(path, data)


def refuse_existing(path: str) -> None:
    """Raise UnusableError where something is there, a link that leads nowhere included."""
    if os.path.isdir(path):
        raise UnusableError(f"{visible(path)} is a folder: name the file in it")
    if os.path.lexists(path):
        raise _existing(path)


def _existing(path: str) -> UnusableError:
    return UnusableError(f"{visible(path)} is there already: name another OUT, or add --force")


def _changed(path: str) -> UnusableError:
    return UnusableError(f"{visible(path)}: changed on disk since it was read, and so left alone; run again")


def _own_descriptor(path: str) -> int | None:
    """Return which open file of this process ``path`` stands for, as /dev/stdout and /dev/fd/3 do.

    Such a file is written to where it stands: what else goes there, before and after, is not ours to replace.
    """
    own = os.path.realpath("/dev/fd")
    for _ in range(8):  # /dev/stdout is a link to /proc/self/fd/1, and that is what we look for
        folder, name = os.path.split(path)
        if name.isdecimal() and os.path.realpath(folder) == own:
            return int(name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


def _write_over(path: str, there: int, data: bytes) -> None:
    with held(path) as folder:
        if not folder.is_still(os.fstat(there)):
            raise _changed(path)
        with _beside(folder, data, path, there) as beside:
            folder.take_from(beside)


def _write_all(descriptor: int, data: bytes) -> None:
    with open(descriptor, "wb") as file:
        file.write(data)


@contextmanager
def _beside(folder: HeldFolder, data: bytes, path: str = "", old: int | None = None) -> Iterator[str]:
    """Write a new file into a folder, and remove it at the end if it has its first name still.

    It gets what the open file ``old``, called ``path``, has beside its contents. Signals that end a program wait.
    """
    name = f".smccc-filter.{os.urandom(8).hex()}"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    sentences: list[str] = []
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        new = os.open(name, flags, 0o666 if old is None else stat.S_IRUSR | stat.S_IWUSR, dir_fd=folder.fd)
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            if old is not None:
                sentences = told(keep_attributes(old, new), os.fstat(old).st_nlink - 1)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder.fd)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    for sentence in sentences:
        output.tell(f"{path}: {sentence}")


def _take_place(folder: HeldFolder, beside: str, path: str, read: bytes) -> None:
    """Give the file ``beside`` the name, unless that is a file's that does not hold ``read``. Raises UnusableError."""
    if folder.exchange_with(beside):
        if _holds(folder, beside, read):
            return
        folder.exchange_with(beside)
    elif _holds(folder, folder.name, read):
        folder.take_from(beside)
        return
    raise _changed(path)


def _holds(folder: HeldFolder, name: str, data: bytes) -> bool:
    """Tell whether a name is that of a regular file, and no link, with these contents."""
    try:
        with open(folder._replace(name=name).open(os.O_RDONLY), "rb") as file:
            return is_regular(file.fileno()) and file.read(len(data) + 1) == data
    except OSError:
        return False


def _create_without_links(folder: HeldFolder, data: bytes) -> None:
    """Write a new file under its own name, or leave none."""
    with open(folder.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
        try:
            file.write(data)
            file.flush()
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(folder.name, dir_fd=folder.fd)
            raise
