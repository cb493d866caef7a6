"""What stands around the tables is proved too: byte for byte the text that these tests and the live run drive."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts.backends import backend, c_text, c_vmm_text, rust_text, rust_vmm_text
from smccc_filter.artefacts.backends.driven import DRIVEN
from smccc_filter.artefacts.backends.frame import digest
from smccc_filter.artefacts.backends.handlers import handlers_of
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.artefacts.backends.proof import ProofError, prove
from smccc_filter.artefacts.backends.vmm_rows import VmmHalf, half_of
from tests.artefacts.backends.programs import KVMTOOL, LOCKDOWN, PROGRAMS, action_map, programs
from tests.artefacts.backends.vmm_programs import KVMTOOL_VMM, VMM_PROGRAMS, drawn
from tests.conftest import Golden
from tests.paths import POLICIES, ROOT
from tests.programs.live import shipped

SEEDED = st.builds(drawn, st.integers(0, 1 << 32))
ALL_PROGRAMS = (*PROGRAMS, *VMM_PROGRAMS)
HALVES = tuple(
    VmmHalf(handlers=handlers, entropy=entropy) for handlers, entropy in ((False, False), (True, False), (True, True))
)
FRAMES = (
    {
        "c": c_text.frame(entries=False, registers=False),
        "c entries": c_text.frame(entries=True, registers=False),
        "c registers": c_text.frame(entries=False, registers=True),
        "c entries registers": c_text.frame(entries=True, registers=True),
        "rust": rust_text.frame(entries=False),
        "rust entries": rust_text.frame(entries=True),
    }
    | {
        f"c entries{' registers' if registers else ''}{half.kind}": c_text.frame(
            entries=True, registers=registers, vmm=c_vmm_text.text_of(half)
        )
        for registers in (False, True)
        for half in HALVES
    }
    | {f"rust entries{half.kind}": rust_text.frame(entries=True, vmm=rust_vmm_text.text_of(half)) for half in HALVES}
)

HEAD = '''"""SHA-256 of the text around the tables of C headers and Rust modules that the tests compiled and ran.

Rewritten by ``pytest --update tests/artefacts/backends/test_frame.py``: the tests beside it then drive the new text.
"""

DRIVEN = {
'''


def kinds(program: CompiledPolicy) -> set[str]:
    entries, registers = (" entries" if program.entries else ""), (" registers" if program.registers else "")
    if program.vmm is None:
        return {f"c{entries}{registers}", f"rust{entries}"}
    half = half_of(handlers_of(program.vmm.handled, program.vmm.answered)).kind
    return {f"c{entries}{registers}{half}", f"rust{entries}{half}"}


def test_every_frame_has_its_digest(golden: Golden) -> None:
    rows = "".join(f'    "{kind}": "{digest(frame)}",\n' for kind, frame in FRAMES.items())
    golden(ROOT / "smccc_filter" / "artefacts" / "backends" / "driven.py", f"{HEAD}{rows}}}\n")


def test_every_frame_is_driven() -> None:
    assert set().union(*map(kinds, ALL_PROGRAMS)) == set(DRIVEN)
    live = set().union(*(kinds(shipped.program(name)) for name in shipped.names()))
    assert live | {"c"} == set(DRIVEN), "without entries and registers there is nothing that a kernel could be asked"


def proves(form: str, program: CompiledPolicy, text: bytes) -> bool:
    """Say whether the production proof takes ``text`` for the artefact of ``program``."""
    try:
        decoded = backend(form).decode(text)
        title = (program.name, program.license)
        prove(action_map(program.entries), decoded, program.registers, title, program.vmm)
    except (ValueError, ProofError):
        return False
    return True


def free_text(form: str, text: bytes) -> list[tuple[int, int]]:
    """Return where the words of the rows' comments stand, which say what calls and bits are called."""
    comments = {"c": rb"    /\* [^*\n]+?: ([^*\n]+) \*/\n    \{", "rust": rb"    // [^\n]+?: ([^\n]+)\n    [E(]"}
    return [match.span(1) for match in re.finditer(comments[form], text)]


