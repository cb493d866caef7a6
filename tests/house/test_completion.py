"""Completion by TAB in real shells, set up with the lines of the page on shells."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from smccc_filter.cli import COMMANDS
from tests.house.blocks import blocks
from tests.house.tree import environment, need, run
from tests.paths import DOCS

PROMPT = "ready> "
SETTLED = 30
"""Seconds that a shell may take to answer, on a machine that does other things."""

CASES = [
    ("smccc-filter val", "smccc-filter validate "),
    ("smccc-filter compile --format ru", "smccc-filter compile --format rust "),
    ("smccc-filter validate --fail-on w", "smccc-filter validate --fail-on warning "),
    ("smccc-filter list k", "smccc-filter list kernels "),
    ("smccc-filter explain TRNG_RN", "smccc-filter explain TRNG_RND "),
    ("smccc-filter explain R20", "smccc-filter explain R20"),
    ("smccc-filter validate poli", "smccc-filter validate policy.yaml "),
]
"""What is typed, and what the line is after TAB; a word with several completions stays."""

PAGE = DOCS / "how-to" / "shell.md"
CHOICES = [
    ("smccc-filter ", set(COMMANDS)),
    ("smccc-filter compile --format r", {"regs", "rust"}),
    ("smccc-filter explain TRNG_R", {"TRNG_RND"}),
    ("smccc-filter explain R20", {f"R20{digit}" for digit in range(1, 8)}),
    ("smccc-filter list ", {"calls", "services", "checks", "kernels", "templates", "about", "schema"}),
]


def set_up(shell: str) -> str:
    """Return the page's block for a shell."""
    return next(block.text for block in blocks(PAGE) if block.language == shell)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").touch()
    return tmp_path


def bash(home: Path) -> "pexpect.spawn[str]":
    (home / ".bashrc").write_text(f"PS1='{PROMPT}'\nbind 'set enable-bracketed-paste off'\n{set_up('bash')}")
    return _spawn(home, need("bash"), "-i")


def zsh(home: Path) -> "pexpect.spawn[str]":
    run(need("zsh"), "-c", set_up("zsh"), cwd=home, env=environment(home))
    rc = home / ".zshrc"
    rc.write_text(f"{rc.read_text()}\nPS1='{PROMPT}'\nunset zle_bracketed_paste\nunsetopt PROMPT_SP\n")
    return _spawn(home, need("zsh"), "--no-globalrcs", "-i")


def _spawn(home: Path, shell: str, *options: str) -> "pexpect.spawn[str]":
    child = pexpect.spawn(
        shell,
        list(options),
        cwd=str(home),
        env=environment(home, TERM="dumb", ZDOTDIR=str(home)),
        timeout=SETTLED,
        encoding="utf-8",
        dimensions=(40, 200),
    )
    child.expect_exact(PROMPT)
    return child


@pytest.fixture(params=[bash, zsh])
def terminal(request: pytest.FixtureRequest, home: Path) -> Iterator["pexpect.spawn[str]"]:
    start: Callable[[Path], pexpect.spawn[str]] = request.param
    child = start(home)
    yield child
    child.close(force=True)


def test_tab_completes(terminal: "pexpect.spawn[str]") -> None:
    for typed, completed in CASES:
        terminal.send(f"{typed}\t")
        terminal.expect_exact(completed)
        terminal.send("\x15")  # Ctrl-U: an empty line again


@pytest.mark.parametrize(("typed", "offered"), CHOICES)
def test_fish_offers(home: Path, typed: str, offered: set[str]) -> None:
    fish = need("fish")
    env = environment(home)
    run(fish, "-c", set_up("fish"), cwd=home, env=env)
    lines = run(fish, "-c", f"complete --do-complete '{typed}'", cwd=home, env=env).splitlines()
    assert {re.split(r"\t", line)[0] for line in lines} == offered


@pytest.mark.parametrize(("typed", "offered"), CHOICES)
def test_bash_offers(home: Path, typed: str, offered: set[str]) -> None:
    *words, last = typed.split(" ")
    asked = f"""{set_up("bash")}
COMP_WORDS=({" ".join(words)} {last!r})
COMP_CWORD={len(words)}
_smccc_filter_completion smccc-filter {last!r} {words[-1]!r}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    assert set(run(need("bash"), "-c", asked, cwd=home, env=environment(home)).splitlines()) == offered
