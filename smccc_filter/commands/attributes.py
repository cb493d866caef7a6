"""What a file has beside its contents, given to the file that takes its place."""

import os
import stat
from contextlib import suppress

from smccc_filter.words import counted, enumerated

ACL = "system.posix_acl_access"
"""The extended attribute that is a file's access control list: Linux include/uapi/linux/xattr.h."""
NEVER_KEPT = {
    "security.capability": "the capabilities that it gave",
    "security.ima": "",
    "security.evm": "",
}
"""Attributes that vouch for contents which are no more, or give rights to them, and how the loss of one is told."""
SPECIAL = {stat.S_ISUID: "its setuid bit", stat.S_ISGID: "its setgid bit"}


def keep_attributes(old: int, new: int) -> list[str]:
    """Give an open file owner, group, permissions and extended attributes of another; return what is lost, as phrases.

    Only root gives files away, and a group is only given by its members. Where the group is lost, the new one gets no
    more than everybody. Setuid, setgid and capabilities are never kept: they were given to other contents.
    """
    before = os.fstat(old)
    _own(new, before)
    after = os.fstat(new)
    lost = ["its owner"] if after.st_uid != before.st_uid else []
    mode = stat.S_IMODE(before.st_mode)
    if after.st_gid != before.st_gid:
        lost.append("its group")
        mode &= ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
    lost += [name for bit, name in SPECIAL.items() if mode & bit]
    mode &= ~(stat.S_ISUID | stat.S_ISGID)
    lost += _keep_extended(old, new)
    with suppress(OSError):  # a file system may have permissions of its own
        os.fchmod(new, mode)
    if stat.S_IMODE(os.fstat(new).st_mode) != mode:
        lost.append("its permissions")
    return lost


def told(lost: list[str], other_names: int) -> list[str]:
    """Return the sentences, less their subject, that say what became of a file that was replaced."""
    sentences = [f"written as a new file, without {enumerated(lost)}"] if lost else []
    if other_names:
        sentences.append(f"the old contents stay under {counted(other_names, 'other name')} of it (hard links)")
    return sentences


def _own(new: int, status: os.stat_result) -> None:
    """Give a file the owner and group, or at least the group, as far as that is allowed."""
    for owner in (status.st_uid, -1):
        now = os.fstat(new)
        if (now.st_uid, now.st_gid) != (status.st_uid, status.st_gid):
            with suppress(OSError):
                os.fchown(new, owner, status.st_gid)


def _keep_extended(old: int, new: int) -> list[str]:
    """Copy extended attributes where the system has them, and return those that are lost."""
    if not hasattr(os, "listxattr"):
        return []
    wanted, there = _extended(old), _extended(new)
    lost = []
    for name, value in wanted.items():
        if name in NEVER_KEPT:
            lost.append(NEVER_KEPT[name])
        elif there.get(name) != value:
            try:
                os.setxattr(new, name, value)
            except OSError:
                lost.append("its access control list" if name == ACL else f"its attribute {name}")
    if ACL in there and ACL not in wanted:  # the folder gives one to new files
        with suppress(OSError):
            os.removexattr(new, ACL)
    return list(filter(None, lost))


def _extended(file: int) -> dict[str, bytes]:
    """Read the extended attributes that can be read; the security modules of the kernel look after their own."""
    found = {}
    with suppress(OSError):
        for name in os.listxattr(file):
            if name.startswith(("user.", "system.")) or name in NEVER_KEPT:
                with suppress(OSError):
                    found[name] = os.getxattr(file, name)
    return found
