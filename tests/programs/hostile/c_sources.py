"""C that is as bad as its length lets it be, each in one way: what grows with a number."""

from collections.abc import Callable

STRUCT = "struct kvm_smccc_filter"
ENTRY = f"{STRUCT} x = {{1, 1, 1}};"
TABLE = f"{STRUCT} x[] = {{ {{1, 1, 1}} }};"
MAKES = f"void g(int a) {{ {STRUCT} x = {{a, 1, 1}}; }}"
LAYOUT = "{uint32_t base; uint32_t nr_functions; uint8_t action; uint8_t pad[15];}"


def numbered(text: str, count: int) -> str:
    """Repeat a text with ``@`` and ``%`` as a number and the next one."""
    return "".join(text.replace("@", str(i)).replace("%", str(i + 1)) for i in range(count))


C_SOURCES: dict[str, Callable[[int], str]] = {
    "entries": lambda n: f"{STRUCT} f[] = {{" + "{1,1,1}," * n + "};",
    "variables": lambda n: numbered(f"{STRUCT} x@ = {{1, 1, 1}};", n),
    "variables of one name": lambda n: f"void f() {{ {ENTRY * n} }}",
    "names in one declaration": lambda n: f"{STRUCT} {numbered('x@,', n)} y;",
    "names of the type": lambda n: "kvm_smccc_filter " * n,
    "names of the type in one declaration": lambda n: f"{STRUCT} a," + "kvm_smccc_filter," * n,
    "functions that call each other": lambda n: numbered(f"void f@(int a) {{ {STRUCT} x = {{a, 1, 1}}; f%(a); }}", n),
    "calls": lambda n: f"{MAKES} void h() {{ {'g(1);' * n} }}",
    "calls in calls": lambda n: f"{MAKES} void h() {{ {'g(' * n}{')' * n}; }}",
    "calls of unknown functions in one another": lambda n: f"void h() {{ {('q(' * n + ')' * n)}; }}",
    "entries of a parameter": lambda n: f"void g(int a) {{ {f'{STRUCT} x = {{a, 1, 1}};' * n} }} void h() {{ g(1); }}",
    "parameters": lambda n: f"void g({numbered('int a@,', n)} int z) {{ {STRUCT} x = {{z, 1, 1}}; }}",
    "arguments": lambda n: f"void f() {{ {TABLE} {'g(x);' * n} }} void g(void *p, {numbered('int a@,', n)} int z) {{}}",
    "braces": lambda n: f"void f() {{ {'{' * n}{ENTRY}{'}' * n} }}",
    "brackets with declarations": lambda n: f"void f() {{ {'(' * n}{f'{STRUCT} x,' * n}{')' * n} }}",
    "brackets around a name": lambda n: f"void f() {{ {ENTRY}{'(' * n}x{')' * n}; }}",
    "casts": lambda n: f"void f() {{ {ENTRY}{'(a)' * n}x; }}",
    "operators": lambda n: f"void f() {{ {ENTRY}{'*' * n}{'&' * n}x; }}",
    "conditions in conditions": lambda n: "#if 1\na\n" * n + "#endif\n" * n,
    "open conditions in conditions": lambda n: "#ifdef A\na\n" * n + "#endif\n" * n,
    "negations": lambda n: f"#if {'!' * n}a\n#endif\n",
    "alternatives": lambda n: f"#if {'a ||' * n} a\n#endif\n",
    "macros of macros": lambda n: numbered("#define a@ a%\n", n) + numbered("a@ ", n),
    "macros defined again": lambda n: "#define a 1\na\n" * n,
    "macros in their arguments": lambda n: f"#define f(x) x\n{'f(' * n}{')' * n}",
    "macros without an end": lambda n: f"#define f(x) x\n{'f(' * n}",
    "macros that join": lambda n: f"#define f(x) x##-\n{'f(' * n}{')' * n}",
    "macros with a bad count": lambda n: f"#define f(x, y) x\n{'f(' * n}{')' * n}",
    "macros that nobody knows": lambda n: (
        f"#ifdef X\n{numbered('#define A@ A%', n)}\n#endif\n{numbered('A@ ', n)}{ENTRY}"
    ),
    "enumerators": lambda n: f"enum {{ {numbered('a@,', n)} }}; {STRUCT} x = {{a5, 1, 1}};",
    "enumerators of one another": lambda n: f"enum {{ a0, {numbered('a% = a@,', n)} }}; {STRUCT} x = {{a9, 1, 1}};",
    "constants used often": lambda n: (
        "static const int a0 = 0;"
        + numbered("static const int a% = a@ + a@;", 20)
        + f"{STRUCT} f[] = {{ {'{a20, 1, 1},' * n} }};"
    ),
    "uses of a constant": lambda n: f"void f() {{ const int A = 1; {STRUCT} x = {{A, 1, 1}}; {'A;' * n} }}",
    "declarations of a name": lambda n: f"{'int A;' * n}{STRUCT} x = {{A, 1, 1}};",
    "types of types": lambda n: "typedef int a0;" + numbered("typedef a@ a%;", n),
    "types of the struct": lambda n: numbered(f"typedef {STRUCT} A@;", n),
    "structs": lambda n: numbered(f"struct s@ {LAYOUT};", n),
    "structs in structs": lambda n: "struct {" * n + "}" * n,
    "fields read": lambda n: f"void f() {{ {ENTRY}{'y = x.base;' * n} }}",
    "pointers": lambda n: f"void f() {{ {TABLE}{f'const {STRUCT} *p = x;' * n} }}",
    "steps of a pointer": lambda n: f"void f() {{ {TABLE}{STRUCT} *p = x;{'p++;' * n} }}",
    "attributes": lambda n: f"void f() {{ {ENTRY}{'struct kvm_device_attr a = {.addr = (u64)&x};' * n} }}",
    "labels": lambda n: f"void f() {{ goto l1; {numbered(f'l@: {ENTRY}', n)} }}",
    "cases": lambda n: f"void f() {{ switch (1) {{ {f'case 1: {ENTRY}' * n} }} }}",
    "assembly": lambda n: f"void f() {{ {numbered(f'{STRUCT} x@ = {{1, 1, 1}}; asm(1);', n)} }}",
    "included files": lambda n: f"{ENTRY}\n" + "#include <a>\n" * n,
    "actions in brackets": lambda n: f"void f() {{ {'q(KVM_SMCCC_FILTER_DENY,' * n}{')' * n} }}",
    "what is given to KVM": lambda n: f"void f() {{ {ENTRY}{'ioctl(1, KVM_SET_DEVICE_ATTR, &x);' * n} }}",
    "what is given to KVM at once": lambda n: f"void f() {{ {ENTRY}ioctl(1, 2, {'&x, ' * n}1); }}",
    "a long sum": lambda n: f"{STRUCT} x = {{ {'0 +' * n} 1, 1, 1}};",
    "designators": lambda n: f"{STRUCT} x = {{ {'.base = 1,' * n} }};",
    "fields one by one": lambda n: f"void f() {{ {STRUCT} x = {{0}}; {'x.base = 1;' * n} }}",
    "variables filled one by one": lambda n: (
        f"void f() {{ {numbered(f'{STRUCT} x@ = {{0}}; x@.base = 1; x@.nr_functions = 1;', n)} }}"
    ),
    "variables filled at the end": lambda n: (
        f"void f() {{ {numbered(f'{STRUCT} x@ = {{0}};', n)} {numbered('x@.base = 1;', n)} }}"
    ),
    "line markers": lambda n: '# 1 "a.c"\n' * n + ENTRY,
    "names of Linux defined again": lambda n: "#define PSCI_0_2_FN_BASE 1\n" * n + ENTRY,
    "strings": lambda n: '"' * n,
    "joined lines": lambda n: "a\\\n " * n,
}
"""What grows with ``n``, which is a few hundred here; in a file of a mebibyte it is a thousand times as much."""
