# ruff: noqa: E501 -- a program is a line, so that grep shows all of it
"""C in which an entry is not what its initialiser seems to say: each is one program, and gcc says what it holds.

``@`` is the number of the program. The last statements of ``run_@`` give ``t``, ``x`` or both to KVM.
"""

import re

T = "static struct kvm_smccc_filter t[] = { {0x84000000, 1, 1}, {0xC4000000, 2, 2} };"
X = "struct kvm_smccc_filter x = {0x84000000, 1, KVM_SMCCC_FILTER_DENY};"
GIVE = """
static void give(int fd, const struct kvm_smccc_filter *p)
{
    struct kvm_device_attr attr = { .addr = (uintptr_t)p };
    ioctl(fd, KVM_SET_DEVICE_ATTR, &attr);
}
"""
GIVE_T = "for (int i = 0; i < 2; i++) give(fd, &t[i]);"
GIVE_X = "give(fd, &x);"

ON_TABLE = {
    "an assignment": "t[0].action = 0;",
    "a loop": "for (int i = 0; i < 2; i++) t[i].base = 0x86000000 + i;",
    "a pointer": "struct kvm_smccc_filter *p = t; p->action = 0;",
    "a pointer that walks": "struct kvm_smccc_filter *p = t; p++; (*p).action = 0;",
    "a pointer without a type": "void *p = t; ((unsigned char *)p)[8] = 0;",
    "the index on the left": "0[t].action = 0;",
    "a pointer in brackets": "(t + 1)->action = 0;",
    "a pointer behind a comma": "(0, t)->action = 0;",
    "a conditional": "(fd ? t : 0)->action = 0;",
    "typeof": "__typeof__(t[0]) *p = t; p->action = 0;",
    "auto": "__auto_type p = t; p->action = 0;",
    "typeof a copy": "__typeof__(t[0]) x = t[0]; x.action = 0; give(fd, &x);",
    "an array pointer": "struct kvm_smccc_filter (*p)[2] = &t; (*p)[0].action = 0;",
    "an array of pointers": "struct kvm_smccc_filter *p[] = { &t[0], &t[1] }; p[0]->action = 0;",
    "a pointer to a pointer": "struct kvm_smccc_filter *p = t, **q = &p; (*q)->action = 0;",
    "a second pointer": "struct kvm_smccc_filter *p = t, *q = p + 1; q->action = 0;",
    "the address of a field": "uint8_t *p = &t[0].action; *p = 0;",
    "a number for a pointer": "uintptr_t n = (uintptr_t)t; *(uint8_t *)(n + 8) = 0;",
    "the attribute's address": "struct kvm_device_attr a; a.addr = (uintptr_t)t; *(uint8_t *)(a.addr + 8) = 0;",
    "the attribute's address, cast": "struct kvm_device_attr a = { .addr = (uintptr_t)&t[1] };\n"
    "((struct kvm_smccc_filter *)a.addr)->action = 0;",
    "memset": "memset(t, 0, 9);",
    "memcpy": "memcpy(&t[0], &t[1], sizeof(t[0]));",
    "a struct assigned": "t[0] = t[1];",
    "a literal assigned": "t[1] = (struct kvm_smccc_filter){ 0x86000000, 1, 1 };",
    "increments": "t[0].nr_functions++; ++t[0].base;",
    "an assignment in a condition": "if ((t[0].action = 0)) return;",
    "an assignment in an argument": "give(fd, (t[0].action = 0, t));",
    "an assignment in sizeof is none": "(void)sizeof(t[0].action = 0);",
    "assembly": 'asm volatile("movb $0, %0" : "=m"(t[0].action));',
    "assembly of the memory": 'asm volatile("movb $0, 8(%0)" :: "r"(t) : "memory");',
    "assembly by name": 'asm volatile("movb $0, 8+t(%%rip)" ::: "memory");',
    "an atomic": "__atomic_store_n(&t[0].action, 0, 5);",
    "an unknown function": "strange(t);",
    "a function in the file": "change(t);",
    "a function of a number": "hide((uintptr_t)t);",
    "a function of a pointer to anything": "anything(&t[0]);",
    "a function of a field": "anything(&t[0].action);",
    "a function pointer": "void (*f)(struct kvm_smccc_filter *) = change; f(t);",
    "a statement expression": "(*({ &t[0]; })).action = 0;",
    "a generic selection": "_Generic(1, int: t[0].action) = 0;",
    "_Pragma": '_Pragma("GCC diagnostic push") t[0].action = 0; _Pragma("GCC diagnostic pop")',
    "a joined name": "JOIN(t, )[0].action = 0;",
    "a joined name of two halves": "JOIN(, t)[0].JOIN(act, ion) = 0;",
    "a macro": "SET(t[0].action);",
    "a macro with more arguments": "REST(t[0].action, = 0);",
    "a macro behind a macro": "LATER(SET)(t[1].action);",
    "digraphs": "t<:0:>.action = 0;",
    "a joined line": "t[0].ac\\\ntion = 0;",
    "a comment in between": "t/**/[0]/* . */./* */action = 0;",
    "a label": "here: t[0].action = 0; if (0) goto here;",
    "a case": "switch (1) { case 1: t[0].action = 0; }",
    "a loop's step": "for (int i = 0; i < 1; i++, t[0].action = 0) ;",
    "a nested function": "void inner(void) { t[0].action = 0; } inner();",
    "a typedef of a pointer": "typedef struct kvm_smccc_filter *ptr; ptr p = t; p->action = 0;",
    "another struct": "struct same { uint32_t a, b; uint8_t c; } *p = (void *)t; p->c = 0;",
    "a union": "union { struct kvm_smccc_filter f; uint8_t b[24]; } u = { .f = t[0] }; u.b[8] = 0; give(fd, &u.f);",
    "a struct with one": "struct { struct kvm_smccc_filter f; } u = { { 0x86000000, 1, 1 } }; u.f.action = 0; give(fd, &u.f);",
    "a copy": "struct kvm_smccc_filter x = t[0]; x.action = 0; give(fd, &x);",
    "a copy of bytes": "uint8_t b[48]; memcpy(b, t, sizeof(b)); b[8] = 0; give(fd, (void *)b);",
    "another table in the block": "{ struct kvm_smccc_filter t[] = { {0x86000000, 1, 1} }; t[0].action = 0; give(fd, t); }",
    "a parameter of the same name": "shadow(fd, t);",
    "an assignment in brackets": "struct kvm_smccc_filter *q; (q = t)->action = 0;",
    "a sum in brackets": "struct kvm_smccc_filter *q; (q = t + 1)->action = 0;",
    "a step in brackets": "struct kvm_smccc_filter *q = t; (q += 1)->action = 0; (q++)->base = 1;",
    "a value of a block": "struct kvm_smccc_filter *q; ({ q = t; })->action = 0;",
    "a value of a block with a step": "struct kvm_smccc_filter *q = t; ({ q++; })->action = 0;",
    "an address kept in brackets": "struct kvm_device_attr a; *(uint8_t *)((a.addr = (uintptr_t)t) + 8) = 0;",
    "an address kept in a block": "struct kvm_device_attr a; *(uint8_t *)(({ a.addr = (uintptr_t)t; }) + 8) = 0;",
    "an extension": "__extension__ (t[0].action) = 0;",
    "a real part": "__real__ (t[0].action) = 0;",
    "a choice": "__builtin_choose_expr(1, t[0].action, t[1].action) = 0;",
    "a hooked function": "int (*ioctl)(int, unsigned long, ...) = (void *)hook; ioctl(fd, KVM_SET_DEVICE_ATTR,"
    " &(struct kvm_device_attr){ .addr = (uintptr_t)t });",
    "a function of the same name as a counter": "countof(t);",
    "a getter": "getter()->action = 0;",
    "offsets": "*((char *)t + __builtin_offsetof(struct kvm_smccc_filter, action)) = 0;",
    "a comma": "sink = (t[0].action = 0, 1);",
    "a flexible view": "struct { uint8_t b[1]; } *p = (void *)&t[1]; p->b[8] = 0;",
    "a va_list": "many(1, t);",
    "reading only": "sink += t[0].action + t[1].nr_functions; if (t[0].base > 5 && t[1].action) sink++;",
    "reading through a pointer": "const struct kvm_smccc_filter *p; for (p = t; p < t + 2; p++) sink += p->base;",
    "reading in a call": 'printf("", t[0].base);',
    "a string": 'const char *s = "t[0].action = 0; struct kvm_smccc_filter y = {1, 1, 1};"; sink += s[0];',
}
"""Statements before ``t`` is given."""

