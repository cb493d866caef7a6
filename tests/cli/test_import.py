"""``import`` as its users run it."""

from pathlib import Path

import pytest

from tests.cli.tool import on_terminal, run
from tests.policies import shipped

ARRAY = b"static struct kvm_smccc_filter my_ranges[] = { { PSCI_0_2_FN_BASE, 0x20, KVM_SMCCC_FILTER_DENY } };\n"
POLICY = """\
# Imported from kvm.c. Which kernels the policy is for, and why it does what it does, is not in there:
# complete `target`, and give each rule a `reason`.
version: 1
name: my-ranges
rules:
  # kvm.c:1: PSCI_0_2_FN_BASE
  - name: psci
    action: deny
    ranges: [0x84000000-0x8400001F]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "kvm.c"
    path.write_bytes(ARRAY)
    return path


def test_the_policy_goes_to_standard_output_and_the_rest_to_the_other(source: Path) -> None:
    outcome = run("import", source)
    assert (outcome.status, outcome.out) == (0, POLICY)
    assert "see `smccc-filter validate`" in outcome.err
    assert outcome.err.splitlines()[-1] == ("smccc-filter: standard output: from c, proved over 4,294,967,296 IDs")


def test_standard_input_and_a_name() -> None:
    outcome = run("import", "-", "--format", "c", "--name", "b", input=ARRAY)
    assert outcome.status == 0
    assert "\nname: b\n" in outcome.out
    assert "# Imported from standard input." in outcome.out


def test_compile_import_and_diff_agree(tmp_path: Path) -> None:
    policy = shipped.path("system-power-in-vmm")
    for suffix in ("h", "rs", "json", "bin"):
        artefact, again = tmp_path / f"a.{suffix}", tmp_path / f"{suffix}.yaml"
        assert run("compile", policy, "-o", artefact).status == 0
        assert run("import", artefact, "-o", again).status == 0
        assert run("diff", artefact, again).status == 0


def test_an_output_that_is_there_stays_unless_forced(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.yaml"
    out.write_text("mine")
    refused = run("import", source, "-o", out)
    assert (refused.status, out.read_text()) == (2, "mine")
    assert "--force" in refused.err
    assert run("import", source, "-o", out, "--force").status == 0
    assert out.read_text() == POLICY


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_the_input_is_no_output(source: Path, force: list[str]) -> None:
    outcome = run("import", source, "-o", source, *force)
    assert outcome.status == 2
    assert "the file itself" in outcome.err
    assert source.read_bytes() == ARRAY


def test_troubles_are_all_told_and_nothing_is_written(tmp_path: Path) -> None:
    source, out = tmp_path / "a.c", tmp_path / "p.yaml"
    source.write_text(
        "struct kvm_smccc_filter a = { MY_BASE, 1, 1 };\n"
        "struct kvm_smccc_filter b = { 0x80000000, 1, 1 };\n"
        "struct kvm_smccc_filter c[] = { {5, 1, 1}, {5, 1, 2} };\n"
    )
    outcome = run("import", source, "-o", out)
    assert (outcome.status, outcome.out, out.exists()) == (1, "", False)
    *lines, last = outcome.err.splitlines()
    assert [line.removeprefix(f"{source}:").split(":")[0] for line in lines] == ["1", "2", "3"]
    assert lines[0] == (
        f"{source}:1:31: the value of `MY_BASE` is not known; write its number, or import with `-D MY_BASE=NUMBER`, "
        "or with the file that defines it"
    )
    assert "EEXIST" in lines[1]
    assert last == f"smccc-filter: {source}: nothing is written"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.bin", b"\0" * 23, "23 bytes, no multiple of 24"),
        ("a.bin", b"\0" * 24, "0 functions is empty"),
        ("a", b"", "the file is empty; name its format: --format"),
        ("a", b"what is this", "not clear what the file holds"),
        (
            "a.yaml",
            b"version: 1\nname: a\n",
            "the name is that of a policy; there is nothing to import, or name its format",
        ),
        ("a.c", b"{" * (1 << 16), "no `kvm_smccc_filter` with a value"),
        ("a.c", "struct kvm_smccc_filter a = { \u202e\x07, 1, 1 };".encode(), "\\u202e"),
        ("a.regs", b"\1" * 16, "its first 8 bytes are the ID of no arm64 register"),
        ("a.regs", b"\1" * 6 + b"\x30\x60" + bytes(8), "is none that a policy can set"),
    ],
)
def test_bad_input(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    outcome = run("import", path)
    assert (outcome.status, outcome.out) == (1, "")
    assert words in outcome.err
    assert all(line.isprintable() for line in outcome.err.splitlines())


def test_a_file_that_is_too_large_is_not_read(source: Path) -> None:
    outcome = run("import", "--max-bytes", "10", source)
    assert (outcome.status, outcome.out) == (1, "")
    assert "--max-bytes" in outcome.err


def test_unusable_paths(source: Path, tmp_path: Path) -> None:
    assert run("import", tmp_path / "none.c").status == 2
    assert run("import", tmp_path).status == 2
    assert run("import", source, "-o", tmp_path / "none" / "p.yaml").status == 2
    assert run("import", source, "-o", tmp_path).status == 2


HEADER = b"#define FIRST 0x82000000\nenum { COUNT = 16 };\n"
TABLE = b'#include "ids.h"\n#ifdef WITH\nstruct kvm_smccc_filter t[] = { { FIRST, COUNT, WITH } };\n#endif\n'


def test_several_files_and_macros(tmp_path: Path) -> None:
    header, source = tmp_path / "ids.h", tmp_path / "vmm.c"
    header.write_bytes(HEADER)
    source.write_bytes(TABLE)
    assert run("import", source).status == 1
    assert "`-D`" in run("import", header, source).err
    outcome = run("import", header, source, "-D", "WITH")
    assert outcome.status == 0
    assert "# Imported from ids.h and vmm.c." in outcome.out
    assert "# vmm.c:3: FIRST" in outcome.out
    assert "action: deny" in outcome.out
    assert "action: forward" in run("import", source, header, "-DWITH=1 << 1").out
    noted = run("import", header, source, "-D", "KVM_SMCCC_FILTER_DENY=2", "-D", "WITH=KVM_SMCCC_FILTER_DENY")
    assert noted.status == 0
    assert "action: forward" in noted.out
    assert noted.err.startswith("<command line>:1:9: note: `KVM_SMCCC_FILTER_DENY` is 0x2 here, and 0x1 in Linux's")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-D"], "requires an argument"),
        (["-D", ""], "has no name"),
        (["-D", "=1"], "`=1` has no name"),
        (["-D", "1A"], "`1A` is no name of a macro"),
        (["-D", "A(x)=x"], "`A(x)` is no name of a macro"),
        (["-D", "\u00c4=1"], "is no name of a macro"),
        (["-D", "A="], "`` is no value of `A`"),
        (["-D", "A=b"], "`b` is no value of `A`: the value of `b` is not known"),
        (["-D", "A=1\n#define B 2"], "\\n#define B 2"),
        (["-D", "A=1 +"], "is no value of `A`"),
        (["-D", "A=0x10000000000000000"], "64 bits"),
    ],
)
def test_a_macro_that_can_not_be_meant_is_wrong_usage(source: Path, words: list[str], told: str) -> None:
    outcome = run("import", source, *words)
    assert (outcome.status, outcome.out) == (2, "")
    assert told in outcome.err


def test_a_file_that_is_named_twice_is_wrong_usage(source: Path) -> None:
    outcome = run("import", source, source)
    assert outcome.status == 2
    assert "named twice" in outcome.err


def test_macros_are_of_c(tmp_path: Path) -> None:
    (tmp_path / "a.rs").write_bytes(b"fn f() {}")
    outcome = run("import", tmp_path / "a.rs", "-D", "A")
    assert outcome.status == 1
    assert "only C has macros" in outcome.err


def test_on_a_terminal(source: Path) -> None:
    assert POLICY.replace("\n", "\r\n") in on_terminal("import", str(source)).out