@pytest.mark.parametrize("form", ["c", "rust"])
@given(
    program=st.one_of(programs(), st.sampled_from(ALL_PROGRAMS), SEEDED),
    data=st.data(),
)
def test_no_byte_can_be_another(form: str, program: CompiledPolicy, data: st.DataObject) -> None:
    text = backend(form).emit(program)
    at = data.draw(st.integers(0, len(text) - 1).filter(lambda at: text[at] != ord("\n")))
    byte = data.draw(st.sampled_from(range(0x20, 0x7F)).filter(lambda byte: byte != text[at]))
    at_words = any(start <= at < end for start, end in free_text(form, text))
    proved = proves(form, program, text[:at] + bytes([byte]) + text[at + 1 :])
    assert not proved or at_words, f"{text[:at].decode()[-80:]}[{chr(byte)}]"


@pytest.mark.parametrize("form", ["c", "rust"])
@pytest.mark.parametrize("program", [KVMTOOL, LOCKDOWN, KVMTOOL_VMM], ids=lambda program: program.name)
def test_no_line_can_be_missing_or_stand_elsewhere(form: str, program: CompiledPolicy) -> None:
    lines = backend(form).emit(program).splitlines(keepends=True)
    assert proves(form, program, b"".join(lines))
    for i, line in enumerate(lines[:-1]):
        assert not proves(form, program, b"".join(lines[:i] + lines[i + 1 :])), line
        if lines[i + 1] != line:
            assert not proves(form, program, b"".join([*lines[:i], lines[i + 1], line, *lines[i + 2 :]])), line


C, RUST = ("c", c_text), ("rust", rust_text)
BROKEN = [
    (C, "APPLY", "index < @NAME@_FILTER_COUNT", "index < @NAME@_FILTER_COUNT - 1"),
    (C, "APPLY", "ioctl(vm_fd, KVM_SET_DEVICE_ATTR, &attr)", "0"),
    (C, "APPLY", "return -errno;", "return 0;"),
    (C, "SET_REGISTERS", "index = 0;", "index = 1;"),
    (C, "FORWARDS", "== @NAME@_ACTION_FORWARD", "!= @NAME@_ACTION_FORWARD"),
    (C, "FORWARDS", "return false;", "return true;"),
    (C, "HEAD", "    uint32_t base;\n", "    uint64_t base;\n"),
    (C, "HEAD", "ACTION_DENY 1U", "ACTION_DENY 2U"),
    (RUST, "HEAD", "            action,\n", "            action: 0,\n"),
    (RUST, "HEAD", "pub base: u32,", "pub base: u64,"),
    (RUST, "FORWARDS", "==", "!="),
    (RUST, "FORWARDS", "middle + 1", "middle + 2"),
]


@pytest.mark.parametrize(("of", "text", "old", "new"), BROKEN)
def test_an_emitter_that_writes_other_code_compiles_nothing(
    of: tuple[str, object], text: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, module = of
    before = getattr(module, text)
    assert old in before
    examination = pipeline.examine("lockdown.smccc.yaml", (POLICIES / "lockdown.smccc.yaml").read_bytes())
    pipeline.build(examination, form)
    monkeypatch.setattr(module, text, before.replace(old, new))
    with pytest.raises(ValueError, match="not the one that was driven"):
        pipeline.build(examination, form)


@pytest.mark.parametrize("form", ["c", "rust", "json"])
@pytest.mark.parametrize(
    ("other", "word"), [(KVMTOOL._replace(name="other"), "other"), (KVMTOOL._replace(license="MIT OR 0BSD"), "MIT")]
)
def test_another_title_is_no_proof(form: str, other: CompiledPolicy, word: str) -> None:
    text = backend(form).emit(other)
    decoded = backend(form).decode(text)
    assert (decoded.name, decoded.license) == (other.name, other.license)
    if other.license:
        assert "MIT OR 0BSD" in text.decode().splitlines()[0 if form != "json" else 3]
    with pytest.raises(ProofError, match=word) as caught:
        prove(action_map(KVMTOOL.entries), decoded, (), (KVMTOOL.name, None))
    assert caught.value.fid == 0
