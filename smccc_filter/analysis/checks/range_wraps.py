"""A range that goes past 0xFFFFFFFF, or whose last ID is below its first.

Function IDs have 32 bits, and KVM answers EINVAL to a range whose end wraps around. The tool never clips a range: what
would be left is hardly what was meant.

Instead: write the first and last ID that are meant.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_smccc_set_filter().
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.policy.selector import Selector
from smccc_filter.smccc.function_id import SPACE

CODE = "R204"
NAME = "range-wraps"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each range that wraps; an exception is no entry, so no kernel sees it."""
    for rule in subject.policy.rules:
        for selectors, errno in ((rule.selectors, Errno.EINVAL), (rule.exceptions, None)):
            for selector in selectors:
                if message := _wraps(selector):
                    yield Problem(selector.path, message, "write the first and last ID that are meant", errno=errno)


def _wraps(selector: Selector) -> str:
    written = selector.written
    if written is None or selector.ids:
        return ""
    if written.size > SPACE - written.base:
        return f"`{selector.text}` goes past 0xFFFFFFFF"
    return f"the last ID of `{selector.text}` is below the first" if "-" in selector.text else ""
