"""The modules that ``backends.rust`` writes, wherever they stand: their names and their tables of registers.

Such a module may be a file of its own, one of several, or stand between the braces of a ``mod``.
"""

from typing import NamedTuple

from smccc_filter.artefacts.readers.rust.declarations import RustDeclarations
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustScope
from smccc_filter.artefacts.readers.source.tokens import STRING

FILTER, REGISTERS, POLICY = "FILTER", "REGISTERS", "NAME"
"""Constants of the module that ``backends.rust`` writes."""
_PAIRS = "[(u64,u64);"
"""How the type of ``REGISTERS`` begins."""


class PolicyModules(NamedTuple):
    """The modules of a source that hold a policy, each by its ``FILTER``, and all tables of registers.

    ``name`` is the policy's where there is one module.
    """

    filters: tuple[RustDefinition, ...]
    registers: tuple[RustDefinition, ...]
    name: str | None


def policy_modules(declarations: RustDeclarations) -> PolicyModules:
    """Find the modules that hold a policy. A table of registers is taken without a ``FILTER`` beside it, too."""
    filters = {id(declarations.scope_of[found.at]): found for found in _constants(declarations, FILTER)}
    registers = [
        found
        for found in _constants(declarations, REGISTERS)
        if id(declarations.scope_of[found.at]) in filters or _is_of_pairs(declarations, found)
    ]
    beside = {id(declarations.scope_of[found.at]): declarations.scope_of[found.at] for found in registers}
    whole = {scope: filters[scope] for scope in filters if scope in beside}
    names = [_name(declarations, beside[scope]) for scope in whole]
    return PolicyModules(tuple(whole.values()), tuple(registers), names[0] if len(names) == 1 else None)


def _constants(declarations: RustDeclarations, name: str) -> list[RustDefinition]:
    return [found for found in declarations.declared.get(name, ()) if found.kind == "constant"]


def _is_of_pairs(declarations: RustDeclarations, found: RustDefinition) -> bool:
    return "".join(map(declarations.source.text, range(*found.type))).startswith(_PAIRS)


def _name(declarations: RustDeclarations, module: RustScope) -> str | None:
    """Return the name that a module gives its policy."""
    found = [item for item in module.items.get(POLICY, ()) if item.kind == "constant"]
    at = found[0].value.start if len(found) == 1 else -1
    is_text = len(found) == 1 and found[0].value.stop == at + 1 and declarations.source.tokens[at].kind == STRING
    return declarations.source.text(at).strip('"') if is_text else None
