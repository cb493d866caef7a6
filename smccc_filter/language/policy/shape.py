"""Checks whether a document has the shape of a policy, and cuts its misshapen parts away.

Every wrong part is one fault. The rest is kept and checked as if the wrong part were not there, so that a rule with a
typing error does not hide what is wrong with the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.language.policy.language import MAX_RULES, VERSION, fields, validator
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

if TYPE_CHECKING:
    from smccc_filter.language.policy.misshapen import ShapeError, ShapeFaults

_ROOT = "a mapping with `version`, `name` and `rules`"
_STAND_INS: dict[str, int | str] = {"version": VERSION, "name": "unnamed"}
ONE_PIECE = 10_000
"""Characters of a text that has no more values than stay together (``pieces``): each has two characters or more."""
_ROUNDS = 8
"""Cutting a part away can leave its owner without a required field; owners nest less deep than this."""


def check(document: Document) -> "tuple[dict[str, Any] | None, ShapeFaults | None, Document]":
    """Return a document's data without its misshapen parts, a fault for each of them, and the document without them.

    The document that is returned is the same object where nothing is wrong, and else shares its sound parts. The data
    is ``None`` when the document holds no policy.
    """
    root = document.root
    if not isinstance(root, MappingNode):
        return None, _no_mapping(document) if document.complete else None, document
    rules = root.entries.get("rules")
    if rules and isinstance(rules.node, SequenceNode) and len(rules.node.items) > MAX_RULES:
        message = f"{len(rules.node.items):,} rules are more than {MAX_RULES:,}"
        hint = "merge neighbouring ranges, or split the policy"
        return None, _single(document, DocumentFault("P105", KeyOf(("rules",)), message, hint)), document
    faults = None
    kept = document
    for _ in range(_ROUNDS):
        data = plain(root)
        errors = list(_errors(data, len(document.text.text)))
        faults = faults or _faults(document if errors else kept, errors, data)
        if not errors:
            return data, faults, kept
        root = _without(root, errors)
        kept = document._replace(root=root)
    return None, faults, document


def _no_mapping(document: Document) -> "ShapeFaults":
    from smccc_filter.language.policy.misshapen import said_of

    found = "empty" if document.root is None else said_of(plain(document.root), document.quote(()))
    message = f"a policy is {_ROOT}; this one is {found}"
    return _single(document, DocumentFault("P103", (), message, "start with `version: 1`"))


def _single(document: Document, fault: DocumentFault) -> "ShapeFaults":
    from smccc_filter.language.policy.misshapen import ShapeFaults

    return ShapeFaults(document, single=fault)


def _faults(document: Document, errors: "Sequence[ShapeError]", data: dict[str, Any]) -> "ShapeFaults | None":
    unselective = tuple(_unselective(document, data))
    if not errors and not unselective:
        return None
    from smccc_filter.language.policy.misshapen import ShapeFaults

    return ShapeFaults(document, errors, unselective)


def _errors(data: dict[str, Any], characters: int) -> "Iterator[ShapeError]":
    """Yield what pydantic has against the data of a text of that many characters."""
    validate = validator().validate_python
    for part, place in _parts(data, characters):
        try:
            validate(part)
        except ValidationError as error:
            from smccc_filter.language.policy.misshapen import ShapeError

            for detail in error.errors(include_url=False, include_context=False):
                path = place(detail["loc"])
                if path is not None:
                    yield ShapeError(path, detail["type"], detail["input"])


def _parts(
    data: dict[str, Any], characters: int
) -> "Iterator[tuple[Mapping[str, Any], Callable[[Path], Path | None]]]":
    """Yield the policies that are checked one by one, each with what makes paths of the document of its own."""
    if characters <= ONE_PIECE:
        yield data, lambda path: path
        return
    from smccc_filter.language.policy.pieces import pieces

    for piece in pieces(data):
        yield piece.data, piece.place


def _unselective(document: Document, data: dict[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Tell of the rules and exceptions that select nothing, unless a misspelt key may hold what they select.

    Yields path, message and hint.
    """
    rules = data.get("rules")
    if not isinstance(rules, list):
        return
    known, selecting = set(fields()["rules"]), set(fields()["except"])
    for number, rule in enumerate(rules):
        if not isinstance(rule, dict):
            continue
        is_empty, excepts_nothing = known.issuperset(rule) and selecting.isdisjoint(rule), rule.get("except") == {}
        if (is_empty or excepts_nothing) and document.breaks_off(("rules", number)):
            continue
        if is_empty:
            yield ("rules", number), "the rule selects nothing", "add `calls`, `ranges` or `services`"
        if excepts_nothing:
            yield ("rules", number, "except"), "`except` is empty", "add `calls`, `ranges` or `services` to it"


def _without(root: MappingNode, errors: "Iterable[ShapeError]") -> MappingNode:
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
