"""C and Rust are read as a compiler reads them, or it is said where and why they are not."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.artefacts import readers
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.readers import Reading
from smccc_filter.artefacts.readers.c import lexer as c_lexer
from smccc_filter.artefacts.readers.refused import refused_entries
from smccc_filter.artefacts.readers.rust.lexer import lex
from smccc_filter.artefacts.readers.source.expression import FileConstants, evaluate
from smccc_filter.artefacts.readers.source.tokens import MOST_TOKENS, Tokens
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_SMCCC_FILTER, SmcccFilterAction
from tests.artefacts.backends.tools import run, tool
from tests.artefacts.readers.sources import LINUX_NAMES, RUST, C, Row, Source
from tests.linux_headers import LinuxHeaders

READERS = Path(readers.__file__).parent

ALL = [
    *(pytest.param("c", source, id=f"C: {name}") for name, source in C.items()),
    *(pytest.param("rust", source, id=f"Rust: {name}") for name, source in RUST.items()),
]

KVM_BINDINGS = """
#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]
mod kvm_bindings {
    #[repr(C)]
    pub struct kvm_smccc_filter { pub base: u32, pub nr_functions: u32, pub action: u8, pub pad: [u8; 15] }
    pub const kvm_smccc_filter_action_KVM_SMCCC_FILTER_DENY: u32 = 1;
}
"""
DUMP = """
fn main() {
    let size = core::mem::size_of_val(&RANGES);
    let bytes = unsafe { core::slice::from_raw_parts(core::ptr::addr_of!(RANGES).cast::<u8>(), size) };
    for byte in bytes { print!("{byte:02x}"); }
}
"""


def rows(reading: Reading) -> tuple[Row, ...]:
    return tuple(entry[:3] for entry in reading.entries or ())


def unpacked(data: bytes) -> tuple[Row, ...]:
    return tuple(
        (base, nr_functions, ACTION_OF_KVM[SmcccFilterAction(action)])
        for base, nr_functions, action, _ in KVM_SMCCC_FILTER.iter_unpack(data)
    )


@pytest.mark.parametrize(("language", "other"), [("c", "rust"), ("rust", "c")])
def test_a_language_shares_nothing_with_the_other_but_the_common_room(language: str, other: str) -> None:
    texts = [file.read_text(encoding="utf-8") for file in (READERS / language).glob("*.py")]
    assert any("artefacts.readers.source." in text for text in texts)
    assert [text for text in texts if f"artefacts.readers.{other}" in text] == []


@pytest.mark.parametrize(("language", "source"), ALL)
def test_what_a_source_holds(language: str, source: Source) -> None:
    reading = readers.read("-", source.text.encode(), language)
    assert reading.faults == ()
    assert rows(reading) == source.rows
    if source.written:
        assert tuple(entry.text for entry in reading.entries or ()) == source.written


@pytest.mark.parametrize("source", [pytest.param(s, id=name) for name, s in C.items() if s.array])
def test_gcc_reads_the_same(source: Source, linux_headers: LinuxHeaders, tmp_path: Path) -> None:
    file, dump = tmp_path / "a.c", tmp_path / "dump"
    main = f"int main(void) {{ return fwrite({source.array}, sizeof({source.array}), 1, stdout) != 1; }}\n"
    file.write_text(f"#include <stdio.h>\n#include <linux/kvm.h>\n{LINUX_NAMES}{source.text}{main}")
    run(tool("gcc"), "-w", *linux_headers.include(), file, "-o", dump)
    done = run("sh", "-c", f"'{dump}' | od -An -v -tx1")
    assert unpacked(bytes.fromhex(done)) == source.rows


def test_the_output_of_the_preprocessor_is_read_too(linux_headers: LinuxHeaders, tmp_path: Path) -> None:
    source = C["an array, by designators"]
    file = tmp_path / "a.c"
    file.write_text(f"#include <stdio.h>\n#include <linux/kvm.h>\n{LINUX_NAMES}{source.text}")
    text = run(tool("gcc"), "-E", *linux_headers.include(), file)
    reading = readers.read("-", text.encode(), "c")
    assert (rows(reading), reading.faults) == (source.rows, ())


def test_rustc_reads_the_same(tmp_path: Path) -> None:
    source = RUST["kvm-bindings"]
    file, dump = tmp_path / "a.rs", tmp_path / "dump"
    file.write_text(KVM_BINDINGS + source.text + DUMP)
    run(tool("rustc"), "--edition", "2021", "-A", "warnings", file, "-o", dump)
    assert unpacked(bytes.fromhex(run(dump))) == source.rows


TWO_BS = "#ifdef A\n#define B 1\n#else\n#define B 2\n#endif\n"
UNREADABLE = [
    ("c", "struct kvm_smccc_filter f[] = { { MY_BASE, 1, 1 } };", "1:35", "`MY_BASE`"),
    ("c", "struct kvm_smccc_filter f[] = { { pick(1), 1, 1 } };", "1:35", "`pick(...)`"),
    ("c", "struct kvm_smccc_filter f[] = { { 1 ? 2 : 3, 1, 1 } };", "1:37", "`?`"),
    ("c", "struct kvm_smccc_filter f[] = { { 0xFFFFFFFF + 1, 1, 1 } };", "1:46", "32 bits"),
    ("c", "struct kvm_smccc_filter f[] = { { 0x100000000, 1, 1 } };", "1:35", "0x100000000"),
    ("c", "struct kvm_smccc_filter f[] = { { 0x8400_0000, 1, 1 } };", "1:35", "no whole number"),
    ("c", "struct kvm_smccc_filter f[] = { { 0x84000000lL, 1, 1 } };", "1:35", "no whole number"),
    ("c", "struct kvm_smccc_filter f[] = { { 1, 1, 7 } };", "1:41", "action is 7"),
    ("c", "struct kvm_smccc_filter f[] = { { 1, 1, 1, {0, 1} } };", "1:48", "padding"),
    ("c", "struct kvm_smccc_filter f[3] = { {1, 1, 1}, {2, 1, 1} };", "1:32", "3 elements, and 2"),
    ("c", "struct kvm_smccc_filter f[N] = { {1, 1, 1} };", "1:27", "`N`"),
    ("c", "struct kvm_smccc_filter f[] = { 1, 1, 1 };", "1:33", "braces"),
    ("c", "struct kvm_smccc_filter f[] = { [0 ... 3] = {1, 1, 1} };", "1:36", "`...`"),
    ("c", 'struct kvm_smccc_filter f[] = {\n#include "ranges.inc"\n};', "2:1", "no entry in braces"),
    ("c", "#ifdef CONFIG_PSCI\nstruct kvm_smccc_filter f[] = { {1, 1, 1} };\n#endif\n", "1:1", "`#ifdef CONFIG_PSCI`"),
    (
        "c",
        "struct kvm_smccc_filter f[] = {\n#if X\n{1, 1, 1},\n#else\n{1, 1, 2},\n#endif\n};",
        "2:1",
        "`#if X` decides",
    ),
    ("c", f"{TWO_BS}struct kvm_smccc_filter f = {{ B, 1, 1 }};", "1:1", "`#ifdef A` decides"),
    ("c", f"{TWO_BS}struct kvm_smccc_filter f[B] = {{ {{1, 1, 1}} }};", "6:27", "`B` is defined as `#ifdef A` has it"),
    ("c", "#define P(a) a##-\nstruct kvm_smccc_filter f = { P(1), 1, 1 };", "2:31", "`P`"),
    ("c", "#define A B\n#define B A\nstruct kvm_smccc_filter f = { A, 1, 1 };", "3:31", "`A`"),
    ("c", "void f(int n) { struct kvm_smccc_filter a; a.nr_functions = n; }", "1:41", "runs"),
    ("c", "void f(struct kvm_smccc_filter *a) { a->nr_functions = 1; }", "1:38", "`a -> nr_functions = 1`"),
    ("c", "struct vm { int fd; struct kvm_smccc_filter f[2]; };", "1:28", "another struct"),
    ("c", "std::vector<kvm_smccc_filter> f;", "1:13", "container"),
    ("c", "void f(int fd) { set_range(fd, 1, 2, KVM_SMCCC_FILTER_DENY); }", "1:18", "`set_range`"),
    ("c", "void f(int a) { struct kvm_smccc_filter x = {a, 1, 1}; f(a); }\n", "1:56", "too often"),
    ("c", "void f(int a) { struct kvm_smccc_filter x = {a, 1, 1}; }\nvoid g() { f(1, 2); }", "2:12", "takes 1"),
    ("c", "void f(int a) { a |= 8; struct kvm_smccc_filter x = {a, 1, 1}; } void g() { f(1); }", "1:53", "changes"),
    *(
        ("c", f"struct kvm_smccc_filter t[] = {{ {{1, 1, 1}} }};\nvoid f(int i) {{ {change} }}", f"2:{column}", words)
        for change, column, words in (
            ("t[0].action = 0;", 17, "`t [ 0 ] . action = 0`"),
            ("for (i = 0; i < 1; i++) t[i].base = i;", 41, "`t` may change"),
            ("struct kvm_smccc_filter *p = t; p->action = 0;", 49, "`p` may change"),
            ("t[0].base += 3;", 17, "`t` may change"),
            ("t[0].nr_functions++;", 17, "`t` may change"),
            ("memset(t, 0, sizeof(t));", 24, "`t` may change"),
            ("strange(&t[0]);", 26, "`t` may change"),
            ("ioctl(i, KVM_GET_DEVICE_ATTR, &t[0]);", 48, "`t` may change"),
            ('asm("" : "+m"(t[0].action));', 31, "`t` may change"),
        )
    ),
    *(
        ("c", f"void f(int i) {{ struct kvm_smccc_filter x{start} x.base = 1; {rest} }}", f"1:{column}", words)
        for start, rest, column, words in (
            (";", "x.nr_functions = 1; x.action = 1;", 44, "gets no `pad`"),
            (" = {0};", "if (i) x.nr_functions = 1;", 69, "`x` may change"),
            (" = {0};", "x.nr_functions = j;", 79, "`j`"),
            (" = {0};", "again: x.nr_functions = 1; goto again;", 69, "`x` may change"),
            (" = {0};", "give(&x); x.nr_functions = 1;", 68, "`x` may change"),
            (" = {0};", "x.nr_functions = 1; x.pad[1] = 1;", 93, "padding"),
            (" = {0};", "x.nr_functions = 1; (&x)->base = 3;", 84, "`x` may change"),
            (" = {0};", "x.nr_functions = (x.base = 3);", 62, "`x` may change"),
            ("[1] = {0};", "", 49, "no entry in braces"),
            ("[1] = {0}, y[i];", "x[i].base = 2;", 49, "no entry in braces"),
        )
    ),
    ("c", "#define const\nconst struct kvm_smccc_filter f = { 1, 1, 1 };", "1:9", "`const`"),
    ("c", '#pragma pop_macro("A")\nstruct kvm_smccc_filter f = { 1, 1, 1 };', "1:1", "pragma"),
    ("c", "struct kvm_smccc_filter f = { 1, 1, 1 }; // ??/\n;", "1:45", "backslash"),
    ("c", "void f(uint8_t n) { struct kvm_smccc_filter x = {n, 1, 1}; } void g() { f(0x101); }", "1:73", "0x101"),
    ("c", "struct kvm_smccc_filter f[] = { {1, 1, 1},", "1:31", "not closed"),
    ("c", "struct kvm_smccc_filter f[] = { {1, 1, 1} }; /* ", "1:46", "no end"),
    ("c", 'struct kvm_smccc_filter f[] = { {1, 1, 1} }; const char *a = "b;\n', "1:62", "no end"),
    (
        "rust",
        "static F: kvm_smccc_filter = kvm_smccc_filter { base: BASE, nr_functions: 1, action: 1 };",
        "1:55",
        "`BASE`",
    ),
    ("rust", "static F: T = kvm_smccc_filter { base: x.into(), nr_functions: 1, action: 1 };", "1:40", "`x`"),
    ("rust", "static F: T = kvm_smccc_filter { base: 1, nr_functions: 1, action: 256 as u8 };", "1:75", "0x100"),
    ("rust", "static F: T = kvm_smccc_filter { base: 1, nr_functions: 1 };", "1:15", "`action`"),
    ("rust", "const A: u32 = ; static F: T = kvm_smccc_filter { base: A, nr_functions: 1, action: 1 };", "1:57", "`A`"),
    ("rust", "static F: T = kvm_smccc_filter { base: 1,, ..Default::default() };", "1:15", "two commas"),
    ("rust", "static F: T = kvm_smccc_filter { base: 1, nr_functions: 1, action: 1, pad: [,] };", "1:15", "missing"),
    ("rust", "static F: T = kvm_smccc_filter { base: 1, ..other };", "1:43", "elsewhere"),
    ("rust", "static F: T = [kvm_smccc_filter { base: 1, nr_functions: 1, action: 1 }; 2];", "1:16", "several times"),
    (
        "rust",
        "const A: u32 = A; static F: T = kvm_smccc_filter { base: A, nr_functions: 1, action: 1 };",
        "1:16",
        "too deep",
    ),
    (
        "rust",
        'fn f() {\n#[cfg(feature = "trng")]\nset(kvm_smccc_filter { base: 1, nr_functions: 1, action: 1 });}',
        "2:1",
        '`#[cfg(feature="trng")]` decides',
    ),
    (
        "rust",
        "fn f(mut base: u32) { base += 1; set(kvm_smccc_filter { base, nr_functions: 1, action: 1 }) }",
        "1:57",
        "`mut`",
    ),
    ("rust", "macro_rules! r { ($a:expr) => { kvm_smccc_filter { base: $a } } }", "1:16", "macro"),
    ("rust", "fn f(v: &Vm) { v.set(1, 2, kvm_smccc_filter_action_KVM_SMCCC_FILTER_DENY as u8); }", "1:18", "`set`"),
    ("rust", "fn f(a: &mut kvm_smccc_filter) { a.nr_functions = 1; }", "1:14", "changed"),
    (
        "rust",
        '#[cfg(feature = "a")]\nconst REGISTERS: [(u64, u64); 1] = [(0x6030_0000_0016_0000, 1)];',
        "2:37",
        '`#[cfg(feature="a")]` decides about a register',
    ),
    (
        "c",
        "struct r { uint64_t id; uint64_t value; };\nstruct r rs[] = { {0x6030000000160000, 1 << 31} };",
        "2:42",
        "31",
    ),
    (
        "c",
        "struct r { uint64_t id; uint64_t value; };\n#ifdef A\nstruct r rs[] = { {0x6030000000160000, 1} };\n#endif\n",
        "3:19",
        "`#ifdef A` decides about a register",
    ),
]


@pytest.mark.parametrize(("language", "text", "place", "words"), UNREADABLE, ids=[case[1] for case in UNREADABLE])
def test_what_can_not_be_known_is_told_with_its_place(language: str, text: str, place: str, words: str) -> None:
    first = readers.read("-", text.encode(), language).faults[0]
    assert first.span is not None
    assert f"{first.span.start.line}:{first.span.start.column}" == place
    assert words in first.message
    assert first.hint


NOTHING = [
    ("c", "int main(void) { return sizeof(struct kvm_smccc_filter); }"),
    ("c", "void f(const struct kvm_smccc_filter *f, struct kvm_smccc_filter g); struct kvm_smccc_filter;"),
    ("c", "void g(int id) { struct kvm_smccc_filter f = { id, 1, 1 }; ioctl(3, KVM_SET_DEVICE_ATTR, &f); }"),
    ("rust", "impl Default for kvm_smccc_filter { fn default() -> Self { unsafe { zeroed() } } }"),
    ("rust", "fn f(x: kvm_smccc_filter) { let kvm_smccc_filter { base, .. } = x; }"),
]


@pytest.mark.parametrize(("language", "text"), NOTHING, ids=[case[1] for case in NOTHING])
def test_a_source_without_an_entry_is_no_empty_filter(language: str, text: str) -> None:
    reading = readers.read("-", text.encode(), language)
    assert reading.entries == ()
    assert [fault.place for fault in reading.faults] == ["file"]


PIECES = [
    *("struct kvm_smccc_filter ", "kvm_smccc_filter { ", "f[] = ", "{", "}", "(", ")", "[", "]", ",", ";", "="),
    *("#if 0\n", "#ifdef X\n", "#else\n", "#endif\n", "#define A(x) x x\n", "#define B A(B)\n", "A(", "B", "\\\n"),
    *('"', "'", "/*", "*/", "//", "\n", "1", "0x84000000", "base: ", ".base = ", "..", "...", "nr_functions = "),
    *("fn f(", "impl T ", "const A: u32 = ", "A", "#[cfg(x)]", "macro_rules! m ", "Self", "::", " as u8", "r#"),
    *("KVM_SMCCC_FILTER_DENY", "kvm_arm_set_smccc_filter(", "\x00", "\u202e", "enum {", "typedef ", 'R"('),
]
MUTATED = st.lists(st.sampled_from(PIECES), max_size=40).map("".join).map(str.encode) | st.binary(max_size=80)


@given(MUTATED, st.sampled_from([*FORMATS, None]))
@settings(max_examples=400)
def test_nothing_makes_a_reader_fail(data: bytes, artefact_format: str | None) -> None:
    reading = readers.read("-", data, artefact_format)
    refused_entries(reading.entries or ())
    assert reading.format or reading.faults


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a good source with a few pieces cut out, doubled or put in."""
    language = draw(st.sampled_from(("c", "rust")))
    text = draw(st.sampled_from([source.text for source in (C if language == "c" else RUST).values()]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(start + 20, len(text))))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.just(text[start:end] * 2) | st.just("")) + text[end:]
    return language, text.encode()


