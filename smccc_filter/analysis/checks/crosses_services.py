"""One contiguous range that crosses from one owner, calling convention or call type to another.

Owners are 16,777,216 IDs apart and conventions 1,073,741,824, and what lies between is invalid or somebody else's: a
range from 0x84000000 to 0xC400001F covers PSCI in both conventions, and every vendor, Trusted OS and reserved owner
between them. What such a range covers by the way is not reported a second time as A301, A302 or A304.

Instead: write one range for each owner and convention, or select by `services`. To decide everything else use
`default`.

Source: Arm DEN0028, tables 2-1, 6-1 and 6-2.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, by_rule, crossing
from smccc_filter.smccc.function_id import show_range

CODE = "A303"
NAME = "crosses-services"
SEVERITY = Severity.WARNING
WHOLE = False
ALLOWABLE = True


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each rule that has such ranges."""
    for _, claim, ids, others in by_rule(subject.resolution.claims, lambda claim: crossing(claim.ids)):
        start, stop = crossing(claim.ids)[0]
        yield Problem(
            claim.selector.path,
            f"{show_range(start, stop)} runs from {_home(start)} to {_home(stop - 1)}",
            "write one range for each owner and convention, or select by `services`",
            ids,
            others,
        )


def _home(fid: int) -> str:
    """Say where an ID is at home."""
    from smccc_filter.smccc.fields import decode

    _, smc64, owner, *_ = decode(fid)
    return "the yielding calls" if owner is None else f"owner {owner} ({'SMC64' if smc64 else 'SMC32'})"
