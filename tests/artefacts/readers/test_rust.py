"""Rust is read by its scopes, types and uses: whatever can change an entry, or mean something else, is refused."""

from collections.abc import Callable

import pytest

from smccc_filter.artefacts import readers
from smccc_filter.kvm.uapi import Action
from tests.programs.hostile.rust_sources import LITERAL, RUST_SOURCES, entry, in_function
from tests.work import calls_of

FN = "fn f() { install(&kvm_smccc_filter { base: @B, nr_functions: 1, action: @A }); }"
OWN_DENY = "const KVM_SMCCC_FILTER_DENY: u8 = 2;"
HIDING = "fn f(b: u32) { let b = b ^ 1; install(&kvm_smccc_filter { base: b, nr_functions: 1, action: 1 }); }"
QUOTES = 'let q = \'\\u{0_0_0_0_2_2}\'; let r = r#""{"#; let s = "/*";'


def literal(base: str, action: str) -> str:
    return FN.replace("@B", base).replace("@A", action)


READ = {
    "the file's own constant under Linux's name": (OWN_DENY + literal("1", "KVM_SMCCC_FILTER_DENY"), 1, Action.FORWARD),
    "a constant of the block, not of the file": (
        "const B: u32 = 1;" + literal("B", "1").replace("{", "{ const B: u32 = 2;", 1),
        2,
        Action.DENY,
    ),
    "a constant of the file, not of the module beside": (
        "mod m { const B: u32 = 2; } const B: u32 = 1;" + literal("B", "1"),
        1,
        Action.DENY,
    ),
    "a name that is imported under another": (
        "use kvm_bindings::{KVM_SMCCC_FILTER_FWD_TO_USER as NO};" + literal("1", "NO as u8"),
        1,
        Action.FORWARD,
    ),
    "a variable that hides a parameter": (HIDING + "fn g() { f(6); }", 7, Action.DENY),
    "a shebang, and quotes that hide nothing": (
        "#!/usr/bin/env /* run\n" + literal("3", "1").replace("{", "{" + QUOTES, 1),
        3,
        Action.DENY,
    ),
    "an item with commas that is not built": (
        "#[cfg(windows)] fn f<A, B>(a: A, b: B) { g() } " + literal("4", "1"),
        4,
        Action.DENY,
    ),
    "the start of a range": (
        "const R: std::ops::Range<u32> = 3..5; " + literal("R.start", "R.len() as u8 - 1"),
        3,
        Action.DENY,
    ),
    "the end of a range with both ends": (
        "const R: core::ops::RangeInclusive<u32> = 3..=5; " + literal("*R.end()", "1"),
        5,
        Action.DENY,
    ),
    "a loop over a literal list": (
        FN.replace("@B", "b").replace("@A", "1").replace("{", "{ let list = [7]; for b in &list {", 1) + "}",
        7,
        Action.DENY,
    ),
    "a loop over pairs": (
        FN.replace("@B", "b").replace("@A", "a").replace("{", "{ for (a, b) in [(2, 7 + 1)] {", 1) + "}",
        8,
        Action.FORWARD,
    ),
    "a name with r# before it": (literal("r#b", "1").replace("{", "{ let b = 5;", 1), 5, Action.DENY),
}
"""Sources with one entry of one function: its base and action."""


@pytest.mark.parametrize(("text", "base", "action"), list(READ.values()), ids=list(READ))
def test_what_a_source_means(text: str, base: int, action: Action) -> None:
    reading = readers.read("a.rs", text.encode())
    assert reading.faults == ()
    assert [found[:3] for found in reading.entries or ()] == [(base, 1, action)]


