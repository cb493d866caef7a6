"""A whole C program, drawn at random: what it declares, what it does to its entries, and how it gives them to KVM."""

import re
from random import Random

from tests.programs.fuzz.c_text import Entry, Text
from tests.programs.fuzz.c_traps import GIVE, HELPERS, ON_TABLE

HEADER = """\
#ifdef __cplusplus
#define NULL 0
extern "C" {
#else
#define NULL ((void *)0)
#endif
typedef unsigned char __u8; typedef unsigned short __u16; typedef unsigned int __u32; typedef unsigned long __u64;
typedef __u8 uint8_t; typedef __u16 uint16_t; typedef __u32 uint32_t; typedef __u64 uint64_t;
typedef unsigned long uintptr_t; typedef unsigned long size_t;
struct kvm_smccc_filter { __u32 base; __u32 nr_functions; __u8 action; __u8 pad[15]; };
struct kvm_device_attr { __u32 flags; __u32 group; __u64 attr; __u64 addr; };
#ifndef OWN_NAMES
enum kvm_smccc_filter_action {
    KVM_SMCCC_FILTER_HANDLE, KVM_SMCCC_FILTER_DENY, KVM_SMCCC_FILTER_FWD_TO_USER
};
#endif
#define KVM_SET_DEVICE_ATTR 0x4018aee1UL
#define KVM_GET_DEVICE_ATTR 0x4018aee2UL
int ioctl(int fd, unsigned long request, ...);
int printf(const char *format, ...);
void *memset(void *to, int byte, size_t size); void *memcpy(void *to, const void *from, size_t size);
void strange(void *entry);
#ifdef __cplusplus
}
#endif
"""
"""Stands for Linux's headers, where the compiler finds it and the reader does not look."""

CHANGING = """\
static struct kvm_smccc_filter *self(struct kvm_smccc_filter *p) { return p; }
static void change(struct kvm_smccc_filter *p) { p->action = p->action == 1; }
static void hide(uintptr_t p) { ((unsigned char *)p)[8] ^= 1; }
#define SET(entry, field, value) (entry).field = (value)
"""
CALM_HELPERS = """\
#define DO(...) do { __VA_ARGS__ } while (0);
static int sink;
"""
PSCI_BASE = "#define PSCI_BASE 0x84000000"


