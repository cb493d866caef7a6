"""Mistakes that VMMs made, put into a generated dispatcher by hand."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A mistake as a change of the text; ``@`` is the policy's symbol, ``%`` that in capitals."""

    bug: str
    old: str
    new: str

    def changed(self, symbol: str, text: str) -> str:
        old, new = (part.replace("@", symbol).replace("%", symbol.upper()) if symbol else part for part in self[1:])
        assert old in text, f"{self.bug}: {old}"
        return text.replace(old, new)


def _absent_in_c(call: str, fid: int) -> tuple[str, str]:
    row = f"/* PSCI_FEATURES of {call} */\n    {{ 0x8400000AU, 0xFFFFFFFFU, 0x{fid:08X}U,\n      {{ "
    return f"{row}0x0ULL", f"{row}0xFFFFFFFFFFFFFFFFULL"


COPY = "index < %_RESULT_COUNT; index++) {\n        results[index] = out[index];\n    }\n    return true;"
C_MUTANTS = (
    Mutant("features-version-absent", *_absent_in_c("PSCI_VERSION", 0x8400_0000)),
    Mutant("features-version-absent", *_absent_in_c("PSCI_FEATURES", 0x8400_000A)),
    Mutant("smccc-version-hidden", *_absent_in_c("SMCCC_VERSION", 0x8000_0000)),
    Mutant("smc64-twin-missing", *_absent_in_c("PSCI_CPU_ON/64", 0xC400_0003)),
    Mutant("features-bare-numbers", "asked = regs[1] & %_LOW_HALF", "asked = regs[1] & 0x1FU"),
    Mutant("features-bare-numbers", "(asked & row->mask) == row->asked", "(asked & 0x1FU) == (row->asked & 0x1FU)"),
    Mutant("bit30-ignored", "asked = regs[1] & %_LOW_HALF", "asked = regs[1] & 0xBFFFFFFFU"),
    Mutant("bit30-ignored", "func_id = regs[0] & %_LOW_HALF", "func_id = regs[0] & 0xBFFFFFFFU"),
    Mutant("bit30-ignored", "switch (regs[0] & %_LOW_HALF)", "switch (regs[0] & 0xBFFFFFFFU)"),
    Mutant("sve hint dropped", "func_id = regs[0] & %_LOW_HALF", "func_id = regs[0] & 0xFFFEFFFFU"),
    Mutant("trng-word-order", "place = %_WORD_COUNT - index / width", "place = 1U + index / width"),
    Mutant("trng-no-zero-fill", "status == 0 && index < wanted", "status == 0 && index < %_WORD_COUNT * width"),
    Mutant("trng-n-zero", "wanted == 0 || ", ""),
    Mutant("trng-id-not-checked", ": %_WORD / 2U", ": %_WORD"),
    Mutant("trng limit", "wanted > %_WORD_COUNT * width", "wanted > %_WORD_COUNT * width + 1U"),
    Mutant("entropy beside an error", "status == 0 && index < wanted", "index < wanted"),
    Mutant("stale-x1-x3", COPY, COPY.replace("index < %_RESULT_COUNT", "index < 1U")),
    Mutant(
        "stale-x1-x3",
        "index < %_RESULT_COUNT; index++) {\n        results[index] = row",
        "index < 1U; index++) {\n        results[index] = row",
    ),
    Mutant("smc64-twin-missing", "    case %_FID_C4000003:\n", ""),
    Mutant("enable-twins", "    case %_FID_84000003:\n", ""),
    Mutant("upper-halves", "!= 0 ? UINT64_MAX\n", "!= 1 ? UINT64_MAX\n"),
    Mutant(
        "upper-halves",
        "regs[1] & @_used(regs),\n            regs[2] & @_used(regs),",
        "regs[1],\n            regs[2] & @_used(regs),",
    ),
    Mutant("upper-halves-2", "switch (regs[0] & %_LOW_HALF)", "switch (regs[0])"),
    Mutant("upper-halves-2", "func_id = regs[0] & %_LOW_HALF", "func_id = regs[0]"),
    Mutant("minus-one-not-extended", "NOT_SUPPORTED 0xFFFFFFFFFFFFFFFFULL", "NOT_SUPPORTED 0xFFFFFFFFULL"),
    Mutant("minus-one-not-extended", "status < 0 ? bits : bits & @_used(regs)", "bits & @_used(regs)"),
    Mutant("results of SMC32 not cut", "status < 0 ? bits : bits & @_used(regs)", "bits"),
    Mutant("results of SMC32 not cut", "out[index] &= @_used(regs);", "(void)out;"),
    Mutant("unknown-not-minus-one", "0U, 0U, 0U, { %_NOT_SUPPORTED,", "0U, 0U, 0U, { 0x0ULL,"),
    Mutant(
        "cpu-on-mpidr-cut",
        "psci_cpu_on(\n            vcpu,\n            regs[1] &",
        "psci_cpu_on(\n            vcpu,\n            regs[1] & 0xFFU &",
    ),
    Mutant(
        "arguments swapped",
        "psci_cpu_on(\n            vcpu,\n            regs[1] &",
        "psci_cpu_on(\n            vcpu,\n            regs[2] &",
    ),
    Mutant("reset-is-off", "handlers->psci_system_reset(", "handlers->psci_system_off("),
    Mutant("success of a call that does not come back", "status = %_INTERNAL_FAILURE", "status = 0"),
    Mutant("handlers missing unseen", "handlers->psci_cpu_on !=\n              %_NULL", "true"),
    Mutant(
        "handler asked what a row answers",
        "@_find(regs) ==\n                   %_NULL &&\n               handlers->trng_features",
        "handlers->trng_features",
    ),
    Mutant("one row too far", "row->asked <= asked", "row->asked < asked"),
)


