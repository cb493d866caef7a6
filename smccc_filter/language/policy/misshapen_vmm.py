"""What is wrong with a part of ``vmm``, whose maps have names for keys: there a key says nothing of its value."""

from typing import Any

from smccc_filter.language.places import Offsets, Path
from smccc_filter.language.source import DocumentFault
from smccc_filter.words import cut

EXPECTED_CALL = "a call's name such as `PSCI_CPU_ON`"
EXPECTED_IN_VMM = {
    "version": 'a quoted version, such as `"1.1"`, or one for each service, such as `{psci: "1.1", trng: "1.0"}`',
    "implements": "`all`, or a list of call names such as `[PSCI_VERSION, PSCI_FEATURES]`",
    "features": "flags by call, such as `{PSCI_CPU_SUSPEND: 0x2}`",
}
_EXPECTED_BELOW = {
    "version": 'a quoted version, such as `"1.1"`',
    "implements": EXPECTED_CALL,
    "features": "flags in hexadecimal, such as `0x2`",
}


def wrong_in_vmm(error: tuple[Path, str, Any], at: Offsets, said: str, quote: str) -> DocumentFault:
    """Say what is wrong with a value, which ``said`` names and ``quote`` quotes; ``error`` is a ``ShapeError``."""
    path, kind, found = error
    field = str(path[3])
    what, expected = f"`{field}`", EXPECTED_IN_VMM[field]
    if len(path) > 4:
        key = cut(str(path[4]))
        below = {"version": f"the version of `{key}`", "implements": f"an item of {what}", "features": f"`{key}`"}
        what, expected = below[field], _EXPECTED_BELOW[field]
    if kind == "too_short":
        where = "`vmm`" if field == "implements" else "the key"
        return DocumentFault("P103", at, f"{what} is empty", f"write {expected}, or leave {where} out")
    is_unquoted = field == "version" and type(found) in {int, float}
    instead = f'"{quote}"' if is_unquoted else None
    return DocumentFault("P103", at, f"{what} is {said}", f"write {expected}", instead=instead)