class Program:
    """Draws one program. ``calm`` is how likely each part is what people write."""

    def __init__(self, random: Random, number: int) -> None:
        self.random = random
        self.number = number
        self.text = Text(random)
        self.calm = random.choice((1.0, 1.0, 0.98, 0.9, 0.7))
        self.harmless = random.random() < 0.5
        self.top: list[str] = []
        self.body: list[str] = []
        self.entries: list[Entry] = []
        self.own_names = False
        self.header: list[str] = []
        """What stands in a header, which the file includes where there is anything in it."""
        self.other: list[str] = []
        """What stands in a second file."""
        self.definitions: list[tuple[str, str]] = []
        """Macros that the command line defines."""

    def source(self) -> str:
        """Return the file; ``run_N`` gives all its entries to KVM."""
        self._begin()
        for _ in range(self.random.randint(0, 3)):
            self._constant()
        for _ in range(self.random.randint(1, 3)):
            self._entry()
        if self.text.chance(0.35):
            self._function_of_numbers()
        statements = [*self.body, *self._middle(), *(part for entry in self.entries for part in self._give(entry))]
        function = "\n".join(f"    {statement}" for statement in statements)
        head = f"static void give_{self.number}(int fd)\n{{"
        end = f"}}\nvoid run_{self.number}(int fd) {{ give_{self.number}(fd); }}\n"
        if self.header:
            self.top.insert(self.top.index(PSCI_BASE) + 1, f'#include "{self.header_name}"')
        return self._dressed("\n".join(self.top) + f"\n{head}\n{function}\n{end}")

    @property
    def header_name(self) -> str:
        return f"ids{self.number}.h"

    def beside(self) -> dict[str, str]:
        """Return the files that belong to the program, beside its source, once that is drawn."""
        files = {}
        if self.header:
            guard = f"IDS{self.number}_H"
            once, end = self.random.choice((("#pragma once", ""), (f"#ifndef {guard}\n#define {guard}", "#endif\n")))
            files[self.header_name] = "\n".join((once, *self.header)) + f"\n{end}"
        if self.other:
            files[f"other{self.number}.c"] = "\n".join((*self.other, ""))
        return files

    def _begin(self) -> None:
        self.own_names = not self.harmless and self.text.chance(0.2)
        if self.own_names:
            self.top.append("#define OWN_NAMES")
        self.top += ["#include <linux/kvm.h>", PSCI_BASE]
        if self.own_names:
            values = self.random.choice((("0", "1", "2"), ("0", "0", "2"), ("1", "2", "0"), ("0", "2", "1")))
            names = ("HANDLE", "DENY", "FWD_TO_USER")
            pairs = [(f"KVM_SMCCC_FILTER_{name}", value) for name, value in zip(names, values, strict=True)]
            self.top.append(
                self.text.pick(
                    "enum { " + ", ".join(f"{name} = {value}" for name, value in pairs) + " };",
                    "\n".join(f"#define {name} {value}" for name, value in pairs),
                    "\n".join(f"static const uint8_t {name} = {value};" for name, value in pairs),
                )
                if self.text.chance(0.8)
                else "enum { KVM_SMCCC_FILTER_DENY, KVM_SMCCC_FILTER_HANDLE, KVM_SMCCC_FILTER_FWD_TO_USER };"
            )
        self.top.append(CALM_HELPERS)
        if not self.harmless:
            self.top.append(CHANGING)

    def _constant(self) -> None:
        name, value = self.text.new("K"), self.text.field("base", self.calm)
        if "," in value or "?" in value:
            value = f"({value})"
        is_static = "K" not in value.replace("KVM", "")
        forms = [
            f"#define {name} {value}",
            f"#define {name} ({value})",
            f"enum {{ {name}_A, {name} = (int)5, {name}_B }};",
        ]
        forms += [f"#define {name}_F(x) ((x) + {value})\n#define {name} {name}_F({self.random.randrange(9)})"]
        if is_static:
            forms.append(f"static const {self.text.pick('uint32_t', 'unsigned', 'uint64_t')} {name} = {value};")
            if "0" <= value[0] <= "9" and "'" not in value:
                name = f"{name}_{self.number}" if self.text.chance(0.2) else name
        if not self.harmless:
            forms += [
                f"enum {{ {name}_A = {self.random.randrange(99)}, {name}_B, {name} }};",
                f"#define {name} 1\n#undef {name}\n#define {name} 2",
                f"#define JOIN_{name}(a, b) a##b\n#define {name} JOIN_{name}(0x, {self.random.randrange(10, 99)})",
                f"#define {name} {name}_B\n#define {name}_B {self.random.randrange(99)}",
                f"#define {name}_F(x, ...) (x __VA_ARGS__)\n#define {name} {name}_F(1, + 2)",
                f"#if 0\n#define {name} 1\n#elif 1\n#define {name} 2\n#else\n#define {name} 3\n#endif",
                f"#ifdef __NOT_DEFINED_{name}\n#define {name} 1\n#else\n#define {name} 2\n#endif",
                f"static const uint8_t {name} = {self.random.randrange(600)};",
                f"enum {{ {name} = 1 << 31 }};" if self.text.chance(0.5) else f"enum {{ {name} = -1 }};",
            ]
        form = self.random.choice(forms)
        if name.endswith(f"_{self.number}"):
            self.definitions.append((name, value))
        else:
            (self.header if not self.own_names and is_static and self.text.chance(0.3) else self.top).append(form)
        self.text.constants.append(f"{name}_A" if f"{name}_A," in form and self.text.chance(0.3) else name)

    def _entry(self) -> None:
        text = self.text
        name = f"{text.new('f')}_{self.number}"
        length = self.random.choice((0, 0, 1, 2, 3))
        is_local = text.chance(0.5)
        const = text.chance(0.4)
        words = "".join(("static " if text.chance(0.6) or not is_local else "", "const " if const else ""))
        size = f"[{text.pick('', str(length))}]" if length else ""
        value = text.table(length, self.calm) if length else text.initialiser(self.calm)
        kind = "struct kvm_smccc_filter"
        if text.chance(0.15):
            alias = text.new("range_t")
            self.top.append(f"typedef struct kvm_smccc_filter {alias};")
            kind = alias
        attribute = text.pick("", "", "", " __attribute__((unused))", " __attribute__((aligned(8)))")
        if text.chance(0.25):
            const = False
            self.body += self._filled(kind, Entry(name, length, const))
        else:
            line = f"{words}{kind} {name}{size}{attribute} = {value};"
            (self.body if is_local else self.top).append(line)
        self.entries.append(Entry(name, length, const))

    def _filled(self, kind: str, entry: Entry) -> list[str]:
        """Return a declaration and statements that fill it, field by field."""
        text, name = self.text, entry.name
        size = f"[{entry.length}]" if entry.length else ""
        start = text.pick(" = { 0 }", " = { 0 }", " = { }", "")
        lines = []
        for target in entry.elements():
            fields = ["base", "nr_functions", "action"]
            if self.random.random() < 0.3:
                self.random.shuffle(fields)
            lines += [f"{target}.{field} = {self._flat(text.field(field, self.calm))};" for field in fields]
            if text.chance(0.2):
                lines.append(f"{target}.pad[{self.random.randrange(15)}] = 0;")
            if text.chance(0.1):
                lines.append(self.random.choice(lines))
        if not start:
            lines.insert(0, f"memset({name if size else f'&{name}'}, 0, sizeof({name}));")
        if not self.harmless and text.chance(0.5):
            odd = (
                *(f"{name}{'[0]' if size else ''}.base += 2;", f"sink = 1; {text.look(entry.elements()[0])}"),
                *("if (sink < 0) return;", "if (sink == 0)", "while (sink++ < 1)", "again: ;", "{ sink = 2; }"),
                *("if (sink++ < 2) goto *&&again2; again2: ;", "switch (fd) { case 3: ; }", "strange(&sink);"),
                f"{name}{'[0]' if size else ''}.pad[{self.random.randrange(15)}] = {self.random.randrange(2)};",
                f"for (int k = 0; k < 2; k++) {entry.elements()[-1]}.base = k;",
            )
            lines.insert(self.random.randint(0, len(lines)), self.random.choice(odd))
            if text.chance(0.2):
                lines.pop(self.random.randrange(len(lines)))
        elif text.chance(0.2):
            lines.insert(self.random.randint(0, len(lines)), text.pick("sink = 3;", "unsigned used = 4;", ";"))
        return [f"{kind} {name}{size}{start};", *lines]

    @staticmethod
    def _flat(value: str) -> str:
        return f"({value})" if "," in value or "?" in value else value

    def _function_of_numbers(self) -> None:
        """Add a function that makes an entry of its parameters, and calls of it."""
        text = self.text
        name = f"install_{self.number}"
        kinds = [text.pick("uint32_t", "uint64_t", "unsigned"), text.pick("uint32_t", "unsigned", "int")]
        kinds.append(text.pick("uint8_t", "uint32_t", "int", "unsigned"))
        if not self.harmless and text.chance(0.3):
            kinds[self.random.randrange(3)] = text.pick("uint8_t", "uint16_t", "_Bool", "float", "short")
        odd = ""
        if not self.harmless and text.chance(0.3):
            odd = text.pick("first += 1; ", "{ uint32_t *p = &count; *p = 3; } ", "{ int what = 2; sink = what; } ")
        extent = text.pick("count", "count + 1", "2 * count")
        head = f"int {name}(int fd, {kinds[0]} first, {kinds[1]} count, {kinds[2]} what)"
        elsewhere = text.chance(0.3) and "sink" not in odd
        if elsewhere:
            self.header.append(f"{head};")
            self.other += ["#include <linux/kvm.h>", f'#include "{self.header_name}"']
        (self.other if elsewhere else self.top).append(
            f"{'' if elsewhere else 'static '}{head}\n{{\n    {odd}"
            f"struct kvm_smccc_filter range = {{ .base = first, .nr_functions = {extent}, .action = what }};\n"
            "    struct kvm_device_attr attr = { .addr = (uintptr_t)&range };\n"
            "    return ioctl(fd, KVM_SET_DEVICE_ATTR, &attr);\n}"
        )
        for _ in range(self.random.randint(1, 2)):
            values = [text.field(field, self.calm) for field in ("base", "nr_functions", "action")]
            values = [f"({value})" if "," in value else value for value in values]
            call = f"{name}(fd, {', '.join(values)});"
            if not self.harmless and text.chance(0.2):
                given = call.removeprefix(name)
                call = text.pick(f"(*{name}){given}", f"if ({call[:-1]}) sink++;", f"({name}){given}")
            self.body.append(text.around(call) if text.chance(0.3) else call)

    def _middle(self) -> list[str]:
        """Return statements that read entries, and in a program that is not harmless others."""
        result = []
        for entry in self.entries:
            for target in entry.elements():
                if self.text.chance(0.3):
                    result.append(self.text.around(self.text.look(target)))
                if not self.harmless and not entry.const and self.text.chance(0.3):
                    result.append(self.text.around(self.text.change(target)))
        if not self.harmless and self.text.chance(0.3):
            result.insert(0, self._oddity())
        tables = [entry for entry in self.entries if entry.length > 1 and not entry.const]
        if not self.harmless and tables and self.text.chance(0.3):
            result.append(self._trap(self.random.choice(tables)))
        return result

    def _trap(self, entry: Entry) -> str:
        """Return a statement that is known to change a table, or not to, put around by others."""
        trap = self.random.choice([text for name, text in ON_TABLE.items() if "by name" not in name])
        known = {"change", "hide", "SET", "sink"}
        self.top += [GIVE, *(text for name, text in HELPERS.items() if name in trap and name not in known)]
        return self.text.around(re.sub(r"\bt\b(?!\[\] =)", entry.name, trap))

    def _oddity(self) -> str:
        """Return a statement that declares something odd in its block."""
        entry = self.random.choice(self.entries)
        return self.text.pick(
            f"{{ int {entry.name} = 3; sink = {entry.name}; }}",
            "{ enum { KVM_SMCCC_FILTER_DENY = 2 }; sink = KVM_SMCCC_FILTER_DENY; }" if not self.own_names else ";",
            "{ struct kvm_smccc_filter { int x; } z = { 1 }; sink = z.x; }",
            "{ int base = 1, action = 2; sink = base + action; }",
            '{ const char *s = "struct kvm_smccc_filter s = { 1, 1, 1 };"; sink = s[0]; }',
            "/* struct kvm_smccc_filter c = { 1, 1, 1 }; */",
            "// struct kvm_smccc_filter c = { 1, 1, 1 }; \\\n   struct kvm_smccc_filter d = { 2, 1, 1 };",
            "sink = 1 ? 2 : 3; /\\\n* sink = 4; *\\\n/",
            "goto over; over: ;",
            '_Pragma("GCC diagnostic push") sink = 1; _Pragma("GCC diagnostic pop")',
        )

    def _give(self, entry: Entry) -> list[str]:
        """Return statements that give all entries of a variable to KVM, at random with a copy of one in between."""
        text = self.text
        attr, i = text.new("attr"), text.new("i")
        name, length = entry.name, entry.length
        ask = "ioctl(fd, KVM_SET_DEVICE_ATTR, &"
        lines = [f"struct kvm_device_attr {attr} = {{ .group = 0, .attr = 0 }};"]
        cast = text.pick("uintptr_t", "uint64_t", "__u64")
        if not length:
            lines += self.random.choice(
                (
                    [f"{attr}.addr = ({cast})&{name};", f"{ask}{attr});"],
                    [f"{ask}(struct kvm_device_attr){{ .addr = ({cast})&{name} }});"],
                    [f"if ({name}.action <= 2) {{ {attr}.addr = ({cast})(void *)&{name}; {ask}{attr}); }}"],
                )
            )
            return lines if text.chance(0.8) else ["{", *lines, "}"]
        count = text.pick(
            str(length), f"sizeof({name}) / sizeof({name}[0])", f"(int)(sizeof({name}) / sizeof(*{name}))"
        )
        element = text.pick(f"&{name}[{i}]", f"{name} + {i}", f"&{name}[{i}]")
        element = f"({element})" if "+" in element else element
        pointer = text.new("p")
        first = f"const struct kvm_smccc_filter *{pointer} = {name}"
        give = f"{attr}.addr = ({cast})"
        lines += self.random.choice(
            (
                [f"for (unsigned {i} = 0; {i} < {count}; {i}++) {{ {give}{element}; {ask}{attr}); }}"],
                [
                    f"for ({first}; {pointer} < {name} + {length}; {pointer}++)",
                    f"    {{ {give}{pointer}; {ask}{attr}); }}",
                ],
                [f"{{ unsigned {i} = 0; while ({i} < {count}) {{ {give}&{name}[{i}]; {ask}{attr}); {i}++; }} }}"],
                [part for k in range(length) for part in (f"{give}&{name}[{k}];", f"{ask}{attr});")],
            )
        )
        return lines

    def _dressed(self, source: str) -> str:
        """Return the source in other clothes: digraphs, joined lines, comments."""
        if self.text.chance(0.1):
            source = source.replace("[", "<:").replace("]", ":>")
        if self.text.chance(0.1):
            source = source.replace("kvm_smccc_filter", "kvm_smc\\\ncc_filter", self.random.randint(1, 2))
        if self.text.chance(0.1):
            source = source.replace(" = ", " /* = 9, */ = ", self.random.randint(1, 3))
        return source
