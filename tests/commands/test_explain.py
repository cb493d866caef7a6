import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.shell_completion import ShellComplete
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import checks
from smccc_filter.analysis.reference.forms import filterable, other_form, other_hint
from smccc_filter.analysis.reference.groups import families
from smccc_filter.cli import cli
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.profiles import all_profiles
from smccc_filter.reports.explain import json as facts
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, SVE_HINT, show
from smccc_filter.smccc.registry.aliases import ALIASES
from tests.commands.asked import runner
from tests.conftest import Golden

HERE = Path(__file__).parent / "golden"
FIDS = st.integers(0, SPACE - 1)

GOLDENS = {
    "id": "0xC4000003",
    "id-without-name": "0xc400_0002",
    "id-with-hint": "0xC4010003",
    "id-outside-smccc": "0x95C1BA60",
    "id-of-two-calls": "0xC6000007",
    "id-of-a-block": "0x87000013",
    "id-of-nobody": "0x20000000",
    "id-with-digits-exchanged": "0x48000003",
    "id-reserved-by-kvm": "0x80000000",
    "call": "psci_cpu_on",
    "call-that-may-return": "PSCI_CPU_SUSPEND",
    "call-with-errors-elsewhere": "FFA_FEATURES",
    "call-that-is-provisional": "RHI_DA_OBJECT_READ",
    "call-of-a-block": "VEN_EL3_DEBUGFS/32",
    "call-without-id": "VENDOR_HYP_KVM_FEATURES_2",
    "service": "std-hyp",
    "service-reserved-by-kvm": "arch",
    "family": "hyper-v",
    "range": "0x84000000-0x8400001F",
    "range-of-two": "0xC6000040+2",
    "range-kept-by-kvm": "0x80008000-0x8101000F",
    "range-of-nobody": "0x88000000+0x10",
    "range-of-everything": "0x0-0xFFFFFFFF",
    "words": "stolen time",
    "words-in-many": "memory",
    "code": "r201",
    "code-allowable": "idle-except",
}

TITLES = {
    "0X84000003": "0x84000003 is PSCI_CPU_ON/32: power up a core at an entry point",
    "PSCI_CPU_ON/64": "0xC4000003 is PSCI_CPU_ON/64: power up a core at an entry point",
    "psci_0_2_fn64_cpu_on": "0xC4000003 is PSCI_CPU_ON/64: power up a core at an entry point",
    "Psci_Cpu_Off": "PSCI_CPU_OFF: power down the calling core",
    "VEN_EL3_DEBUGFS/64": "VEN_EL3_DEBUGFS: TF-A vendor EL3 sub-service",
    "TRNG": "trng: True Random Number Generator firmware interface",
    "OPTEE": "optee: a family of calls that are no standard",
    "overlap": "R201 overlap (error, EEXIST)",
    "a301": "A301 reserved-owner (warning)",
    "0x84000016": "0x84000016: no known call has this ID",
    "0x84FE0003": "0x84FE0003: no conforming call has this ID",
    "0x88000000": "0x88000000: SMCCC allocates this ID to nobody",
    "0x88010000": "0x88010000: SMCCC allocates this ID to nobody",
    "0x84010016": "0x84010016: no known call has this ID",
    "0x01010000": "0x01010000: SMCCC allocates this ID to nobody",
    "0x02000000": "0x02000000: no known call has this ID",
    "0x0": "0x00000000: no known call has this ID",
    "0x84000003+1": "0x84000003 is PSCI_CPU_ON/32: power up a core at an entry point",
    "0x84000003-0X84000003": "0x84000003 is PSCI_CPU_ON/32: power up a core at an entry point",
    "0x84000000-0x84000001": "0x84000000-0x84000001: 2 IDs, inside psci, with 2 known calls",
    "0xC5000020+32": "0xC5000020-0xC500003F: 32 IDs, all of pv-time, with 2 known calls",
    "0x84000052+2": "0x84000052-0x84000053: 2 IDs, inside trng, with 2 known calls",
    "0x84000053+2": "0x84000053-0x84000054: 2 IDs, inside trng, with 1 known call",
    "0x87000000-0xC4000003": "0x87000000-0xC4000003: 1,023,410,180 IDs, with 41 known calls",
}

PHRASES = {
    ("cpu", "on"): ["PSCI_CPU_ON", "KVM_PSCI_0_1_CPU_ON"],
    ("stolen", "time"): ["G601 stolen-time", "pv-time", "PV_TIME_ST"],
    ("PSCI_CPU",): ["PSCI_CPU_SUSPEND", "PSCI_CPU_OFF", "PSCI_CPU_ON"],
    ("system res",): ["PSCI_SYSTEM_RESET", "PSCI_SYSTEM_RESET2"],
    ("R20",): ["R201 overlap", "R202 reserved-range"],
}
"""What is found first."""

