"""The shape of the registry's tables, one row a function or a service, and which table has what."""

from typing import NamedTuple

PROVISIONAL = "provisional"
"""The ``status`` of a call that a later edition or kernel may number or define otherwise; its ``note`` says why."""


class Function(NamedTuple):
    """One call as its specification defines it.

    ``name`` is the specification's with the service's prefix, as a policy writes it. ``service`` is the policy's name
    of the specification, or the family of calls that an implementation made up (``kvm-android``, ``optee``).
    ``required`` says whether whoever offers the service must offer the call, as far as known: ``impl`` leaves it to the
    implementation. ``source`` cites with the abbreviations of ``registry.sources``; ``confidence`` is ``high`` or
    ``medium``. ``last`` is set where one name stands for a block of function numbers: the number that ends it,
    inclusive. ``note`` and ``status`` may be empty.
    """

    name: str
    smc32: int | None
    smc64: int | None
    service: str
    spec: str
    since: str
    required: str
    meaning: str
    source: str
    confidence: str
    yielding: int | None = None
    last: int | None = None
    status: str = ""
    note: str = ""


class Service(NamedTuple):
    """What the ``services`` key of a policy names: the ranges (inclusive) of a specification or of an owner."""

    name: str
    title: str
    spec: str
    ranges: tuple[tuple[int, int], ...]


# fmt: off
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[int, int], ...]]] = {
    "smccc": (("SMCCC_", "ARCH_", "STD_", "VENDOR_HYP_"), ("arch", "std", "std-hyp", "vendor-hyp"), ((0x80000000, 0x8000FFFF), (0x8400FF00, 0x8400FFFF), (0x8500FF00, 0x8500FFFF), (0x8600FF00, 0x8600FFFF))),
    "psci": (("PSCI_", "KVM_PSCI_"), ("psci", "psci-0-1"), ((0x84000000, 0x8400001F), (0x95C1BA5E, 0x95C1BA61))),
    "sdei": (("SDEI_",), ("sdei",), ((0x84000020, 0x8400003F),)),
    "mm": (("MM_", "SPM_MM_"), ("mm", "spm-mm"), ((0x84000040, 0x8400004F), (0x84000060, 0x8400006F))),
    "trng": (("TRNG_",), ("trng",), ((0x84000050, 0x8400005F),)),
    "ffa": (("FFA_",), ("ffa",), ((0x84000060, 0x840000EF),)),
    "errata": (("EM_",), ("errata",), ((0x840000F0, 0x8400010F),)),
    "drtm": (("DRTM_",), ("drtm",), ((0x84000110, 0x8400012F),)),
    "pci": (("PCI_",), ("pci",), ((0x84000130, 0x8400014F),)),
    "rmm": (("RMI_", "RSI_", "RDEV_", "RMM_"), ("rmi", "rsi", "rmm-el3"), ((0x84000150, 0x840002CF),)),
    "lfa": (("LFA_",), ("lfa",), ((0x840002E0, 0x840002FF),)),
    "firme": (("FIRME_",), ("firme",), ((0x84000400, 0x840004FF),)),
    "pvtime": (("PV_TIME_",), ("pv-time",), ((0x85000020, 0x8500003F),)),
    "rhi": (("RHI_",), ("rhi",), ((0x85000040, 0x85000056),)),
    "kvm": (("VENDOR_HYP_KVM_", "ANDROID_"), ("kvm", "pkvm", "kvm-android"), ((0x86000000, 0x860000FF),)),
    "hyperv": (("HYPERV_",), ("hyper-v",), ((0x06000001, 0x06000001),)),
    "gunyah": (("GUNYAH_",), ("gunyah",), ((0x86008000, 0x860080FF),)),
    "tfa": (("CPU_", "ARM_", "VEN_", "TSP_"), ("cpu", "sip-arm", "ven-el3", "tsp"), ((0x32003000, 0x32003000), (0x81000000, 0x8100FFFF), (0x82000000, 0x8200FFFF), (0x87000000, 0x8700FFFF))),
    "optee": (("OPTEE_",), ("optee",), ((0x32000000, 0x3200001F), (0xB2000000, 0xB200FFFF), (0xBF000000, 0xBF00FFFF))),
    "trusty": (("TRUSTY_",), ("trusty",), ((0x32000000, 0x3200FFFF), (0x3C000000, 0x3C00FFFF), (0xBC000000, 0xBC00FFFF))),
}
# fmt: on
"""The tables: how the names in each begin, its services, and where its IDs lie (inclusive, bit 30 clear: both forms).

A look-up reads no other table than those that can hold its answer by this.
"""
