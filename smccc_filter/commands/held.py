"""A file's folder, held open, so that nobody can put a link in the way of what is done in it later.

A path is walked again by each call that takes it, and whoever may write in a folder on it can lead the next call
elsewhere. A folder that is open stays the same one, and of names in it no link is followed.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_FOLDER = os.O_DIRECTORY | getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC
RENAME_EXCHANGE = 2
"""Linux include/uapi/linux/fs.h."""


class HeldFolder(NamedTuple):
    """An open folder and the name of a file in it, which may not be there."""

    fd: int
    name: str

    def open(self, flags: int) -> int:
        """Open the file, at once where it is a pipe. Raises OSError, ELOOP where it is a link."""
        return os.open(self.name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666, dir_fd=self.fd)

    def is_still(self, status: os.stat_result) -> bool:
        """Tell whether the name is that of the file with this status, and of no link. Raises OSError."""
        return os.path.samestat(os.stat(self.name, dir_fd=self.fd, follow_symlinks=False), status)

    def take_from(self, other: str) -> None:
        """Give the file its name that is called ``other`` in the folder, whatever has it now. Raises OSError."""
        os.replace(other, self.name, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def exchange_with(self, other: str) -> bool:
        """Exchange the name with that of ``other`` in the folder, at once, and tell whether the system could."""
        try:
            from ctypes import CDLL

            renameat2 = CDLL(None).renameat2
        except (ImportError, AttributeError, OSError):
            return False
        one, two = os.fsencode(self.name), os.fsencode(other)
        exchanged: bool = renameat2(self.fd, one, self.fd, two, RENAME_EXCHANGE) == 0
        return exchanged


@contextmanager
def held(path: str, *, within: str | None = None, follow: bool = True) -> Iterator[HeldFolder]:
    """Open the folder in which a file is, with the file's own name there.

    A link at ``path`` is the file that it leads to, unless ``follow`` says that a new file is to be made there. With
    ``within``, a folder that was searched, ``path`` begins with it and no link is followed below it. Raises OSError.
    """
    if not os.path.basename(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    if within is not None:
        start, rest = within, path[len(within) :]
    elif follow:
        start, rest = "/", os.path.realpath(path)
    else:
        start, rest = "/", os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    *folders, name = filter(None, rest.split("/"))
    fd = os.open(start, _FOLDER)
    try:
        for folder in folders:
            below = os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=fd)
            os.close(fd)
            fd = below
        yield HeldFolder(fd, name)
    finally:
        os.close(fd)


def is_regular(fd: int) -> bool:
    """Tell whether an open file is one with contents of its own: no device, pipe, socket or folder."""
    return stat.S_ISREG(os.fstat(fd).st_mode)
