"""How a C source gives an entry to KVM: calls that read it, and the ``struct kvm_device_attr`` with its address."""

from smccc_filter.artefacts.readers.c.following import FollowedNames
from smccc_filter.artefacts.readers.c.language import ASKED, DEVICE_ATTR, GET_NUMBER, INSTALLERS
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER


class CInstalling:
    """Tells whether what reaches an entry is used to install it and for nothing else."""

    def __init__(self, source: CStructure, names: FollowedNames) -> None:
        self.source = source
        self.names = names

    def is_installed(self, at: int) -> bool:
        """Tell whether an argument goes to a function that gives it to KVM and does not write it."""
        source = self.source
        opened = source.around(at)
        name = source.word(opened - 1) if opened >= 0 else ""
        if name not in INSTALLERS or name in self.names.functions or source.mark(opened - 2) in {".", "->"}:
            return False
        asked = INSTALLERS[name]
        return not asked or (source.position(at) > asked and self._asks_harmlessly(opened, asked))

    def _asks_harmlessly(self, opened: int, asked: int) -> bool:
        """Tell whether the argument that says what is asked is one that only reads, also after the preprocessor."""
        source = self.source
        i = opened + 1
        while i < source.closing.get(opened, 0) and source.position(i) < asked:
            i = source.end_of_item(i) + 1
        tokens = source.tokens[i : source.end_of_item(i)]
        if len(tokens) == 1 and tokens[0].kind == NAME:
            return tokens[0].text in ASKED
        words = {token.text for token in tokens if token.kind == NAME}
        numbers = {token.text.rstrip("uUlL").lower() for token in tokens if token.kind == NUMBER}
        return words <= {"sizeof", "struct", DEVICE_ATTR} and not numbers & {hex(GET_NUMBER), str(GET_NUMBER)}

    def is_address_kept(self, addr: int) -> bool:
        """Follow the device attribute whose member at ``addr`` gets an address; tell whether that can be done."""
        source = self.source
        if source.word(addr - 2):
            if source.mark(addr - 3) not in {";", "{", "}", ")"}:
                return False
            self.names.follow_attr(source.word(addr - 2), addr - 2)
            return True
        brace = source.around(addr)
        if brace < 0 or source.mark(brace) != "{":
            return False
        at = brace - 1
        if source.mark(at) == ")" and source.word(at - 1) == DEVICE_ATTR:
            at = source.opening.get(at, 0) - 1
            if source.mark(at) == "&" and source.mark(at - 1) == ",":
                return self.is_installed(at)
        if source.mark(at) != "=" or not source.word(at - 1):
            return False
        self.names.follow_attr(source.word(at - 1), at - 1)
        return True

    def is_harmless_attr(self, at: int) -> bool:
        """Tell whether a device attribute is declared, filled, or given to who installs the entry."""
        source = self.source
        before, after = source.mark(at - 1), source.mark(at + 1)
        if source.word(at - 1) == DEVICE_ATTR and after in {"=", ";", ",", "{"}:
            return True
        if source.word(at - 1) == "sizeof" or (before == "(" and source.word(at - 2) == "sizeof"):
            return True
        if after == "." and before in {";", "{", "}", ")"}:
            return source.mark(at + 3) == "="
        if before == "&":
            return source.mark(at - 2) in {",", "("} and after in {")", ","} and self._is_taken(at)
        is_literal = source.mark(at + 2) == "(" and source.word(source.closing.get(at + 2, 0) - 1) == DEVICE_ATTR
        return after == "=" and before in {";", "{", "}"} and is_literal

    def _is_taken(self, at: int) -> bool:
        """Tell whether the address of a device attribute goes to who installs the entry, or clears the attribute."""
        opened = self.source.around(at)
        is_cleared = self.source.word(opened - 1) == "memset" and self.source.position(at) == 0
        return self.is_installed(at) or (is_cleared and "memset" not in self.names.functions)
