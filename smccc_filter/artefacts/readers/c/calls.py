"""The calls in a C source of functions that make entries of what they are given."""

from collections import Counter
from collections.abc import Collection, Iterator

from smccc_filter.artefacts.readers.c.finder import CEntryFinder
from smccc_filter.artefacts.readers.source.entries import MOST, SourceEntry
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.functions import LONGEST_CALL, SourceCall, SourceFunction
from smccc_filter.artefacts.readers.source.linux import ACTIONS
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER, PUNCTUATION, UNREADABLE, Token, Tokens, pieces

QEMU = SourceFunction("kvm_arm_set_smccc_filter", ("func", "faction"), ("u64", "u8"))
"""The function of QEMU's series, which calls it in another file than the one it is in: one ID gets an action.

Source: "target/arm/kvm,tcg: Register/Handle SMCCC hypercall exits to VMM/Qemu", qemu-devel, September 2023.
"""
QEMU_ENTRY = SourceEntry(
    base=(Token(NAME, "func", -1, -1),),
    nr_functions=(Token(NUMBER, "1", -1, -1),),
    action=(Token(NAME, "faction", -1, -1),),
    padding=(),
    whole=Token(PUNCTUATION, "", -1, -1),
    symbol=None,
    function=QEMU,
    at=-1,
)
_IMPORT_BOTH = "import the file that has the function too, or write the entries out as an array"


class CCallFinder:
    """Finds the calls of functions that make entries, and tells of those that can't be followed."""

    def __init__(self, finder: CEntryFinder) -> None:
        self.finder = finder
        self.source = finder.source
        self.functions: Counter[str] = Counter()
        self.heads: set[int] = set()
        for function in finder.declared.functions:
            self.functions[function.body.function.key] += 1
            self.heads.add(function.name)
        self.left = 4 * len(finder.tokens)

    def find(self, entries: Collection[SourceEntry]) -> Iterator[SourceCall]:
        """Yield the calls of functions that make ``entries`` of their parameters, and of functions that call these."""
        waiting = {entry.function.key for entry in entries if entry.function and _is_made_of_parameters(entry)}
        if QEMU.key not in self.functions:
            waiting.add(QEMU.key)
        found: set[str] = set()
        while waiting:
            key = waiting.pop()
            found.add(key)
            if self.functions.get(key, 0) > 1:
                at = max(self.source.uses(key))
                self.finder.add_fault(at, f"`{key}` is defined more than once", "import a copy with one of them")
                continue
            for call in self._calls(key):
                yield call
                if call.function is not None and call.function.key not in found:
                    waiting.add(call.function.key)
        self._tell_unknown()

    def _calls(self, key: str) -> Iterator[SourceCall]:
        found = 0
        for at in self.source.uses(key):
            if at in self.heads or self._is_declared(at):
                continue
            end = self.source.closing.get(at + 1)
            is_call = (
                self.source.mark(at + 1) == "(" and end is not None and self.source.mark(at - 1) not in {".", "->"}
            )
            if not is_call or self.source.word(at - 1) not in {"", "return", "else", "do", "case"} or end is None:
                message = f"`{key}` makes an entry, and is used here in a way that can't be followed"
                self.finder.add_fault(at, message, "call it by its name, or write the entries out as an array")
                continue
            found += 1
            if found > MOST:
                self.finder.add_fault(at, f"`{key}` is called more than {MOST:,} times", "import a part of it")
                return
            self.left -= end - at
            if end > at + LONGEST_CALL or self.left < 0:
                message = f"the call of `{key}` is too long to be read"
                self.finder.add_fault(at, message, "write the entries out as an array")
                return
            arguments = tuple(pieces(self.finder.tokens[at + 2 : end]))
            body = self.finder.body_at(at)
            parameters = body.function.parameters if body else ()
            arguments = tuple(self._resolved(argument, at, parameters) for argument in arguments)
            yield self.finder.call_at(at, end, key, arguments)

    def _resolved(self, argument: Tokens, at: int, parameters: tuple[str, ...]) -> Tokens:
        """Replace names in an argument; one that can't be known matters only where an entry is made of it."""
        try:
            return self.finder.constants_of_file.resolved(argument, at, parameters)
        except UnreadableError as error:
            return (error.token._replace(kind=UNREADABLE, text=error.message),)

    def _is_declared(self, at: int) -> bool:
        """Tell whether a name is that of a declaration without a body."""
        end = self.source.closing.get(at + 1, -1)
        before = self.source.at(at - 1)
        is_typed = before.text == "*" or (before.kind == NAME and before.text not in {"return", "else", "do", "case"})
        return is_typed and self.source.block(at) is None and self.source.mark(end + 1) in {";", ","}

    def _tell_unknown(self) -> None:
        """Tell of functions of other files that are given an action."""
        told = set()
        for at in (i for action in ACTIONS for i in self.source.uses(action)):
            is_argument = self.source.mark(at - 1) in {"(", ","} and self.source.mark(at + 1) in {")", ","}
            opened = self.source.around(at)
            if not is_argument or opened < 0 or self.source.mark(opened) != "(" or opened in told:
                continue
            name = self.finder.contexts.callee(opened)
            if name and name not in self.functions and name != QEMU.key and name not in {"if", "while", "switch"}:
                told.add(opened)
                message = f"`{name}` is given an action, and what it does with it is not in this file"
                self.finder.add_fault(opened - 1, message, _IMPORT_BOTH)


def _is_made_of_parameters(entry: SourceEntry) -> bool:
    return entry.function is not None and entry.depends_on(entry.function.parameters)
