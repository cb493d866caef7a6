"""ruamel.yaml's C parser, its Python parser, and an installation without the C parser: all read the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smccc_filter.language.source import compose, read
from smccc_filter.language.source.parsers import CParser
from tests.language.source.trees import Dump, everything
from tests.language.source.writer import documents

POLICY = (Path(__file__).parent / "policy.yaml").read_text(encoding="utf-8")
CHARACTERS = "ab:-?,[]{}&*!|>'\"%@`#~\\é😀 \n\r\t"
STRUCTURE = (
    "  ",
    "    ",
    "\r\n",
    ": ",
    "- ",
    "? ",
    "a: b\n",
    "? a\n: b\n",
    "k:\n",
    "-\n",
    "# c\n",
    " # c\n",
    "- - - a\n",
)
BLOCKS = ("|\n", "|-\n  x\n", "|2\n", "|+\n", ">\n  y\n", ">-1\n", ">-#c\n", "|\n \n   x\n", "|99999\n", "plain\n more")
OUTSIDE = ("&a ", "*a ", "!t ", "!!str ", "!<t:a>", "!<", "<<: ", "---\n", "...\n", "%YAML 1.2\n---\n", "%FOO\n---\n")
QUOTED = ("'it''s'", "''", '"a\\n"', '"a\n b"', '"\\xZZ"', '"\\0"', '"\\N"', '"\\\n "', '"\\UFFFFFFFF"', '"a":1')
FLOW = ("[a: b, c]", "[? a : b]", "{a:1}", "{a, b: c}", "[" * 20, "- " * 20, "{a: " * 20, "0x10", "\ufeff")
PIECES = (*CHARACTERS, *STRUCTURE, *BLOCKS, *OUTSIDE, *QUOTED, *FLOW)
"""What YAML is made of, and what trips its parsers."""

scraps = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Make a policy that lost a few characters and got pieces of YAML where they do not belong."""
    text = POLICY
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + draw(st.integers(0, 4)) :]
    return text


def test_both_parsers_are_compared() -> None:
    if CParser is None and os.environ.get("CI") != "true":
        pytest.skip("the extra ruamel.yaml[oldlibyaml] is not installed")
    assert CParser is not None


@settings(deadline=None)
@given(scraps)
@example("a: ['b':c]")
@example("a: |\n \n   b\n")
@example("a: >-# c\n  b\n")
@example("|\n#b\n")
@example("a:\t# b")
@example("{? : a}")
@example("a: b\n...\n...\n")
def test_parsers_agree_on_scraps(text: str) -> None:
    data = text.encode()
    assert everything(read(data)) == everything(read(data, pure=True))


@settings(deadline=None)
@given(mutated())
def test_parsers_agree_on_mutated_policies(text: str) -> None:
    data = text.encode()
    assert everything(read(data)) == everything(read(data, pure=True))


@settings(deadline=None)
@given(documents())
def test_parsers_agree_on_whole_documents(written: tuple[str, Dump]) -> None:
    data = written[0].encode()
    assert everything(read(data)) == everything(read(data, pure=True))


@pytest.mark.skipif(CParser is None, reason="the extra ruamel.yaml[oldlibyaml] is not installed")
def test_only_the_c_parser_looks_at_what_would_take_the_other_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a:\tb # the Python parser takes no tab here"
    assert read(text).faults == read(text, pure=True).faults != ()
    monkeypatch.setattr(compose, "MAX_SECOND_LOOK", len(text) - 1)
    assert read(text).faults == ()


WITHOUT_C = """
import json, runpy, sys
sys.modules["_ruamel_yaml"] = None
from smccc_filter.language.source import parsers, read
assert parsers.CParser is None
everything = runpy.run_path(sys.argv[1])["everything"]
print(json.dumps([repr(everything(read(text.encode()))) for text in json.load(sys.stdin)]))
"""


def test_an_installation_without_the_c_parser_reads_the_same() -> None:
    texts = [POLICY, POLICY.replace("\n", "\r\n"), *PIECES, *(POLICY + piece for piece in PIECES)]
    trees = Path(__file__).parent / "trees.py"
    command = [sys.executable, "-c", WITHOUT_C, str(trees)]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [repr(everything(read(text.encode()))) for text in texts]