ODD_STRUCT = "struct ^kvm_smccc_filter { action: u32, nr_functions: u32, base: u32 }"
TWIN = "impl B { fn g(&self, b: u32) {} }"
OWN_DEFAULT = "fn default() -> Self { Self { base: 3, nr_functions: 1, action: 1 } }"
REFUSED = {
    # what rustc does not take for an entry
    "a field of another struct": (
        "const F: kvm_smccc_filter = kvm_smccc_filter { base: 1, nr_functions: 1, action: 1, ^ad: [0; 15] };",
        "no field `ad`",
    ),
    "a field that comes twice": (
        "const F: kvm_smccc_filter = kvm_smccc_filter { base: 1, nr_functions: 1, action: 1, ^base: 2, pad: [0; 15] };",
        "`base` is given twice",
    ),
    "an underscore in a suffix": (
        "const F: kvm_smccc_filter = kvm_smccc_filter { base: ^1u3_2, nr_functions: 1, action: 1, pad: [0; 15] };",
        "no whole number",
    ),
    # what changes an entry
    "an assignment": (in_function("let mut ^x = @L; x.action = 0; set(&x);"), "`x` is `mut`"),
    "an operator that assigns": (in_function("let mut ^x = @L; x.base += 3; set(&x);"), "`x` is `mut`"),
    "a reference that can change": (in_function("let mut ^x = @L; g(&mut x); set(&x);"), "`x` is `mut`"),
    "a copy that is changed": (in_function("let x = @L; let mut ^y = x; y.base = 7; set(&y);"), "`y` is `mut`"),
    "elements by mutable reference": (in_function("let mut ^t = [@L]; for e in &mut t {}"), "`t` is `mut`"),
    "a loop over copies that change": (
        f"const T: [kvm_smccc_filter; 1] = [{LITERAL}]; fn f() {{ for ^mut e in T {{ e.action = 0; set(&e); }} }}",
        "`mut`",
    ),
    "the rest of another entry": (in_function("let x = @L; set(&kvm_smccc_filter { base: 1, ^..x });"), "elsewhere"),
    "a pattern that binds by `mut`": (in_function("if let Some(mut x) = ^Some(@L) { set(&x); }"), "can't be followed"),
    "a refutable pattern": (in_function("let x = @L; let Some(y) = ^Some(x) else { return; };"), "can't be followed"),
    "an argument by value of a method": (in_function("v.push(^@L);"), "by value"),
    "a cell": ("fn f(x: &Cell<^kvm_smccc_filter>) {}", "`Cell`"),
    "a struct around it": ("struct V { e: ^kvm_smccc_filter }", "part of `V`"),
    "a static that is `mut`": (f"static mut ^X: kvm_smccc_filter = {LITERAL};", "`X` is `mut`"),
    "a method that changes": (
        "struct E { base: u32, nr_functions: u32, action: u8 } impl E { fn set(&mut ^self) { self.action = 0; } }",
        "`set` can change",
    ),
    "a function that returns another entry": (
        "fn ^patch(e: &kvm_smccc_filter) -> kvm_smccc_filter { twice(e) }" + in_function("set(&patch(&@L));"),
        "what `patch` returns",
    ),
    "a parameter of any type": ("fn g<T>(t: T) -> T { ^t }" + in_function("let x = @L; set(g(&x));"), "use of `t`"),
    "an argument that is made elsewhere": ("fn g(e: &kvm_smccc_filter) {} fn f() { ^g(&make()); }", "is given"),
    "what a constant is made of": ("const ^X: kvm_smccc_filter = make();", "what `X` holds"),
    # what a loop leaves out
    "an element that goes on": (
        in_function(f"for b in [1, 2] {{ ^if b == 1 {{ continue; }} set(&{entry('b')}); }}"),
        "leave out",
    ),
    "a loop that ends": (in_function(f"for b in [1, 2] {{ set(&{entry('b')}); ^break; }}"), "leave out"),
    "an element in a condition": (
        in_function(f"for b in [1, 2] {{ ^if b.x() {{ set(&{entry('b')}); }} }}"),
        "leave out",
    ),
    "an element in the condition of a function": (
        f"fn f(b: u32) {{ if ^b.x() {{ set(&{entry('b')}); }} }}" + in_function("for b in [1, 2] { let c = b; f(c); }"),
        "condition",
    ),
    "elements that are skipped": (
        in_function(f"for b in ^[1, 2].iter().skip(1) {{ set(&{entry('*b')}); }}"),
        "no list",
    ),
    "an element several times": (in_function(f"for b in ^[1; 2] {{ set(&{entry('b')}); }}"), "no list"),
    "a range of one's own": (
        f"struct Range<T> {{ start: T }} const R: ^Range<u32> = x(); fn f() {{ set(&{entry('R.start')}); }}",
        "no range of numbers",
    ),
    "a conversion of one's own": (
        f"fn f(w: ^W) {{ set(&{entry('w')}); }} const B: u32 = 1;" + in_function("f(B.into());"),
        "`into()`",
    ),
    # what a field holds
    "a variable that is `mut`": (in_function(f"let mut b = 1; b += 1; set(&{entry('^b')});"), "`b` is `mut`"),
    "a variable of a loop": (in_function(f"for b in ^list() {{ set(&{entry('b')}); }}"), "no list"),
    "a static number that is `mut`": (f"static mut B: u32 = 1; fn f() {{ set(&{entry('^B')}); }}", "`mut`"),
    "bits that a cast drops": (in_function(f"set(&{entry('1', '257u32 as ^u8')});"), "fit `u8`"),
    "bits that a type drops": (
        f"const A: u8 = 0x12; fn f() {{ set(&{entry('(A ^<< 4) as u32')}); }}",
        "does not fit the 8 bits",
    ),
    "a name that is defined twice": (
        f"const B: u32 = 1; const B: u32 = 2; fn f() {{ set(&{entry('^B')}); }}",
        "one of several",
    ),
    "a function of one's own under Linux's name": (
        f"const fn PSCI_0_2_FN(n: u32) -> u32 {{ n }} fn f() {{ set(&{entry('^PSCI_0_2_FN(1)')}); }}",
        "can't be computed",
    ),
    "a constant of a trait": (
        f"trait T {{ const B: u32 = 1; fn f() {{ set(&{entry('^Self::B')}); }} }}",
        "value of `B`",
    ),
    # what the text means
    "a macro that is given a name": (f"m!(^B); const B: u32 = 1; fn f() {{ set(&{entry('B')}); }}", "given `B`"),
    "a macro that is given an entry": (in_function("m!^(@L);"), "macro"),
    "a condition of the compiler": (in_function('if ^cfg!(feature = "a") { set(&@L); }'), "condition"),
    "a condition that is false": (in_function("if ^false { set(&@L); }"), "condition"),
    "a raw string in a condition": (f'^#[cfg(target_os = r"linux")] static X: kvm_smccc_filter = {LITERAL};', "cfg"),
    "a condition in a condition": (f"^#[cfg_attr(a, cfg(b))] static X: kvm_smccc_filter = {LITERAL};", "cfg_attr"),
    "an attribute that is a macro": (f"^#[evil] static X: kvm_smccc_filter = {LITERAL};", "`#[evil]`"),
    "a struct of the same name": (
        f"{ODD_STRUCT} fn f() {{ set(&kvm_smccc_filter {{ action: 1, nr_functions: 1, base: 1 }}); }}",
        "other fields",
    ),
    "another type under its name": ("use other::Entry as ^kvm_smccc_filter;", "another type"),
    "a default of one's own": (
        f"impl Default for kvm_smccc_filter {{ {OWN_DEFAULT} }}"
        + in_function("set(&kvm_smccc_filter { base: 1, ^..Default::default() });"),
        "line 1",
    ),
    "a function that is a value": (
        f"fn g(b: u32) {{ set(&{entry('b')}); }} fn f() {{ [1, 2].into_iter().for_each(^g); g(1); }}",
        "as a value",
    ),
    "a method of two types": (
        f"impl A {{ fn g(&self, b: u32) {{ set(&{entry('b')}); }} }} {TWIN} fn f(a: &A) {{ a.^g(1); }}",
        "several types",
    ),
    "a bracket that is not closed": (f"static X: kvm_smccc_filter = {LITERAL}; fn f() ^{{", "not closed"),
    "a string that is not closed": (f'static X: kvm_smccc_filter = {LITERAL}; const A: &str = ^"a', "no end"),
}
"""Sources, with ``^`` where the fault is placed, and words of what it says."""


@pytest.mark.parametrize(("text", "words"), list(REFUSED.values()), ids=list(REFUSED))
def test_what_may_be_another_entry_is_refused_with_its_place(text: str, words: str) -> None:
    column = text.index("^") + 1
    faults = readers.read("a.rs", text.replace("^", "").encode()).faults
    told = [(fault.span.start, fault.message) for fault in faults if fault.span]
    assert any(place == (1, column) and words in message for place, message in told), told
    assert all(fault.hint for fault in faults)


def work(text: str) -> int:
    """Count the calls that it takes to read a source: the reader looks at each token through one."""
    return calls_of(lambda: readers.read("a.rs", text.encode(), "rust"))


@pytest.mark.no_cover
@pytest.mark.parametrize("grow", list(RUST_SOURCES.values()), ids=list(RUST_SOURCES))
def test_reading_grows_no_faster_than_the_source(grow: Callable[[int], str]) -> None:
    unit = len(grow(2)) - len(grow(1))
    small, large = (grow(size // unit) for size in (3_000, 12_000))
    assert work(large) / len(large) < work(small) / len(small) * 1.4
