"""Pieces of C programs, drawn at random: expressions, ways to an entry, statements, and what may stand around them."""

from random import Random
from typing import NamedTuple


class Entry(NamedTuple):
    """A variable that is an entry, or an array of them with ``length``; ``const`` where it is declared so."""

    name: str
    length: int
    const: bool

    def elements(self) -> list[str]:
        """Return an expression for each entry."""
        return [f"{self.name}[{i}]" for i in range(self.length)] if self.length else [self.name]


TYPES = ("uint8_t", "uint16_t", "uint32_t", "uint64_t", "int", "unsigned", "long", "size_t", "unsigned char", "short")
ACTIONS = ("KVM_SMCCC_FILTER_DENY", "KVM_SMCCC_FILTER_FWD_TO_USER", "KVM_SMCCC_FILTER_HANDLE", "0", "1", "2")
BASES = ("0x84000000", "0xC4000003u", "0x95c1ba5eUL", "2214592512u", "020400000000", "PSCI_BASE", "0x82000000ULL", "7")


class Text:
    """Draws pieces from one source of randomness; ``constants`` are names that the program gives a value."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.constants: list[str] = []
        self.counter = 0

    def new(self, stem: str) -> str:
        """Return a name that the program does not have yet."""
        self.counter += 1
        return f"{stem}{self.counter}"

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def number(self) -> str:
        value = self.random.choice((0, 1, 2, 3, 7, 8, 16, 31, 32, 255, 256, 4096, 0x1FFFF, self.random.getrandbits(31)))
        forms = (f"{value}", f"{value:#x}", f"0{value:o}", f"0X{value:X}U", f"{value:#b}", f"{value}ul", f"{value}LL")
        return self.random.choice(forms)

    def plain(self, names: tuple[str, ...]) -> str:
        """Return a value as projects write it."""
        if self.constants and self.chance(0.3):
            return self.random.choice(self.constants)
        return self.random.choice(names)

    def expression(self, depth: int = 0) -> str:
        """Return an expression, which may have any type."""
        roll = self.random.random()
        if depth > 2 or roll < 0.35:
            return self.plain((self.number(), *BASES)) if self.chance(0.9) else self.pick("'a'", "sizeof(int)", "'\\0'")
        left, right = self.expression(depth + 1), self.expression(depth + 1)
        if roll < 0.75:
            return f"{left} {self.pick('+', '-', '*', '<<', '&', '|', '^')} {right}"
        if roll < 0.85:
            return f"({left})"
        if roll < 0.93:
            return f"({self.random.choice(TYPES)}){left}"
        operator = self.pick("/", "%", ">>", "==", "<", "&&", "||", ",")
        return self.pick(
            f"{left} ? {right} : {left}", f"~{left}", f"-{left}", f"!{left}", f"({left} {operator} {right})"
        )

    def field(self, name: str, calm: float) -> str:
        """Return the expression of a field."""
        if not self.chance(calm):
            return self.expression()
        if name == "base":
            return self.plain(BASES)
        if name == "action":
            return self.random.choice(ACTIONS)
        return self.plain(("1", "2", "0x20", "16u", "0x10", "1 << 4", "32", "010"))

    def initialiser(self, calm: float) -> str:
        """Return the braces of an entry."""
        names = ["base", "nr_functions", "action"]
        values = [self.field(name, calm) for name in names]
        values = [f"({value})" if "," in value else value for value in values]
        if self.chance(0.5):
            rows = [f".{name} = {value}" for name, value in zip(names, values, strict=True)]
            if self.chance(0.3):
                self.random.shuffle(rows)
            if not self.chance(calm) and self.chance(0.5):
                rows.append(self.random.choice(rows))
        else:
            rows = values
            if self.chance(0.1):
                rows = [rows[0], f".action = {values[2]}", f".nr_functions = {values[1]}"]
        if self.chance(0.2):
            rows.append(self.pick(".pad = { 0 }", ".pad = {0, 0}", ".pad[0] = 0"))
        return "{ " + ", ".join(rows) + self.pick("", ",", " ") + " }"

    def table(self, length: int, calm: float) -> str:
        """Return the braces of an array."""
        rows = [self.initialiser(calm) for _ in range(length)]
        if self.chance(0.15):
            order = list(range(length))
            self.random.shuffle(order)
            rows = [f"[{i}] = {rows[i]}" for i in order]
        elif self.chance(0.1):
            rows = [f"(struct kvm_smccc_filter){row}" for row in rows]
        return "{ " + ", ".join(rows) + self.pick("", ", ") + "}"

    def way(self, target: str, depth: int = 0) -> str:
        """Return another expression for the same entry; it is an lvalue where the entry is one."""
        if depth > 2 or self.chance(0.5):
            return target
        inner = self.way(target, depth + 1)
        return self.pick(
            f"({inner})",
            f"(*&{inner})",
            f"(&{inner})[0]",
            f"(*(&{inner} + 0))",
            f"0[&{inner}]",
            f"(*(1 ? &{inner} : 0))",
            f"(*({{ &{inner}; }}))",
            f"(*(struct kvm_smccc_filter *)(void *)&{inner})",
            f"(*(struct kvm_smccc_filter *)(uintptr_t)&{inner})",
            f"(*self(&{inner}))",
            f"(*(__typeof__(&{inner}))&{inner})",
        )

    def change(self, target: str) -> str:
        """Return a statement that writes an entry."""
        way, value = self.way(target), self.pick("0", "1", "2", "3", self.number())
        field = self.pick("base", "nr_functions", "action")
        pointer = self.new("q")
        byte = self.random.choice((0, 4, 8))
        return self.random.choice(
            (
                f"{way}.{field} {self.pick('=', '+=', '-=', '|=', '^=', '*=')} {value};",
                f"(&{way})->{field} = {value};",
                f"({way}.{field}) = {value};",
                f"{way}.{field}++;",
                f"--{way}.{field};",
                f"*&{way}.{field} = {value};",
                f"*(unsigned char *)((char *)&{way} + {byte}) ^= 1;",
                f"((unsigned char *)&{way})[{byte}] = {self.random.randrange(3)};",
                f"memset(&{way}, 0, {self.pick('4', '8', '9', f'sizeof({target})')});",
                f"__builtin_memset(&{way}.{field}, 1, 1);",
                f"{way} = (struct kvm_smccc_filter){self.initialiser(0.9)};",
                f"{{ struct kvm_smccc_filter *{pointer} = &{way}; {pointer}->{field} = {value}; }}",
                f"{{ uint32_t *{pointer} = &{way}.base; *{pointer} = {value}; }}",
                f"{{ unsigned char *{pointer} = (void *)&{way}; {pointer}[{byte}]++; }}",
                f"change(&{way});",
                f"hide((uintptr_t)&{way});",
                f"for (int k = 0; k < 1; k++) (&{way})[k].{field} = {value};",
                f'asm volatile("movb $1, %0" : "=m"({way}.action));',
                f"__atomic_store_n(&{way}.{field}, {value}, 5);",
                f"SET({way}, {field}, {value});",
                f"({way}.{field} = {value}, sink);",
                f"if (sink || ({way}.{field} = {value})) sink++;",
                f"sink = {way}.{field} = {value};",
            )
        )

    def look(self, target: str) -> str:
        """Return a statement that only reads an entry."""
        field = self.pick("base", "nr_functions", "action")
        other, pointer = self.new("c"), self.new("r")
        return self.random.choice(
            (
                f"sink += {target}.{field};",
                f"if ({target}.{field} == {self.number()}) sink++;",
                f"sink = sizeof({target});",
                f'printf("", {target}.{field});',
                f"{{ const struct kvm_smccc_filter *{pointer} = &{target}; sink += {pointer}->{field}; }}",
                f"if (&{target} != NULL) sink++;",
                f"sink = {target}.{field} > 1 ? 1 : 2;",
                f"switch ({target}.action) {{ case 0: sink++; break; default: break; }}",
                f"{{ struct kvm_smccc_filter {other} = {target}; sink += {other}.base; }}",
                f"while ({target}.{field} == {target}.nr_functions + 77) sink++;",
            )
        )

    def around(self, statement: str, depth: int = 0) -> str:
        """Put a statement where it runs once."""
        if depth > 2 or self.chance(0.55):
            return statement
        inner = self.around(statement, depth + 1)
        k = self.new("k")
        return self.pick(
            f"{{ {inner} }}",
            f"if (1) {{ {inner} }}",
            f"if (sink == -1) {{ }} else {{ {inner} }}",
            f"do {{ {inner} }} while (0);",
            f"for (int {k} = 0; {k} < 1; {k}++) {{ {inner} }}",
            f"switch (1) {{ case 1: {{ {inner} }} }}",
            f"({{ {inner} 0; }});",
            f"{{ /* nothing */ {inner} ; ; }}",
            f"{{ int {k} = 1; while ({k}--) {{ {inner} }} }}",
            f"DO({inner})",
        )
