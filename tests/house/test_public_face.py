"""The public face: what it offers and costs, what it says of bad input, and that reports can't disagree with it."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import smccc_filter
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.reports import query
from smccc_filter.reports.diff import json as diff_json
from smccc_filter.reports.findings import json as findings_json
from smccc_filter.reports.guest import json as guest_json
from tests.house.tree import environment, need, run
from tests.policies.shipped import NAMES, each_policy, examine, path

CALLS = ("PSCI_CPU_ON/64", "TRNG_RND/32", "0x84000000", "0xC6000040")
BROKEN = smccc_filter.examine(b"version: 1\nname: p\nrules: [{action: dney, calls: [PSCI_CPU_ON]}]\n", path="p.yaml")
REFUSED = smccc_filter.examine(b"version: 1\nname: p\nrules: [{action: deny, services: [psci]}]\n", path="p.yaml")
GOOD = smccc_filter.examine(b"version: 1\nname: p\nrules: [{action: deny, ranges: [0x82000000]}]\n", path="p.yaml")


def test_it_offers_what_it_lists_and_nothing_else() -> None:
    assert dir(smccc_filter) == sorted(smccc_filter.__all__)
    assert [name for name in smccc_filter.__all__ if not hasattr(smccc_filter, name)] == []
    with pytest.raises(AttributeError, match="has no attribute `exmine`"):
        getattr(smccc_filter, "exmine")  # noqa: B009 -- mypy knows that there is none


def test_what_is_imported_late_is_what_type_checkers_see() -> None:
    tree = ast.parse(Path(smccc_filter.__file__).read_text(encoding="utf-8"))
    (checking,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: f"{node.module}"
        for node in checking.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted([*seen, "__version__"]) == smccc_filter.__all__
    assert all(vars(sys.modules[home])[name] is getattr(smccc_filter, name) for name, home in seen.items())


def test_importing_it_imports_nothing_else() -> None:
    program = "import sys; before = set(sys.modules); import smccc_filter; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["smccc_filter", "smccc_filter.version"]


def test_each_function_documents_itself() -> None:
    for name in ("compare", "compile", "decide", "examine", "guest"):
        manual = getattr(smccc_filter, name).__doc__
        assert "Raises " in " ".join(manual.split()), name
        assert "TypeError" in manual, name


@each_policy
def test_json_says_what_the_values_are(name: str) -> None:
    data = path(name).read_bytes()
    examination = smccc_filter.examine(data, path=name)
    policy = examination.policy
    assert policy is not None
    (file,) = json.loads(findings_json.render([examination.report]))["files"]
    assert [found["code"] for found in file["diagnostics"]] == [found.code for found in examination.diagnostics]

    decisions = [smccc_filter.decide(examination, call) for call in CALLS]
    setups = set_up_on(policy, examination.resolution.actions)
    for result, decision in zip(json.loads(query.render_json(decisions, setups))["results"], decisions, strict=True):
        assert (result["action"], result["rule"]) == (decision.action, decision.rule_name)
        assert result["outcomes"] == decision.outcomes

    told = json.loads(guest_json.render(setups[-1:]))
    guest = smccc_filter.guest(examination)
    assert told["kernel"] == guest.kernel
    assert [row["consistent"] for row in told["answers"]] == [answer.consistent for answer in guest.answers]

    comparison = smccc_filter.compare(examination, examine(NAMES[0]))
    document = json.loads("".join(diff_json.render(comparison)))
    assert document["verdict"] == comparison.verdict
    assert len(document["changes"]) == len(comparison.changes)


def test_a_call_may_be_asked_in_any_spelling() -> None:
    examination = examine("vcpu-hotplug")
    spellings = ("PSCI_CPU_ON/64", "psci_cpu_on/64", "PSCI_0_2_FN64_CPU_ON", "0xC4000003", 0xC4000003)
    for decision in (smccc_filter.decide(examination, call) for call in spellings):
        assert (decision.func_id, decision.action, decision.rule_name) == (0xC4000003, "forward", "cpu-power")
        assert decision.outcomes == {"6.12": "answered", "7.3": "answered"}


def test_only_errors_keep_a_policy_from_being_compiled() -> None:
    assert [found.code for found in REFUSED.errors] == ["F507"] != [found.code for found in REFUSED.diagnostics]


def test_the_first_id_is_one() -> None:
    assert smccc_filter.decide(GOOD, 0).func_id == 0


def test_a_policy_is_compiled() -> None:
    artefact = smccc_filter.compile(GOOD, "json")
    assert json.loads(artefact.data)["name"] == "p"
    assert artefact.proved == 1 << 32


def test_one_outcome_is_not_made_of_two() -> None:
    text = b'version: 1\nname: p\ntarget: {kernels: ["6.12", "7.3"]}\nrules: []\n'
    decision = smccc_filter.decide(smccc_filter.examine(text), "PSCI_SYSTEM_OFF2/64")
    assert decision.outcomes == {"6.12": "not_supported", "7.3": "answered"}
    with pytest.raises(ValueError, match="the kernels disagree about 0xC4000015"):
        _ = decision.outcome


ANYTHING: Any = smccc_filter
"""The same for what a type checker would refuse."""

BAD: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no-bytes": (lambda: ANYTHING.examine("version: 1"), TypeError, "data must be bytes, not str"),
    "no-path": (lambda: ANYTHING.examine(b"", path=None), TypeError, "path must be a string, not NoneType"),
    "no-examination": (lambda: ANYTHING.guest(b""), TypeError, "must be what examine() returns, not bytes"),
    "no-examination-to-compile": (lambda: ANYTHING.compile(b"", "c"), TypeError, "must be what examine() returns, not"),
    "no-format": (lambda: ANYTHING.compile(GOOD, None), TypeError, "artefact_format must be a string, not NoneType"),
    "no-call": (lambda: ANYTHING.decide(GOOD, 1.5), TypeError, "must be a string or a function ID, not float"),
    "no-kernel": (lambda: ANYTHING.decide(GOOD, 0, kernel=6.12), TypeError, "kernel must be a string, not float"),
    "one-string": (lambda: ANYTHING.compare(GOOD, GOOD, kernels="6.12"), TypeError, "not one string"),
    "a-number": (lambda: ANYTHING.compare(GOOD, GOOD, kernels=[7]), TypeError, "must be a string, not int"),
    "format": (
        lambda: smccc_filter.compile(GOOD, "rusty"),
        ValueError,
        "no format is called `rusty`; did you mean `rust`",
    ),
    "errors": (lambda: smccc_filter.compile(BROKEN, "c"), ValueError, "p.yaml has errors: P103"),
    "refused": (lambda: smccc_filter.compile(REFUSED, "c"), ValueError, "p.yaml has errors: F507"),
    "open": (lambda: smccc_filter.decide(BROKEN, 0), ValueError, "errors leave it open what p.yaml says: P103"),
    "open-side": (
        lambda: smccc_filter.compare(GOOD, BROKEN),
        ValueError,
        "errors leave it open what p.yaml says: P103",
    ),
    "unknown-call": (
        lambda: smccc_filter.decide(GOOD, "PSCI_CPU_ONN"),
        ValueError,
        "no call is called `PSCI_CPU_ONN`; did",
    ),
    "several-ids": (
        lambda: smccc_filter.decide(GOOD, "PSCI_CPU_ON"),
        ValueError,
        "is 2 IDs; ask for one of them, such as `PSCI_CPU_ON/32` or `PSCI_CPU_ON/64`",
    ),
    "block": (
        lambda: smccc_filter.decide(GOOD, "VEN_EL3_DEBUGFS/64"),
        ValueError,
        "is 16 IDs; ask for one of them, such as `0xC7000010` or `0xC7000011`",
    ),
    "decimal": (lambda: smccc_filter.decide(GOOD, "12"), ValueError, "decimal function ID 12"),
    "range": (lambda: smccc_filter.decide(GOOD, "0x84000000+2"), ValueError, "is a range of 2 IDs"),
    "too-large": (lambda: smccc_filter.decide(GOOD, 1 << 32), ValueError, "4294967296 is no function ID"),
    "negative": (lambda: smccc_filter.decide(GOOD, -1), ValueError, "-1 is no function ID"),
    "true": (lambda: smccc_filter.decide(GOOD, True), ValueError, "True is no function ID"),  # noqa: FBT003 -- the same
    "unknown-kernel": (
        lambda: smccc_filter.guest(GOOD, kernel="8.9"),
        ValueError,
        "no kernel `8.9` is known; known are 6.4",
    ),
    "old-kernel": (lambda: smccc_filter.guest(GOOD, kernel="5.10"), ValueError, "Linux 5.10 has no SMCCC filter"),
    "misspelt": (
        lambda: smccc_filter.compare(GOOD, GOOD, kernels=["6.1O"]),
        ValueError,
        "no kernel `6.1O` is known; did",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_the_words_of_the_command_line(case: str) -> None:
    ask, error, words = BAD[case]
    with pytest.raises(error) as raised:
        ask()
    assert words in str(raised.value)


def test_kernels_may_come_from_anything_that_yields_their_names() -> None:
    assert smccc_filter.compare(GOOD, GOOD, kernels=("6.12", "7.3", "6.12")).kernels == ("6.12", "7.3")
    assert ANYTHING.compare(GOOD, GOOD, kernels=iter(["6.12"])).kernels == ("6.12",)


@pytest.mark.parametrize(
    "word", ["", " ", "/", "/64", "\0", "PSCI_CPU_ON/", "0x", "0x84000003+1F", "9" * 5000, "\ud800"]
)
def test_a_nearly_valid_call_is_a_value_error(word: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        smccc_filter.decide(GOOD, word)


@pytest.mark.parametrize("name", ["", "6", "6.", "6.12.", "v6.12.0", "\0", "6.12 ", "9" * 5000])
def test_a_nearly_valid_kernel_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="kernel"):
        smccc_filter.guest(GOOD, kernel=name)


def test_nothing_that_a_file_may_hold_raises() -> None:
    for data in (b"", b"\0", b"\xff", b"[" * 10_000, b"version: 1", path("lockdown").read_bytes()[:300]):
        assert smccc_filter.examine(data).has_errors, data[:20]


PROGRAM = """
from pathlib import Path

