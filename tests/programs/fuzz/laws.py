"""What must hold of every answer of the tool, whatever it was asked: no bug, no hang, no wrong proof, no flood."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.programs.fuzz import reading
from tests.programs.fuzz.inputs import POLICY, FuzzInput
from tests.programs.fuzz.oracle import hold
from tests.programs.fuzz.runner import Answer, ToolRunner, bounded

STATUSES = frozenset({0, 1, 2})
FLOOD = 4 << 20
"""Bytes that an answer to some kilobytes may have."""


def answer(runner: ToolRunner, one: FuzzInput, *, closely: bool) -> None:
    """Run the command lines of an input. Raises AssertionError or HangError where an answer is not sound.

    ``closely`` asks of every finding of a policy that it is sound, in every format of reports and artefacts.
    """
    for file in Path().iterdir():
        file.unlink()
    for name, data in one.files.items():
        Path(name).write_bytes(data)
    for command in one.commands:
        given = runner.run(command, one.files.get(POLICY, b""))
        _sound(command, given, one.files.get(POLICY, b"").decode(errors="ignore"))
        if given.status == 0:
            _proved(command, one.files)
    if closely and POLICY in one.files:
        bounded(lambda: hold(one.files[POLICY]))


def _sound(command: tuple[str, ...], given: Answer, own: str) -> None:
    """Hold what holds of any answer; ``own`` is the policy's text, which ``fmt`` may give back as it is."""
    assert "a bug in the tool" not in given.err, given.err[given.err.index("a bug in the tool") :]
    assert given.status in STATUSES, given.status
    assert "Traceback" not in given.err
    assert len(given.out) + len(given.err) <= FLOOD
    assert given.err.replace("\n", "").isprintable(), ascii(given.err)
    out = given.out.decode()  # a document, a patch or a policy: always UTF-8
    if command[0] not in {"fmt", "validate"} or "--diff" not in command:  # a patch has a file's own bytes
        keep = "\n" if command[:1] != ("fmt",) else f"\n\r\t{own}"
        assert all(line.isprintable() for line in out.translate(dict.fromkeys(map(ord, keep))).split("\n")), ascii(out)


def _proved(command: tuple[str, ...], files: Mapping[str, bytes]) -> None:
    """Compare what was compiled or imported with what is read of it here."""
    if command[0] == "compile" and "blob" in command:
        _compare(reading.of_policy(files[POLICY]), reading.of_blob(Path("out.blob").read_bytes()), command)
    if command[0] == "import" and "out.yaml" in command:
        path = command[1]
        readers: dict[str, Callable[[bytes], list[reading.Segment] | None]] = {
            ".bin": reading.of_blob,
            ".json": reading.of_json,
            ".c": lambda data: reading.of_source(data, "c"),
            ".rs": lambda data: reading.of_source(data, "rust"),
        }
        read = readers.get(os.path.splitext(path)[1])  # noqa: PTH122 -- as short
        if read is None:
            return
        imported = reading.of_policy(Path("out.yaml").read_bytes())
        try:
            wanted = read(files[path])
        except (reading.NotANumberError, KeyError, IndexError, ValueError) as error:
            raise AssertionError(f"imported what can't be read: {error!r}") from error
        if wanted is not None:
            _compare(imported, wanted, command)


def _compare(policy: list[reading.Segment] | None, other: list[reading.Segment], command: tuple[str, ...]) -> None:
    assert policy is not None
    assert reading.same(policy, other), f"a wrong proof: {command}"
