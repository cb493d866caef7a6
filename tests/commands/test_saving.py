"""Files that change hands while they are written: nobody's write is lost, and no link leads elsewhere."""

import errno
import os
import signal
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smccc_filter.commands import saving
from smccc_filter.commands.attributes import keep_attributes
from smccc_filter.commands.files import UnusableError
from smccc_filter.commands.held import HeldFolder, is_regular
from tests.cli.tool import GOOD, run, run_unprivileged, through_shell

OLD, NEW, THEIRS = b"version: 1\nname: old\n", b"version: 1\nname: new\n", b"version: 1\nname: own\n"
SECRET = b"version: 1\nname: old\n# of somebody else\n"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """Have a policy in a folder, and another file outside it; whatever happens, nothing is left beside the policy."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.yaml").write_bytes(OLD)
    (tmp_path / "secret").write_bytes(SECRET)
    yield folder
    assert (tmp_path / "secret").read_bytes() == SECRET
    assert {path.name for path in folder.iterdir()} <= {"a.yaml", "b.yaml", "link.yaml"}


def write_in_place(path: Path) -> None:
    status = path.stat()
    path.write_bytes(THEIRS)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # neither size nor time tells


def write_anew(path: Path) -> None:
    path.with_name("b.yaml").write_bytes(THEIRS)
    path.with_name("b.yaml").rename(path)


def link_elsewhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("../secret")


def link_to_the_same(path: Path) -> None:
    path.rename(path.with_name("b.yaml"))
    path.symlink_to("b.yaml")


def remove(path: Path) -> None:
    path.unlink()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


MEDDLERS = (write_in_place, write_anew, link_elsewhere, link_to_the_same, remove, make_folder)


def state(path: Path) -> object:
    """Return what has a name: a file's contents, a link's target, or nothing."""
    if path.is_symlink():
        return path.readlink()
    return path.read_bytes() if path.is_file() else path.exists()


@pytest.mark.parametrize("meddle", MEDDLERS)
@pytest.mark.parametrize("exchanges", [True, False])
def test_what_somebody_does_at_the_last_moment_stays(
    meddle: Callable[[Path], None],
    exchanges: bool,  # noqa: FBT001 -- a parameter of the test
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = here / "a.yaml"
    exchange = HeldFolder.exchange_with
    states: list[object] = []

    def meanwhile(folder: HeldFolder, beside: str) -> bool:
        if not states:
            meddle(path)
            states.append(state(path))
        return exchanges and exchange(folder, beside)

    monkeypatch.setattr(HeldFolder, "exchange_with", meanwhile)
    with pytest.raises(UnusableError, match=r"a\.yaml: (changed on disk since it was read|No such file or directory)"):
        saving.replace(str(path), OLD, NEW)
    assert [state(path)] == states


def test_names_are_exchanged_where_the_system_can(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        pytest.skip("renameat2 is Linux's")
    monkeypatch.setattr(HeldFolder, "take_from", None)
    saving.replace(str(here / "a.yaml"), OLD, NEW)
    assert (here / "a.yaml").read_bytes() == NEW


def test_names_are_renamed_where_it_can_not(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HeldFolder, "exchange_with", lambda *_: False)
    saving.replace(str(here / "a.yaml"), OLD, NEW)
    assert (here / "a.yaml").read_bytes() == NEW


@pytest.mark.parametrize("meddle", MEDDLERS[:4])
def test_no_link_is_followed_that_was_put_in_the_way_of_an_output(
    meddle: Callable[[Path], None], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = here / "a.yaml"
    take_from = HeldFolder.take_from

    def meanwhile(folder: HeldFolder, beside: str) -> None:
        meddle(path)
        take_from(folder, beside)

    monkeypatch.setattr(HeldFolder, "take_from", meanwhile)
    saving.write(str(path), NEW)
    assert (path.read_bytes(), path.is_symlink()) == (NEW, False)


def test_an_output_that_another_file_takes_the_place_of_is_left_alone(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = here / "a.yaml"

    def meanwhile(file: int) -> bool:
        write_anew(path)
        return is_regular(file)

    monkeypatch.setattr(saving, "is_regular", meanwhile)
    with pytest.raises(UnusableError, match="changed on disk"):
        saving.write(str(path), NEW)
    assert path.read_bytes() == THEIRS


def replace_old(path: str, data: bytes) -> None:
    saving.replace(path, OLD, data)


@pytest.mark.parametrize(
    ("save", "step"),
    [
        *((save, step) for save in (saving.write, replace_old) for step in ("open", "fstat", "fchmod")),
        (saving.write, "replace"),
    ],
)
def test_a_disk_that_fails_at_any_step(
    save: Callable[[str, bytes], None], step: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(here / "a.yaml")
    work = getattr(os, step)
    calls: list[object] = []

    def fail_at(number: int) -> Callable[..., Any]:
        def failing(*arguments: object, **options: object) -> Any:  # noqa: ANN401
            calls.append(arguments)
            if len(calls) == number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return work(*arguments, **options)

        return failing

    for number in range(1, 30):
        (here / "a.yaml").write_bytes(OLD)
        calls.clear()
        with monkeypatch.context() as patched:
            patched.setattr(os, step, fail_at(number))
            said = _said(save, path)
        if said:
            assert said.startswith((f"{path}: No space left on device", f"{path}: changed on disk"))
        assert Path(path).read_bytes() == (OLD if said else NEW)
        assert [found.name for found in here.iterdir()] == ["a.yaml"]
        if len(calls) < number:
            assert calls
            return
    pytest.fail("it never ends")


def _said(save: Callable[[str, bytes], None], path: str) -> str:
    """Return why a file is not written; nothing where it is."""
    try:
        save(path, NEW)
    except UnusableError as error:
        return error.message
    return ""


def test_ctrl_c_waits_for_a_file_that_is_being_written(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(old: int, new: int) -> list[str]:
        signal.raise_signal(signal.SIGINT)  # to this thread: the program has one, a test run has more
        return keep_attributes(old, new)

    monkeypatch.setattr(saving, "keep_attributes", interrupted)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            saving.write(str(here / "a.yaml"), NEW)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (here / "a.yaml").read_bytes() == NEW


def test_a_signal_that_ends_the_program_leaves_nothing_beside(here: Path) -> None:
    script = (
        "import os, signal\n"
        "from smccc_filter.commands import saving\n"
        "from smccc_filter.commands.held import HeldFolder\n"
        "take_from = HeldFolder.take_from\n"
        "HeldFolder.take_from = lambda *given: os.kill(os.getpid(), signal.SIGTERM) or take_from(*given)\n"
        "saving.write('a.yaml', b'new')\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False, cwd=here)
    assert killed.returncode == -signal.SIGTERM
    assert (here / "a.yaml").read_bytes() == b"new"


def compile_to(path: Path, **options: Any) -> list[str]:  # noqa: ANN401
    """Compile over a file, as somebody who is not root, and return what is told of the file."""
    policy = path.parent.parent / "good"
    policy.write_bytes(GOOD)
    done = run_unprivileged("compile", policy, "--format", "c", "-o", path, **options)
    assert done.status == 0
    *told, _ = done.err.replace(f"smccc-filter: {path}: ", "").splitlines()
    return told


def put(path: Path, owner: int, group: int, mode: int) -> None:
    path.write_bytes(OLD)
    os.chown(path, owner, group)
    path.chmod(mode)


ANEW = "written as a new file, without "


@AS_ROOT
@pytest.mark.parametrize(
    ("owner", "group", "mode", "groups", "kept", "told"),
    [
        (0, 0, 0o640, [], (0, 0, 0o640), []),
        (0, 4321, 0o640, [4321], (0, 4321, 0o640), []),
        (0, 4321, 0o664, [], (0, 0, 0o644), [f"{ANEW}its group"]),
        (0, 4321, 0o660, [], (0, 0, 0o600), [f"{ANEW}its group"]),
        (1234, 4321, 0o666, [4321], (0, 4321, 0o666), [f"{ANEW}its owner"]),
        (1234, 4321, 0o777, [], (0, 0, 0o777), [f"{ANEW}its owner and its group"]),
        (0, 0, 0o4755, [], (0, 0, 0o755), [f"{ANEW}its setuid bit"]),
        (1234, 4321, 0o6777, [4321], (0, 4321, 0o777), [f"{ANEW}its owner, its setuid bit and its setgid bit"]),
    ],
)
def test_whose_a_file_is_that_is_replaced(  # noqa: PLR0917 -- a table
    owner: int,
    group: int,
    mode: int,
    groups: list[int],
    kept: tuple[int, int, int],
    told: list[str],
    here: Path,
) -> None:
    path = here / "a.yaml"
    put(path, owner, group, mode)
    assert compile_to(path, extra_groups=groups) == told
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == kept


@AS_ROOT
def test_root_keeps_owner_and_group_and_no_setuid(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = here / "a.yaml"
    put(path, 1234, 4321, 0o6750)
    saving.replace(str(path), OLD, NEW)
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 4321, 0o750)
    assert capsys.readouterr().err == f"smccc-filter: {path}: {ANEW}its setuid bit and its setgid bit\n"


def acl(*entries: tuple[int, int, int]) -> bytes:
    """Write an access control list as its attribute has it: Linux include/uapi/linux/posix_acl_xattr.h."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