def _absent_in_rust(call: str, fid: str) -> tuple[str, str]:
    row = f"// PSCI_FEATURES of {call}\n    Answer {{ func_id: 0x8400_000A, mask: 0xFFFF_FFFF, asked: {fid},\n"
    return f"{row}             results: [0x0,", f"{row}             results: [0xFFFF_FFFF_FFFF_FFFF,"


RUST_MUTANTS = (
    Mutant("features-version-absent", *_absent_in_rust("PSCI_VERSION", "0x8400_0000")),
    Mutant("features-bare-numbers", "let asked = low(x[1]);", "let asked = low(x[1]) & 0x1F;"),
    Mutant("bit30-ignored", "let asked = low(x[1]);", "let asked = low(x[1]) & 0xBFFF_FFFF;"),
    Mutant("bit30-ignored", "let func_id = low(x[0]);", "let func_id = low(x[0]) & 0xBFFF_FFFF;"),
    Mutant("trng-word-order", "out[3 - word]", "out[1 + word]"),
    Mutant("trng-no-zero-fill", "0..low(wanted) as usize", "0..3 * low(width) as usize"),
    Mutant("trng-n-zero", "wanted == 0 || ", ""),
    Mutant("trng-id-not-checked", "{ 32 } else { 64 }", "{ 64 } else { 64 }"),
    Mutant("entropy beside an error", "if status == 0 {", "if status <= 0 {"),
    Mutant("smc64-twin-missing", "        | 0xC400_0003 // PSCI_CPU_ON/64\n", ""),
    Mutant("upper-halves", "        0xFFFF_FFFF\n", "        u64::MAX\n"),
    Mutant("upper-halves", "(register & 0xFFFF_FFFF) as u32", "(register >> 32) as u32"),
    Mutant("minus-one-not-extended", "[u64::MAX, 0, 0, 0]", "[0xFFFF_FFFF, 0, 0, 0]"),
    Mutant("minus-one-not-extended", "if status < 0 { bits } else { bits & used(x) }", "bits & used(x)"),
    Mutant("results of SMC32 not cut", "*word &= used(x);", "*word &= u64::MAX;"),
    Mutant("reset-is-off", "handlers.psci_system_reset(", "handlers.psci_system_off("),
    Mutant("success of a call that does not come back", "place(x, INTERNAL_FAILURE, out)", "place(x, 0, out)"),
    Mutant("one row too far", "row.asked <= asked", "row.asked < asked"),
)
