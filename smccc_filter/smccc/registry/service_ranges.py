"""What the ``services`` key of a policy may name: the block of a specification, or everything an owner may define.

A specification's block covers both calling conventions, as Arm sets numbers aside, even where it uses one; an owner's
is its 2**16 numbers in both, never the IDs with the SVE hint or with bits that must be zero.

Sources: Arm DEN0028 tables 6-1 to 6-5; Linux include/linux/arm-smccc.h for KVM's blocks; Trusted Firmware-A's headers
for the rest. The ends of DRTM's, PCI's and LFA's blocks are inferred, and FIRME's is what TF-A uses.
"""

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
    Service("kvm",      "KVM's vendor hypervisor calls: the 128 numbers of its FEATURES bitmap", "Linux include/linux/arm-smccc.h", ((0x86000000, 0x8600007F), (0xC6000000, 0xC600007F))),
    Service("pkvm",     "KVM's vendor hypervisor calls for protected VMs", "Linux include/linux/arm-smccc.h", ((0xC6000002, 0xC600003F),)),
    Service("psci-0-1", "PSCI 0.1 with the IDs that KVM chose, outside SMCCC's layout", "DEN0022A", ((0x95C1BA5E, 0x95C1BA61),)),

    # Owners
    Service("arch",       "Arm Architecture calls, owner 0", "DEN0028", ((0x80000000, 0x8000FFFF), (0xC0000000, 0xC000FFFF))),
    Service("cpu",        "CPU service calls, owner 1: workarounds of one CPU's errata", "DEN0028", ((0x81000000, 0x8100FFFF), (0xC1000000, 0xC100FFFF))),
    Service("sip",        "Silicon provider calls, owner 2", "DEN0028", ((0x82000000, 0x8200FFFF), (0xC2000000, 0xC200FFFF))),
    Service("oem",        "Original equipment manufacturer calls, owner 3", "DEN0028", ((0x83000000, 0x8300FFFF), (0xC3000000, 0xC300FFFF))),
    Service("std",        "Standard Secure service calls, owner 4", "DEN0028", ((0x84000000, 0x8400FFFF), (0xC4000000, 0xC400FFFF))),
    Service("std-hyp",    "Standard Hypervisor service calls, owner 5", "DEN0028", ((0x85000000, 0x8500FFFF), (0xC5000000, 0xC500FFFF))),
    Service("vendor-hyp", "Vendor Specific Hypervisor service calls, owner 6", "DEN0028", ((0x86000000, 0x8600FFFF), (0xC6000000, 0xC600FFFF))),
    Service("vendor-el3", "Vendor Specific EL3 Monitor service calls, owner 7", "DEN0028", ((0x87000000, 0x8700FFFF), (0xC7000000, 0xC700FFFF))),
    Service("trusted-app", "Trusted Application calls, owners 48 and 49", "DEN0028", (
        (0xB0000000, 0xB000FFFF), (0xB1000000, 0xB100FFFF), (0xF0000000, 0xF000FFFF), (0xF1000000, 0xF100FFFF),
    )),
    Service("trusted-os", "Trusted OS calls, owners 50 to 63", "DEN0028", (
        (0xB2000000, 0xB200FFFF), (0xB3000000, 0xB300FFFF), (0xB4000000, 0xB400FFFF), (0xB5000000, 0xB500FFFF),
        (0xB6000000, 0xB600FFFF), (0xB7000000, 0xB700FFFF), (0xB8000000, 0xB800FFFF), (0xB9000000, 0xB900FFFF),
        (0xBA000000, 0xBA00FFFF), (0xBB000000, 0xBB00FFFF), (0xBC000000, 0xBC00FFFF), (0xBD000000, 0xBD00FFFF),
        (0xBE000000, 0xBE00FFFF), (0xBF000000, 0xBF00FFFF),
        (0xF2000000, 0xF200FFFF), (0xF3000000, 0xF300FFFF), (0xF4000000, 0xF400FFFF), (0xF5000000, 0xF500FFFF),
        (0xF6000000, 0xF600FFFF), (0xF7000000, 0xF700FFFF), (0xF8000000, 0xF800FFFF), (0xF9000000, 0xF900FFFF),
        (0xFA000000, 0xFA00FFFF), (0xFB000000, 0xFB00FFFF), (0xFC000000, 0xFC00FFFF), (0xFD000000, 0xFD00FFFF),
        (0xFE000000, 0xFE00FFFF), (0xFF000000, 0xFF00FFFF),
    )),

    # Yielding calls
    Service("armv7-legacy",        "Calls that existing Armv7 devices use, before SMCCC", "DEN0028", ((0x00000000, 0x0100FFFF),)),
    Service("trusted-os-yielding", "Trusted OS yielding calls", "DEN0028", ((0x02000000, 0x1FFFFFFF),)),
)
# fmt: on
