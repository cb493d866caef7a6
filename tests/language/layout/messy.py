"""Policies written in every way that YAML has, with comments wherever YAML takes one."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.language.policy.documents import documents

_ORDER = (
    *("version", "name", "description", "target", "kernels", "psci", "capabilities", "stolen_time", "protected"),
    *("nested", "aarch32", "firmware", "std", "std_hyp", "vendor_hyp", "vendor_hyp_2", "default", "rules", "action"),
    *("calls", "ranges", "services", "except", "vmm", "implements", "features", "code", "call", "expect"),
    *("reason", "allow", "tests"),
)
"""The order of every mapping's keys, in one row."""

_PLAIN = re.compile(r"[A-Za-zé漢][A-Za-zé漢_/-]*|0[xX][-+0-9A-Fa-fxX_]+")
_WORDS = re.compile(r"[a-zé漢]+( [a-zé漢]+)+")
_SINGLE_QUOTED = re.compile(r"[^\n\t\\]*")


class Mess(NamedTuple):
    """A policy's data, one of its texts, and the comments in that, in order."""

    data: dict[str, Any]
    text: str
    comments: list[str]


class Writer:
    """Writes data; ``text`` is what it wrote so far."""

    def __init__(self, draw: st.DrawFn, *, comments: bool, shuffled: bool) -> None:
        self.text = ""
        self.comments: list[str] = []
        self._draw = draw
        self._with_comments = comments
        self._shuffled = shuffled
        self._in_block_scalar = False

    def document(self, data: dict[str, Any]) -> None:
        self._filler()
        if self._chance():
            self._flow(data, 0)
        else:
            self._block(data, self._indent())
        self._after_value()
        self._filler()

    def _chance(self) -> bool:
        return self._draw(st.booleans())

    def _spaces(self, least: int = 0) -> str:
        return " " * self._draw(st.integers(least, least + 3))

    def _indent(self) -> int:
        """Begin the document, which may be indented itself."""
        indent = self._draw(st.integers(0, 2))
        self.text += " " * indent
        return indent

    def _comment(self) -> str:
        text = f"# {len(self.comments)}" + self._draw(st.sampled_from(["", ": - [{", " 'a", ' "b', " #", "\u6f22"]))
        self.comments.append(text)
        return text

    def _filler(self) -> None:
        """Write lines that hold nothing, or nothing but a comment; the last line is left empty."""
        if not self._with_comments:
            return
        for _ in range(self._draw(st.integers(0, 2))):
            spaces = "" if self._in_block_scalar else self._spaces() * 2
            self.text += (spaces + self._comment() if self._chance() else "") + "\n"
        self._in_block_scalar = False

    def _after_value(self, *, goes_on: bool = True) -> None:
        """End a line, perhaps with a comment, and with more lines of it where it ``goes_on``."""
        if self._with_comments and not self._in_block_scalar and self._chance():
            self.text += self._spaces(1)
            column = len(self.text) - self.text.rfind("\n") - 1
            self.text += self._comment()
            while goes_on and self._draw(st.integers(0, 4)) == 0:
                self.text += f"\n{' ' * column}{self._comment()}"
        self.text += "\n"

    def _line(self, indent: int) -> None:
        """Go on in another line."""
        self._after_value()
        self._filler()
        self.text += " " * indent

    def _gap(self, indent: int) -> None:
        """Write what may stand between two tokens within brackets."""
        if self._chance():
            self.text += self._spaces()
        else:
            self._line(indent + 1)

    def _keys(self, data: dict[str, Any]) -> list[str]:
        if self._shuffled:
            return self._draw(st.permutations(list(data)))
        return sorted(data, key=_ORDER.index) if data.keys() <= {*_ORDER} else [*data]  # names have no order

    def _block(self, value: Any, indent: int) -> None:  # noqa: ANN401
        if isinstance(value, dict):
            self._each(self._keys(value), lambda key: self._entry(key, value[key], indent), indent)
        else:
            self._each(value, lambda item: self._item(item, indent), indent)

    def _each(self, things: list[Any], write: Callable[[Any], None], indent: int) -> None:
        for number, thing in enumerate(things):
            if number:
                self._line(indent)
            write(thing)

    def _entry(self, key: str, value: Any, indent: int) -> None:  # noqa: ANN401
        self.text += self._draw(st.sampled_from([key, f"'{key}'", f'"{key}"'])) + ":"
        if not value or not isinstance(value, dict | list) or self._chance():
            self._behind(value, indent, key)
            return
        deeper = indent + self._draw(st.integers(0 if isinstance(value, list) else 1, 4))
        self._line(deeper)
        self._block(value, deeper)

    def _item(self, value: Any, indent: int) -> None:  # noqa: ANN401
        self.text += "-"
        if not isinstance(value, dict) or self._chance():
            self._behind(value, indent, "")
            return
        deeper = indent + self._draw(st.integers(2, 4))
        if self._chance():
            self.text += " " * (deeper - indent - 1)
        else:
            self._line(deeper)
        self._block(value, deeper)

    def _block_scalar(self, value: str, indent: int) -> None:
        """Write a text as a block scalar, perhaps with a comment behind its header, in as many lines as can be."""
        header = self._draw(st.sampled_from(["|-", ">-"]))
        self.text += " " + header
        self._after_value(goes_on=False)
        pad = " " * self._draw(st.integers(indent + 1, indent + 4))
        self.text += pad + (value.replace(" ", f"\n{pad}") if header == ">-" and _WORDS.fullmatch(value) else value)
        self._in_block_scalar = True

    def _behind(self, value: Any, indent: int, key: str) -> None:  # noqa: ANN401
        """Write a value that is no block behind a colon or a dash, or in the next line."""
        is_prose = self._with_comments and key in {"reason", "description"} and value.strip(" ") == value != ""
        if is_prose and self._chance():
            self._block_scalar(value, indent)
            return
        if self._chance():
            self.text += self._spaces(1)
        else:
            self._line(indent + 2)
        self._flow(value, indent + 2, quoted=key == "psci")

    def _flow(self, value: Any, indent: int, *, quoted: bool = False) -> None:  # noqa: ANN401
        if not isinstance(value, dict | list):
            self.text += self._scalar(value, indent, quoted=quoted)
            return
        self.text += "{" if isinstance(value, dict) else "["
        self._gap(indent)
        for number, thing in enumerate(self._keys(value) if isinstance(value, dict) else value):
            if number:
                self.text += ","
                self._gap(indent)
            if isinstance(value, dict):
                self.text += f"{thing}: "
                self._flow(value[thing], indent + 1, quoted=thing in {"psci", "kernels"})
            else:
                self._flow(thing, indent + 1, quoted=quoted or str(thing)[:1].isdigit())
            self._gap(indent)
        self.text += "}" if isinstance(value, dict) else "]"

    def _scalar(self, value: Any, indent: int, *, quoted: bool) -> str:  # noqa: ANN401
        if not isinstance(value, str):
            return json.dumps(value)
        forms = [json.dumps(value, ensure_ascii=False)]
        if _SINGLE_QUOTED.fullmatch(value):
            forms.append("'" + value.replace("'", "''") + "'")
        if _PLAIN.fullmatch(value) and not (quoted and not value.startswith("0")):
            forms.append(self._spelt(value))
        if _WORDS.fullmatch(value):
            forms = [*forms, value, *(form.replace(" ", "\n" + " " * (indent + 1), 1) for form in [*forms, value])]
        return self._draw(st.sampled_from(forms))

    def _spelt(self, value: str) -> str:
        """Write function IDs in lower case, with the underscore of the kernel's documents or without."""
        if not value.startswith(("0x", "0X")):
            return value
        value = self._draw(st.sampled_from([value, value.lower()]))
        return re.sub(r"(0[xX][0-9A-Fa-f]{4})([0-9A-Fa-f]{4})", r"\1_\2", value) if self._chance() else value


@st.composite
def messes(draw: st.DrawFn, *, comments: bool, shuffled: bool = True) -> Mess:
    """Draw a policy, and one of its texts."""
    data = draw(documents())
    writer = Writer(draw, comments=comments, shuffled=shuffled)
    writer.document(data)
    return Mess(data, writer.text, writer.comments)
