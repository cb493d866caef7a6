"""Rust that is as bad as its length lets it be, each in one way: what grows with a number."""

from collections.abc import Callable

LITERAL = "kvm_smccc_filter { base: 1, nr_functions: 2, action: 1, pad: [0; 15] }"


def in_function(body: str) -> str:
    """Write a function; ``@L`` in it is an entry."""
    return f"fn run() {{ {body.replace('@L', LITERAL)} }}"


def entry(base: str, action: str = "1") -> str:
    """Write an entry."""
    return f"kvm_smccc_filter {{ base: {base}, nr_functions: 1, action: {action}, pad: [0; 15] }}"


USE = f"static X: kvm_smccc_filter = {entry('A0')};"
FUNCTION = f"fn f(b: u32) {{ set(&{entry('b')}); }}"


def numbered(unit: str, count: int) -> str:
    """Repeat a text with ``@`` and ``@+`` as a number and the next one."""
    return "".join(unit.replace("@+", str(i + 1)).replace("@", str(i)) for i in range(count))


RUST_SOURCES: dict[str, Callable[[int], str]] = {
    "constants without an end": lambda n: "const A:" * n,
    "constants in constants": lambda n: "const A: u32 = " * n,
    "a chain of constants": lambda n: numbered("const A@: u32 = A@+ + A@+;", n) + USE,
    "entries of a chain": lambda n: numbered("const A@: u32 = A@+;", n) + numbered(f"set(&{entry('A@')});", n),
    "names that stand for one another": lambda n: numbered("use self::A@+ as A@;", n) + USE,
    "types that stand for one another": lambda n: numbered("type T@ = T@+;", n) + USE,
    "braces": lambda n: "{" * n + "}" * n,
    "conditions": lambda n: "if " * n,
    "bindings": lambda n: "let a " * n,
    "bindings of one name": lambda n: "fn f() {" + "let a = a;" * n + "}" + USE,
    "loops": lambda n: "for x in " * n,
    "heads of functions": lambda n: "fn a() " * n,
    "functions in functions": lambda n: "fn a() {" * n + "}" * n,
    "arms in arms": lambda n: "(a =>" * n + ")" * n,
    "closures": lambda n: "(|a|a)" * n,
    "imports in imports": lambda n: "use a::{" + "a::{" * n + "}" * n + "};",
    "globs": lambda n: "use self::b::*;" * n + "mod b { pub const A0: u32 = 1; }" + USE * n,
    "attributes": lambda n: "#[cfg(x)]" * n,
    "entries": lambda n: in_function("set(&@L);" * n),
    "uses of one entry": lambda n: f"static X: kvm_smccc_filter = {LITERAL};" + in_function("set(&X);" * n),
    "copies of copies": lambda n: in_function("let x0 = @L;" + numbered("let x@+ = x@;", n)),
    "calls": lambda n: FUNCTION + in_function("f(1);" * n),
    "calls in calls": lambda n: FUNCTION + in_function("f(" * n + ")" * n),
    "methods of one name": lambda n: numbered(
        f"impl T@ {{ fn f(&self, b: u32) {{ set(&{entry('b')}); }} fn g(&self) {{ self.f(1); }} }}", n
    ),
    "macros in macros": lambda n: "m!(" * n + ")" * n + USE,
    "conditions of a parameter": lambda n: (
        f"fn f(a: bool) {{ {f'if a {{ set(&{LITERAL}); }}' * n} }} fn g() {{ {'f(x.y());' * n} }}"
    ),
    "arguments": lambda n: f"static X: kvm_smccc_filter = {LITERAL};" + in_function(f"g({'&X,' * n});"),
    "brackets around an entry": lambda n: "[" * n + LITERAL + "]" * n,
    "entries in one loop": lambda n: in_function("for b in [1, 2] {" + f"set(&{entry('b')});" * n + "}"),
    "elements of one loop": lambda n: in_function("for b in [" + "1," * n + f"] {{ set(&{entry('b')}); }}"),
    "loops behind one another": lambda n: in_function(f"for b in [1, 2] {{ set(&{entry('b')}); }}" * n),
    "loops in loops": lambda n: in_function(
        "for b in [1] {" * min(n, 40) + f"set(&{entry('b')});" + "}" * min(n, 40) + "b();" * n
    ),
    "ranges of ranges": lambda n: (
        "const R0: Range<u32> = 1..2;"
        + numbered("const R@+: Range<u32> = R@;", n)
        + f"static X: T = {entry('R9.start')};"
    ),
    "methods of one number": lambda n: f"static X: kvm_smccc_filter = {entry('1' + '.clone()' * n)};",
    "variables of variables in a condition": lambda n: (
        f"fn f(b: u32) {{ if b.c() {{ set(&{LITERAL}); }} }} fn g() {{ let v0 = 1;"
        + numbered("let v@+ = v@ + v@ + x;", n)
        + "f(v9); }"
    ),
    "methods of methods": lambda n: (
        f"fn mk(&self) -> kvm_smccc_filter {{ {LITERAL} }}" + in_function("x" + ".mk()" * n)
    ),
}
