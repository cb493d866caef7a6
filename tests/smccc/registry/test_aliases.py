import re
import shutil
import subprocess
from pathlib import Path

import pytest

from smccc_filter.smccc.registry import all_names, by_id, by_name, described, functions
from smccc_filter.smccc.registry.aliases import ALIASES

RULES = (
    (r"PSCI_\d_\d_FN(?:64)?_(?:PSCI_)?(\w+)", r"PSCI_\1"),
    (r"KVM_PSCI_FN_(\w+)", r"KVM_PSCI_0_1_\1"),
    (r"SDEI_1_0_FN_(\w+)", r"\1"),
    (r"FFA_FN64_(\w+)", r"FFA_\1"),
    (r"OPTEE_SMC_(CALLS?_(?:WITH|UID|REVISION)\w*)", r"OPTEE_\1"),
    (r"OPTEE_SMC_(?:CALL_)?(\w+)", r"OPTEE_\1"),
    (r"ARM_SMCCC_(VENDOR_HYP_\w+)_FUNC_ID", r"\1"),
    (r"ARM_SMCCC_HV_(\w+)", r"\1"),
    (r"ARM_SMCCC_TRNG_RND(?:32|64)", "TRNG_RND"),
    (r"ARM_SMCCC_(TRNG_\w+|CPU_\w+)", r"\1"),
    (r"ARM_SMCCC_ARCH_SOC_ID64", "SMCCC_ARCH_SOC_ID"),
    (r"ARM_(SMCCC_\w+?)(?:_FUNC_ID)?", r"\1"),
    (r"SMC_RSI_ABI_VERSION", "RSI_VERSION"),
    (r"SMC_RSI_ATTESTATION_(\w+)", r"RSI_ATTEST_\1"),
    (r"SMC_(RSI_\w+)", r"\1"),
    (r"HV_FUNC_ID", "HYPERV_HVCALL"),
    (r"C1_PRO_CPU_SMC_HANDLER_32", "CPU_WORKAROUND_4193714"),
)
"""How Linux's headers name the calls of the specifications."""


def canonical(alias: str) -> str:
    return next(match.expand(name) for pattern, name in RULES if (match := re.fullmatch(pattern, alias)))


@pytest.mark.parametrize(("alias", "fid"), ALIASES.items())
def test_alias_is_one_id_of_the_call_that_it_names(alias: str, fid: int) -> None:
    function = described(canonical(alias))
    assert function is not None
    assert fid in (function.smc32, function.smc64, function.yielding)
    if function.smc32 is not None and function.smc64 is not None:
        assert fid == (function.smc64 if re.search(r"FN64_|RND64$|ID64$", alias) else function.smc32)
    assert by_name(alias) == ((fid, fid + 1),)
    assert described(alias) == by_id(fid)[0] == function


@pytest.mark.parametrize("alias", ["PSCI_0_2_FN_CPU_ON", "ARM_SMCCC_TRNG_RND64", "HV_FUNC_ID"])
def test_alias_takes_no_form(alias: str) -> None:
    assert by_name(f"{alias}/32") is None
    assert by_name(f"{alias}/64") is None
    assert described(f"{alias}/64") is None


def test_no_alias_hides_behind_a_call() -> None:
    assert not ALIASES.keys() & {function.name for function in functions()}


@pytest.mark.parametrize(
    ("module", "pattern", "left"),
    [
        ("psci", r"PSCI_\d_\d_FN", set()),
        ("psci-0-1", r"KVM_PSCI_FN_", set()),
        ("sdei", r"SDEI_1_0_FN_", {"SDEI_FEATURES"}),
        ("trng", r"ARM_SMCCC_TRNG_", set()),
        ("pv-time", r"ARM_SMCCC_HV_", set()),
    ],
)
def test_every_call_that_linux_names_has_its_alias(module: str, pattern: str, left: set[str]) -> None:
    ids = {fid for alias, fid in ALIASES.items() if re.match(pattern, alias)}
    unnamed = {
        function.name
        for function in functions()
        if function.service == module and not {function.smc32, function.smc64} - {None} <= ids
    }
    assert unnamed == left


def test_names_for_suggestions_are_all_the_names_that_work() -> None:
    assert len(set(all_names())) == len(all_names())
    assert set(ALIASES) <= set(all_names())
    assert all(by_name(name) for name in all_names())
    assert {function.name for function in functions()} - set(all_names()) == {
        "VENDOR_HYP_KVM_FEATURES_2",
        "VENDOR_HYP_KVM_PKVM_RESV_5_6_8_TO_63",
    }


UAPI = [alias for alias in ALIASES if re.match(r"PSCI_|SDEI_", alias)]


def test_kernel_headers_of_this_machine_agree(tmp_path: Path) -> None:
    cc = shutil.which("cc")
    if cc is None:
        pytest.skip("no C compiler")
    printed = "".join(f'#ifdef {name}\nprintf("{name} %u\\n", (unsigned)({name}));\n#endif\n' for name in UAPI)
    source = tmp_path / "names.c"
    source.write_text(
        "#include <stdio.h>\n"
        + "".join(
            f"#if __has_include(<linux/{header}>)\n#include <linux/{header}>\n#endif\n"
            for header in ("psci.h", "arm_sdei.h")
        )
        + f"int main(void) {{\n{printed}return 0;\n}}\n"
    )
    subprocess.run([cc, "-o", tmp_path / "names", source], check=True)
    output = subprocess.run([tmp_path / "names"], check=True, capture_output=True, text=True).stdout
    values = {name: int(value) for name, value in (line.split() for line in output.splitlines())}
    if not values:
        pytest.skip("no <linux/psci.h> and no <linux/arm_sdei.h>")
    assert values == {name: ALIASES[name] for name in values}
