"""A call, service, firmware bit, capability, kernel or diagnostic code that does not exist.

A name that selects nothing would leave a hole in the policy, so none is ever skipped. Names of calls are those of their
specifications with the service's prefix; those of Linux's headers work too.

Instead: take the name that the hint offers, or look it up with `smccc-filter list calls` (`services`, `kernels`,
`checks`). A call that no specification names is selected by its ID, under `ranges`.
"""

from collections.abc import Iterator

from smccc_filter.analysis.diagnostics import Problem, Severity
from smccc_filter.analysis.examination.subject import Subject, instead
from smccc_filter.analysis.targets import unknown_kernel
from smccc_filter.kvm.profiles import predates_filter, profile
from smccc_filter.language.places import Path
from smccc_filter.words import suggest

CODE = "P104"
NAME = "unknown-name"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False

MAX_SUGGESTIONS = 20
"""Unknown kernels, and codes, in one file that get suggestions; comparing one with every known takes long."""


def check(subject: Subject) -> Iterator[Problem]:
    """Yield the kernels and the codes that nobody knows."""
    yield from _kernels(subject)
    yield from _codes(subject)


def _kernels(subject: Subject) -> Iterator[Problem]:
    for number, name in enumerate(subject.policy.target.kernels):
        if profile(name) is None and not predates_filter(name):
            message, hint, meant = unknown_kernel(name, compare=number < MAX_SUGGESTIONS)
            yield _offering(("target", "kernels", number), message, hint, meant)


def _codes(subject: Subject) -> Iterator[Problem]:
    unknown = (allowance for allowance in subject.allowances() if allowance.code not in subject.allowable)
    for number, allowance in enumerate(unknown):
        known = "see `smccc-filter list checks`"
        codes = subject.allowable if number < MAX_SUGGESTIONS else ()
        message = f"no check has the code `{allowance.code}`"
        yield _offering((*allowance.path, "code"), message, *suggest(allowance.code, codes, known))


def _offering(place: Path, message: str, hint: str, meant: str | None) -> Problem:
    """Offer as a remedy what was certainly meant."""
    return Problem(place, message, hint, remedy=instead(place, f'"{meant}"') if meant else None)
