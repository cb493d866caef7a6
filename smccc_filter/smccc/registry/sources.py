"""What the abbreviations in the tables' ``source`` stand for.

Arm's documents cannot be quoted freely, so most numbers were read from code that implements them; a row cites what it
was read from, briefly, and this table says which edition that was.
"""

import re

SOURCES = {
    "L73": "Linux 7.3.4",
    "L612": "Linux 6.12.117",
    "TFA": "Trusted Firmware-A, commit 6a164dda7 of 2026-08-20",
    "HAF": "Hafnium, commit 21bfbdc1 of 2026-08-21, inc/vmapi/hf/ffa.h",
    "OPTEE": "OP-TEE OS, commit d5001fe0 of 2026-08-21, core/arch/arm/include/sm/optee_smc.h",
    "RMM": "TF-RMM, commit 9a7f8ef4 of 2026-07-22, lib/smc/include/",
    "RMM10": "TF-RMM, tag rmm-spec-v1.0-rel0 of 2024-10-03",
    "RFA": "Rusted Firmware-A, commit ae4c9758 of 2026-08-08, src/smccc.rs and src/services/",
    "XEN": "Xen, commit c447b730 of 2026-08-20",
    "GUN": "Gunyah hypervisor, commit 36ca3a2a of 2024-01-02, hyp/interfaces/smccc/smccc.tc",
    "GUNL": "the Gunyah driver series for Linux, not merged as of 7.3",
    "AOSP": "Android common kernel, commit 09e5464b, include/linux/arm-smccc.h",
    "ESRDEC": "google/aarch64-esr-decoder, commit 04ef7573, src/smccc/, after Arm DEN0028E (SMCCC 1.4)",
    "XINO": "a C++ header that quotes tables 6-1 and 6-2 of Arm DEN0028 issue gb (SMCCC 1.6)",
    "NOTE16": "notes that quote Arm DEN0028G (SMCCC 1.6) and DEN0022F.b (PSCI 1.3) by section and page",
    "MORELLO": "a table that quotes the ranges of Arm DEN0028B (SMCCC 1.1)",
    "ML": "Linux kernel mailing lists",
    "L613": "Linux 6.13.7",
    "L66": "Linux 6.6, stable tree",
    "LUAPI": "Linux include/uapi/linux/psci.h and arm_sdei.h",
    "LHYP": "Linux Documentation/virt/kvm/arm/hypercalls.rst",
    "LKG": "Linux drivers/firmware/smccc/kvm_guest.c",
    "LDA": "the series for device assignment to Arm CCA guests of Linux, RFC v3 of 2026-03-12, not merged",
    "LHC": "Linux's arch/arm64/kernel/rhi.c of 2026, not merged",
    "ACS": "Arm's CCA RMM conformance suite, commit 5d83304d of 2026-04-28",
    "TFTF": "TF-A-Tests, commit fdd0a97f of 2026-08-21",
    "SMCCCRS": "google/smccc, commit 841c9a1d of 2026-06-22",
    "CROSVM": "crosvm, commit f1e797a6 of 2026-08-21",
    "OPENVMM": "OpenVMM, commit 1488a37b of 2026-08-21",
    "QEMU": "QEMU, commit d0f4aa7d and those named",
    "BAO": "Bao hypervisor, commit 738e3dc of 2026-07-24",
    "SEL4": "a loader of seL4 that quotes DEN0022F.b",
    "XENLIST": "xen-devel, thread of 2026 on SYSTEM_SUSPEND of the virtual PSCI",
    "KVMLIST2": "kvmarm of 2022-02-23, reject invalid addresses for CPU_ON",
    "SDEIKVM": "kvmarm of 2022-05-27, support SDEI in KVM, version 7, not merged",
}


def cited(source: str) -> tuple[tuple[str, str], ...]:
    """Return each abbreviation that a row's ``source`` uses, with what it stands for, in the order of the text."""
    return tuple((word, SOURCES[word]) for word in dict.fromkeys(re.findall(r"\w+", source)) if word in SOURCES)
