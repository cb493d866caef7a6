"""What ``diff`` takes, refuses and leaves behind as a process."""

import json
import os
from pathlib import Path

import pytest

from smccc_filter.analysis.comparison.comparison import PERMISSIVENESS
from smccc_filter.commands.diff import ORDER
from tests.cli.tool import BAD, GOOD, check, environment, on_terminal, run, run_process
from tests.commands.asked import completions

PLAIN = b"version: 1\nname: plain\n"
STRICT = b"version: 1\nname: strict\nrules:\n  - {action: forward, calls: [PSCI_CPU_ON]}\n"
OTHER = b"version: 1\nname: other\nrules:\n  - {action: forward, calls: [PSCI_CPU_OFF]}\n"
OVERLAP = (
    b"version: 1\nname: bad\nrules: [{action: deny, ranges: [0x84000003]}, {action: deny, ranges: [0x84000003]}]\n"
)
UNEXPECTED = b"version: 1\nname: bad\ntests: [{call: PSCI_CPU_ON, expect: deny}]\n"
LYING = b"version: 1\nname: lying\nrules:\n  - {action: deny, calls: [PSCI_FEATURES]}\n"
DENIED = b"version: 1\nname: denied\nrules:\n  - {action: deny, services: [pv-time]}\n"
HIDDEN = DENIED.replace(b"denied", b"hidden") + b"firmware: {std_hyp: []}\n"
ENTRY = bytes.fromhex("030000840100000002") + bytes(15)
TWINS = ENTRY + ENTRY[:3] + b"\xc4" + ENTRY[4:]
POLICIES = {"plain": PLAIN, "strict": STRICT, "other": OTHER, "bad": BAD, "overlap": OVERLAP}
POLICIES |= {"unexpected": UNEXPECTED, "lying": LYING, "denied": DENIED, "hidden": HIDDEN, "good": GOOD, "empty": b""}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of policies and artefacts, which no test changes."""
    tmp_path = tmp_path_factory.mktemp("here")
    for name, data in POLICIES.items():
        (tmp_path / f"{name}.yaml").write_bytes(data)
    for suffix in (".bin", ".h", ".rs", ".json"):
        assert run("compile", tmp_path / "strict.yaml", "-o", tmp_path / f"strict{suffix}").status == 0
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "verdict", "statuses"),
    [
        ("strict.yaml", "strict.yaml", "equivalent", (0, 0)),
        ("plain.yaml", "strict.yaml", "narrower", (1, 0)),
        ("strict.yaml", "plain.yaml", "wider", (1, 1)),
        ("strict.yaml", "other.yaml", "incomparable", (1, 1)),
        ("plain.yaml", "good.yaml", "equivalent", (0, 0)),
        ("plain.yaml", "lying.yaml", "narrower", (1, 0)),
        ("denied.yaml", "hidden.yaml", "narrower", (1, 0)),
        ("hidden.yaml", "denied.yaml", "wider", (1, 1)),
        ("strict.yaml", "strict.bin", "equivalent", (0, 0)),
        ("strict.h", "strict.yaml", "equivalent", (0, 0)),
        ("strict.rs", "strict.json", "equivalent", (0, 0)),
        ("strict.bin", "plain.yaml", "wider", (1, 1)),
        ("/dev/null", "plain.yaml", "equivalent", (0, 0)),
        ("empty.yaml", "strict.yaml", "narrower", (1, 0)),
        ("strict.h", "/dev/null", "wider", (1, 1)),
    ],
)
def test_the_verdict_and_the_exit_status(
    old: str, new: str, verdict: str, statuses: tuple[int, int], here: Path
) -> None:
    for options, expected in zip(((), ("--fail-on-widening",)), statuses, strict=True):
        done = run("diff", *options, old, new, cwd=here)
        assert (done.status, done.err) == (expected, "")
        assert done.out.startswith(f"{verdict}: {old} -> {new} on Linux ")


@pytest.mark.parametrize("report_format", ["text", "json", "github", "markdown"])
def test_every_format_names_the_verdict(report_format: str, here: Path) -> None:
    done = run("diff", "--format", report_format, "plain.yaml", "strict.yaml", cwd=here)
    assert (done.status, done.err) == (1, "")
    assert "narrower" in done.out
    if report_format == "json":
        document = json.loads(done.out)
        assert (document["version"], document["verdict"], document["old"]["name"]) == (2, "narrower", "plain")


@pytest.mark.parametrize(
    ("data", "name"),
    [(PLAIN, "plain.yaml"), (TWINS, "strict.bin"), (b"{version: 1, name: a}\n", "plain.yaml"), (b"", "plain.yaml")],
)
def test_standard_input_may_be_either(data: bytes, name: str, here: Path) -> None:
    for arguments in (("-", name), (name, "-")):
        done = run("diff", *arguments, cwd=here, input=data)
        assert (done.status, done.err) == (0, "")
        assert "<stdin>" in done.out


@pytest.mark.parametrize("suffix", [".h", ".rs", ".json", ".bin"])
def test_an_artefact_is_known_without_its_suffix(suffix: str, here: Path) -> None:
    data = (here / f"strict{suffix}").read_bytes()
    (here / "AbCdEf_strict").write_bytes(data)
    assert run("diff", "AbCdEf_strict", "strict.yaml", cwd=here).status == 0
    assert run("diff", "strict.yaml", "-", cwd=here, input=data).status == 0


def test_labels_stand_for_the_paths_in_the_report_and_in_findings(here: Path) -> None:
    done = run("diff", "--label", "a/p.yaml", "-L", "b/p.yaml", "plain.yaml", "strict.yaml", cwd=here)
    assert done.out.startswith("narrower: a/p.yaml -> b/p.yaml on")
    assert "b/p.yaml:4:31" in done.out
    assert "strict.yaml" not in done.out
    assert "--> a/p.yaml:" in run("diff", "-L", "a/p.yaml", "bad.yaml", "plain.yaml", cwd=here).err


def test_the_order_and_the_kernels_can_be_chosen(here: Path) -> None:
    done = run("diff", "--order", "handle,deny,forward", "plain.yaml", "strict.yaml", cwd=here)
    assert done.out.startswith("wider: ")
    done = run("diff", "--kernel", "6.6", "--kernel", "6.12.112", "plain.yaml", "strict.yaml", cwd=here)
    assert " on Linux 6.6, 6.12.112: " in done.out


def test_a_page_is_written_beside_the_report(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "review.html"
    done = run("diff", "--html", file, "plain.yaml", "strict.yaml", cwd=here)
    assert done.status == 1
    assert done.out == run("diff", "plain.yaml", "strict.yaml", cwd=here).out
    assert done.err == f"smccc-filter: {file}: html\n"
    alone = run("diff", "--html", "-", "plain.yaml", "strict.yaml", cwd=here)
    assert (alone.status, alone.out) == (1, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("report_format", ["github", "markdown"])
def test_reports_link_to_the_page(report_format: str, here: Path) -> None:
    url = "https://ci.example.org/review.html?job=1&x=%20#map"
    with_page, without = (
        run("diff", "--format", report_format, *option, "plain.yaml", "strict.yaml", cwd=here).out
        for option in (("--page", url), ())
    )
    assert url not in without
    assert with_page.count(url if report_format == "markdown" else url.replace("%", "%25")) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-", "-"], "OLD and NEW are both standard input: name a file for one of them"),
        (["plain.yaml"], "Missing argument 'NEW'."),
        (["plain.yaml", "strict.yaml", "other.yaml"], "unexpected extra argument (other.yaml)"),
        (["plain.yaml", "none.yaml"], "none.yaml: No such file or directory"),
        (["plain.yaml", "."], ".: Is a directory"),
        (["--order", "deny<forward<handle", "plain.yaml", "strict.yaml"], "`deny<forward<handle` does not name deny,"),
        (["--order", "deny,deny,handle", "plain.yaml", "strict.yaml"], "write for example `deny,forward,handle`"),
        (["--order", "", "plain.yaml", "strict.yaml"], "`` does not name deny, forward and handle once each"),
        (["--order", "\x1b[2J", "plain.yaml", "strict.yaml"], "`\\x1b[2J` does not name"),
        (["-L", "a", "-L", "b", "-L", "c", "plain.yaml", "strict.yaml"], "the first label is OLD's, the second NEW's"),
        (["--kernel", "5.10", "plain.yaml", "strict.yaml"], "Linux 5.10 has no SMCCC filter"),
        (["--html", "plain.yaml", "plain.yaml", "strict.yaml"], "`plain.yaml` is OLD itself: write to another file"),
        (["--html", "./strict.yaml", "plain.yaml", "strict.yaml"], "is NEW itself: write to another file"),
        (["--html", "missing/a.html", "plain.yaml", "strict.yaml"], "missing/a.html: No such file or directory"),
        (["--page", "javascript:alert(1)", "plain.yaml", "strict.yaml"], "`javascript:alert(1)` is no address of the"),
        (["--page", "https://a.example/)[x](", "plain.yaml", "strict.yaml"], "is no address of the web"),
        (["--page", "https://a.example/\n::error::", "plain.yaml", "strict.yaml"], "is no address of the web"),
        (["--format", "sarif", "plain.yaml", "strict.yaml"], "'sarif' is not one of 'text', 'json', 'github'"),
    ],
)
def test_wrong_usage_is_explained(arguments: list[str], words: str, here: Path) -> None:
    done = run("diff", *arguments, cwd=here)
    assert (done.status, done.out) == (2, "")
    assert words in done.err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bad.yaml", "error[P103] invalid-value"),
        ("overlap.yaml", "error[R201] overlap"),
    ],
)
def test_a_policy_that_leaves_doubt_is_not_compared(name: str, words: str, here: Path) -> None:
    for arguments in (("plain.yaml", name), (name, "strict.bin")):
        done = run("diff", "--fail-on-widening", *arguments, cwd=here)
        assert (done.status, done.out) == (2, "")
        assert words in done.err


def test_a_policy_of_which_too_much_was_expected_is_compared(here: Path) -> None:
    done = run("diff", "unexpected.yaml", "unexpected.yaml", cwd=here)
    assert done.status == 0
    assert done.out.startswith("equivalent: ")


def test_findings_are_listed_and_do_not_count(here: Path) -> None:
    (here / "reworded.yaml").write_bytes(DENIED.replace(b"pv-time", b"pv-time], allow: [{code: F501, reason: tried}"))
    for old, new, status, words in (
        ("hidden.yaml", "denied.yaml", 1, "\n  new   error[F501] advertised-but-denied: "),
        ("denied.yaml", "hidden.yaml", 1, "\n  gone  error[F501] advertised-but-denied: "),
        ("denied.yaml", "reworded.yaml", 0, "\n  new   error[F501] advertised-but-denied, allowed: "),
    ):
        done = run("diff", old, new, cwd=here)
        assert (done.status, done.err) == (status, "")
        assert words in done.out
    for new in ("denied.yaml", "strict.bin", "/dev/null"):
        assert "F501" not in run("diff", "denied.yaml", new, cwd=here).out


def test_both_sides_are_looked_at_before_giving_up(here: Path) -> None:
    done = run("diff", "bad.yaml", "overlap.yaml", cwd=here)
    assert (done.status, done.out) == (2, "")
    assert "bad.yaml:4:14" in done.err
    assert "overlap.yaml:3:" in done.err


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.bin", ENTRY[:-1], "no multiple of 24"),
        ("a.bin", ENTRY[:8] + b"\x07" + bytes(15), "the action is 7"),
        ("a.bin", ENTRY[:9] + b"\x01" + bytes(14), "padding must be zero"),
        ("a.bin", ENTRY + ENTRY, "entry 2 at byte 24"),
        ("a.bin", bytes.fromhex("ffffffff0200000001") + bytes(15), "EINVAL"),
        ("a.bin", bytes.fromhex("000000800100000001") + bytes(15), "EEXIST"),
        ("a.json", b"{}", "a.json: "),
        ("a.txt", b"hello\n", "a.txt: neither a policy nor an artefact"),
        ("a", b"\x00\x01\x02", "a: neither a policy nor an artefact"),
        ("a.bin", (ENTRY[:8] + b"\x07" + bytes(15)) * 50, "a.bin: 30 more"),
    ],
)
def test_an_artefact_that_cannot_be_read_whole_is_not_compared(name: str, data: bytes, words: str, here: Path) -> None:
    (here / name).write_bytes(data)
    done = run("diff", "plain.yaml", name, cwd=here)
    assert (done.status, done.out) == (2, "")
    assert words in done.err
    assert all(line.startswith("smccc-filter: ") for line in done.err.splitlines())


def test_a_large_file_is_refused_unread(here: Path) -> None:
    done = run("diff", "--max-bytes", "30", "plain.yaml", "strict.yaml", cwd=here)
    assert (done.status, done.out) == (2, "")
    assert "error[P105] limit" in done.err


def test_a_terminal_gets_the_colours_of_a_diff(here: Path) -> None:
    status, out, _ = on_terminal("diff", here / "plain.yaml", here / "strict.yaml")
    assert status == 1
    assert "\x1b[1;31m  - handle   answered " in out
    assert "\x1b[1;32m  + forward  forwarded" in out
    assert "\x1b" not in run("diff", here / "plain.yaml", here / "strict.yaml").out


@pytest.mark.parametrize("report_format", ["text", "json", "github", "markdown"])
def test_reports_are_the_same_from_run_to_run(report_format: str, here: Path) -> None:
    arguments = ("diff", "--format", report_format, "lying.yaml", "strict.h")
    seeds = ("42", "0", "1", "2")
    assert len({run_process(*arguments, cwd=here, env=environment(PYTHONHASHSEED=seed)) for seed in seeds}) == 1


def test_a_reader_that_goes_away_ends_the_output_only(here: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run_process("diff", "plain.yaml", "strict.yaml", cwd=here, stdout=writer)
    os.close(writer)
    check(done)
    assert (done.status, done.err) == (1, "")


def test_the_order_is_completed_and_by_default_that_of_the_comparison() -> None:
    assert completions("deny", "diff", "--order") == ["deny,forward,handle", "deny,handle,forward"]
    assert ORDER == PERMISSIVENESS
