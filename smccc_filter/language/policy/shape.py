"""Checks whether a document has the shape of a policy, and cuts its misshapen parts away.

Every wrong part is one fault. The rest is kept and checked as if the wrong part were not there, so that a rule with a
typing error does not hide what is wrong with the others.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import ValidationError

from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.policy.language import (
    MAX_RULES,
    VERSION,
    validator,
)
from smccc_filter.language.policy.misshapen import ShapeError, ShapeFaults, said_of
from smccc_filter.language.policy.pieces import pieces
from smccc_filter.language.source import (
    Document,
    DocumentFault,
    MappingEntry,
    MappingNode,
    ScalarNode,
    SequenceNode,
    plain,
    without,
)

_ROOT = "a mapping with `version`, `name` and `rules`"
_STAND_INS: dict[str, int | str] = {"version": VERSION, "name": "unnamed"}
_ROUNDS = 8
"""Cutting a part away can leave its owner without a required field; owners nest less deep than this."""


def check(document: Document) -> tuple[dict[str, Any] | None, ShapeFaults, Document]:
    """Return a document's data without its misshapen parts, a fault for each of them, and the document without them.

    The document that is returned is the same object where nothing is wrong, and else shares its sound parts. The data
    is ``None`` when the document holds no policy.
    """
    root = document.root
    if not isinstance(root, MappingNode):
        if not document.complete:
            return None, ShapeFaults(document), document
        found = "empty" if root is None else said_of(plain(root), document.quote(()))
        message = f"a policy is {_ROOT}; this one is {found}"
        fault = DocumentFault("P103", (), message, "start with `version: 1`")
        return None, ShapeFaults(document, single=fault), document
    rules = root.entries.get("rules")
    if rules and isinstance(rules.node, SequenceNode) and len(rules.node.items) > MAX_RULES:
        message = f"{len(rules.node.items):,} rules are more than {MAX_RULES:,}"
        hint = "merge neighbouring ranges, or split the policy"
        fault = DocumentFault("P105", KeyOf(("rules",)), message, hint)
        return None, ShapeFaults(document, single=fault), document
    faults = ShapeFaults(document)
    kept = document
    for _ in range(_ROUNDS):
        data = plain(root)
        errors = list(_errors(data))
        faults = faults or ShapeFaults(document if errors else kept, errors, data)
        if not errors:
            return data, faults, kept
        root = _without(root, errors)
        kept = document._replace(root=root)
    return None, faults, document


def _errors(data: dict[str, Any]) -> Iterator[ShapeError]:
    """Yield what pydantic has against a document."""
    validate = validator().validate_python
    for piece in pieces(data):
        try:
            validate(piece.data)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_context=False):
                path = piece.place(detail["loc"])
                if path is not None:
                    yield ShapeError(path, detail["type"], detail["input"])


def _without(root: MappingNode, errors: Iterable[ShapeError]) -> MappingNode:
    """Return the tree without the parts that the errors name; a wrong or missing version or name gets a stand-in."""
    paths: list[Path] = []
    stand_ins: dict[str, MappingEntry] = {}
    for path, kind, _ in errors:
        if len(path) == 1 and path[0] in _STAND_INS:
            field = str(path[0])
            stand_ins[field] = MappingEntry(Offsets(0, 0), ScalarNode(0, 0, _STAND_INS[field]))
        else:
            paths.append(path[:-1] if kind == "missing" else path)
    return MappingNode(root.start, root.end, {**without(root, paths).entries, **stand_ins})
