# ruff: noqa: E501 -- a program is a line, so that grep shows all of it
"""C++20 in which an entry is not what its initialiser seems to say, or is: g++ says what each program holds.

``@`` is the number of the program. The last statements of ``run_@`` give ``t`` to KVM, or what stands for it.
"""

import re

INCLUDE = "#include <linux/kvm.h>\n"
GIVE = """
static void give(int fd, const kvm_smccc_filter *p)
{
    kvm_device_attr attr = { .addr = reinterpret_cast<uintptr_t>(p) };
    ioctl(fd, KVM_SET_DEVICE_ATTR, &attr);
}
"""

TOP = {
    "a constexpr table": "constexpr kvm_smccc_filter t{0x84000000, 2, 1};",
    "an inline constexpr table": "inline constexpr kvm_smccc_filter t = {0x84000000, 2, 1};",
    "a static constexpr table": "static constexpr struct kvm_smccc_filter t = {.base = 7, .nr_functions = 2, .action = 1};",
    "designators in braces": "constexpr kvm_smccc_filter t{.base{7}, .nr_functions{1 << 4}, .action{KVM_SMCCC_FILTER_DENY}, .pad{}};",
    "designators that are left out": "constexpr kvm_smccc_filter t{.base = 7, .nr_functions = 3};",
    "constinit": "constinit kvm_smccc_filter t{7, 2, 1};",
    "an attribute": "[[maybe_unused]] alignas(8) constexpr kvm_smccc_filter t{7, 2, 1};",
    "a namespace": "namespace vmm { constexpr kvm_smccc_filter t{7, 2, 1}; } using namespace vmm;",
    "a constant": "inline constexpr uint32_t N = 7; constexpr kvm_smccc_filter t{N, 2, 1};",
    "a constant in braces": "constexpr uint32_t N{7}; constexpr kvm_smccc_filter t{N, 2, 1};",
    "a constant without a type": "constexpr auto N = 7u, M = 2u; constexpr kvm_smccc_filter t{N, M, 1};",
    "a constant of constants": "constexpr uint32_t N{7}; constexpr auto M = N << 4; constexpr kvm_smccc_filter t{M + 1, 2, 1};",
    "a wide constant without a type": "constexpr auto N = 0x184000000; constexpr kvm_smccc_filter t{N & 0xffffffff, 2, 1};",
    "a constant that does not fit": "constexpr uint8_t N = 263; constexpr kvm_smccc_filter t{N, 2, 1};",
    "an empty constant": "constexpr uint32_t N{}; constexpr kvm_smccc_filter t{N, 2, 1};",
    "a negative constant": "constexpr auto N = -1; constexpr kvm_smccc_filter t{(uint32_t)N, 2, 1};",
    "a truth": "constexpr auto N = 5 > 3; constexpr kvm_smccc_filter t{7, ~N & 0xf, 1};",
    "a constant of a class": "struct S { static constexpr uint32_t N = 7; }; constexpr uint32_t N = 8; constexpr kvm_smccc_filter t{S::N, 2, 1};",
    "a constant of a namespace": "namespace a { constexpr uint32_t N = 7; } constexpr uint32_t N = 8; constexpr kvm_smccc_filter t{a::N, 2, 1};",
    "a constexpr function": "constexpr uint32_t n() { return 7; } constexpr kvm_smccc_filter t{n(), 2, 1};",
    "a function that makes it": "constexpr kvm_smccc_filter make(uint32_t n) { return {n, 2, 1}; } constexpr kvm_smccc_filter t = make(7);",
    "a functional cast": "constexpr kvm_smccc_filter t{uint8_t(0x107), 2, 1};",
    "a cast by name": "constexpr kvm_smccc_filter t{static_cast<uint8_t>(0x107), 2, 1};",
    "a separator of digits": "constexpr kvm_smccc_filter t{0x8400'0050, 0b1'0, 0'1};",
    "a literal of a type": "constexpr auto t = kvm_smccc_filter{7, 2, 1};",
    "a copy of another": "constexpr kvm_smccc_filter u{7, 2, 1}; constexpr auto t = u;",
    "another name of the type": "typedef kvm_smccc_filter range; constexpr range t{7, 2, 1};",
    "another name of the constant type": "typedef const struct kvm_smccc_filter range; range t{7, 2, 1};",
    "a using of the type": "using range = struct kvm_smccc_filter; constexpr range t{7, 2, 1};",
    "a using of an array": "using two = kvm_smccc_filter[2]; constexpr two u{{7, 2, 1}}; constexpr auto &t = u[0];",
    "a using of a template": "template <class T> using same = T; constexpr same<kvm_smccc_filter> t{7, 2, 1};",
    "a class made of it": "struct range : kvm_smccc_filter {}; constexpr range t{{7, 2, 1}};",
    "a class with a default": "struct range { uint32_t base, nr_functions; uint8_t action = 1; uint8_t pad[15] = {}; }; constexpr range u{7, 2}; static const auto &t = (const kvm_smccc_filter &)u;",
    "a lambda": "constexpr kvm_smccc_filter t = [] { return kvm_smccc_filter{7, 2, 1}; }();",
    "a template of a table": "template <uint32_t n> constexpr kvm_smccc_filter t_of{n, 2, 1}; constexpr auto &t = t_of<7>;",
    "a table of a class": "struct S { static constexpr kvm_smccc_filter u{7, 2, 1}; }; constexpr auto &t = S::u;",
    "an overload": "constexpr uint32_t f(int) { return 7; } constexpr uint32_t f(unsigned) { return 8; } constexpr kvm_smccc_filter t{f(1u), 2, 1};",
    "a literal operator": 'constexpr uint32_t operator""_fid(unsigned long long n) { return n + 1; } constexpr kvm_smccc_filter t{6_fid, 2, 1};',
}
"""What stands before ``run_@``, which gives ``t``."""

