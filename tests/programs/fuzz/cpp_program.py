"""A whole C++20 program, drawn at random: a C program with its constants, entries and casts as C++ writes them."""

import re
from random import Random

from tests.programs.fuzz.c_program import Program
from tests.programs.fuzz.c_text import Entry, Text

_CONSTANT = re.compile(r"static const (uint8_t|uint32_t|unsigned|uint64_t) (\w+) = ([^;\n]+);")
_TABLE = re.compile(r"(static |)const ((?:struct )?\w+) (f\d+_\d+)(\[\d*\])?([^=;\n]*?) = (\{[^;\n]*\});")
_ADDRESS = re.compile(r"\((uintptr_t|uint64_t|__u64)\)(&\w+(?:\[\w+\])?)(?=[;,]| \})")
_LOOP = re.compile(
    r"for \(const struct kvm_smccc_filter \*(\w+) = (\w+); \1 < \2 \+ \d+; \1\+\+\)\n(.*)\1;(.*)", re.MULTILINE
)


class CppText(Text):
    """Draws pieces that C++ takes: of an initialiser all fields are designated, in their order, or none."""

    def initialiser(self, calm: float) -> str:
        """Return the braces of an entry."""
        names = ["base", "nr_functions", "action"]
        values = [self.field(name, calm) for name in names]
        values = [f"({value})" if "," in value else value for value in values]
        rest = self.random.random() < 0.2
        if self.chance(0.5):
            form = self.pick(".{} = {}", ".{} = {}", ".{}{{ {} }}")
            values = [form.format(name, value) for name, value in zip(names, values, strict=True)]
            if rest:
                values.append(self.pick(".pad = { 0 }", ".pad = {0, 0}", ".pad{}"))
            if not self.chance(calm):
                values.pop(self.random.randrange(len(values)))
        elif rest:
            values.append(self.pick("{ 0 }", "{}", "0"))
        return "{ " + ", ".join(values) + self.pick("", ",", " ") + " }"


class CppProgram(Program):
    """Draws one program; g++ refuses some, such as designators out of order or an initialiser that is no constant."""

    def __init__(self, random: Random, number: int) -> None:
        super().__init__(random, number)
        self.text = CppText(random)

    def source(self) -> str:
        """Return the file; ``run_N`` gives all its entries to KVM."""
        text = (
            super()
            .source()
            .replace(f"void run_{self.number}(int fd) {{", f'extern "C" void run_{self.number}(int fd) {{')
        )
        text = _CONSTANT.sub(lambda found: self._constexpr(*found.groups()), text)
        body = text.find("\nstatic void give_")
        text = _TABLE.sub(lambda found: self._table(found, is_top=found.start() < body), text)
        text = _LOOP.sub(lambda found: self._loop(*found.groups(), whole=found[0]), text)
        text = _ADDRESS.sub(lambda found: self._address(*found.groups()), text)
        if self.text.chance(0.7):
            text = re.sub(r"\bstruct kvm_smccc_filter\b(?! \{)", "kvm_smccc_filter", text)
        return text

    def _constexpr(self, kind: str, name: str, value: str) -> str:
        return self.text.pick(
            f"static constexpr {kind} {name} = {value};",
            f"constexpr {kind} {name} = {value};",
            f"inline constexpr {kind} {name} = {value};",
            f"constexpr static {kind} {name} = {value};",
            f"{kind} constexpr {name} = {value};",
            f"const {kind} {name} = {value};",
            f"constexpr {kind} {name}{{{value}}};" if not self.harmless else f"constexpr {kind} {name} = {value};",
            f"constexpr auto {name} = {value};" if not self.harmless else f"static const {kind} {name} = {value};",
        )

    def _table(self, found: re.Match[str], *, is_top: bool) -> str:
        static, kind, name, size, attribute, value = found.groups("")
        words = [f"{static}constexpr", f"{static}constexpr", "constexpr", f"{static}const"]
        words += ["inline constexpr"] if is_top else ["static constexpr"]
        equals = self.text.pick(" = ", " = ", "", " ")
        return f"{self.random.choice(words)} {kind} {name}{size}{attribute}{equals}{value};"

    def _loop(self, pointer: str, name: str, before: str, after: str, *, whole: str) -> str:
        form = self.text.pick("const auto &", "const kvm_smccc_filter &", "")
        return f"for ({form}{pointer} : {name})\n{before}&{pointer};{after}" if form else whole

    def _address(self, kind: str, address: str) -> str:
        return self.text.pick(f"({kind}){address}", f"reinterpret_cast<{kind}>({address})")

    def _middle(self) -> list[str]:
        """Return what a C program has, and in a program that is not harmless a way around ``const``."""
        changed = [entry for entry in self.entries if not self.harmless and self.text.chance(0.15)]
        return [*super()._middle(), *map(self._around_const, changed)]

    def _around_const(self, entry: Entry) -> str:
        target = self.random.choice(entry.elements())
        return self.text.pick(
            f"const_cast<kvm_smccc_filter &>({target}).action ^= 1;",
            f"const_cast<kvm_smccc_filter *>(&{target})->base = 7;",
            f"{{ auto &r = {target}; const_cast<kvm_smccc_filter &>(r).base++; }}",
            f"{{ auto r = {target}; r.base = 1; sink = r.base; }}",
            f"strange((void *)&{target});",
            f"*(uint8_t *)&{target}.action = 0;",
            f"((kvm_smccc_filter &){target}).nr_functions = 3;",
            f"[&] {{ sink = {target}.base; }}();",
            f"[](auto &r) {{ sink = r.base; }}({target});",
            f"{{ auto [b, n, a, p] = {target}; b = 3; sink = b; }}",
            f"{{ const auto &[b, n, a, p] = {target}; const_cast<uint32_t &>(b) = 3; }}",
        )
