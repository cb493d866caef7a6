"""Other names of an entry's type in C and C++: what is declared with one is read, or told."""

import pytest

from smccc_filter.artefacts import readers

ALIASES = [
    ("typedef struct kvm_smccc_filter T;", "T t = {1, 1, 1};", True),
    ("typedef kvm_smccc_filter T;", "T t = {1, 1, 1};", True),
    ("typedef const struct kvm_smccc_filter T;", "T t = {1, 1, 1};", True),
    ("typedef struct kvm_smccc_filter const T;", "T t[] = {{1, 1, 1}};", True),
    ("using T = kvm_smccc_filter;", "constexpr T t{1, 1, 1};", True),
    ("using T = const struct kvm_smccc_filter;", "T t{1, 1, 1};", True),
    ("typedef struct kvm_smccc_filter A; typedef A T;", "T t = {1, 1, 1};", True),
    ("typedef struct kvm_smccc_filter A; using T = A;", "T t = {1, 1, 1};", True),
    ("typedef struct kvm_smccc_filter T, U;", "U t = {1, 1, 1};", False),
    ("typedef struct kvm_smccc_filter T[2];", "T t = {{1, 1, 1}};", False),
    ("typedef kvm_smccc_filter T[2];", "T t = {{1, 1, 1}};", False),
    ("typedef struct kvm_smccc_filter (T);", "T t = {1, 1, 1};", False),
    ("typedef struct kvm_smccc_filter *T;", "void f(T t) { t->action = 0; }", False),
    ("using T = kvm_smccc_filter[2];", "T t = {{1, 1, 1}};", False),
    ("namespace a { using T = ::kvm_smccc_filter; }", "a::T t = {1, 1, 1};", False),
    ("template <class A> using T = A;", "T<kvm_smccc_filter> t{1, 1, 1};", False),
    ("struct T : kvm_smccc_filter {};", "T t{{1, 1, 1}};", False),
    ("typedef struct { uint32_t base, nr_functions; uint8_t action; uint8_t pad[15]; } T;", "T t = {1, 1, 1};", False),
    ("typedef __typeof__(struct kvm_smccc_filter) T;", "T t = {1, 1, 1};", False),
]
"""A type, an entry of it, and whether it is read."""


@pytest.mark.parametrize(("declared", "entry", "is_read"), ALIASES, ids=[case[0] for case in ALIASES])
def test_an_entry_of_another_name_of_the_type_is_read_or_told(declared: str, entry: str, *, is_read: bool) -> None:
    text = f"{declared}\nstatic {entry}\nstatic struct kvm_smccc_filter other = {{ 7, 1, 1 }};\n"
    reading = readers.read("a.cc", text.encode())
    assert bool(reading.faults) is not is_read
    if is_read:
        assert [found.base for found in reading.entries or ()] == [1, 7]