WHOLE = {
    "own enumerators": "enum { KVM_SMCCC_FILTER_DENY = 2 };",
    "own enumerators in order": "enum { KVM_SMCCC_FILTER_DENY, KVM_SMCCC_FILTER_FWD_TO_USER };",
    "an own constant": "static const uint8_t KVM_SMCCC_FILTER_DENY = 0;",
    "an own constant among others": "static const uint8_t A = 1, KVM_SMCCC_FILTER_DENY = 0;",
    "an own constant in brackets": "static const uint8_t (KVM_SMCCC_FILTER_DENY) = 0;",
    "an own macro": "#define KVM_SMCCC_FILTER_DENY 2",
    "an own macro by another": "#define NONE 0\n#define KVM_SMCCC_FILTER_DENY NONE",
    "an own macro of the same name": "enum { KVM_SMCCC_FILTER_DENY = 1 };\n#define KVM_SMCCC_FILTER_DENY KVM_SMCCC_FILTER_DENY",
    "the enumerators of Linux": "enum { KVM_SMCCC_FILTER_HANDLE, KVM_SMCCC_FILTER_DENY };",
    "an own function": "#define KVM_SMCCC_FILTER_DENY deny()\nstatic int deny(void) { return 2; }",
    "an own variable": "static int KVM_SMCCC_FILTER_DENY = 2;",
    "a parenthesised macro": "#define KVM_SMCCC_FILTER_DENY (1 + 1)",
}
"""What a file defines that does without Linux's enumerators, before ``X`` in a function."""

