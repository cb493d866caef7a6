"""What is outside the subset: each construct is a fault with its place, and reading goes on where that is safe."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.language.places import Offsets
from smccc_filter.language.source import Document, compose, plain, read
from smccc_filter.language.source.compose import MAX_DEPTH, MAX_FAULTS
from tests.language.source.trees import Reader, both_parsers


def found(document: Document) -> list[tuple[str, str]]:
    """Return the message of each fault and the text it is about."""
    return [(fault.message, _text(document, document.offsets(fault.place))) for fault in document.faults]


def _text(document: Document, at: Offsets) -> str:
    return document.text.text[at.start : at.end]


def kept(document: Document) -> object:
    return None if document.root is None else plain(document.root)


@both_parsers
@pytest.mark.parametrize(
    ("text", "faults", "rest"),
    [
        ("a: &x 1", [("anchor `&x`", "&x")], {"a": 1}),
        ("a: &x\n  b: 1", [("anchor `&x`", "&x")], {"a": {"b": 1}}),
        ("[&x, &y b]", [("anchor `&x`", "&x"), ("anchor `&y`", "&y")], [None, "b"]),
        ("&k a: 1", [("anchor `&k`", "&k")], {"a": 1}),
        ("a: &x !t [1]", [("anchor `&x`", "&x"), ("tag `!t`", "!t")], {"a": [1]}),
        ("a: *x\nb: 1", [("alias `*x`", "*x")], {"b": 1}),
        ("- *x\n- 1", [("alias `*x`", "*x")], [1]),
        ("*x", [("alias `*x`", "*x")], None),
        ("a: !t 1", [("tag `!t`", "!t")], {"a": 1}),
        ("a: !!str 1", [("tag `!!str`", "!!str")], {"a": 1}),
        ("a: !<tag:x,y> 1", [("tag `!<tag:x,y>`", "!<tag:x,y>")], {"a": 1}),
        ("a: ! 1", [("tag `!`", "!")], {"a": 1}),
        ("!t\na: {}", [("tag `!t`", "!t")], {"a": {}}),
        ("<<: {b: 1}\nc: 2", [("merge key `<<`", "<<")], {"c": 2}),
        ("a: {<<: {b: 1}, c: 2}", [("merge key `<<`", "<<")], {"a": {"c": 2}}),
        ("<<: 1\n'<<': 2\n<<: 3", [("merge key `<<`", "<<"), ("merge key `<<`", "<<")], {"<<": 2}),
        ("'<<': 1\n\"<<\": 2", [("the key `<<` stands here a second time", '"<<"')], {"<<": 1}),
        ("a: 1\nb: 2\na: 3", [("the key `a` stands here a second time", "a")], {"a": 1, "b": 2}),
        ("a: 1\n'a': {b: c}", [("the key `a` stands here a second time", "'a'")], {"a": 1}),
        ("{a: {c: 1, c: 2}}", [("the key `c` stands here a second time", "c")], {"a": {"c": 1}}),
        ("- a: 1\n  a: 2", [("the key `a` stands here a second time", "a")], [{"a": 1}]),
        ("%YAML 1.2\n---\na: 1", [("directive `%YAML`", "%YAML 1.2")], {"a": 1}),
        ("%TAG ! tag:x,1:\n---\na: 1", [("directive `%TAG`", "%TAG ! tag:x,1:")], {"a": 1}),
        ("# c\n%FOO bar\n%BAR\n---\na: 1", [("directive `%FOO`", "%FOO bar"), ("directive `%BAR`", "%BAR")], {"a": 1}),
        ('a: "\\0"', [("an escape for the character U+0000", '"\\0"')], {"a": "\0"}),
        ('"\\x07": 1', [("an escape for the character U+0007", '"\\x07"')], {"\x07": 1}),
        ('a: "\\ud800"', [("an escape for the character U+D800", '"\\ud800"')], {"a": "\ud800"}),
    ],
)
def test_reading_goes_on_behind(reader: Reader, text: str, faults: list[tuple[str, str]], rest: object) -> None:
    document = reader(text.encode())
    assert {fault.code for fault in document.faults} == {"P101"}
    assert found(document) == faults
    assert kept(document) == rest
    assert document.complete


@both_parsers
@pytest.mark.parametrize(
    ("text", "message", "at", "rest"),
    [
        ("a: 1\n---\nb: 2", "a second document", "---", {"a": 1}),
        ("a: 1\n...\nb: 2", "a second document", "", {"a": 1}),
        ("? [a]\n: 1", "a key that is a list or a mapping", "[", {}),
        ("b: 1\n? {a: 1}\n: 1", "a key that is a list or a mapping", "{", {"b": 1}),
        ("*x : 1\nb: 2", "alias `*x`", "*x", {}),
        ("b: [1, [2", "not YAML: the `[` is not closed by `]`", "[", None),
        ("b: {c: [2}", "not YAML: the `[` is not closed by `]`", "[", None),
        ("b: {c: 2", "not YAML: the `{` is not closed by `}`", "{", None),
        ("a: 1\n- b", "not YAML: `- b` is indented unlike the lines above it", "-", {"a": 1}),
        ("a: 1\nb\n", "not YAML: `b` is no `key: value`", "b", {"a": 1}),
        ("a:\n- b: 1\n  c: 2\n d: 3", "not YAML: `d: 3` is indented unlike the lines above it", "d", None),
        ("a:\n- b: 1\n   c: 2", "not YAML: `c: 2` is indented unlike the lines above it", "c", None),
        ("a:\n  -b: 1\n   c: 2", "not YAML: `-b: 1` is no item of a list", "-", None),
        ("a:1\nb: 2", "not YAML: `a:1` is no `key: value`", "a", None),
        ("b: 1\na: b: c", "not YAML: `a: b: c` has a second `: `", ":", {"b": 1, "a": "b"}),
        (
            "b: 1\na: @b",
            "not YAML: found character '@' that cannot start any token (while scanning for the next token)",
            "@",
            {"b": 1},
        ),
        ("a: 'x", "not YAML: the text that begins with ' has no ' at its end", "'", {}),
        (
            'a: "\\q"',
            "not YAML: found unknown escape character 'q' (while scanning a double-quoted scalar)",
            "q",
            {},
        ),
        ('a: "\\UFFFFFFFF"', "not YAML: found a number that is too large", "\\", {}),
        ('b: "\\U0010FFFF"\na: "\\U00110000"', "not YAML: found a number that is too large", "\\", {"b": "\U0010ffff"}),
        (f"%YAML {'9' * 5000}.1\n---\na: 1", "not YAML: found a number that is too large", "9", None),
        ("a: 1\nb", "not YAML: `b` is no `key: value`", "b", {"a": 1}),
        ("b: 1\n a: 1", "not YAML: `a: 1` is indented unlike the lines above it", "a", {"b": "1 a"}),
    ],
)
def test_reading_stops_at(reader: Reader, text: str, message: str, at: str, rest: object) -> None:
    document = reader(text.encode())
    assert found(document) == [(message, at)]
    assert not document.complete
    if rest is not None:
        assert kept(document) == rest


@both_parsers
@pytest.mark.parametrize("text", ["\ta: 1", "a:\n\tb: 1", "a:\tb", "a: 1\t", "- \tb"])
def test_a_tab_between_words_is_refused(reader: Reader, text: str) -> None:
    document = reader(text.encode())
    (fault,) = document.faults
    assert fault.place == Offsets(text.index("\t"), text.index("\t") + 1)
    assert fault.hint == "indent with spaces, never with tabs"


@both_parsers
@pytest.mark.parametrize("text", ["a: 'x\ty'", 'a: "x\ty"', "a: x\n# \t", "a: |\n  x\ty", "a: [b,\tc]", 'a: "x\\ty"'])
def test_a_tab_within_brackets_a_text_or_a_comment_is_none_of_that(reader: Reader, text: str) -> None:
    assert reader(text.encode()).faults == ()


@both_parsers
def test_a_second_key_points_at_the_first(reader: Reader) -> None:
    document = reader(b"a: 1\nb: 2\na: 3\na: 4")
    related = [fault.related for fault in document.faults]
    assert related == [((Offsets(0, 1), "first here"),), ((Offsets(0, 1), "first here"),)]


@both_parsers
@pytest.mark.parametrize("text", ["", " ", "\n\n", "# only\n", "\ufeff", "---", "--- # nothing\n...\n", "~"])
def test_nothing_is_a_whole_document_without_faults(reader: Reader, text: str) -> None:
    document = reader(text.encode())
    assert document.faults == ()
    assert document.complete
    assert kept(document) is None


@both_parsers
@pytest.mark.parametrize(
    ("levels", "opening", "closing"), [(MAX_DEPTH, "[", "]"), (MAX_DEPTH, "{a: ", "}"), (MAX_DEPTH, "- ", "")]
)
def test_depth_is_limited(reader: Reader, levels: int, opening: str, closing: str) -> None:
    fine = reader((opening * levels + "1" + closing * levels).encode())
    assert fine.faults == ()
    deep = reader((opening * (levels + 1) + "1" + closing * (levels + 1)).encode())
    (fault,) = deep.faults
    assert (fault.code, fault.message) == ("P105", f"nested more than {MAX_DEPTH} levels deep")
    assert deep.offsets(fault.place).start == len(opening) * levels
    assert not deep.complete


@both_parsers
@pytest.mark.parametrize("opening", ["[", "{", "{a: [", "- ", "? ", "a: {"])
def test_a_hundred_thousand_levels_cost_nothing(reader: Reader, opening: str) -> None:
    document = reader((opening * 100_000).encode())
    assert len(document.faults) == 1
    assert not document.complete


@both_parsers
def test_an_alias_bomb_is_a_few_faults(reader: Reader) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    document = reader("\n".join(lines).encode())
    assert len(document.faults) == MAX_FAULTS
    assert not document.complete
    assert document.faults[0].message == "anchor `&a0`"
    assert document.faults[2].message == "alias `*a0`"


@both_parsers
@pytest.mark.parametrize("line", ["a: 1\n", "<<: 1\n", "b: *x\n"])
def test_faults_are_capped(reader: Reader, line: str) -> None:
    document = reader((line * 10_000).encode())
    assert len(document.faults) == MAX_FAULTS
    assert not document.complete


@both_parsers
@pytest.mark.parametrize("text", ["[1, 2, 3, 4]", "- 1\n- 2\n- 3\n- 4", "a: [1, 2, 3]", "{a: 1, b: {}, c: [], d: 2}"])
def test_the_number_of_values_is_limited(reader: Reader, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "MAX_NODES", 5)
    assert reader(text.encode()).faults == ()
    monkeypatch.setattr(compose, "MAX_NODES", 4)
    document = reader(text.encode())
    (fault,) = document.faults
    assert (fault.code, fault.message) == ("P105", "more than 4 values")
    assert document.text.text[document.offsets(fault.place).start :].rstrip("]}") in {"4", "3", "2"}
    assert not document.complete


@pytest.mark.parametrize(
    ("data", "message", "at"),
    [
        (b"a: \xff", "byte 0xFF at offset 3 is not UTF-8", (3, 4)),
        ("é: ".encode() + b"\xc3", "byte 0xC3 at offset 4 is not UTF-8", (3, 4)),
        (b"\xef\xbb\xbfa: \xff", "byte 0xFF at offset 6 is not UTF-8", (3, 4)),
        (b"a: \xed\xa0\x80", "byte 0xED at offset 3 is not UTF-8", (3, 4)),
        (b"a: \x00", "a NUL byte does not belong in a policy", (3, 4)),
        (b"a: \x1b[0m", "the character U+001B does not belong in a policy", (3, 4)),
        ("a: \x85".encode(), "the character U+0085 does not belong in a policy", (3, 4)),
        ("a: é\u2028".encode(), "the character U+2028 does not belong in a policy", (4, 5)),
        ("a: \ufeff".encode(), "the character U+FEFF does not belong in a policy", (3, 4)),
        ("\ufeff\ufeffa: 1".encode(), "the character U+FEFF does not belong in a policy", (0, 1)),
        ("a: \uffff".encode(), "the character U+FFFF does not belong in a policy", (3, 4)),
        ("a: 1".encode("utf-16"), "the file is UTF-16, not UTF-8", (0, 0)),
        ("a: 1".encode("utf-16-be"), "a NUL byte does not belong in a policy", (0, 1)),
        (b"\xfe\xff" + "a: 1".encode("utf-16-be"), "the file is UTF-16, not UTF-8", (0, 0)),
        (b"\x00\x00\xfe\xff" + "a: 1".encode("utf-32-be"), "the file is UTF-32, not UTF-8", (0, 0)),
        ("a: 1".encode("utf-32"), "the file is UTF-32, not UTF-8", (0, 0)),
        (b"\x7fELF\x02\x01\x01\x00", "the character U+007F does not belong in a policy", (0, 1)),
    ],
)
def test_what_is_no_text_is_one_fault(data: bytes, message: str, at: tuple[int, int]) -> None:
    document = read(data)
    (fault,) = document.faults
    assert (fault.code, fault.message, fault.place) == ("P101", message, Offsets(*at))
    assert document.root is None
    assert not document.complete


@settings(deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode(errors="replace")))
def test_any_bytes_are_read_and_every_fault_stands_in_the_text(data: bytes) -> None:
    document = read(data)
    assert document.complete or document.faults
    for fault in document.faults:
        start, end = document.offsets(fault.place)
        assert 0 <= start <= end <= len(document.text.text)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}, \n'\"&*!#|>"), max_size=40))
def test_no_tree_reaches_beyond_its_text(text: str) -> None:
    document = read(text.encode())
    if document.root is not None:
        assert 0 <= document.root.start <= document.root.end <= len(text)
