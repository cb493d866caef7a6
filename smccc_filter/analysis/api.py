"""The questions of the public face, each with the words of the command line for what can't be asked.

``smccc_filter`` offers them to other programs; inside the package the functions are called that they call.
"""

from collections.abc import Sequence
from types import UnionType

from smccc_filter.analysis import decision, pipeline
from smccc_filter.analysis.comparison import comparison
from smccc_filter.analysis.comparison.compared import side_of_policy
from smccc_filter.analysis.comparison.comparison import Comparison
from smccc_filter.analysis.decision import CallDecision
from smccc_filter.analysis.discovery import GuestDiscovery, discover
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.reference.asked_calls import ids_asked
from smccc_filter.analysis.targets import profile_named, set_up_on
from smccc_filter.analysis.understanding import Understood
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.backends.proof import Artefact
from smccc_filter.guests.setup import VmSetup
from smccc_filter.language.policy.model import Policy
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.words import did_you_mean, enumerated, listed, visible


def examine(data: bytes, *, path: str = "policy.yaml") -> Examination:
    """Run every check on a policy.

    ``data`` is what a policy file holds, YAML in UTF-8; ``path`` is what findings call the file. Whatever is wrong with
    the policy is among the ``diagnostics`` of the result, ordered by place: nothing that a file may hold raises. Raises
    TypeError for a ``data`` that is not bytes and a ``path`` that is not a string.
    """
    _require("data", data, bytes, "bytes")
    _require("path", path, str, "a string")
    return pipeline.examine(path, data)


def compile(examination: Examination, artefact_format: str) -> Artefact:  # noqa: A001 -- as the command is called
    """Compile a policy into what a VMM loads, and prove that the artefact decides as the policy does.

    ``artefact_format`` is ``c``, ``rust``, ``json``, ``sql``, ``blob`` or ``regs``, as ``compile --format`` takes.
    ``data`` of the result is what the file holds, in bytes; ``proved`` is over how many function IDs, 2**32, or 0 for
    ``regs``, which has no filter. Raises ValueError for a policy with errors and for an unknown format, TypeError for
    other types.
    """
    _require("examination", examination, Examination, "what examine() returns")
    _require("artefact_format", artefact_format, str, "a string")
    if artefact_format not in FORMATS:
        hint = did_you_mean(artefact_format, FORMATS, f"there are {listed(FORMATS, 'and')}")
        raise ValueError(f"no format is called `{visible(artefact_format)}`; {hint}")
    if examination.has_errors:
        raise ValueError(f"{visible(examination.path)} has errors: {_codes(examination)}")
    return pipeline.build(examination, artefact_format)


def decide(examination: Examination, call: str | int, *, kernel: str | None = None) -> CallDecision:
    """Say what happens to one call: the action, the rule that says so, and what the guest gets.

    ``call`` is a function ID, from 0 to 0xFFFFFFFF, or as on the command line an ID in hexadecimal or the name of a
    call that is one ID (``PSCI_CPU_ON/64``, ``PSCI_VERSION``), in any case. ``kernel`` is the name of one, such as
    ``6.12`` or ``6.12.112``; without it, the outcomes are those on every kernel that the policy is for. The arguments
    of the call are taken to be zeros. Raises ValueError for an unknown call or kernel, a name of several IDs, and a
    policy whose errors leave it open what it says; TypeError for other types.
    """
    setups = _set_up(examination, kernel)
    return decision.decide(examination, setups, _func_id(call))


def guest(examination: Examination, *, kernel: str | None = None) -> GuestDiscovery:
    """Say what a guest of the policy discovers on one kernel, and whether it is the truth.

    ``kernel`` is the name of one, such as ``6.12`` or ``6.12.112``; without it, it is the last that the policy names,
    or the newest known. Raises ValueError for an unknown kernel and for a policy whose errors leave it open what it
    says, TypeError for other types.
    """
    return discover(_set_up(examination, kernel)[-1])


def compare(old: Examination, new: Examination, *, kernels: Sequence[str] = ()) -> Comparison:
    """Compare two policies by what a guest gets, for all 2**32 function IDs, and by what it is told of its calls.

    ``kernels`` are names of kernels; without any, the two are compared on all that either policy is for. ``verdict`` of
    the result says how NEW stands to OLD (``equivalent``, ``wider``, ``narrower`` or ``incomparable``). ``changes`` are
    the ranges of IDs that change, half-open and ascending. ``told`` are the discovery calls that answer something else:
    a call that becomes discoverable is wider, and so is a higher version. ``findings`` are those of the checks that are
    new or gone, which the verdict does not count. Raises ValueError for an unknown kernel and for a policy whose errors
    leave it open what it says, TypeError for other types.
    """
    if isinstance(kernels, str):
        raise TypeError("kernels must be a sequence of names, not one string")
    names = tuple(kernels)
    for name in names:
        _require("each of kernels", name, str, "a string")
    profiles = tuple(map(profile_named, dict.fromkeys(names)))
    left, right = (
        side_of_policy(each.path, Understood(_understood(each), each.resolution, each.document, each.diagnostics))
        for each in (old, new)
    )
    return comparison.compare(left, right, profiles)


def _set_up(examination: Examination, kernel: str | None) -> tuple[VmSetup, ...]:
    policy = _understood(examination)
    if kernel is None:
        return set_up_on(policy, examination.resolution.actions)
    _require("kernel", kernel, str, "a string")
    return set_up_on(policy, examination.resolution.actions, [profile_named(kernel)])


def _understood(examination: Examination) -> Policy:
    """Return the policy. Raises ValueError where its errors leave it open what it says."""
    _require("examination", examination, Examination, "what examine() returns")
    if examination.policy is None or not examination.is_understood:
        raise ValueError(f"errors leave it open what {visible(examination.path)} says: {_codes(examination)}")
    return examination.policy


def _func_id(call: str | int) -> int:
    _require("call", call, str | int, "a string or a function ID")
    if isinstance(call, int):
        if isinstance(call, bool) or not 0 <= call < SPACE:
            raise ValueError(f"{call} is no function ID: it must be from 0 to 0xFFFFFFFF")
        return call
    try:
        func_id, *others = ids_asked(call)
    except ValueError as error:
        raise ValueError("; ".join(error.args)) from None
    if others:
        shown = listed([_one_id(each) for each in (func_id, others[0])])
        raise ValueError(f"`{visible(call)}` is {len(others) + 1} IDs; ask for one of them, such as {shown}")
    return func_id


def _one_id(func_id: int) -> str:
    """Write an ID by a name that means no other, or as a number: the calls of a block have one name."""
    name = registry.name_of(func_id)
    return name if name and registry.by_name(name) == ((func_id, func_id + 1),) else show(func_id)


def _codes(examination: Examination) -> str:
    """Name the codes of the errors."""
    return enumerated(list(dict.fromkeys(found.code for found in examination.errors)))


def _require(name: str, value: object, wanted: type | UnionType, words: str) -> None:
    """Raise TypeError for a value of another type."""
    if not isinstance(value, wanted):
        raise TypeError(f"{name} must be {words}, not {type(value).__name__}")
