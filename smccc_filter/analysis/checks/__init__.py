"""The checks, one module each: its docstring is the manual that ``explain`` prints.

The order of ``ALL`` is that of their codes. ``LAST`` alone depends on what the others find, and is asked last.
"""

from typing import TYPE_CHECKING, cast

from smccc_filter.analysis.checks import (
    advertised_but_denied,
    answers_differ,
    boot_critical,
    broken_chain,
    crosses_services,
    discovery_forwarded,
    empty_range,
    failed_expectation,
    firmware_refused,
    forwarded_but_hidden,
    general_query,
    hint_alias,
    hot_forward,
    idle_except,
    invalid_value,
    kernels_disagree,
    limit,
    missing_mandatory,
    mitigation_call,
    nested_bypass,
    no_filter,
    no_such_answer,
    no_such_vm,
    nonzero_reserved_bits,
    not_forwarded,
    not_implemented,
    numbered_call,
    overlap,
    protected_range,
    psci_refused,
    ragged_range,
    range_wraps,
    redundant_rule,
    register_conflict,
    reserved_owner,
    reserved_range,
    split_service,
    split_twins,
    stolen_time,
    syntax,
    unanswered_discovery,
    undiscoverable,
    unimplemented_mandatory,
    unimplemented_twin,
    unknown_field,
    unknown_function,
    unknown_name,
    unused_allowance,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from smccc_filter.analysis.diagnostics import Problem, Severity, UnsaidProblem
    from smccc_filter.analysis.examination.subject import Subject

    class Check(Protocol):
        """A module of this package. ``WHOLE`` is set where a policy with parts missing would give false findings.

        What reading the document found under the check's code is reported without it.
        """

        CODE: str
        NAME: str
        SEVERITY: Severity
        WHOLE: bool
        ALLOWABLE: bool
        __doc__: str | None
        __name__: str

        @staticmethod
        def check(subject: Subject) -> Iterator[Problem | UnsaidProblem]:
            """Yield what is wrong."""


ALL = cast(
    "tuple[Check, ...]",
    (
        syntax,
        unknown_field,
        invalid_value,
        unknown_name,
        limit,
        failed_expectation,
        unused_allowance,
        overlap,
        reserved_range,
        empty_range,
        range_wraps,
        redundant_rule,
        idle_except,
        numbered_call,
        reserved_owner,
        nonzero_reserved_bits,
        crosses_services,
        general_query,
        unknown_function,
        hint_alias,
        ragged_range,
        no_filter,
        not_implemented,
        firmware_refused,
        psci_refused,
        kernels_disagree,
        protected_range,
        nested_bypass,
        no_such_vm,
        advertised_but_denied,
        forwarded_but_hidden,
        discovery_forwarded,
        undiscoverable,
        split_twins,
        split_service,
        broken_chain,
        register_conflict,
        missing_mandatory,
        stolen_time,
        boot_critical,
        mitigation_call,
        hot_forward,
        not_forwarded,
        unimplemented_mandatory,
        unanswered_discovery,
        answers_differ,
        unimplemented_twin,
        no_such_answer,
    ),
)

LAST = cast("Check", unused_allowance)
"""It reports the allowances that no other finding used."""

ALLOWABLE = {check.CODE: check.ALLOWABLE for check in ALL}
"""Whether a finding may be allowed, by code."""
