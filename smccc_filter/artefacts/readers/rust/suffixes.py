"""What stands behind an expression that holds an entry: a field, a method, an index, a cast."""

from smccc_filter.artefacts.readers.rust.arguments import RustCalls
from smccc_filter.artefacts.readers.rust.ledger import FlowLedger, HeldAs, HeldUse
from smccc_filter.artefacts.readers.source.linux import STRUCT_FIELDS

_PASSING: dict[str, HeldAs] = {
    **dict.fromkeys(("as_ref", "as_slice", "enumerate", "iter", "rev"), "reference"),
    **dict.fromkeys(("clone", "cloned", "copied", "expect", "into_iter", "to_owned", "to_vec", "unwrap"), "entry"),
}
"""Methods whose result is followed as what they are called on, and what that is at most."""
_ASKING = frozenset(("as_ptr", "is_empty", "is_err", "is_ok", "len"))
_VISITING = frozenset(("all", "any", "for_each", "try_for_each"))
_COMPARED = frozenset(("<", ">", "<=", ">=", "==", "!=", "{"))


class SuffixReader:
    """Follows an entry through one suffix."""

    def __init__(self, calls: RustCalls, ledger: FlowLedger) -> None:
        self.source = calls.source
        self.declarations = calls.declarations
        self.filters = calls.filters
        self.calls = calls
        self.ledger = ledger

    def read(self, use: HeldUse) -> HeldUse | None:  # noqa: PLR0911 -- one case for each suffix
        """Return the expression with its suffix; ``None`` where that holds no entry, or is told."""
        source, at = self.source, use.last + 1
        if use.held == "result" and source.text(at) in _COMPARED:
            return None
        match source.text(at):
            case ".":
                return self._dotted(use, at + 1)
            case "[":
                return use._replace(last=source.close(at))
            case "?":
                return use._replace(last=at)
            case "as":
                return self._cast(self._with_ampersands(use), at)
        if source.text(use.last) == "}" and source.text(use.first - 1) in {"{", ";", "}"}:
            return None  # a block that is a statement
        self._unknown(use)
        return None

    def _unknown(self, use: HeldUse) -> None:
        text = self.source.text(use.last + 1)
        self.ledger.tell(use.first, f"what `{text}` does here may change an entry, or can't be followed")

    def _with_ampersands(self, use: HeldUse) -> HeldUse:
        while self.source.text(use.first - 1) in {"&", "*", "&&"}:
            use = HeldUse(use.first - 1, use.last, "reference" if self.source.text(use.first - 1) != "*" else "entry")
        return use

    def _dotted(self, use: HeldUse, at: int) -> HeldUse | None:
        """Follow a field or a method."""
        source, name = self.source, self.source.text(at)
        if source.text(at + 1) != "(":
            if name not in STRUCT_FIELDS and not name.startswith("_"):
                self._unknown(use)
            return None  # a number is read; no binding that is not ``mut`` lets it be written
        end = source.close(at + 1)
        if name in _PASSING:
            return HeldUse(use.first, end, _PASSING[name] if use.held != "result" else use.held)
        if name in _ASKING:
            return None
        if name in _VISITING and self._visited(use, at + 2, end):
            return None
        own = self.calls.methods.get(name, ())
        if own and all(self.filters.holds(function.owner) for function in own):
            return None  # the method's own ``self`` is followed
        self._unknown(use)
        return None

    def _visited(self, use: HeldUse, at: int, end: int) -> bool:
        """Follow what a closure does with the entries that it is given."""
        at += self.source.text(at) == "move"
        name = at + 1 + (self.source.text(at + 1) == "&")
        if self.source.text(at) != "|" or self.source.text(name + 1) != "|" or name + 1 >= end:
            return False
        scope = self.declarations.scope_of[at]
        for definition in scope.locals.get(self.source.text(name), ()):
            if definition.at == name:
                self.ledger.carry(definition, "entry" if self.source.text(name - 1) == "&" else use.held)
                return True
        return False

    def _cast(self, use: HeldUse, at: int) -> HeldUse | None:
        """Follow ``as *const T`` and ``as u64``."""
        source = self.source
        if source.text(at + 1) == "*" and source.text(at + 2) == "const" and use.held in {"reference", "pointer"}:
            end = at + 3
            while (
                source.text(end) in {"[", "_"} or source.text(end + 1) in {"::", "]", ">"} or source.text(end) == "::"
            ):
                end = source.close(end) if source.text(end) == "[" else end
                if source.text(end + 1) != "::" and source.text(end) != "::":
                    break
                end += 1
            self.ledger.casts.add(at)
            return HeldUse(use.first, end, "pointer")
        if use.held in {"pointer", "address"} and source.is_name(at + 1):
            return HeldUse(use.first, at + 1, "address")
        self._unknown(use)
        return None