LOCAL = {
    "a jump past it": f"if (fd) goto over; {X} x.base = 1; over: ; sink = x.base; return;",
    "a jump past its value": f"if (fd) goto over; {X} over: {GIVE_X}",
    "a case past its value": f"switch (fd) {{ {X} case 3: {GIVE_X} }}",
    "a loop around it": f"for (int i = 0; i < 2; i++) {{ {X} {GIVE_X} }}",
    "a field in a loop": f"for (int i = 0; i < 2; i++) {{ {X} x.base += i; {GIVE_X} }}",
    "an inner enumerator": f"enum {{ KVM_SMCCC_FILTER_DENY = 2 }}; {X} {GIVE_X}",
    "an enumerator of another block": f"{{ enum {{ KVM_SMCCC_FILTER_DENY = 2 }}; }} {X} {GIVE_X}",
    "an inner constant": f"const int KVM_SMCCC_FILTER_DENY = 2; {X} {GIVE_X}",
    "an inner constant of another block": f"{{ const int KVM_SMCCC_FILTER_DENY = 2; (void)KVM_SMCCC_FILTER_DENY; }} {X} {GIVE_X}",
    "an inner struct": "struct kvm_smccc_filter { uint32_t nr_functions, base; uint8_t action, pad[15]; };"
    " struct kvm_smccc_filter x = {1, 0x84000000, 1}; give(fd, (void *)&x);",
    "an inner typedef": "typedef uint8_t uint32_t; struct kvm_smccc_filter x = {(uint32_t)0x1ff, 1, 1}; give(fd, &x);",
    "a type by another name": "typedef struct kvm_smccc_filter a_t; a_t x = {0x84000000, 1, 1}; give(fd, &x);",
    "an array type": "typedef struct kvm_smccc_filter a_t[2]; a_t x = {{5}, {6}}; give(fd, x); give(fd, x + 1);",
    "a field twice": "struct kvm_smccc_filter x = { .base = 1, .base = 2, .nr_functions = 1 }; give(fd, &x);",
    "a designator before a position": "struct kvm_smccc_filter x = { .nr_functions = 2, 1, .base = 7 }; give(fd, &x);",
    "a hole": "struct kvm_smccc_filter x[] = { [1] = {1, 1, 1} }; give(fd, x); give(fd, x + 1);",
    "an element twice": "struct kvm_smccc_filter x[] = { [0] = {1, 1, 1}, [0] = {2, 1, 1} }; give(fd, x);",
    "a range of elements": "struct kvm_smccc_filter x[] = { [0 ... 1] = {1, 1, 1} }; give(fd, x); give(fd, x + 1);",
    "elements without braces": "struct kvm_smccc_filter x[] = { 1, 1, 1, {0}, 2, 1, 1 }; give(fd, x); give(fd, x + 1);",
    "octal": "struct kvm_smccc_filter x = { 010, 011, 01 }; give(fd, &x);",
    "a character": "struct kvm_smccc_filter x = { 'a', '\\1', 1 }; give(fd, &x);",
    "an overflow": "struct kvm_smccc_filter x = { 0x80000000 * 2, 0xffffffff + 2, 257 }; give(fd, &x);",
    "a sign": "struct kvm_smccc_filter x = { -1, 1 - 2, 1 }; give(fd, &x);",
    "a division": "struct kvm_smccc_filter x = { -8 / 2u, 7 / 2, 7 % 3 }; give(fd, &x);",
    "a shift too far": "int n = 33; struct kvm_smccc_filter x = { 1u << n, 1 << 4, 1 }; give(fd, &x);",
    "precedence": "struct kvm_smccc_filter x = { 1 << 2 + 3, 6 & 3 == 3, 1 | 2 ^ 3 & 1 }; give(fd, &x);",
    "a narrow cast": "struct kvm_smccc_filter x = { (uint8_t)0x1ff, (unsigned short)65537, (_Bool)2 }; give(fd, &x);",
    "a wide cast": "struct kvm_smccc_filter x = { (uint64_t)0x84000000, (int)5, (unsigned)1 }; give(fd, &x);",
    "sizeof": "struct kvm_smccc_filter x = { sizeof(int), sizeof(struct kvm_smccc_filter), 1 }; give(fd, &x);",
    "an attribute that cleans up": "struct kvm_smccc_filter x __attribute__((cleanup(clean))) = {1, 1, 1}; give(fd, &x);",
    "a variable": "unsigned n = 5; n++; struct kvm_smccc_filter x = { n, 1, 1 }; give(fd, &x);",
    "a constant that is written": "const unsigned n = 5; *(unsigned *)&n = 6; struct kvm_smccc_filter x = { n, 1, 1 }; give(fd, &x);",
    "a constant": "const unsigned n = 0x84000000; struct kvm_smccc_filter x = { n, 1, 1 }; give(fd, &x);",
    "a field by field": "struct kvm_smccc_filter x; memset(&x, 0, sizeof(x)); x.base = 5; x.nr_functions = 1; give(fd, &x);",
    "a literal": "give(fd, &(struct kvm_smccc_filter){ 0x84000000, 1, 1 });",
    "a literal that is written": "struct kvm_smccc_filter *p = &(struct kvm_smccc_filter){ 1, 1, 1 }; p->action = 0; give(fd, p);",
    "a literal made of another": "struct kvm_smccc_filter x = (struct kvm_smccc_filter){ 1, 1, 1 }; give(fd, &x);",
    "a parameter hidden by an enumerator": "listed(fd, 0x84000001);",
    "another name": "u@[8] = 0; give(fd, &v@);",
    "another name by assembly": "y@[8] = 0; give(fd, &w@);",
    "a narrow parameter": "narrow(fd, 0x84000001);",
    "a parameter that is changed": "raised(fd, 0x84000001);",
    "a parameter that is hidden": "hidden(fd, 0x84000001);",
    "a parameter": "wide(fd, 0x84000001, 1);",
    "a call by another name": "void (*f)(int, uint64_t, int) = wide; f(fd, 0x84000001, 1); wide(fd, 0x84000005, 1);",
    "a call in brackets": "(wide)(fd, 0x84000001, 1); wide(fd, 0x84000005, 1);",
    "a call with an expression": "int n = 1; wide(fd, 0x84000001 + n, 1);",
    "a macro that changed": "#define N 1\nstruct kvm_smccc_filter x = { N, 1, 1 };\n#undef N\n#define N 2\n"
    "struct kvm_smccc_filter y = { N, 1, 1 }; give(fd, &x); give(fd, &y);",
    "a macro of its own name": "#define fd fd\nstruct kvm_smccc_filter x = { 1, 1, 1 }; give(fd, &x);\n#undef fd",
    "a macro that joins": "#define J(a, b) a##b\nstruct kvm_smccc_filter x = { J(0x, 84), J(1, 6), 1 }; give(fd, &x);",
    "a macro as a condition": "#define F(x) 1\n#if F\nstruct kvm_smccc_filter x = { 1, 1, 1 };\n#else\n"
    "struct kvm_smccc_filter x = { 2, 1, 1 };\n#endif\ngive(fd, &x);",
    "a macro of Linux by another": "#define PSCI_0_2_FN(n) (0x1000 + (n))\n#define MINE PSCI_0_2_FN\n"
    "struct kvm_smccc_filter x = { MINE(3), 1, 1 }; give(fd, &x);",
    "a keyword": "#define base nr_functions\n#define nr_functions base\nstruct kvm_smccc_filter x = { .base = 1, 3, 1 };"
    "\n#undef base\n#undef nr_functions\ngive(fd, &x);",
    "a macro that was pushed": '#define N 1\n#pragma push_macro("N")\n#undef N\n#define N 2\n#pragma pop_macro("N")\n'
    "struct kvm_smccc_filter x = { N, 1, 1 }; give(fd, &x);",
    "a macro that is pushed by an operator": '#define N 1\n_Pragma("push_macro(\\"N\\")")\n#undef N\n#define N 2\n'
    '_Pragma("pop_macro(\\"N\\")")\nstruct kvm_smccc_filter x = { N, 1, 1 }; give(fd, &x);',
    "a condition nobody decides": "struct kvm_smccc_filter x = { 1, 1, 1 };\n#ifdef __OPTIMIZE__\n#else\nx.action = 0;\n#endif\n"
    "give(fd, &x);",
    "a guard in the middle": "#ifndef __x86_64__\n#define __x86_64__\nstruct kvm_smccc_filter x = { 1, 1, 1 };\n#else\n"
    "struct kvm_smccc_filter x = { 2, 1, 1 };\n#endif\ngive(fd, &x);",
    "a trigraph": "struct kvm_smccc_filter x = { 1, 1, 1 }; // what now ??/\nx.action = 0;\ngive(fd, &x);",
    "a carriage return": "struct kvm_smccc_filter x = { 1, 1, 1 }; // so \r x.action = 2;\ngive(fd, &x);",
    "a raw string": 'struct kvm_smccc_filter x = { 1, 1, 1 }; const char *s = R"(")"; x.action = 0; //";\ngive(fd, &x);',
    "self-assignment": f"{X} x = x; {GIVE_X}",
    "two that are swapped": "struct kvm_smccc_filter x = {1, 1, 1}, y = {2, 2, 2}; struct kvm_smccc_filter z = x; x = y; y = z;"
    " x.base++; give(fd, &x); give(fd, &y);",
    "a declaration list": "struct kvm_smccc_filter x = {1, 1, 1}, *p = &x; p->action = 0; give(fd, p);",
    "a big endian struct": 'struct __attribute__((scalar_storage_order("big-endian"))) e { uint32_t base, nr_functions;'
    " uint8_t action, pad[15]; }; struct e x = {1, 1, 1}; give(fd, (void *)&x);",
    "bits": "struct e { uint32_t base : 32; uint32_t nr_functions : 16; uint8_t action; uint8_t pad[15]; };"
    " struct e x = {1, 0x10001, 1}; give(fd, (void *)&x);",
    "a struct of the same fields in another order": "struct e { uint32_t nr_functions, base; uint8_t action; uint8_t pad[15]; };"
    " struct e x = {1, 5, 1}; give(fd, (void *)&x);",
    "a struct of the same layout": "struct e { uint32_t base; uint32_t nr_functions; uint8_t action; uint8_t pad[15]; };"
    " struct e x = {1, 5, 1}; give(fd, (void *)&x);",
}
"""What stands in a function, with what gives the entries to KVM."""