BAD_WORDS = {
    "PSCI_CPU_ONN": "nothing is called `PSCI_CPU_ONN`; did you mean `PSCI_CPU_ON`",
    "psic": "nothing is called `psic`; did you mean `psci`?",
    "R20O": "nothing is called `R20O`; did you mean `R20",
    "overlp": "nothing is called `overlp`; did you mean `overlap`?",
    "qqqqqqqqqqqq": "nothing is called `qqqqqqqqqqqq`; see `smccc-filter list calls`",
    "": "nothing is called ``; see `smccc-filter list calls`",
    "x" * 10_000: "; see `smccc-filter list calls`",
    "\x1b[31m\u202e": "nothing is called `\\x1b[31m\\u202e`; see `smccc-filter list calls`",
    "psic/64": "nothing is called `psic/64`; ",
    "0x84000003 reset": "nothing is called `0x84000003 reset`; ",
    "Ox8400003": "nothing is called `Ox8400003`; see `smccc-filter list calls`",
    "PSCI_CPU_OFF/64": "`PSCI_CPU_OFF` has no form `/64`; write `PSCI_CPU_OFF`, which is 0x84000002",
    "psci_cpu_on/65": "`PSCI_CPU_ON` has no form `/65`; write `PSCI_CPU_ON`, which is 0x84000003 and 0xC4000003",
    "psci_cpu_on/": "`PSCI_CPU_ON` has no form `/`; write `PSCI_CPU_ON`, which is 0x84000003 and 0xC4000003",
    "ARM_SMCCC_TRNG_RND64/64": "`ARM_SMCCC_TRNG_RND64` has no form `/64`; write `ARM_SMCCC_TRNG_RND64`, which is 0xC4",
    "VENDOR_HYP_KVM_FEATURES_2/32": "`VENDOR_HYP_KVM_FEATURES_2` has no form `/32`; write `VENDOR_HYP_KVM_FEATURES_2`, "
    "which has no ID",
    "2214592515": "decimal function ID 2214592515; write it in hexadecimal: 0x84000003",
    "84000003": "`84000003` is a decimal number, for it has no `0x`; did you mean `0x84000003`, which is PSCI_CPU_"
    "ON/32?",
    "PSCI_CPU_ON_64": "nothing is called `PSCI_CPU_ON_64`; did you mean `PSCI_CPU_ON/64`?\n",
    "psci_migrate/SMC64": "nothing is called `psci_migrate/SMC64`; did you mean `PSCI_MIGRATE/64`?\n",
    "pv_time": "nothing is called `pv_time`; did you mean `pv-time`?\n",
    "4294967296": "4294967296 has more than 32 bits; write 0x00000000 to 0xFFFFFFFF",
    "9" * 5000: "has more than 32 bits",
    "C4000003": "nothing is called `C4000003`; did you mean `0xC4000003`, which is PSCI_CPU_ON/64?",
    "8400000a": "`8400000a` is not a function ID; did you mean `0x8400000a`, which is PSCI_FEATURES?",
    "0x100000000": "0x100000000 has more than 32 bits",
    "0x840000003": "0x840000003 has more than 32 bits; did you mean `0x84000003`, which is PSCI_CPU_ON/32?",
    "0x12345678A": "write 0x00000000 to 0xFFFFFFFF\n",
    "0x2-0x1": "`0x2-0x1` ends before it begins; did you mean `0x00000001-0x00000002`?",
    "0x84000003-0x0": "`0x84000003-0x0` ends before it begins; did you mean `0x00000000-0x84000003`?",
    "0x84000003+0": "`0x84000003+0` is an empty range; see `smccc-filter explain R203`",
    "0xFFFFFFFF+2": "`0xFFFFFFFF+2` ends past 0xFFFFFFFF; see `smccc-filter explain R204`",
    "0x84000000-84000003": "is a decimal number, for it has no `0x`; did you mean `0x84000000-0x84000003`?",
    "0x84000000-": "nothing stands behind the `-` in `0x84000000-`; write first-last, base+count or one ID",
    "0x8+\x1b[31m": "`\\x1b[31m` in `0x8+\\x1b[31m` is not a count",
    "0x84000000-0x1FFFFFFFF": "more than 32 bits",
    "0x8400000G": "`0x8400000G` is not a function ID; write `0x` and hexadecimal digits, as in 0x84000003",
    "0x": "`0x` is not a function ID; write `0x` and hexadecimal digits, as in 0x84000003",
    "0x1_": "`0x1_` is not a function ID; did you mean `0x1`?",
    "1\n": "`1\\n` is not a function ID; did you mean `0x00000001`?",
    "\u0663": "`\u0663` is not a function ID; did you mean `0x00000003`?",
    "0x84000000+1F": "`1F` in `0x84000000+1F` is not a count; did you mean `0x84000000+0x1F`?",
    "C4000000+2": "nothing is called `C4000000+2`; did you mean `0xC4000000+2`?",
}


