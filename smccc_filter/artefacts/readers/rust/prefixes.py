"""What stands before an expression that holds an entry, and takes it: a binding, a call, an array, a return."""

from smccc_filter.artefacts.readers.rust.arguments import RustCalls
from smccc_filter.artefacts.readers.rust.ledger import FlowLedger, HeldUse
from smccc_filter.artefacts.readers.rust.lexer import KEYWORDS
from smccc_filter.artefacts.readers.rust.tree import RustBinding, Stretch

_CONSTRUCTORS = frozenset(("Ok", "Some"))
_ASKED = frozenset(("if", "match", "while"))


class PrefixReader:
    """Follows an entry into what takes it."""

    def __init__(self, calls: RustCalls, ledger: FlowLedger) -> None:
        self.source = calls.source
        self.declarations = calls.declarations
        self.filters = calls.filters
        self.calls = calls
        self.ledger = ledger

    def read(self, use: HeldUse) -> HeldUse | None:  # noqa: PLR0911 -- one case for each prefix
        """Return what is around an expression that ends here; ``None`` where that is all, or is told."""
        source, at = self.source, use.first - 1
        match source.text(at):
            case "&" | "&&" | "*":
                return HeldUse(at, use.last, "entry" if source.text(at) == "*" else "reference")
            case "[" | "(" | ",":
                bracket = at if source.text(at) != "," else source.around[at]
                if source.text(bracket) in {"[", "("}:
                    return (self._element if source.text(bracket) == "[" else self._in_round)(use, bracket)
            case "=" | "in" if at in self.declarations.bound:
                return self._bound(use, self.declarations.bound[at])
            case ":" if use.held != "entry" and self._field_of_another(at):
                return None
            case "return":
                self._returns(use)
                return None
            case "{" | ";" | "}" if source.text(use.last + 1) == "}":
                return self._tail(use)
            case "{" | ";" | "}" if source.text(use.last + 1) == ";":
                return None
        if use.held != "address" and not (use.held == "result" and source.text(at) in _ASKED):
            self._unknown(use)
        return None

    def _unknown(self, use: HeldUse) -> None:
        text = self.source.text(use.first)
        self.ledger.tell(use.first, f"this use of `{text}` may change an entry, or can't be followed")

    def _element(self, use: HeldUse, bracket: int) -> HeldUse | None:
        """Follow an element of ``[...]`` or ``vec![...]``."""
        source, end = self.source, self.source.closing[bracket]
        if source.text(use.last + 1) not in {",", "]"}:
            self.ledger.tell(use.first, "the same entry several times over")
            return None
        self.ledger.elements[bracket].add(use.first)
        if source.text(bracket - 1) == "!":
            if source.text(bracket - 2) == "vec" and "vec" not in self.calls.own_macros:
                return HeldUse(bracket - 2, end, "entry")
        elif not source.is_name(bracket - 1) or source.text(bracket - 1) in KEYWORDS:
            return HeldUse(bracket, end, use.held)
        self._unknown(use)
        return None

    def _in_round(self, use: HeldUse, bracket: int) -> HeldUse | None:
        """Follow what is in round brackets: an argument, or an expression."""
        source, end = self.source, self.source.closing[bracket]
        callee = source.text(bracket - 1)
        if callee == "!":
            macro = source.text(bracket - 2)
            if macro not in self.calls.quiet_macros:
                self._unknown(use)
            return HeldUse(bracket - 2, end, "pointer") if macro == "addr_of" else None
        if not source.is_name(bracket - 1) or callee in KEYWORDS - {"self"}:
            if callee in {")", "]", ">"} or source.text(use.first - 1) != "(" or use.last + 1 != end:
                self._unknown(use)
                return None
            return HeldUse(bracket, end, use.held)
        if callee in _CONSTRUCTORS and use.last + 1 == end:
            return HeldUse(bracket - 1, end, use.held)
        argument = Stretch(use.first, use.last + 1)
        message = self.calls.give(bracket, argument, use.held, self.ledger.given)
        if message:
            self.ledger.tell(use.first, message)
        elif use.held != "address":
            for definition in self.calls.received(bracket, argument):
                self.ledger.carry(definition, use.held)
            for definition in self.calls.kept(bracket):
                self.ledger.carry(definition, "result")
        return None

    def _field_of_another(self, colon: int) -> bool:
        """Tell whether a ``:`` is that of a field of another struct's literal."""
        brace = self.source.around[colon]
        return self.source.text(brace) == "{" and self.source.is_name(colon - 1)

    def _bound(self, use: HeldUse, binding: RustBinding) -> HeldUse | None:
        """Follow a value into the names that it is bound to."""
        source = self.source
        end = "{" if binding.loop else ";"
        if source.text(use.last + 1) != end:
            self._unknown(use)
            return None
        words = {source.text(at) for at in range(*binding.pattern)}
        if not binding.loop and len(binding.definitions) == 1 and binding.definitions[0].kind != "unknown":
            if use.held != "address":
                self.ledger.carry(binding.definitions[0], use.held)
        elif words & {"mut", "ref"}:
            self.ledger.tell(binding.pattern.start, "a binding that is `mut` or `ref` of what holds entries")
        elif words & {"(", "&"} or len(words) == 1 or words & self.filters.names:
            for definition in binding.definitions:
                if not words & self.filters.names:
                    self.ledger.carry(definition, "entry" if "&" in words else use.held)
        else:
            self._unknown(use)
        return None

    def _returns(self, use: HeldUse) -> None:
        function = self.declarations.function_at(use.first)
        if function:
            self.ledger.returned[function.at].add(use.first)
        if use.held not in {"address", "result"} and (function is None or not self.calls.returns_entries(function)):
            self._unknown(use)

    def _tail(self, use: HeldUse) -> HeldUse | None:
        """Follow the last expression of a block."""
        source, brace = self.source, self.source.around[use.first]
        before = source.text(brace - 1)
        function = self.declarations.function_at(use.first)
        if function and function.body.start == brace:
            self._returns(use)
            return None
        if before == "unsafe":
            return HeldUse(brace - 1, source.close(brace), use.held)
        self._unknown(use)
        return None
