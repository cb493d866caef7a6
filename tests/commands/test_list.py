import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.shell_completion import ShellComplete
from click.testing import Result

import smccc_filter
from smccc_filter.analysis import checks
from smccc_filter.analysis.reference.groups import families, members, service_ids
from smccc_filter.cli import cli
from smccc_filter.commands import about
from smccc_filter.commands.list import TABLES
from smccc_filter.kvm.profiles import FIX_OF_EMPTY_RANGE, RAN, RELEASES, Evidence, parse, profile
from smccc_filter.language.source import parsers
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import intersection
from tests.commands.asked import runner
from tests.conftest import Golden
from tests.paths import ROOT, SCHEMA
from tests.policies.shipped import NAMES, policy

HERE = Path(__file__).parent / "golden"
COLUMNS = {
    "calls": ["NAME", "IDS", "SERVICE", "MEANING"],
    "services": ["NAME", "TITLE", "RANGES"],
    "checks": ["CODE", "NAME", "SEVERITY", "ALLOWABLE", "SUMMARY"],
    "kernels": ["FACT", "VALUE", "KERNELS", "RAN", "READ", "SOURCE"],
    "templates": ["NAME", "DESCRIPTION"],
    "about": ["NAME", "VALUE"],
}
KEYS = {
    "calls": {
        *("kind", "name", "ids", "smc32", "smc64", "yielding", "macros", "service", "specification", "since"),
        *("required", "meaning", "status", "note", "source", "confidence", "filterable", "signature"),
    },
    "services": {"kind", "name", "title", "specification", "ranges", "calls", "filterable"},
    "checks": {"kind", "code", "name", "severity", "errnos", "allowable", "summary", "manual"},
    "kernels": {"kind", "name", "facts"},
    "templates": {"kind", "name", "description", "kernels"},
    "about": {"kind", "name", "value"},
}
GROUPS = [*(service.name for service in registry.services()), *(family.name for family in families())]


def invoke(*arguments: str) -> Result:
    return runner().invoke(cli, ["list", *arguments])


def text(*arguments: str) -> str:
    result = invoke(*arguments)
    assert (result.exit_code, result.stderr, result.exception) == (0, "", None)
    return result.stdout


def rows(*arguments: str) -> list[list[str]]:
    """Return the cells below the header."""
    header, *lines = text(*arguments).splitlines()
    assert re.split(" {2,}", header) == COLUMNS[arguments[0]]
    return [re.split(" {2,}", line) for line in lines]


def objects(*arguments: str) -> list[dict[str, Any]]:
    document = json.loads(text(*arguments, "--format", "json"))
    assert list(document) == ["version", arguments[0]]
    assert document["version"] == 1
    found: list[dict[str, Any]] = document[arguments[0]]
    return found


@pytest.mark.parametrize("arguments", [("calls", "--service", "trng"), ("services",)], ids=lambda a: a[0])
def test_text_is_as_recorded(arguments: tuple[str, ...], golden: Golden) -> None:
    golden(HERE / f"list-{arguments[0]}.txt", text(*arguments))


def test_json_is_as_recorded(golden: Golden) -> None:
    golden(HERE / "list-calls.json", text("calls", "--service", "trng", "--format", "json"))


@pytest.mark.parametrize("table", COLUMNS)
def test_a_piped_row_is_one_line_with_every_column_in_its_place(table: str) -> None:
    header, *lines = text(table).splitlines()
    starts = [match.start() for match in re.finditer(r"\S+", header)]
    assert lines
    for line in lines:
        assert [match.start() for match in re.finditer(r"(?<!\S)\S+( \S+)*", line)] == starts


@pytest.mark.parametrize("table", COLUMNS)
def test_an_object_has_exactly_the_keys_of_its_kind(table: str) -> None:
    found = objects(table)
    assert found
    for item in found:
        assert set(item) == KEYS[table]
        assert item["kind"] == table.removesuffix("s")