def invoke(*arguments: str) -> Result:
    return runner().invoke(cli, ["explain", *arguments])


def explain(*words: str) -> str:
    result = invoke(*words)
    assert (result.exit_code, result.stderr, result.exception) == (0, "", None)
    return result.stdout


def as_json(*words: str) -> list[dict[str, Any]]:
    result = invoke("--format", "json", *words)
    assert (result.exit_code, result.stderr, result.exception) == (0, "", None)
    document = json.loads(result.stdout)
    assert list(document) == ["version", "explanations"]
    assert document["version"] == 1
    explanations: list[dict[str, Any]] = document["explanations"]
    return explanations


@pytest.mark.parametrize("name", GOLDENS)
def test_text_is_as_recorded(name: str, golden: Golden) -> None:
    golden(HERE / f"explain-{name}.txt", explain(GOLDENS[name]))


def test_json_is_as_recorded(golden: Golden) -> None:
    words = ("0xC4000003", "0xC4010003", "0x32000004", "0x80000000", "0x48000003", "trng_rnd", "pv-time", "hyper-v")
    golden(HERE / "explain.json", invoke("--format", "json", *words).stdout)
    golden(HERE / "explain-ranges.json", invoke("--format", "json", "0xC6000040+2", "0x8000FFFF-0x80020000").stdout)
    golden(HERE / "explain-words.json", invoke("--format", "json", "stolen", "time").stdout)


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.name for path in HERE.glob("explain*")} == {f"explain-{name}.txt" for name in GOLDENS} | {
        "explain.json",
        "explain-ranges.json",
        "explain-words.json",
    }


