"""What a text is that stands among calls or services and is the name of none, and where it belongs.

A rule has three lists, an expectation one call; people put a name, a service or an ID into the wrong one, or spell it
as elsewhere. What can be told gets one answer, which never means more than the text does.
"""

from smccc_filter.language.places import Path
from smccc_filter.language.policy.malformed import ONE, meant_by_a_name, offer
from smccc_filter.language.policy.ranges import is_several, parse
from smccc_filter.language.policy.selector import SelectorKind
from smccc_filter.language.source import DocumentFault
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from smccc_filter.smccc.spelling import call_meant, service_meant
from smccc_filter.words import cut, enumerated, listed

CODE = "P104"
_WHAT = {SelectorKind.CALL: "call", SelectorKind.SERVICE: "service"}


def misplaced(text: str, path: Path) -> DocumentFault | None:
    """Say what ``text`` is and where it belongs; ``None`` where that can't be told.

    ``path`` leads to an item of ``calls`` or ``services``, or to the ``call`` of an expectation.
    """
    kind = SelectorKind.SERVICE if path[-2] == SelectorKind.SERVICE else SelectorKind.CALL
    nothing = f"no {_WHAT[kind]} is called `{cut(text)}`"
    if kind is SelectorKind.CALL and (formless := _formless(text, path)):
        return formless
    for other, meant in ((SelectorKind.CALL, call_meant(text)), (SelectorKind.SERVICE, service_meant(text))):
        if meant and kind is other:
            return DocumentFault(CODE, path, nothing, f"did you mean `{meant}`?", instead=meant)
        if meant:
            message = f"`{cut(text)}` is a {_WHAT[other]}, not a {_WHAT[kind]}"
            return _moved(path, message, other, meant)
    return _numbered(text, path, nothing)


def number_among_names(number: str, path: Path) -> tuple[str, str | None] | None:
    """Return a hint and what was meant for a number among names that YAML read as one; ``None`` for any number."""
    fault = _numbered(number, path, "")
    return fault and (fault.hint, None if fault.under else fault.instead)


def _formless(text: str, path: Path) -> DocumentFault | None:
    """Say that a call has no ID, or no such form, and which there are; what would mean more is not offered."""
    if registry.described(text) and not registry.by_name(text) and "/" not in text:
        return DocumentFault(CODE, path, f"`{text}` has no function ID of its own", "write its IDs under `ranges`")
    name, slash, form = text.rpartition("/")
    known = registry.by_name(name) if slash else None
    if not known or call_meant(text):
        return None
    forms = enumerated([show(start) for start, _ in known])
    message = f"`{name}` has no form `/{cut(form)}`"
    if len(known) == 1:
        return DocumentFault(CODE, path, message, f"write `{name}`, which is {forms}", instead=name)
    choices = [one for one in (f"{name}/32", f"{name}/64") if registry.by_name(one)]
    return DocumentFault(CODE, path, message, f"write {listed([*choices, name])}: it has {forms}")


def _numbered(text: str, path: Path, nothing: str) -> DocumentFault | None:
    """Say where an ID or a range belongs, or by which name it is called where that is wanted."""
    written = text if parse(text) else meant_by_a_name(text)
    if not written:
        return None
    message = f"`{cut(text)}` is {'a range' if is_several(text) else 'an ID'}, not a name" if parse(text) else nothing
    if path[-1] == "call":
        if is_several(written):
            return DocumentFault(CODE, path, nothing, f"did you mean `{written}`, which is a range? {ONE.capitalize()}")
        return DocumentFault(CODE, path, nothing, offer(written), instead=written)
    name = _exact_name(written)
    if name and path[-2] == SelectorKind.CALL:
        return DocumentFault(CODE, path, message, f"did you mean `{name}`, which is {written}?", instead=name)
    return _moved(path, message, SelectorKind.RANGE, written)


def _moved(path: Path, message: str, kind: SelectorKind, text: str) -> DocumentFault:
    """Say that a text belongs into another list of the rule. An expectation has one call alone."""
    if path[-1] == "call":
        hint = f"name one of its calls: see `smccc-filter list calls --service {text}`"
        return DocumentFault(CODE, path, message, hint)
    return DocumentFault(CODE, path, message, f"write `{kind}: [{cut(text)}]`", instead=text, under=kind)


def _exact_name(text: str) -> str | None:
    """Return the name that means one ID, written as a number, and no other."""
    written = parse(text)
    name = registry.name_of(written.base) if written else None
    return name if name and written and registry.by_name(name) == written.ids else None
