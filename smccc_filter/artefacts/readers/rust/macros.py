"""Names that macros of a Rust source may bind to something else than what is written."""

from smccc_filter.artefacts.readers.rust.files import RustFiles
from smccc_filter.artefacts.readers.rust.language import KNOWN_MACROS
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.tokens import NAME

RENAME = "give it a name of its own, or write the number itself"


class RustMacroNames:
    """The names that unknown macros are given, by file, and those of which macros of these files consist."""

    def __init__(self, files: RustFiles) -> None:
        self.files = files
        self.source = files.source
        self._given, self._in_rules = self._names()

    def must_not_be_in_rules(self, path: tuple[str, ...]) -> None:
        """Let no macro that is declared here bind a name. Raises UnreadableError."""
        known = next((name for name in path if name in self._in_rules), None)
        if known:
            place = self.source.tokens[self._in_rules[known]]
            raise UnreadableError(place, f"a macro names `{known}`, and may bind it to something else", RENAME)

    def must_not_be_given(self, path: tuple[str, ...], at: int) -> None:
        """Let no macro of a file bind a name of that file to something else. Raises UnreadableError."""
        given = self._given.get(self.files.file_at(at), {})
        known = next((name for name in path if name in given), None)
        if known:
            place = self.source.tokens[given[known]]
            raise UnreadableError(place, f"a macro is given `{known}`, and may bind it to something else", RENAME)

    def _names(self) -> tuple[dict[int, dict[str, int]], dict[str, int]]:
        """Return the names that unknown macros of a file are given, those that macros here consist of, and where.

        A macro can bind what it is given anywhere in its file, and of its own names items only.
        """
        source, declarations = self.source, self.files.declarations
        own = {macro.name for macro in declarations.macros if macro.defined}
        given: dict[int, dict[str, int]] = {}
        in_rules: dict[str, int] = {}
        end = -1
        for macro in declarations.macros:
            if macro.body.stop <= end or (macro.name in KNOWN_MACROS and macro.name not in own and not macro.defined):
                continue
            end = macro.body.stop
            names = in_rules if macro.defined else given.setdefault(self.files.file_at(macro.at), {})
            for at in range(macro.body.start, macro.body.stop):
                if source.tokens[at].kind == NAME and source.text(at - 1) != "$":
                    names.setdefault(source.text(at), at)
        return given, in_rules