@pytest.mark.parametrize(("word", "title"), TITLES.items())
def test_the_title_answers(word: str, title: str) -> None:
    assert explain(word).splitlines()[0] == title


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hotplug", "there is the template `vcpu-hotplug`: see `smccc-filter list templates`"),
        ("VCPU-hotplug", "there is the template `vcpu-hotplug`: see `smccc-filter list templates`"),
        ("lug", None),
        ("", None),
    ],
)
def test_a_template_is_named_where_nothing_else_is_called_so(word: str, said: str | None) -> None:
    result = invoke("--", word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (said or "") in result.stderr
    assert ("template" in result.stderr) is (said is not None)


@pytest.mark.parametrize(("word", "message"), BAD_WORDS.items(), ids=lambda value: ascii(value[:30]))
def test_a_bad_word_is_refused_with_a_hint(word: str, message: str) -> None:
    result = invoke("--", word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.startswith("Usage: ")


def test_bad_words_are_reported_together_and_nothing_else_is_said() -> None:
    result = invoke("PSCI_CPU_ON", "psic", "12", "R20O")
    assert (result.exit_code, result.stdout) == (2, "")
    for message in ("nothing is called `psic`", "decimal function ID 12", "nothing is called `R20O`"):
        assert message in result.stderr


def test_a_bad_word_among_words_that_are_found_together_is_still_told() -> None:
    result = invoke("cpu", "on", "0x2-0x1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "`0x2-0x1` ends before it begins" in result.stderr
    assert "nothing is called `on`" in result.stderr


@pytest.mark.parametrize("words", PHRASES)
def test_words_that_nothing_is_called_are_looked_for_together(words: tuple[str, ...]) -> None:
    (explained,) = as_json(*words)
    assert (explained["word"], explained["kind"]) == (" ".join(words), "matches")
    assert [match["name"] for match in explained["matches"]][: len(PHRASES[words])] == PHRASES[words]
    assert explain(*words) == explain(" ".join(words))


def test_what_alone_has_the_words_is_explained() -> None:
    assert explain("cold", "reset") == explain("PSCI_SYSTEM_RESET")
    assert explain("random") == explain("trng")
    assert as_json("cold reset") == [as_json("PSCI_SYSTEM_RESET")[0] | {"word": "cold reset"}]


def test_a_word_is_required() -> None:
    assert invoke().exit_code == 2


def test_several_words_are_explained_in_order_with_an_empty_line_between() -> None:
    assert explain("trng", "R201", "trng") == "\n".join(map(explain, ("trng", "R201", "trng")))


def every_name() -> Iterator[str]:
    yield from (function.name for function in registry.functions())
    yield from ALIASES
    yield from (service.name for service in registry.services())
    yield from (family.name for family in families())
    for check in checks.ALL:
        yield check.CODE
        yield check.NAME


def test_no_two_words_differ_in_case_only() -> None:
    names = list(every_name())
    assert len({name.casefold() for name in names}) == len(names)


def test_everything_that_the_tool_knows_is_explained_under_its_own_name() -> None:
    names = [*every_name(), *(name for fid in sorted(set(ALIASES.values())) if (name := registry.name_of(fid)))]
    text = explain(*names)
    for name, explained in zip(names, as_json(*names), strict=True):
        assert explained["word"] == name
        if explained["kind"] == "id":
            assert name == explained["name"] or name in explained["macros"]
        elif explained["kind"] == "check":
            assert name in (explained["code"], explained["name"])
        else:
            assert name == explained["name"]
        assert name in text


def test_case_does_not_count() -> None:
    names = list(every_name())
    assert explain(*map(str.upper, names)) == explain(*map(str.lower, names)) == explain(*names)


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.CODE)
def test_a_code_is_explained_by_its_own_manual(check: "checks.Check") -> None:
    assert check.__doc__ is not None
    text = explain(check.CODE)
    assert text == explain(check.NAME)
    assert text.splitlines()[0].startswith(f"{check.CODE} {check.NAME} ({check.SEVERITY}")
    assert f"\n\n{check.__doc__.strip()}\n\n" in text
    assert text.splitlines()[-1].startswith("  may be allowed  " + ("yes" if check.ALLOWABLE else "no"))
    (explained,) = as_json(check.CODE)
    assert f"{explained['summary']}\n\n{explained['manual']}" == check.__doc__.strip()
    assert explained["allowable"] is check.ALLOWABLE


def test_a_code_names_every_errno_that_a_kernel_answers() -> None:
    named = {explained["code"]: set(explained["errnos"]) for explained in as_json(*(c.CODE for c in checks.ALL))}
    assert {code: errnos for code, errnos in named.items() if errnos} == {
        "R201": {"EEXIST"},
        "R202": {"EEXIST"},
        "R203": {"EINVAL"} | {profile.empty_range_at_zero.value for profile in all_profiles()},
        "R204": {"EINVAL"},
        "K403": {"EINVAL", "ENOENT"},
        "K404": {"EINVAL"},
        "K408": {"EINVAL"},
    }


@given(FIDS)
def test_any_id_can_be_explained(fid: int) -> None:
    lines = explain(show(fid)).splitlines()
    assert lines[0].startswith(show(fid))
    assert sum(line.startswith("  filter ") for line in lines) == 1
    (explained,) = as_json(f"0x{fid:x}")
    assert explained["id"] == show(fid)
    assert explained["filterable"] is not any(start <= fid < stop for start, stop in RESERVED)
    assert (explained["errno"] is None) is explained["filterable"]
    first, last = (int(edge, 16) for edge in explained["allocation"]["range"])
    assert first <= fid <= last


@given(FIDS)
def test_the_layout_adds_up_to_the_id(fid: int) -> None:
    explained = facts.function_id(fid)
    layout = ("convention", "owner", "must_be_zero", "sve_hint", "function_number")
    if explained["call_type"] == "yielding":
        assert fid < 1 << 31
        assert [explained[key] for key in layout] == [None] * len(layout)
        return
    convention, owner, must_be_zero, hint, number = (explained[key] for key in layout)
    assert isinstance(owner, int)
    assert isinstance(must_be_zero, int)
    assert isinstance(hint, bool)
    assert isinstance(number, int)
    bits = 1 << 31 | {"SMC32": 0, "SMC64": 1 << 30}[str(convention)] | owner << 24 | must_be_zero << 17 | hint << 16
    assert bits | number == fid


@given(FIDS | st.sampled_from(sorted(start for start, _ in registry.known_ids())))
def test_relatives_are_mutual(fid: int) -> None:
    hinted = other_hint(fid)
    assert hinted is None or (hinted ^ fid == SVE_HINT and other_hint(hinted) == fid)
    other = other_form(fid)
    if other is not None and registry.by_id(fid):
        assert other_form(other) == fid
        assert registry.by_id(other)[0].name == registry.by_id(fid)[0].name


@pytest.mark.parametrize("name", registry.all_names())
def test_the_selectors_that_are_offered_select_the_id(name: str) -> None:
    ids = registry.by_name(name)
    assert ids is not None
    for start, stop in ids:
        for fid in range(start, stop):
            lines = explain(show(fid)).splitlines()
            if filterable(((fid, fid + 1),)):
                selector = next(line for line in lines if "calls: [" in line)
                selected = registry.by_name(selector.partition("calls: [")[2].partition("]")[0])
                assert selected is not None
                assert (selected == ((fid, fid + 1),)) is not selector.endswith("16 IDs")
                assert f"ranges: [{show(fid)}]" in "\n".join(lines)
            else:
                assert not any("ranges: [" in line or "calls: [" in line for line in lines)


def completions(incomplete: str, *before: str) -> list[str]:
    shell = ShellComplete(cli, {}, "smccc-filter", "_SMCCC_FILTER_COMPLETE")
    return [item.value for item in shell.get_completions(["explain", *before], incomplete)]


@pytest.mark.parametrize(
    ("incomplete", "expected"),
    [
        ("psci_cpu_o", ["PSCI_CPU_OFF", "PSCI_CPU_ON"]),
        ("PSCI_CPU_ON/", ["PSCI_CPU_ON/32", "PSCI_CPU_ON/64"]),
        ("PSCI_CPU_OFF/", []),
        ("PV_TIME_ST/", []),
        ("ARM_SMCCC_TRNG_RND", ["ARM_SMCCC_TRNG_RND32", "ARM_SMCCC_TRNG_RND64"]),
        ("r20", [check.CODE for check in checks.ALL if check.CODE.startswith("R20")]),
        ("overl", ["overlap"]),
        ("vendor-", ["vendor-hyp", "vendor-el3"]),
        ("opte", ["optee", "OPTEE_"]),
        ("0xc500002", ["0xC5000020", "0xC5000021"]),
        ("qqq", []),
    ],
)
def test_completion_offers_what_begins_so(incomplete: str, expected: list[str]) -> None:
    offered = completions(incomplete)
    assert [word for word in offered if not word.startswith("OPTEE_")] == [w for w in expected if w != "OPTEE_"]
    assert any(word.startswith("OPTEE_") for word in offered) is ("OPTEE_" in expected)
    assert completions(incomplete, "R201") == offered


def test_an_id_is_completed_with_its_call_beside_it() -> None:
    shell = ShellComplete(cli, {}, "smccc-filter", "_SMCCC_FILTER_COMPLETE")
    offered = [(item.value, item.help) for item in shell.get_completions(["explain"], "0xc500002")]
    assert offered == [("0xC5000020", "PV_TIME_FEATURES"), ("0xC5000021", "PV_TIME_ST")]


def test_completion_without_a_start_offers_words_and_no_ids_or_aliases() -> None:
    offered = completions("")
    assert {"psci", "optee", "R201", "overlap", "PSCI_CPU_ON"} <= set(offered)
    assert not set(offered) & set(ALIASES)
    assert not any(word.startswith("0x") for word in offered)


def test_everything_that_is_offered_can_be_explained() -> None:
    explain(*completions(""), *completions("0"), *completions("PSCI_"), *completions("PSCI_CPU_ON/"))


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smccc_filter", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | environment,
        check=False,
    )


def test_the_program_explains() -> None:
    process = run("explain", "PSCI_CPU_ON")
    assert (process.returncode, process.stdout, process.stderr) == (0, explain("PSCI_CPU_ON"), "")


def test_the_program_refuses_with_status_2() -> None:
    process = run("explain", "psic")
    assert (process.returncode, process.stdout) == (2, "")
    assert "did you mean `psci`?" in process.stderr


def test_bash_completes_words() -> None:
    process = run(_SMCCC_FILTER_COMPLETE="bash_complete", COMP_WORDS="smccc-filter explain PSCI_CPU_O", COMP_CWORD="2")
    assert process.stdout.split() == ["plain,PSCI_CPU_OFF", "plain,PSCI_CPU_ON"]


def test_a_terminal_gets_lines_that_fit() -> None:
    words = ["explain", "0xC4000003", "A301", "trusted-os"]
    child = pexpect.spawn(sys.executable, ["-m", "smccc_filter", *words], dimensions=(50, 72), encoding="utf-8")
    seen = child.read()
    assert max(map(len, seen.splitlines())) <= 72
    assert seen.split() == explain(*words[1:]).split()


def test_help_says_what_a_word_may_be() -> None:
    text = invoke("--help").stdout
    assert "Examples:\n    smccc-filter explain 0xC4000003\n" in text
