"""Software Delegated Exception Interface, Arm DEN0054.

Every call is SMC64, although the specification sets both conventions aside.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "TFA include/services/sdei.h; L73 include/uapi/linux/arm_sdei.h"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("SDEI_VERSION",                   None, 0xC4000020, "sdei", "DEN0054", "1.0", "unverified", "version", _SOURCE, "high"),
    Function("SDEI_EVENT_REGISTER",            None, 0xC4000021, "sdei", "DEN0054", "1.0", "unverified", "register a handler", _SOURCE, "high"),
    Function("SDEI_EVENT_ENABLE",              None, 0xC4000022, "sdei", "DEN0054", "1.0", "unverified", "enable event", _SOURCE, "high"),
    Function("SDEI_EVENT_DISABLE",             None, 0xC4000023, "sdei", "DEN0054", "1.0", "unverified", "disable event", _SOURCE, "high"),
    Function("SDEI_EVENT_CONTEXT",             None, 0xC4000024, "sdei", "DEN0054", "1.0", "unverified", "read interrupted context register", _SOURCE, "high"),
    Function("SDEI_EVENT_COMPLETE",            None, 0xC4000025, "sdei", "DEN0054", "1.0", "unverified", "complete handler", _SOURCE, "high"),
    Function("SDEI_EVENT_COMPLETE_AND_RESUME", None, 0xC4000026, "sdei", "DEN0054", "1.0", "unverified", "complete and resume at an address", _SOURCE, "high"),
    Function("SDEI_EVENT_UNREGISTER",          None, 0xC4000027, "sdei", "DEN0054", "1.0", "unverified", "unregister", _SOURCE, "high"),
    Function("SDEI_EVENT_STATUS",              None, 0xC4000028, "sdei", "DEN0054", "1.0", "unverified", "registered/enabled/running bits", _SOURCE, "high"),
    Function("SDEI_EVENT_GET_INFO",            None, 0xC4000029, "sdei", "DEN0054", "1.0", "unverified", "event information", _SOURCE, "high"),
    Function("SDEI_EVENT_ROUTING_SET",         None, 0xC400002A, "sdei", "DEN0054", "1.0", "unverified", "set routing of a shared event", _SOURCE, "high"),
    Function("SDEI_PE_MASK",                   None, 0xC400002B, "sdei", "DEN0054", "1.0", "unverified", "mask events on this PE", _SOURCE, "high"),
    Function("SDEI_PE_UNMASK",                 None, 0xC400002C, "sdei", "DEN0054", "1.0", "unverified", "unmask events on this PE", _SOURCE, "high"),
    Function("SDEI_INTERRUPT_BIND",            None, 0xC400002D, "sdei", "DEN0054", "1.0", "unverified", "bind an interrupt to an event", _SOURCE, "high"),
    Function("SDEI_INTERRUPT_RELEASE",         None, 0xC400002E, "sdei", "DEN0054", "1.0", "unverified", "release a bound interrupt", _SOURCE, "high"),
    Function("SDEI_EVENT_SIGNAL",              None, 0xC400002F, "sdei", "DEN0054", "1.0", "unverified", "signal a software event to a PE", _SOURCE, "high"),
    Function("SDEI_FEATURES",                  None, 0xC4000030, "sdei", "DEN0054", "1.1 (not in Linux 1.0 header)", "unverified", "optional feature query", "TFA include/services/sdei.h", "high"),
    Function("SDEI_PRIVATE_RESET",             None, 0xC4000031, "sdei", "DEN0054", "1.0", "unverified", "reset private events", _SOURCE, "high"),
    Function("SDEI_SHARED_RESET",              None, 0xC4000032, "sdei", "DEN0054", "1.0", "unverified", "reset shared events", _SOURCE, "high"),
)
# fmt: on