USER_OBJ, USER, GROUP_OBJ, MASK, OTHER, NOBODY = 1, 2, 4, 0x10, 0x20, 0xFFFFFFFF
SHARED = acl((USER_OBJ, 6, NOBODY), (USER, 6, 1234), (GROUP_OBJ, 4, NOBODY), (MASK, 6, NOBODY), (OTHER, 0, NOBODY))


def test_extended_attributes_and_access_control_lists_stay(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attributes = {"user.comment": b"mine", "system.posix_acl_access": SHARED}
    path = here / "a.yaml"
    try:
        for name, value in attributes.items():
            os.setxattr(path, name, value)
    except OSError:
        pytest.skip("this file system has none")
    saving.replace(str(path), OLD, NEW)
    assert {name: os.getxattr(path, name) for name in os.listxattr(path) if name in attributes} == attributes
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert capsys.readouterr().err == ""


def test_a_folder_s_own_list_opens_no_file_further(here: Path) -> None:
    path = here / "a.yaml"
    try:
        os.setxattr(here, "system.posix_acl_default", SHARED)
    except OSError:
        pytest.skip("this file system has none")
    path.chmod(0o600)
    saving.write(str(path), NEW)
    assert "system.posix_acl_access" not in os.listxattr(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_attribute_that_can_t_be_kept_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    has = {"user.a\x1b": b"1", "system.posix_acl_access": SHARED, "security.capability": b"1", "security.ima": b"1"}
    monkeypatch.setattr(os, "listxattr", lambda file: has if stat.S_IMODE(os.fstat(file).st_mode) != 0o600 else [])
    monkeypatch.setattr(os, "getxattr", lambda _, name: has[name])
    monkeypatch.setattr(os, "setxattr", refuse)
    saving.write(str(here / "a.yaml"), NEW)
    lost = "its attribute user.a\\x1b, its access control list and the capabilities that it gave"
    assert capsys.readouterr().err == f"smccc-filter: {here}/a.yaml: {ANEW}{lost}\n"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["b.yaml"], "the old contents stay under 1 other name of it (hard links)"),
        (["b.yaml", "link.yaml"], "the old contents stay under 2 other names of it (hard links)"),
    ],
)
def test_hard_links_are_broken_with_a_word(names: list[str], told: str, here: Path) -> None:
    for name in names:
        (here / name).hardlink_to(here / "a.yaml")
    ugly = b"version: 1\nname:   old\nrules: []\n"
    (here / "a.yaml").write_bytes(ugly)
    done = run("fmt", here / "a.yaml")
    assert done.err == f"smccc-filter: {here}/a.yaml: {told}\n1 file reformatted\n"
    assert (here / "a.yaml").read_bytes() != ugly
    assert all((here / name).read_bytes() == ugly for name in names)


def test_our_own_output_is_written_where_it_stands(here: Path) -> None:
    (here.parent / "good").write_bytes(GOOD)
    script = '{ echo first; "$@"; echo last; } >b.yaml'
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        done = through_shell(script, "compile", here.parent / "good", "--format", "json", "-o", name, cwd=here)
        assert done.status == 0
        text = (here / "b.yaml").read_text()
        assert (text[:8], text[-7:]) == ("first\n{\n", "}\nlast\n")
    to_nobody = ("compile", here.parent / "good", "--format", "c", "-o", "/dev/fd/8")
    done = through_shell('exec "$@" 8>&-', *to_nobody, cwd=here)
    assert done == (2, "", "smccc-filter: /dev/fd/8: Bad file descriptor\n")