HELPERS = {
    "change": "static void change(struct kvm_smccc_filter *p) { p->action = 0; }",
    "hide": "static void hide(uintptr_t p) { *(uint8_t *)(p + 8) = 0; }",
    "anything": "static void anything(void *p) { memset(p, 0, 1); }",
    "shadow": "static void shadow(int fd, const struct kvm_smccc_filter *t) { give(fd, t); }",
    "strange": "void strange(void *);",
    "SET": "#define SET(place) place = 0",
    "JOIN": "#define JOIN(a, b) a##b",
    "REST": "#define REST(place, ...) place __VA_ARGS__",
    "LATER": "#define LATER(x) x",
    "sink": "static int sink;",
    "hook": "static int hook(int fd, unsigned long r, struct kvm_device_attr *a)\n"
    "{ ((uint8_t *)a->addr)[8] = 2; return 0; }",
    "countof": "static void countof(struct kvm_smccc_filter *p) { p->action = 0; }",
    "getter": "static struct kvm_smccc_filter u[1]; static struct kvm_smccc_filter *getter(void) { return u; }",
    "many": "static void many(int n, ...) { __builtin_va_list l; __builtin_va_start(l, n);"
    " __builtin_va_arg(l, struct kvm_smccc_filter *)->action = 0; __builtin_va_end(l); }",
    "clean": "static void clean(struct kvm_smccc_filter *p) { p->action = 0; }",
    "narrow": "static void narrow(int fd, uint8_t n)\n{ struct kvm_smccc_filter r = { n, 1, 1 }; give(fd, &r); }",
    "raised": "static void raised(int fd, uint32_t n)\n"
    "{ (n)++; struct kvm_smccc_filter r = { n, 1, 1 }; give(fd, &r); }",
    "hidden": "static void hidden(int fd, uint32_t n)\n"
    "{ { uint32_t n = 3; struct kvm_smccc_filter r = { n, 1, 1 }; give(fd, &r); } }",
    "v@": 'struct kvm_smccc_filter v@ = {1, 1, 1}; extern uint8_t u@[] __attribute__((alias("v@")));',
    "w@": 'struct kvm_smccc_filter w@ = {1, 1, 1}; extern uint8_t y@[] __asm__("w@");',
    "listed": "static void listed(int fd, uint32_t n)\n"
    "{ { enum { a, n }; struct kvm_smccc_filter r = { n, 1, 1 }; give(fd, &r); } }",
    "wide": "static void wide(int fd, uint64_t n, int what)\n"
    "{ struct kvm_smccc_filter r = { n, 1, what }; give(fd, &r); }",
}
"""What a program has besides, where its statements name it."""


