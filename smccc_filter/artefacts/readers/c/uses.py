"""Tells whether the entries of a C source stay as they are written, by the tokens around each way to one.

An entry may stand only where it is known to be left alone: that is a list, and everything else is told. A pointer to an
entry, a parameter that gets one, and a device attribute that has one's address are followed in their turn.
"""

from smccc_filter.artefacts.readers.c.access import AccessPath, CAccessPaths
from smccc_filter.artefacts.readers.c.contexts import ASSIGNS, CContexts
from smccc_filter.artefacts.readers.c.following import FollowedName, FollowedNames, Reach
from smccc_filter.artefacts.readers.c.installing import CInstalling
from smccc_filter.artefacts.readers.c.language import COUNTS

MOST_PLACES = 50_000
"""At which the names of entries may stand in one file."""
MOST_ODD = 20
"""Places of one name that are told."""
EXCERPT = 8
"""Tokens that are shown of a place."""
_COMPARES = frozenset({"<", ">", "<=", ">=", "==", "!="})
_LOGIC = frozenset({"&&", "||"})
_CONDITIONS = frozenset({"if", "while", "likely", "unlikely"})


class CUses:
    """Judges the places of followed names; ``odd`` of these grows by what is not known to be harmless."""

    def __init__(self, names: FollowedNames, contexts: CContexts) -> None:
        self.names = names
        self.contexts = contexts
        self.source = names.source
        self.paths = CAccessPaths(contexts, names.declarations)
        self.installing = CInstalling(names.source, names)
        self.by_value = frozenset(name for name in names.functions if not self._takes_references(name))
        self.places = 0
        """That were looked at."""
        self._literals: list[tuple[int, int, Reach]] = []

    def _takes_references(self, name: str) -> bool:
        heads = [function.head for function in self.names.functions[name]]
        return any(
            self.source.mark(i) in {"&", "&&"}
            for head in heads
            for i in range(head, self.source.closing.get(head, head))
        )

    def follow_literal(self, start: int, end: int, reach: Reach) -> None:
        """Follow a literal without a name."""
        self._literals.append((start, end, reach))

    def check(self) -> None:
        """Look at every place of every followed name, also of those that are found on the way."""
        while self._literals or self.names.queue:
            while self._literals:
                start, end, reach = self._literals.pop()
                self._check(AccessPath(start, end, reach, is_variable=False), "this literal", is_fixed=False)
            if self.names.queue:
                self._check_name(self.names.queue.popleft())

    def _check_name(self, found: FollowedName) -> None:
        """Look at the places of a name, up to where there is enough to tell."""
        told = 0
        for i in self.names.places(found):
            self.places += 1
            if self.places > MOST_PLACES:
                self.names.odd.append((found.declared, f"`{found.name}` stands at too many places to be followed"))
                return
            path = AccessPath(i, i + 1, found.reach, is_variable=True)
            told += not self._check(path, f"`{found.name}`", is_fixed=found.is_fixed)
            if told == MOST_ODD:
                return

    def is_address(self, at: int) -> bool:
        """Tell whether an expression begins with the address of something that is followed, or is a null pointer."""
        source = self.source
        while (is_cast := source.mark(at) == "(" and self.contexts.is_cast(at)) or source.mark(at) in {"(", "&", "*"}:
            if is_cast and source.mark(source.closing[at] + 1) == "{":
                return True
            at = source.closing[at] + 1 if is_cast else at + 1
        if source.word(at) in {"NULL", "nullptr"} or (source.at(at).text == "0" and source.mark(at + 1) in {";", ","}):
            return True
        return self.names.known(source.word(at), at) is not None

    def _check(self, path: AccessPath, what: str, *, is_fixed: bool) -> bool:
        if path.reach is Reach.DEVICE_ATTR:
            is_harmless = self.installing.is_harmless_attr(path.start)
        else:
            is_harmless = self._is_harmless(path, is_fixed=is_fixed)
        if not is_harmless:
            message = f"{what} may change here, or get out of sight: `{self._excerpt(path.start)}`"
            self.names.odd.append((path.start, message))
        return is_harmless

    def _excerpt(self, start: int) -> str:
        """Return a few words from a token on, to the end of the statement."""
        texts = []
        for i in range(start, start + EXCERPT):
            if self.source.mark(i) in {";", "{", "}"} or not self.source.at(i).text:
                break
            texts.append(self.source.at(i).text)
        return " ".join(texts)

    def _is_harmless(self, path: AccessPath, *, is_fixed: bool) -> bool:
        """Tell whether an expression leaves the entries as they are, by what stands around it."""
        path = self.paths.whole(path)
        source = self.source
        before = source.mark(path.start - 1)
        if source.word(path.start - 1) == "sizeof" or (before == "(" and source.word(path.start - 2) == "sizeof"):
            return True
        if path.reach is Reach.FIELD:
            if before == "&" and self.contexts.is_unary(path.start - 1):
                return False
            if is_fixed:
                return source.mark(path.end) not in ASSIGNS | {"++", "--"}
            return self.contexts.is_read(path.start, path.end, self.by_value)
        judges = {Reach.ENTRY: self._is_harmless_entry, Reach.HANDLE: self._is_harmless_handle}
        judge = judges.get(path.reach)
        return judge(path) if judge else self._is_harmless_address(path, is_fixed=is_fixed)

    def _is_harmless_entry(self, path: AccessPath) -> bool:
        """Tell whether an entry's value initialises a followed name, or goes to a function that is followed."""
        source = self.source
        start, before, after = path.start, source.mark(path.start - 1), source.mark(path.end)
        if before == "=" and after in {";", ","} and self.names.declared.get(start - 2) is Reach.ENTRY:
            return True
        if before == "=" and after == ";" and source.word(start - 3) in {"auto", "__auto_type"}:
            self.names.follow(source.word(start - 2), Reach.ENTRY, start - 2)
            return True
        if before not in {"(", ","} or after not in {")", ","}:
            return False
        function, parameter = self.names.argument(start)
        return function is not None and self.names.declared.get(parameter) is Reach.ENTRY

    def _is_harmless_handle(self, path: AccessPath) -> bool:
        """Tell whether the address of a pointer is compared, or goes to a function that is followed."""
        source = self.source
        start, before, after = path.start, source.mark(path.start - 1), source.mark(path.end)
        if before in {"(", ","} and after in {")", ","} and source.mark(source.around(start)) == "(":
            function, parameter = self.names.argument(start)
            if function is not None and parameter not in self.names.declared:
                self.names.follow(source.word(parameter), Reach.HANDLE, parameter)
            if self.names.declared.get(parameter) is Reach.HANDLE:
                return True
        is_compared = after in {"==", "!="} and before in _LOGIC | {"(", ";", ","}
        return is_compared or self._is_statement(start, before, after)

    def _is_harmless_address(self, path: AccessPath, *, is_fixed: bool) -> bool:
        """Tell whether an address is compared, kept in a followed name, or given to who only reads what is there."""
        source = self.source
        start, before, after = path.start, source.mark(path.start - 1), source.mark(path.end)
        is_argument = before in {"(", ","} and after in {")", ","}
        return (
            (after in ASSIGNS and self._is_moved(path, after))
            or (before in _COMPARES | _LOGIC | {"!"} and after in _LOGIC | {"+", "-", ";", ")", ","})
            or (after in _COMPARES | _LOGIC and (before in _LOGIC | {"(", ";", ",", ""}))
            or self._is_statement(start, before, after)
            or (before == "=" and after in {";", ",", "+", "-", ")", "}"} and self._is_kept(path, is_fixed=is_fixed))
            or (before == ":" and after == ")" and self._is_looped_over(start))
            or (is_argument and self._is_given(start, is_fixed=is_fixed))
            or (is_fixed and source.word(start - 1) == "return")
        )

    def _is_moved(self, path: AccessPath, operator: str) -> bool:
        """Tell whether a pointer gets another address that is followed."""
        if not path.is_variable or path.reach is not Reach.POINTER or not self._is_statement_part(path.start):
            return False
        is_first = self.source.mark(path.start - 1) in {";", "{", "}", "(", ","}
        return is_first and (operator in {"+=", "-="} or self._is_set(path.end, operator))

    def _is_statement_part(self, start: int) -> bool:
        """Tell whether what stands somewhere is a statement, or a part of ``for``, whose value nobody uses."""
        around = self.source.around(start)
        if around < 0:
            return True
        if self.source.mark(around) == "(":
            return self.source.word(around - 1) == "for"
        return self.source.mark(around) == "{" and self.source.mark(around - 1) != "("

    def _is_set(self, at: int, operator: str) -> bool:
        return operator == "=" and self.is_address(at + 1)

    def _is_statement(self, start: int, before: str, after: str) -> bool:
        """Tell whether a pointer is only looked at: ``p++;`` or ``if (p)``."""
        if before == "(" and after == ")":
            return self.source.word(start - 2) in _CONDITIONS
        return before in {";", "{", "}"} and after in {";", ")"} and self._is_statement_part(start)

    def _is_kept(self, path: AccessPath, *, is_fixed: bool) -> bool:
        """Tell whether an address becomes the value of a followed pointer or of a device attribute's ``addr``."""
        source = self.source
        target = path.start - 2
        if not self._is_statement_part(path.start):
            return False
        if source.word(target) == "addr" and source.mark(target - 1) == ".":
            return source.mark(path.end) in {";", ",", "}"} and self.installing.is_address_kept(target)
        if self.names.declared.get(target) is Reach.POINTER:
            return True
        if source.mark(target - 1) in {".", "->", "*"}:
            return is_fixed
        found = self.names.known(source.word(target), path.start)
        return is_fixed if found is None else found.reach is Reach.POINTER

    def _is_looped_over(self, start: int) -> bool:
        """Follow the variable of ``for (const auto &entry : table)``."""
        opened = self.source.around(start)
        if self.source.word(opened - 1) != "for" or start - opened > 12 or not self.source.word(start - 2):
            return False
        if not any(self.source.word(i) == "const" for i in range(opened + 1, start - 1)):
            return False
        self.names.follow(self.source.word(start - 2), Reach.ENTRY, start - 2)
        return True

    def _is_given(self, start: int, *, is_fixed: bool) -> bool:
        """Tell whether an address is an argument of a function that leaves the entry as it is."""
        opened = self.source.around(start)
        if opened < 0 or self.source.mark(opened) != "(":
            return False
        name = self.source.word(opened - 1)
        if (name in COUNTS and name not in self.names.functions) or self.installing.is_installed(start):
            return True
        function, parameter = self.names.argument(start)
        if function is not None:
            if parameter not in self.names.declared:
                self.names.follow(self.source.word(parameter), Reach.POINTER, parameter, is_fixed=is_fixed)
            return self.names.declared.get(parameter) is not Reach.HANDLE
        is_copy = name.strip("_").startswith(("mem", "b", "asm"))
        return is_fixed and bool(self.contexts.callee(opened)) and name not in self.names.functions and not is_copy
