"""A range of zero functions.

KVM answers EINVAL, except that kernels without the fix compute the end of `0x0+0` as 0xFFFFFFFF, find the reserved
ranges inside, and answer EEXIST. The fix is in 6.6.158, 6.12.112, 6.18.55, 7.2.9 and 7.3. No kernel takes such a range,
and none takes it to mean everything.

Instead: write how many functions the range has, or its last ID. For every ID there is `default`.

Source: Linux arch/arm64/kvm/hypercalls.c, kvm_smccc_set_filter(); commit 64dc6f1db7e6.
"""

from collections.abc import Iterable, Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.policy.selector import Selector

CODE = "R203"
NAME = "empty-range"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False

HINT = "write a count of at least 1, or the last ID; for every ID there is `default`"


def check(subject: Subject) -> Iterator[Problem]:
    """Yield one finding for each empty range and errno; an exception is no entry, so no kernel sees it."""
    for rule in subject.policy.rules:
        for selector, _ in _empty(rule.exceptions):
            yield Problem(selector.path, f"`{selector.text}` has no functions, so it excepts nothing", HINT)
        for selector, base in _empty(rule.selectors):
            for errno, kernels in _answers(base, subject).items():
                message = f"`{selector.text}` has no functions"
                if errno is Errno.EEXIST:
                    message += ", which these kernels take for all IDs, the reserved ones among them"
                yield Problem(selector.path, message, HINT, errno=errno, kernels=tuple(kernels))


def _empty(selectors: Iterable[Selector]) -> Iterator[tuple[Selector, int]]:
    """Yield the empty ranges, and where each would begin."""
    for selector in selectors:
        written = selector.written
        if written is not None and written.size == 0 and "-" not in selector.text:
            yield selector, written.base


def _answers(base: int, subject: Subject) -> dict[Errno, list[str]]:
    """Return which kernels give which errno, in the order in which the policy names them."""
    kernels: dict[Errno, list[str]] = {}
    for profile in subject.profiles:
        errno = Errno.EINVAL if base else profile.empty_range_at_zero.value
        kernels.setdefault(errno, []).append(profile.name)
    return kernels
