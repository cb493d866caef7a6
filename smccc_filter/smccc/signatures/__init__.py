"""What calls take and what they answer: registers, their names and widths, errors, and whether a call returns.

One module for each of the registry's tables whose calls have signatures. Nothing that decides a function ID needs them:
a module is imported when a call of its table is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from smccc_filter.smccc.registry.rows import TABLES, Function

if TYPE_CHECKING:
    from smccc_filter.smccc.signatures.shape import Signature

MODULES = frozenset(
    ("drtm", "errata", "ffa", "firme", "kvm", "lfa", "mm", "pci", "psci", "pvtime", "rhi", "sdei", "smccc", "trng")
)
"""The registry's tables with a module of signatures, which is called as the table is."""


def signature_of(function: Function) -> "Signature | None":
    """Return what a call takes and answers; ``None`` where that is not known."""
    for table, (_, services, _) in TABLES.items():
        if table in MODULES and function.service in services:
            return _signatures(table).get(function.name)
    return None


def _signatures(table: str) -> "dict[str, Signature]":
    signatures: dict[str, Signature] = import_module(f"smccc_filter.smccc.signatures.{table}").SIGNATURES
    return signatures
