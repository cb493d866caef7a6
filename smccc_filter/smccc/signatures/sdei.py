"""Software Delegated Exception Interface, Arm DEN0054."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Returns, Signature

# fmt: off
_CALLS = ("TFA services/std_svc/sdei/sdei_main.c", "L66 drivers/firmware/arm_sdei.c")
_HANDLERS = ("TFA services/std_svc/sdei/sdei_intr_mgmt.c", "L66 drivers/firmware/arm_sdei.c")
_HEADER = ("TFA services/std_svc/sdei/sdei_main.c", "LUAPI arm_sdei.h")
_FIRMWARE = ("TFA services/std_svc/sdei/sdei_main.c",)
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "no SDEI, or the call is not implemented, or the caller is not the SDEI client EL")
_EVENT = CallValue(1, "event", None, 64, "event number, 32-bit signed in a 64-bit register")
_STATUS = CallValue(0, "status", None, 64, "0 SUCCESS")
_ERROR = CallValue(0, "status", None, 64, "only on error")
_INVALID_PARAMETERS = CallError(-2, "INVALID_PARAMETERS", "unknown event")
_DENIED = CallError(-3, "DENIED", "not registered")

SIGNATURES: dict[str, Signature] = {
    "SDEI_VERSION": Signature(
        arguments=(),
        results=(
            CallValue(0, "version", None, 64, "bit 63 zero, 62:48 major, 47:32 minor, 31:0 vendor-defined: 1.0 = 0x0001000000000000, 1.1 = 0x0001000100000000"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=("TFA services/std_svc/sdei/sdei_main.c", "LUAPI arm_sdei.h", "SDEIKVM patch 16"),
        remarks=(
            ("encoding", "yes: 64-bit value above: the whole register, not W0"),
            ("encoding", "no: -1"),
            ("note", "Linux needs major exactly 1."),
        ),
    ),
    "SDEI_EVENT_REGISTER": Signature(
        arguments=(
            _EVENT,
            CallValue(2, "entry_point_address", None, 64, "handler, IPA/VA of the client EL; 0 is refused"),
            CallValue(3, "ep_argument", None, 64, "passed to the handler in X1"),
            CallValue(4, "flags", None, 64, "bit 0 routing mode: 0 RM_ANY, 1 RM_PE; bit 1 relative mode in 1.1 (unverified); others zero"),
            CallValue(5, "affinity", None, 64, "MPIDR of the target, for RM_PE of a shared event"),
        ),
        results=(_STATUS,),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "unknown event, entry point 0 or invalid, unknown flags, bad affinity"),
            CallError(-3, "DENIED", "already registered, or the bound interrupt is active or not non-secure"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_CALLS,
    ),
    "SDEI_EVENT_ENABLE": Signature(
        arguments=(_EVENT,),
        results=(_STATUS,),
        errors=(_INVALID_PARAMETERS, _DENIED, _NOT_SUPPORTED),
        confidence="high",
        sources=_CALLS,
    ),
    "SDEI_EVENT_DISABLE": Signature(
        arguments=(_EVENT,),
        results=(_STATUS,),
        errors=(_INVALID_PARAMETERS, _DENIED, _NOT_SUPPORTED),
        confidence="high",
        sources=_CALLS,
    ),
    "SDEI_EVENT_CONTEXT": Signature(
        arguments=(CallValue(1, "param_id", None, 64, "0 to 17: which of X0-X17 of the interrupted context"),),
        results=(CallValue(0, "value", None, 64, "the register, 64-bit; cannot be told from an error code"),),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "param_id over 17"),
            CallError(-3, "DENIED", "not in a handler"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_HANDLERS,
    ),
    "SDEI_EVENT_COMPLETE": Signature(
        arguments=(CallValue(1, "status", None, 64, "0 EV_HANDLED, 1 EV_FAILED"),),
        results=(_ERROR,),
        errors=(
            CallError(-3, "DENIED", "no event is being handled on this PE"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=("TFA services/std_svc/sdei/sdei_intr_mgmt.c", "LUAPI arm_sdei.h"),
        returns=Returns.NEVER,
        remarks=(
            ("preserves", "On success the interrupted context is restored whole: X0-X17, PC and PSTATE as at the interruption; write no result register."),
        ),
    ),
    "SDEI_EVENT_COMPLETE_AND_RESUME": Signature(
        arguments=(
            CallValue(1, "resume_addr", None, 64, "where the client EL continues; ELR and SPSR of that EL get the interrupted PC and PSTATE"),
        ),
        results=(_ERROR,),
        errors=(
            CallError(-3, "DENIED", "no event is being handled, or the address is invalid"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=("TFA services/std_svc/sdei/sdei_intr_mgmt.c",),
        returns=Returns.NEVER,
        remarks=(("preserves", "as SDEI_EVENT_COMPLETE, but PC = resume_addr"),),
    ),
    "SDEI_EVENT_UNREGISTER": Signature(
        arguments=(_EVENT,),
        results=(_STATUS,),
        errors=(
            _INVALID_PARAMETERS,
            _DENIED,
            CallError(-5, "PENDING", "the handler is running; unregistration happens when it completes"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_HEADER,
    ),
    "SDEI_EVENT_STATUS": Signature(
        arguments=(_EVENT,),
        results=(CallValue(0, "status", None, 64, "bit 0 registered, 1 enabled, 2 running"),),
        errors=(_INVALID_PARAMETERS, _NOT_SUPPORTED),
        confidence="high",
        sources=_HEADER,
    ),
    "SDEI_EVENT_GET_INFO": Signature(
        arguments=(
            _EVENT,
            CallValue(2, "info", None, 64, "0 EV_TYPE, 1 EV_SIGNALED, 2 EV_PRIORITY, 3 EV_ROUTING_MODE, 4 EV_ROUTING_AFF"),
        ),
        results=(
            CallValue(0, "value", None, 64, "type 0 private 1 shared; priority 0 normal 1 critical; routing mode 0 RM_ANY 1 RM_PE; routing affinity an MPIDR"),
        ),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "unknown event or info, or a routing question about a private event, or affinity of an RM_ANY event"),
            CallError(-3, "DENIED", "routing question about an unregistered event"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_HEADER,
        remarks=(
            ("note", "Sources disagree about EV_SIGNALED: TF-A answers 0 for an event that software can signal, the KVM series (SDEIKVM patch 9) answers 1."),
        ),
    ),
    "SDEI_EVENT_ROUTING_SET": Signature(
        arguments=(
            _EVENT,
            CallValue(2, "routing_mode", None, 64, "0 RM_ANY, 1 RM_PE"),
            CallValue(3, "affinity", None, 64, "MPIDR for RM_PE"),
        ),
        results=(_STATUS,),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "unknown or private event, unknown mode, bad affinity"),
            CallError(-3, "DENIED", "event not registered, or enabled, or running"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_FIRMWARE,
    ),
    "SDEI_PE_MASK": Signature(
        arguments=(),
        results=(CallValue(0, "changed", None, 64, "1: this call masked the PE; 0: it was masked before"),),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_HANDLERS,
        remarks=(("note", "Linux takes any non-negative value. The unmerged KVM series answered 0 always."),),
    ),
    "SDEI_PE_UNMASK": Signature(
        arguments=(),
        results=(_STATUS,),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_CALLS,
    ),
    "SDEI_INTERRUPT_BIND": Signature(
        arguments=(CallValue(1, "interrupt", None, 64, "PPI or SPI number"),),
        results=(
            CallValue(0, "event", None, 64, "event number now bound to it; the same number when already bound"),
        ),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "not a PPI or SPI, or an interrupt of a platform event"),
            CallError(-3, "DENIED", "the interrupt is not the caller's"),
            CallError(-10, "OUT_OF_RESOURCE", "no free slot"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_HEADER,
    ),
    "SDEI_INTERRUPT_RELEASE": Signature(
        arguments=(_EVENT,),
        results=(_STATUS,),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "unknown, not dynamic or not bound"),
            CallError(-3, "DENIED", "still registered, or the interrupt is active"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_FIRMWARE,
    ),
    "SDEI_EVENT_SIGNAL": Signature(
        arguments=(
            CallValue(1, "event", None, 64, "only 0 can be signalled"),
            CallValue(2, "target_pe", None, 64, "MPIDR of the target"),
        ),
        results=(_STATUS,),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "event not 0, target unknown or masked, event not registered or not enabled there"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=("TFA services/std_svc/sdei/sdei_main.c", "SDEIKVM patch 14 (calls it a 1.1 function)"),
        remarks=(("note", "since: TF-A and the mailing list disagree (1.0 or 1.1)."),),
    ),
    "SDEI_FEATURES": Signature(
        arguments=(CallValue(1, "feature", None, 64, "0 BIND_SLOTS, 1 RELATIVE_MODE"),),
        results=(
            CallValue(0, "value", None, 64, "BIND_SLOTS: bits 15:0 private slots, 31:16 shared slots; RELATIVE_MODE: 0 or 1"),
        ),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "unknown feature"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=(
            "TFA services/std_svc/sdei/sdei_main.c",
            "TFA services/std_svc/sdei/sdei_private.h",
            "SDEIKVM patch 15",
        ),
        remarks=(("encoding", "yes: a value >= 0"), ("encoding", "no: -2 for an unknown feature")),
    ),
    "SDEI_PRIVATE_RESET": Signature(
        arguments=(),
        results=(_STATUS,),
        errors=(
            CallError(-3, "DENIED", "a private event is running or its unregistration is pending"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_HEADER,
    ),
    "SDEI_SHARED_RESET": Signature(
        arguments=(),
        results=(_STATUS,),
        errors=(
            CallError(-3, "DENIED", "a shared event is running or pending, or a private event is still registered for a bound interrupt"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_HEADER,
    ),
}
# fmt: on