def test_every_call_is_listed_once_with_its_ids() -> None:
    assert [(name, ids) for name, ids, _, _ in rows("calls")] == [
        (
            function.name,
            ",".join(
                f"0x{start:08X}" + (f"+{stop - start}" if stop - start > 1 else "")
                for start, stop in registry.function_ids(function)
            )
            or "-",
        )
        for function in registry.functions()
    ]


def test_every_service_is_listed_with_its_ranges() -> None:
    listed = {name: re.findall("0x[0-9A-F]{8}-0x[0-9A-F]{8}", ranges) for name, _, ranges in rows("services")}
    assert listed == {
        service.name: [f"0x{first:08X}-0x{last:08X}" for first, last in service.ranges]
        for service in registry.services()
    }
    for item, service in zip(objects("services"), registry.services(), strict=True):
        assert [(int(first, 16), int(last, 16)) for first, last in item["ranges"]] == list(service.ranges)


def test_every_check_is_listed() -> None:
    assert [row[:4] for row in rows("checks")] == [
        [check.CODE, check.NAME, check.SEVERITY, "yes" if check.ALLOWABLE else "no"] for check in checks.ALL
    ]
    assert [row[4] for row in rows("checks")] == [(check.__doc__ or "").splitlines()[0] for check in checks.ALL]


def test_every_kernel_is_listed_oldest_first_with_its_facts() -> None:
    names = [item["name"] for item in objects("kernels")]
    versions = [version for name in names if (version := parse(name))]
    assert versions == sorted(versions)
    assert set(RELEASES) | RAN <= set(names)
    assert {f"{release}.{stable}" for release, (stable, _) in FIX_OF_EMPTY_RANGE.items() if stable} <= set(names)
    for item in objects("kernels"):
        for fact, told in item["facts"].items():
            known = getattr(profile(item["name"]), fact)
            assert (told["evidence"], told["source"]) == (known.evidence, known.source)


def test_kernels_that_have_a_fact_alike_share_a_row() -> None:
    names = [item["name"] for item in objects("kernels")]
    facts: dict[str, list[str]] = {}
    for fact, value, kernels, ran, read, source in rows("kernels"):
        first, _, last = kernels.partition(" to ")
        some = names[names.index(first) : names.index(last or first) + 1]
        facts.setdefault(fact, []).extend(some)
        for name in some:
            known = getattr(profile(name), fact)
            seen = Evidence.RAN if name in ran.split(", ") else Evidence.READ if name in read.split(", ") else None
            assert (value, source) == (str(known.value), known.source)
            assert known.evidence is (seen or Evidence.INFERRED)
    assert facts == dict.fromkeys(objects("kernels")[0]["facts"], names)
    assert len(rows("kernels")) < len(names)


def test_every_shipped_policy_is_a_template_with_its_own_description() -> None:
    wanted = [policy(name) for name in NAMES]
    assert rows("templates") == [[found.name, found.description] for found in wanted]
    assert [(item["name"], item["kernels"]) for item in objects("templates")] == [
        (found.name, list(found.target.kernels)) for found in wanted
    ]


def test_about_says_what_a_report_of_a_bug_needs() -> None:
    told = {name: value for name, value in rows("about")}  # noqa: C416 -- a row is a list, of which mypy knows no length
    assert told == {item["name"]: item["value"] for item in objects("about")}
    assert (told["smccc-filter"], told["newest-kernel"]) == (smccc_filter.__version__, f"Linux {RELEASES[-1]}")
    assert told["python"].endswith(platform.python_version())
    assert told["yaml-parser"] == ("Python" if parsers.CParser is None else "C")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [re.split("[>;]", each)[0] for each in project["dependencies"]]
    assert {name: told.get(name) for name in needed} == {name: metadata.version(name) for name in needed}
    assert platform.node() not in told["platform"].split()


def test_about_tells_which_parser_reads_yaml_and_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "CParser", None)
    monkeypatch.setattr(about, "PACKAGES", ("no-such-package",))
    assert rows("about")[-2:] == [["yaml-parser", "Python"], ["no-such-package", "-"]]


