import pytest

from smccc_filter.reports.paper.hyperlinks import MARKS, PROGRAMS, VTE, are_shown, linked

TERMS = ("alacritty", "contour", "foot", "foot-extra", "xterm-kitty", "xterm-ghostty", "wezterm")
SHOWING = [
    *({"TERM_PROGRAM": name} for name in sorted(PROGRAMS)),
    *({"TERM": name} for name in TERMS),
    *({name: "1"} for name in MARKS),
    {"VTE_VERSION": f"{VTE}"},
    {"FORCE_HYPERLINK": "1"},
]
HIDING = [
    {},
    {"TERM": "xterm-256color"},
    {"TERM_PROGRAM": "Apple_Terminal"},
    *({name: ""} for name in MARKS),
    {"VTE_VERSION": f"{VTE - 1}"},
    {"VTE_VERSION": "none"},
    {"FORCE_HYPERLINK": ""},
]


@pytest.mark.parametrize("environment", SHOWING, ids=str)
def test_these_terminals_show_links(environment: dict[str, str]) -> None:
    assert are_shown(environment, on_terminal=True)
    assert are_shown(environment, on_terminal=False) is ("FORCE_HYPERLINK" in environment)
    assert not are_shown(environment | {"FORCE_HYPERLINK": "0"}, on_terminal=True)


@pytest.mark.parametrize("environment", HIDING, ids=str)
def test_of_others_nobody_knows(environment: dict[str, str]) -> None:
    assert not are_shown(environment, on_terminal=True)
    assert are_shown(environment | {"FORCE_HYPERLINK": "yes"}, on_terminal=False)


def test_a_link_begins_and_ends() -> None:
    assert linked("R201", "https://a.example") == "\x1b]8;;https://a.example\x1b\\R201\x1b]8;;\x1b\\"
