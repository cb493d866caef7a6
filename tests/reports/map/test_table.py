from itertools import pairwise

import pytest

from smccc_filter.analysis.map import PolicyMap
from smccc_filter.reports.map import table as map_table
from smccc_filter.reports.paper.styles import Style, plain
from tests.conftest import Golden
from tests.policies import shipped
from tests.policies.shipped import each_policy
from tests.reports.map import cases as maps

COLUMNS = ["ids", "action", "by", "on ", "what lives there"]


def rows(drawn: PolicyMap, *, every: bool = False) -> list[list[str]]:
    """Return the cells of a table by where the header has its columns."""
    header, *lines = plain(map_table.render(drawn, None, every=every)).split("\n\n")[0].splitlines()
    starts = [0, *(header.index(f"  {name}") for name in COLUMNS[1:])]
    return [[line[start:stop].strip() for start, stop in pairwise((*starts, None))] for line in (header, *lines)]


def cells(policy: str, start: str) -> list[str]:
    return next(row for row in rows(maps.of(policy)) if row[0].startswith(start))


@pytest.mark.parametrize("name", ["vcpu-hotplug", "lockdown", "kvmtool-psci"])
def test_the_table_is_as_recorded(name: str, golden: Golden) -> None:
    drawn = maps.of_shipped(name)
    golden(maps.RECORDED / f"{name}.txt", plain(map_table.render(drawn, None)))
    golden(maps.RECORDED / f"{name}.80.txt", plain(map_table.render(drawn, 80, places=True)))


@each_policy
def test_a_shipped_policy_fits_on_a_screen(name: str) -> None:
    assert len(rows(maps.of_shipped(name))) <= 40


@each_policy
def test_all_gives_every_segment_a_row(name: str) -> None:
    drawn = maps.of_shipped(name)
    assert len(rows(drawn, every=True)) == 1 + len(drawn.segments)


@each_policy
def test_rows_say_every_change_of_decision(name: str) -> None:
    shown = rows(maps.of_shipped(name))
    assert [title[:3] for title in shown[0]] == [name[:3] for name in COLUMNS]
    assert all(left[1:3] != right[1:3] for left, right in pairwise(shown[1:]))


def test_in_a_pipe_the_table_says_what_the_policy_means_and_nothing_of_the_file() -> None:
    text = shipped.path("lockdown").read_text(encoding="utf-8")
    moved = text.replace("rules:\n", "# a comment\n\nrules:\n")
    assert moved != text
    tables = [plain(map_table.render(maps.of(data), None)) for data in (text, moved)]
    assert tables[0] == tables[1]
    assert "p.yaml" not in tables[0]


def test_a_row_that_changes_leaves_the_others_as_they_are() -> None:
    policy = f"{maps.HEAD}rules: [{{name: few, action: forward, calls: [TRNG_RND/32, TRNG_VERSION]}}]\n"
    other = policy.replace("TRNG_VERSION", "PSCI_MEM_PROTECT_CHECK_RANGE").replace("few", "another-name")
    lines, others = (plain(map_table.render(maps.of(text), None)).splitlines() for text in (policy, other))
    assert lines[0] == others[0]
    assert {line for line in lines if line.startswith("0xC4000054")} <= {*others}


def test_a_terminal_is_told_the_line_of_the_selector_that_decides() -> None:
    policy = f"{maps.HEAD}rules:\n  - action: deny\n    calls:\n      - TRNG_RND\n      - TRNG_VERSION\n"
    table = plain(map_table.render(maps.of(policy), 200, places=True))
    numbers = [line.split("rule 1")[1].split()[0] for line in table.splitlines() if "rule 1" in line]
    assert numbers == ["7", "6", "6"]


def test_only_the_action_is_styled_wherever_its_word_stands() -> None:
    policy = f"{maps.HEAD}rules: [{{name: deny, action: forward, calls: [TRNG_RND]}}]\n"
    styled = [piece for piece in map_table.render(maps.of(policy), None) if piece[1] is not Style.PLAIN]
    assert [text for text, _ in styled] == ["handle", "forward", "handle", "forward", "handle"]
    assert len({style for _, style in styled}) == 2


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_a_cell_that_is_wrapped_or_empty_moves_no_style(width: int) -> None:
    pieces = list(map_table.render(maps.of_shipped("lockdown"), width, places=True))
    assert {text for text, style in pieces if style is not Style.PLAIN} == {"handle", "deny"}


def test_calls_are_named_where_they_are_few() -> None:
    policy = f"{maps.HEAD}rules: [{{action: deny, calls: [TRNG_RND/32, TRNG_VERSION], services: [sdei]}}]\n"
    assert cells(policy, "0x84000053")[4] == "TRNG_RND/32"
    assert cells(policy, "0x84000020")[4] == "sdei"
    assert cells(policy, "0xC4000020")[4] == "sdei, 19 calls"
    assert cells(policy, "0x00000000")[4] == "everything else"
    assert cells(maps.HEAD, "0x00000000")[4] == "everything"


def test_of_many_services_the_first_are_named() -> None:
    policy = f"{maps.HEAD}rules: [{{action: deny, ranges: [0x84000000-0x84FFFFFF]}}]\n"
    assert cells(policy, "0x84000000")[4] == "psci, sdei, mm and 13 more"


def test_a_guest_gets_what_the_action_says_without_a_word() -> None:
    policy = f"{maps.HEAD}rules: [{{action: deny, calls: [SDEI_VERSION]}}, {{action: forward, calls: [TRNG_RND/32]}}]\n"
    assert cells(policy, "0xC4000020")[1:4] == ["deny", "rule 1", "-"]
    assert cells(policy, "0x84000053")[1:4] == ["forward", "rule 2", "-"]


def test_kernels_that_disagree_are_told_apart() -> None:
    kernels = 'target: {kernels: ["6.12", "6.4"]}\n'
    policy = f"{maps.HEAD}{kernels}rules: [{{action: handle, calls: [PSCI_SYSTEM_OFF2/32]}}]\ndefault: deny\n"
    row = cells(policy, "0x84000015")
    assert row[1:4] == ["handle", "rule 1", "not_supported"]
    newer = policy.replace('"6.4"', '"7.3"')
    assert cells(newer, "0x84000015")[3] == "6.12: not_supported; 7.3: answered"


def test_the_arm_architecture_calls_are_kvms_where_that_shows() -> None:
    assert cells(f"{maps.HEAD}default: deny\n", "0x80000000")[1:3] == ["handle", "KVM"]


def test_what_a_kernel_refuses_stands_below() -> None:
    policy = f'{maps.HEAD}target: {{kernels: ["6.12", "7.3"]}}\nfirmware: {{vendor_hyp_2: []}}\n'
    table = plain(map_table.render(maps.of(policy), None))
    assert "\n\n  6.12  refuses " in table
    assert table.endswith(", and keeps its default\n")


def test_hostile_names_are_made_visible() -> None:
    policy = f'{maps.HEAD}rules: [{{name: "a\u3000[red]b", action: deny, calls: [TRNG_RND]}}]\n'
    table = plain(map_table.render(maps.of(policy), None))
    assert "  `a\\u3000[red]b`  " in table
