"""Write an initramfs: a cpio archive in the "newc" format, which is the one that Linux unpacks.

Only regular files, folders and symbolic links, because that is all an emulated machine needs. Device nodes come from
devtmpfs.

Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
"""

from collections.abc import Iterator
from typing import NamedTuple

FOLDER = 0o040_755
PROGRAM = 0o100_755
LINK = 0o120_777
MAGIC = "070701"
TRAILER = "TRAILER!!!"


class File(NamedTuple):
    """One file of the archive. ``path`` is relative to the root, ``a/b``; ``data`` is None for a folder.

    ``mode`` is for what has data: ``PROGRAM``, or ``LINK`` where the data is the link's target.
    """

    path: str
    data: bytes | None
    mode: int = PROGRAM


def archive(files: list[File]) -> bytes:
    """Return the archive of ``files`` in their order; a folder must come before what is in it."""
    entries = [
        _entry(number, file.path, FOLDER if file.data is None else file.mode, file.data or b"")
        for number, file in enumerate(files, 1)
    ]
    return b"".join([*entries, _entry(0, TRAILER, 0, b"")])


def _entry(inode: int, path: str, mode: int, data: bytes) -> bytes:
    name = path.encode() + b"\0"
    return _padded(_header(inode, mode, len(data), len(name)) + name) + _padded(data)


def _header(inode: int, mode: int, data_size: int, name_size: int) -> bytes:
    return (MAGIC + "".join(f"{field:08X}" for field in _fields(inode, mode, data_size, name_size))).encode("ascii")


def _fields(inode: int, mode: int, data_size: int, name_size: int) -> Iterator[int]:
    owner = group = modified = 0
    links = 1
    device = real_device = (0, 0)
    checksum = 0
    yield from (inode, mode, owner, group, links, modified, data_size, *device, *real_device, name_size, checksum)


def _padded(part: bytes) -> bytes:
    """Fill up to a multiple of four bytes, which the header, being 110 bytes, is not."""
    return part + bytes(-len(part) % 4)
