"""HTML that is written, not pasted: text is escaped because it is text, and markup is a type of its own."""

from collections.abc import Iterable, Sequence
from html import escape

from smccc_filter.words import visible

VOID = frozenset(("br", "col", "hr", "meta"))
LONG = 600
"""Characters of a stranger's text above which its rest is folded."""
LEAD = 240
"""Characters of such a text that stay in sight."""


class Markup(str):
    """Text that is HTML already; every other text becomes it by being escaped."""

    __slots__ = ()


def tag(name: str, *children: str | None, **attributes: str | bool | None) -> Markup:
    """Write an element. Children that are no ``Markup`` are text, and ``None`` is nothing.

    Names of ``attributes`` have ``_`` for ``-`` and may end in one (``class_``); one that is ``True`` has no value, and
    one that is ``None`` or ``False`` is left out.
    """
    words = [name]
    for key, value in attributes.items():
        if value is True:
            words.append(key.rstrip("_").replace("_", "-"))
        elif value is not None and value is not False:
            words.append(f'{key.rstrip("_").replace("_", "-")}="{escape(visible(value))}"')
    start = f"<{' '.join(words)}>"
    return Markup(start if name in VOID else f"{start}{joined(*children)}</{name}>")


def joined(*children: str | None, between: str = "") -> Markup:
    """Write children one after the other, with a text ``between`` them."""
    found = [child if isinstance(child, Markup) else text(child) for child in children if child is not None]
    return Markup(text(between).join(found))


def text(words: str) -> Markup:
    """Write text; what does not print is the escape that names it, but for the ends of lines."""
    return Markup(escape(visible(words, keep="\n")))


def stranger(words: str) -> Markup:
    """Write what somebody wrote into a policy: in its own direction, and the rest of a long text folded."""
    if len(words) <= LONG:
        return tag("bdi", words)
    lead = tag("summary", tag("bdi", f"{words[:LEAD]}..."), tag("span", f" {len(words):,} characters", class_="muted"))
    return tag("details", lead, tag("bdi", words), class_="long")


def folded(summary: str, *content: str | None, opened: bool = False, class_: str | None = None) -> Markup:
    """Write what is shown when its summary is chosen."""
    return tag("details", tag("summary", summary), *content, open=opened, class_=class_)


def table(heads: Sequence[str], rows: Iterable[Sequence[str | None]], label: str, class_: str) -> Markup:
    """Write a table that may be wider than the page: it can be scrolled, by keyboard too.

    Where there is no room for columns, the style of ``class_`` says what stands in each cell.
    """
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in heads)))
    lines = (f"<tr>{''.join(f'<td>{joined(cell)}</td>' for cell in row)}</tr>" for row in rows)
    body = tag("table", head, Markup(f"<tbody>{''.join(lines)}</tbody>"), class_=class_)
    return tag("div", body, class_="wide", role="group", aria_label=label, tabindex="0")
