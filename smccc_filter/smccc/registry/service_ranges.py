"""What the ``services`` key of a policy may name: the block of a specification, or everything an owner may define.

A specification's block covers both calling conventions, as Arm sets numbers aside, even where it uses one; an owner's
is its 2**16 numbers in both, never the IDs with the SVE hint or with bits that must be zero.

Sources: Arm DEN0028 tables 6-1 to 6-5; Linux include/linux/arm-smccc.h for KVM's blocks; Trusted Firmware-A's headers
for the rest. The ends of DRTM's, PCI's and LFA's blocks are inferred, FIRME's is what TF-A uses, and RHI's what Arm's
conformance suite uses.
"""

from smccc_filter.smccc.registry.owners import calls_of
from smccc_filter.smccc.registry.rows import Service

# fmt: off
SERVICES: tuple[Service, ...] = (
    # Blocks of the Standard Secure range
    Service("psci",    "Power State Coordination Interface: CPUs and the system on and off", "DEN0022", ((0x84000000, 0x8400001F), (0xC4000000, 0xC400001F))),
    Service("sdei",    "Software Delegated Exception Interface: firmware events", "DEN0054", ((0x84000020, 0x8400003F), (0xC4000020, 0xC400003F))),
    Service("mm",      "Management Mode: messages to secure partitions", "DEN0060", ((0x84000040, 0x8400004F), (0xC4000040, 0xC400004F))),
    Service("trng",    "True Random Number Generator firmware interface", "DEN0098", ((0x84000050, 0x8400005F), (0xC4000050, 0xC400005F))),
    Service("ffa",     "Firmware Framework for A-profile: messages and memory between partitions", "DEN0077", ((0x84000060, 0x840000EF), (0xC4000060, 0xC40000EF))),
    Service("errata",  "Errata management: which errata a higher exception level mitigates", "DEN0100", ((0x840000F0, 0x8400010F), (0xC40000F0, 0xC400010F))),
    Service("drtm",    "Dynamic Root of Trust for Measurement", "DEN0113", ((0x84000110, 0x8400012F), (0xC4000110, 0xC400012F))),
    Service("pci",     "PCI configuration space access", "DEN0115", ((0x84000130, 0x8400014F), (0xC4000130, 0xC400014F))),
    Service("rmi",     "Realm Management Interface: host to Realm Management Monitor", "DEN0137", ((0x84000150, 0x8400018F), (0x840001D0, 0x840002CF), (0xC4000150, 0xC400018F), (0xC40001D0, 0xC40002CF))),
    Service("rsi",     "Realm Services Interface: Realm to Realm Management Monitor", "DEN0137", ((0x84000190, 0x840001AF), (0xC4000190, 0xC40001AF))),
    Service("rmm-el3", "Realm Management Monitor to EL3", "TF-A rmm-el3-comms-spec", ((0x840001B0, 0x840001CF), (0xC40001B0, 0xC40001CF))),
    Service("lfa",     "Live Firmware Activation", "DEN0147", ((0x840002E0, 0x840002EF), (0xC40002E0, 0xC40002EF))),
    Service("firme",   "Firmware Interfaces for the Realm Management Extension", "DEN0149", ((0x84000400, 0x84000412), (0xC4000400, 0xC4000412))),

    # Blocks elsewhere
    Service("pv-time",  "Paravirtualised time: stolen time, SMC64 only", "DEN0057", ((0xC5000020, 0xC500003F),)),
    Service("rhi",      "Realm Host Interface: Realm to its host, SMC64 only", "DEN0148", ((0xC5000040, 0xC5000056),)),
    Service("kvm",      "KVM's vendor hypervisor calls: the 128 numbers of its FEATURES bitmap", "Linux include/linux/arm-smccc.h", ((0x86000000, 0x8600007F), (0xC6000000, 0xC600007F))),
    Service("pkvm",     "KVM's vendor hypervisor calls for protected VMs", "Linux include/linux/arm-smccc.h", ((0xC6000002, 0xC600003F),)),
    Service("psci-0-1", "PSCI 0.1 with the IDs that KVM chose, outside SMCCC's layout", "DEN0022A", ((0x95C1BA5E, 0x95C1BA61),)),

    # Owners
    Service("arch",       "Arm Architecture calls, owner 0", "DEN0028", calls_of(0, 0)),
    Service("cpu",        "CPU service calls, owner 1: workarounds of one CPU's errata", "DEN0028", calls_of(1, 1)),
    Service("sip",        "Silicon provider calls, owner 2", "DEN0028", calls_of(2, 2)),
    Service("oem",        "Original equipment manufacturer calls, owner 3", "DEN0028", calls_of(3, 3)),
    Service("std",        "Standard Secure service calls, owner 4", "DEN0028", calls_of(4, 4)),
    Service("std-hyp",    "Standard Hypervisor service calls, owner 5", "DEN0028", calls_of(5, 5)),
    Service("vendor-hyp", "Vendor Specific Hypervisor service calls, owner 6", "DEN0028", calls_of(6, 6)),
    Service("vendor-el3", "Vendor Specific EL3 Monitor service calls, owner 7", "DEN0028", calls_of(7, 7)),
    Service("trusted-app", "Trusted Application calls, owners 48 and 49", "DEN0028", calls_of(48, 49)),
    Service("trusted-os", "Trusted OS calls, owners 50 to 63", "DEN0028", calls_of(50, 63)),

    # Yielding calls
    Service("armv7-legacy",        "Calls that existing Armv7 devices use, before SMCCC", "DEN0028", ((0x00000000, 0x0100FFFF),)),
    Service("trusted-os-yielding", "Trusted OS yielding calls", "DEN0028", ((0x02000000, 0x1FFFFFFF),)),
)
# fmt: on
