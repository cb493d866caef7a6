"""The VMM is said to answer a version or feature flags that the service does not define, or that nothing answers.

A version is two numbers of a specification: there is no PSCI 1.4 and no TRNG 1.1, and a guest makes of them what it
likes. Flags are what PSCI_FEATURES answers instead of 0: two bits for CPU_SUSPEND, one for SYSTEM_OFF2, none for any
other call, and never the sign, which says that there is no such call. FF-A's version is negotiated and FFA_FEATURES
answers more than flags, so that a handler answers them, and the policy states neither.

What is stated of a call that the rule does not forward or that the VMM does not implement is answered by nobody.

Instead: state what the hint lists, or leave it out: a handler then answers the version.

Source: Arm DEN0022F.b, sections 5.1.2 and 5.1.15; DEN0054, DEN0060, DEN0098, DEN0100, DEN0113, DEN0115 and DEN0147.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.guest_groups import all_names
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.language.places import KeyOf
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, intersection
from smccc_filter.words import cut, enumerated, listed

if TYPE_CHECKING:
    from smccc_filter.language.policy.vmm_part import StatedFlags, StatedVersion

CODE = "V706"
NAME = "no-such-answer"
SEVERITY = Severity.ERROR
WHOLE = True
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each version and each call's flags."""
    for rule, part in subject.vmm_rules:
        if not part.versions and not part.features:
            continue
        from smccc_filter.guests.vmm import ids_of_rule, implemented_by

        implemented = intersection(ids_of_rule(rule), implemented_by(part))
        for version in part.versions:
            yield from _version(version, implemented)
        for flags in part.features:
            yield from _flags(flags, implemented)


def _version(stated: "StatedVersion", implemented: Intervals) -> Iterator[Problem]:
    from smccc_filter.guests.vmm import VERSION_CALLS, has

    services = [stated.service] if stated.service else list(VERSION_CALLS)
    known = [service for service in services if service in VERSION_CALLS]
    answering = [service for service in known if has(implemented, VERSION_CALLS[service].func_id)]
    if not known:
        message = f"no call answers a version of `{stated.service}` that a policy could state"
        yield Problem(
            KeyOf(stated.path), message, f"take it out; versions are stated of {listed(list(VERSION_CALLS), 'and')}"
        )
        return
    if not answering:
        calls = [registry.name_of(VERSION_CALLS[service].func_id) or "" for service in known]
        version = f"the version `{cut(stated.text)}`" if stated.text else "an empty version"
        message = f"{version} is answered by no call that the rule forwards and the VMM implements"
        hint = f"implement {calls[0]}, or take the version out" if len(calls) == 1 else "take the version out"
        yield Problem(stated.path, message, hint)
    for service in answering:
        call = VERSION_CALLS[service]
        if stated.text not in call.versions:
            version = f"version `{cut(stated.text)}`" if stated.text else "empty version"
            hint = f"write {enumerated([f'`{version}`' for version in call.versions], 'or')}"
            if len(answering) > 1:
                hint += f", and a version for each of {listed(answering, 'and')}"
            yield Problem(
                stated.path,
                f"there is no {version} of {service}, which {registry.name_of(call.func_id)} would answer",
                hint,
                ((call.func_id, call.func_id + 1),),
            )


def _flags(stated: "StatedFlags", implemented: Intervals) -> Iterator[Problem]:
    from smccc_filter.guests.vmm import FLAGS

    ids = intersection(stated.ids, implemented)
    if not ids:
        message = f"{stated.text} has flags, and the rule does not forward it or the VMM does not implement it"
        yield Problem(KeyOf(stated.path), message, "implement it, or take its flags out", stated.ids)
        return
    mask = FLAGS.get(ids[0][0], 0)
    if stated.flags & ~mask:
        defined = f"0x{mask:X} are all that there are" if mask else "only 0 is plain yes"
        takes = enumerated(all_names(sorted(FLAGS)))
        yield Problem(
            stated.path,
            f"no specification defines the flags 0x{stated.flags & ~mask:X} of {stated.text}",
            f"{defined} for it" if mask else f"take them out: {defined} there, and {takes} alone have flags",
            ids,
        )
