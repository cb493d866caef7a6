"""PCI configuration space access, Arm DEN0115.

Every call is SMC32, although the specification sets both conventions aside.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA include/services/pci_svc.h"
_MANDATORY = "mandatory as a set (medium)"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("PCI_VERSION",      0x84000130, None, "pci", "DEN0115", "1.0", _MANDATORY, "version", _SOURCE, "high"),
    Function("PCI_FEATURES",     0x84000131, None, "pci", "DEN0115", "1.0", _MANDATORY, "is a PCI function implemented", _SOURCE, "high"),
    Function("PCI_READ",         0x84000132, None, "pci", "DEN0115", "1.0", _MANDATORY, "config-space read", _SOURCE, "high"),
    Function("PCI_WRITE",        0x84000133, None, "pci", "DEN0115", "1.0", _MANDATORY, "config-space write", _SOURCE, "high"),
    Function("PCI_GET_SEG_INFO", 0x84000134, None, "pci", "DEN0115", "1.0", _MANDATORY, "bus range of a segment", _SOURCE, "high"),
)
# fmt: on
