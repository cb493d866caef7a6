"""YAML written at random together with the place of everything in it, so that reading can be held to both."""

import json
from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st

from smccc_filter.language.source.scalars import forbidden, resolve
from tests.language.source.trees import Dump

Leaf = str | float | bool | None
Value = Leaf | list["Value"] | dict[str, "Value"]

printable = st.text(
    st.sampled_from("ab 0:#-,[]{}'\"\\&*!|>%@`~é漢😀\u00a0\u3000")
    | st.characters(exclude_categories=["Cs"]).filter(lambda c: c not in "\r\n\t" and not forbidden(c)),
    max_size=12,
)
words = st.from_regex(r"[a-z][a-z0-9_-]{0,8}( [a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda word: isinstance(resolve(word), str)
)
plain = words | st.sampled_from(
    ["null", "~", "true", "FALSE", "0", "-17", "007", "1.5", "1e3", ".inf", "0x84000003", "0x84000000-0x8400001F"]
)
values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | printable, inner, max_size=4),
    max_leaves=15,
)


class Writer:
    """Writes a tree; ``text`` is what it wrote so far."""

    def __init__(self, draw: st.DrawFn, end_of_line: str) -> None:
        self.draw = draw
        self.end_of_line = end_of_line
        self.text = ""

    def put(self, text: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += text
        return start, len(self.text)

    def chance(self) -> bool:
        return self.draw(st.booleans())

    def line(self, indent: int) -> None:
        """Begin a line, perhaps after comments and empty ones."""
        for filler in self.draw(st.lists(st.sampled_from(["", "# a comment: é", " # {"]), max_size=2)):
            self.put(self.end_of_line + filler)
        self.put(self.end_of_line + " " * indent)

    def scalar(self, value: Leaf, *, key: bool = False) -> tuple[str, Dump]:
        """Write a value in one of its forms; return what it is as a key, and its place."""
        if not isinstance(value, str):
            text = json.dumps(value)
            return text, (*self.put(text), repr(value))
        form = self.draw(st.sampled_from(["'", '"', "plain"]))
        if form == "'":
            return value, (*self.put("'" + value.replace("'", "''") + "'"), repr(value))
        if form == '"':
            escape = self.chance() and max(value, default="") < "\ud800"  # JSON writes what is beyond in halves
            return value, (*self.put(json.dumps(value, ensure_ascii=escape)), repr(value))
        word = self.draw(words if key else plain)
        return word, (*self.put(word), repr(resolve(word)))

    def block_scalar(self, indent: int) -> Dump:
        """Write a text of several lines, each an indent deeper than what holds it."""
        lines = self.draw(st.lists(words, min_size=1, max_size=3))
        start, end = self.put(self.draw(st.sampled_from(["|", "|-", ">", ">-"])))
        header = self.text[start:end]
        for line in lines:
            _, end = self.put(self.end_of_line + " " * indent + line)
        joined = ("\n" if header[0] == "|" else " ").join(lines)
        return start, end, repr(joined if header.endswith("-") else joined + "\n")

    def flow(self, value: Value) -> Dump:
        """Write a tree in brackets and braces."""
        if not isinstance(value, list | dict):
            return self.scalar(value)[1]
        start, _ = self.put("[" if isinstance(value, list) else "{")
        inside = self._flow_items(value) if isinstance(value, list) else self._flow_entries(value)
        _, end = self.put("]" if isinstance(value, list) else "}")
        return start, end, inside

    def _flow_items(self, items: list[Value]) -> list[Dump]:
        result: list[Dump] = []
        for item in items:
            result.append(self.flow(item))
            self.put(self.draw(st.sampled_from([",", " , ", ", "])))
        return result

    def _flow_entries(self, entries: dict[str, Value]) -> list[Dump]:
        def entry(name: str, value: Value) -> Dump:
            key, at = self.scalar(name, key=True)
            assert at
            self.put(": ")
            return key, at[0], at[1], self.flow(value)

        return self._distinct(entries, entry, lambda: self.put(", "))

    def block(self, value: Value, indent: int) -> Dump:
        """Write a tree at ``indent``, where the line is already that deep."""
        if isinstance(value, list) and value:
            items: list[Dump] = []
            start = len(self.text)
            for number, item in enumerate(value):
                if number:
                    self.line(indent)
                self.put("- ")
                items.append(self.nested(item, indent + 2, inline=True))
            return start, _end(items[-1]), items
        if isinstance(value, dict) and value:
            start = len(self.text)
            entries = self._distinct(value, partial(self._entry, indent), partial(self.line, indent))
            last = entries[-1]
            assert last
            return start, _end(last[-1]), entries
        return self.flow(value)

    def _entry(self, indent: int, name: str, value: Value) -> Dump:
        key, at = self.scalar(name, key=True)
        assert at
        self.put(": ")
        return key, at[0], at[1], self.nested(value, indent + 2, inline=False)

    def nested(self, value: Value, indent: int, *, inline: bool) -> Dump:
        """Write what stands behind a dash (where it may go on in the line) or behind a colon."""
        if isinstance(value, list | dict):
            if not value or self.chance():
                return self.flow(value)
            if not (inline and self.chance()):
                self.line(indent)
            return self.block(value, indent)
        if isinstance(value, str) and self.chance():
            return self.block_scalar(indent)
        written = self.scalar(value)[1]
        if self.chance():
            self.put(" # a comment")
        return written

    def _distinct(
        self, entries: dict[str, Value], write: Callable[[str, Value], Dump], between: Callable[[], object]
    ) -> list[Dump]:
        """Write entries, undoing those whose key, as written, stands there already."""
        result: list[Dump] = []
        seen: set[object] = {"<<"}
        for name, value in entries.items():
            before = self.text
            if result:
                between()
            entry = write(name, value)
            assert entry
            if entry[0] in seen:
                self.text = before
            else:
                seen.add(entry[0])
                result.append(entry)
        return result


def _end(node: object) -> int:
    assert isinstance(node, tuple)
    end = node[1]
    assert isinstance(end, int)
    return end


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Dump]:
    """Make a text and the dump of the tree that it must be read as."""
    writer = Writer(draw, draw(st.sampled_from(["\n", "\r\n", "\r"])))
    if draw(st.booleans()):
        writer.put("# a comment at the top" + writer.end_of_line)
    tree = writer.block(draw(st.dictionaries(words, values, min_size=1, max_size=4)), 0)
    writer.put(writer.end_of_line)
    return writer.text, tree