@given(damaged())
@settings(max_examples=300)
def test_a_damaged_source_makes_no_reader_fail(case: tuple[str, bytes]) -> None:
    readers.read("-", case[1], case[0])


HOSTILE = {
    "braces": "{" * 50_000,
    "brackets that close": "(" * 25_000 + ")" * 25_000,
    "an array in an array": "struct kvm_smccc_filter a[] = {" * 3000,
    "a macro in its own argument": "#define f(x) x x\nint a = " + "f(" * 2000 + "1" + ")" * 2000,
    "macros that double": "\n".join(f"#define a{i} a{i + 1} a{i + 1}" for i in range(60))
    + "\n#define a60 1\nstruct kvm_smccc_filter x = { a0, 1, 1 };",
    "constants that double": "".join(f"const A{i}: u32 = A{i + 1} + A{i + 1};" for i in range(60))
    + "const A60: u32 = 1; static X: T = kvm_smccc_filter { base: A0, nr_functions: 1, action: 1 };",
    "an expression in brackets": "struct kvm_smccc_filter a = {" + "(" * 20_000 + "1" + ")" * 20_000 + ", 1, 1};",
    "a condition in brackets": "#if " + "(" * 20_000,
    "quotes": '"\\' * 20_000,
    "raw strings": 'R"(' * 20_000,
    "functions in functions": "fn a() {" * 5000 + "}" * 5000,
    "a call in a call": "void g(int a) { struct kvm_smccc_filter x = {a, 1, 1}; } void h() {"
    + "g(" * 9000
    + ")" * 9000
    + "}",
    "attributes": "#[cfg(x)]" * 5000,
    "objects": '{"a":' * 20_000,
    "a long number": "struct kvm_smccc_filter a = {" + "1" * 50_000 + ", 1, 1};",
}