@pytest.mark.parametrize("arguments", [(), ("--format", "text"), ("--format", "json")], ids=" ".join)
def test_the_schema_is_the_published_file_in_either_format(arguments: tuple[str, ...]) -> None:
    result = invoke("schema", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == SCHEMA.read_bytes()


def test_every_table_is_one_of_rows_or_the_schema() -> None:
    assert (*COLUMNS, "schema") == TABLES


@pytest.mark.parametrize("name", GROUPS)
def test_a_service_narrows_the_calls_to_its_own(name: str) -> None:
    service = registry.service(name)
    ids = service_ids(service) if service else ()
    expected = [
        function.name
        for function in registry.functions()
        if function.service == name or intersection(registry.function_ids(function), ids)
    ]
    assert [row[0] for row in rows("calls", "--service", name)] == expected
    assert [item["name"] for item in objects("calls", "--service", name.upper())] == expected


def test_a_family_has_calls() -> None:
    assert all(members(family) for family in families())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("calls", "--service", "psic"), "no service is called `psic`; did you mean `psci`?"),
        (("calls", "--service", "qqqqq"), "no service is called `qqqqq`; see `smccc-filter list services`"),
        (("calls", "--service", "\x1b"), "no service is called `\\x1b`; see `smccc-filter list services`"),
        (("calls", "--service", ""), "no service is called ``; see `smccc-filter list services`"),
        (("checks", "--service", "psci"), "--service narrows `list calls`, not `list checks`"),
        (("schema", "--service", "psci"), "--service narrows `list calls`, not `list schema`"),
        (("cals",), "'cals' is not one of 'calls', 'services', 'checks', 'kernels', 'templates', 'about', 'schema'"),
        ((), "Missing argument"),
    ],
)
def test_wrong_usage_is_refused(arguments: tuple[str, ...], message: str) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def completions(incomplete: str, *before: str) -> list[str]:
    shell = ShellComplete(cli, {}, "smccc-filter", "_SMCCC_FILTER_COMPLETE")
    return [item.value for item in shell.get_completions(["list", *before], incomplete)]


def test_completion_offers_tables_and_services() -> None:
    assert completions("") == list(TABLES)
    assert completions("k") == ["kernels"]
    assert completions("", "calls", "--service") == GROUPS
    assert completions("PS", "calls", "--service") == ["psci", "psci-0-1"]


def program(redirection: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in a shell, as ``$TOOL``."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {redirection}"],
        capture_output=True,
        text=True,
        env=os.environ | {"TOOL": f"{sys.executable} -m smccc_filter"},
        check=False,
    )


def test_awk_finds_the_columns() -> None:
    process = program("""$TOOL list checks | awk '$3 == "error" {print $1, $2}'""")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.splitlines() == [f"{c.CODE} {c.NAME}" for c in checks.ALL if c.SEVERITY == "error"]


def test_grep_finds_a_call_by_its_id() -> None:
    process = program("$TOOL list calls | grep 0xC4000003")
    assert process.stdout.split()[:3] == ["PSCI_CPU_ON", "0x84000003,0xC4000003", "psci"]
    assert process.stdout.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = program("$TOOL list calls --format json | head -1")
    assert (process.returncode, process.stdout, process.stderr) == (0, "{\n", "")


def test_closed_standard_output_is_reported() -> None:
    process = program("$TOOL list checks >&-")
    assert process.returncode == 2
    assert process.stderr == "smccc-filter: can't write standard output: Bad file descriptor\n"


def test_a_full_disk_is_reported() -> None:
    process = program("$TOOL list calls > /dev/full")
    assert process.returncode == 2
    assert process.stderr == "smccc-filter: can't write standard output: No space left on device\n"


def test_a_narrow_terminal_gets_wrapped_columns_and_loses_nothing() -> None:
    arguments = ["-m", "smccc_filter", "list", "checks"]
    child = pexpect.spawn(sys.executable, arguments, dimensions=(50, 90), encoding="utf-8")
    seen = child.read().splitlines()
    assert max(map(len, seen)) <= 90
    assert sorted(" ".join(seen).split()) == sorted(text("checks").split())


def test_help_shows_examples() -> None:
    assert "Examples:\n    smccc-filter list calls --service trng\n" in invoke("--help").stdout