INNER = {
    "a local constant": "constexpr kvm_smccc_filter t{7, 2, 1};",
    "a static local constant": "static constexpr kvm_smccc_filter t{7, 2, 1};",
    "a local constant that is written": "constexpr kvm_smccc_filter t{7, 2, 1}; const_cast<kvm_smccc_filter &>(t).action = 2;",
    "a local constant that another function gets": "constexpr kvm_smccc_filter t{7, 2, 1}; strange((void *)&t);",
    "a static constant that another function looks at": 'static constexpr kvm_smccc_filter t{7, 2, 1}; printf("", (const void *)&t);',
    "a local constant of a number that is written": "constexpr uint32_t n{7}; *const_cast<uint32_t *>(&n) = 8; kvm_smccc_filter t{n, 2, 1};",
    "a constant on the stack that is written": "int m = 7; const auto n = m; *const_cast<int *>(&n) = 8; kvm_smccc_filter t{(uint32_t)n, 2, 1};",
    "a reference": "kvm_smccc_filter t{7, 2, 1}; auto &r = t; r.action = 2;",
    "a reference to a constant": "kvm_smccc_filter t{7, 2, 1}; const auto &r = t; if (r.base == 8) return;",
    "a binding": "kvm_smccc_filter t{7, 2, 1}; auto &[b, n, a, p] = t; a = 2;",
    "a binding of a copy": "kvm_smccc_filter t{7, 2, 1}; auto [b, n, a, p] = t; a = 2;",
    "a lambda that writes": "kvm_smccc_filter t{7, 2, 1}; [&] { t.action = 2; }();",
    "a lambda that gets it": "kvm_smccc_filter t{7, 2, 1}; [](auto &r) { r.action = 2; }(t);",
    "a loop of references": "kvm_smccc_filter u[]{{7, 2, 1}}; for (auto &r : u) r.action = 2; auto t = u[0];",
    "a reference parameter": "kvm_smccc_filter t{7, 2, 1}; [](kvm_smccc_filter &r) { r.base++; }(t);",
    "a field by field": "kvm_smccc_filter t{}; t.base = 7; t.nr_functions = 2; t.action = 1;",
    "an inner name": "constexpr uint32_t n = 7; { constexpr uint32_t n = 8; (void)n; } kvm_smccc_filter t{n, 2, 1};",
    "a placement": "kvm_smccc_filter t{7, 2, 1}; t = {.base = 8, .nr_functions = 1};",
    "a condition that is decided": "kvm_smccc_filter t{7, 2, 1}; if constexpr (sizeof(int) == 4) t.action = 2;",
    "a type of an expression": "constexpr kvm_smccc_filter u{7, 2, 1}; decltype(u) t{8, 2, 1};",
}
"""What stands in ``run_@`` before it gives ``t``."""

READ = {
    *("a constexpr table", "an inline constexpr table", "a static constexpr table", "designators in braces"),
    *(
        "designators that are left out",
        "constinit",
        "an attribute",
        "a namespace",
        "a constant",
        "a constant in braces",
    ),
    *("a constant of constants", "a separator of digits", "a literal of a type", "another name of the type"),
    *("another name of the constant type", "a using of the type", "a local constant", "a static local constant"),
    *("a static constant that another function looks at", "a field by field", "a copy of another"),
    "a local constant of a number that is written",
}
"""Programs that are read, because nothing in them is a trap; all others are refused."""


def programs() -> dict[str, str]:
    """Return each program by its name."""
    found = {}
    for name, text in TOP.items():
        own = re.sub(r"\b(t|u|t_of|n|f|make)\b", r"\1@", text)  # what is inline in two programs is one to the linker
        found[f"top: {name}"] = f'{INCLUDE}{GIVE}{own}\nextern "C" void run_@(int fd)\n{{\n    give(fd, &t@);\n}}\n'
    for name, text in INNER.items():
        body = f"    {text}\n    give(fd, &t);"
        found[f"inner: {name}"] = f'{INCLUDE}{GIVE}extern "C" void run_@(int fd)\n{{\n{body}\n}}\n'
    return found