import smccc_filter
from smccc_filter import Action, Diagnostic, Examination, Outcome, Severity


def errors(examination: Examination) -> list[Diagnostic]:
    return [found for found in examination.diagnostics if found.severity is Severity.ERROR]


def answered_by_the_vmm(examination: Examination, call: str | int, kernel: str | None = None) -> bool:
    decision = smccc_filter.decide(examination, call, kernel=kernel)
    return decision.action is Action.FORWARD and decision.outcome is Outcome.ANSWERED


examination = smccc_filter.examine(Path("p.yaml").read_bytes(), path="p.yaml")
header: bytes = smccc_filter.compile(examination, "c").data
lies = [answer.asked for answer in smccc_filter.guest(examination).answers if not answer.consistent]
widened: bool = smccc_filter.compare(examination, examination, kernels=["6.12"]).verdict.widens
places: list[tuple[int, int]] = [found.span.start for found in errors(examination)]
print(answered_by_the_vmm(examination, 0xC4000003), len(header), lies, widened, places)
"""


def test_a_program_that_uses_public_names_alone_is_typed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "p.yaml").write_bytes(path("vcpu-hotplug").read_bytes())
    need("mypy")
    env = environment(tmp_path)
    run(sys.executable, "-P", "-m", "mypy", "--strict", "program.py", cwd=tmp_path, env=env)
    assert run(sys.executable, "-P", "program.py", cwd=tmp_path, env=env).startswith("True ")
