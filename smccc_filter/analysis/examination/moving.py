"""A name or a range moved into the list of its rule in which it belongs."""

from smccc_filter.analysis.diagnostics import Remedy
from smccc_filter.language.changes import Append, Change, Remove, Replace, SetKeys
from smccc_filter.language.places import KeyOf, Path
from smccc_filter.language.source import Document, MappingNode, SequenceNode
from smccc_filter.language.source.tree import child


def moved(document: Document, path: Path, key: str, text: str) -> Remedy:
    """Return the remedy that writes the item at ``path`` as ``text`` in the list ``key`` beside its own.

    Where the item is alone, and there is no such list yet, the list gets another key. What the policy decides changes.
    """
    owner, own = path[:-2], str(path[-2])
    rule = document.root
    for step in owner:
        rule = found[1] if (found := child(rule, step)) else None
    target = (*owner, key)
    changes: tuple[Change, ...]
    if isinstance(rule, MappingNode) and key in rule.entries:
        changes = (Remove(path), Append(target, (text,)))
    elif (found := child(rule, own)) and isinstance(found[1], SequenceNode) and len(found[1].items) == 1:
        changes = (Replace(KeyOf((*owner, own)), (key,)), Replace(path, (text,)))
    else:
        changes = (Remove(path), SetKeys(owner, ((key, f"[{text}]"),), (own,)))
    return Remedy(f"write `{text}` under `{key}`", safe=False, changes=changes)