def helpers(statement: str) -> str:
    return "\n".join(text for name, text in HELPERS.items() if re.search(rf"\b{name}(?!\w)", statement)) + "\n"


READ = {
    "a constant",
    "a designator before a position",
    "a field by field",
    "a literal",
    "a literal made of another",
    "a loop around it",
    "a macro of Linux by another",
    "a macro of its own name",
    "a macro that changed",
    "a macro that joins",
    "a parameter",
    "a parameter of the same name",
    "a parenthesised macro",
    "a string",
    "a struct of the same layout",
    "a type by another name",
    "a wide cast",
    "an assignment in sizeof is none",
    "an inner constant",
    "an inner enumerator",
    "an own constant",
    "an own macro",
    "an own macro by another",
    "an own macro of the same name",
    "octal",
    "own enumerators",
    "own enumerators in order",
    "reading in a call",
    "reading only",
    "reading through a pointer",
    "the enumerators of Linux",
}
"""Programs that are read, because nothing in them is a trap; all others are refused."""

INCLUDE = "#include <linux/kvm.h>\n"


def programs() -> dict[str, str]:
    """Return each program by its name."""
    found = {}
    for name, statement in ON_TABLE.items():
        body = f"{statement}\n    {GIVE_T}"
        found[f"table: {name}"] = f"{INCLUDE}{T}{GIVE}{helpers(body)}void run_@(int fd)\n{{\n    {body}\n}}\n"
        constant = found[f"table: {name}"].replace("static struct", "static const struct", 1)
        found[f"constant table: {name}"] = constant
        local = (
            f"{INCLUDE}{GIVE}{helpers(body)}void run_@(int fd)\n{{\n    {T.removeprefix('static ')}\n    {body}\n}}\n"
        )
        if "by name" not in name:  # what is on the stack has none
            found[f"local table: {name}"] = local
    for name, definition in WHOLE.items():
        text = f"#define OWN_NAMES\n{INCLUDE}{definition}\n{GIVE}void run_@(int fd)\n{{\n    {X}\n    {GIVE_X}\n}}\n"
        found[f"names: {name}"] = text
    for name, statement in LOCAL.items():
        found[f"local: {name}"] = f"{INCLUDE}{GIVE}{helpers(statement)}void run_@(int fd)\n{{\n{statement}\n}}\n"
    return found
