"""The checks, one module each: its docstring is the manual that ``explain`` prints.

The order of ``ALL`` is that of their codes; P107 alone depends on what the others find, and the runner asks it last.
"""

from typing import cast

from smccc_filter.checks import (
    crosses_services,
    empty_range,
    failed_expectation,
    general_query,
    hint_alias,
    idle_except,
    invalid_value,
    limit,
    no_filter,
    nonzero_reserved_bits,
    overlap,
    range_wraps,
    redundant_rule,
    reserved_owner,
    reserved_range,
    syntax,
    unknown_field,
    unknown_function,
    unknown_name,
    unused_allowance,
)
from smccc_filter.checks.subject import Check, Subject

__all__ = ["ALL", "ALLOWABLE", "Check", "Subject"]

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
        reserved_owner,
        nonzero_reserved_bits,
        crosses_services,
        general_query,
        unknown_function,
        hint_alias,
        no_filter,
    ),
)

ALLOWABLE = {check.CODE: check.ALLOWABLE for check in ALL}
"""Whether a finding may be allowed, by code."""