def test_a_constant_is_computed_once_however_often_it_is_used() -> None:
    chain = "".join(f"const A{i}: u32 = A{i + 1} + A{i + 1};" for i in range(40)) + "const A40: u32 = 0;"
    tokens, _ = lex(chain)
    expressions = {tokens[i + 1].text: _to_semicolon(tokens, i + 5) for i in range(len(tokens)) if _is_const(tokens, i)}
    constants = FileConstants(expressions)
    for _ in range(60):
        assert evaluate(expressions["A0"], constants, tokens[0]) == 0
    assert constants.computed == 40


def _is_const(tokens: Tokens, i: int) -> bool:
    return tokens[i].text == "const"


def _to_semicolon(tokens: Tokens, start: int) -> Tokens:
    return tokens[start : next(i for i in range(start, len(tokens)) if tokens[i].text == ";")]


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
@pytest.mark.parametrize("language", ["c", "rust", "json"])
def test_a_hostile_source_is_refused(language: str, text: str) -> None:
    assert readers.read("-", text.encode(), language).faults


@pytest.mark.no_cover
@pytest.mark.parametrize("language", ["c", "rust"])
def test_a_source_of_too_many_tokens_is_refused_where_they_are_too_many(language: str) -> None:
    most = ";" * MOST_TOKENS
    assert (c_lexer.lex if language == "c" else lex)(most).unfinished is None
    (fault,) = readers.read("-", f"{most} int".encode(), language).faults
    assert fault.message == f"more than {MOST_TOKENS:,} tokens"
    assert fault.span is not None
    assert fault.span.start == (1, MOST_TOKENS + 2)
