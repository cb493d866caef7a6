"""The few SVG elements that the picture is made of, with numbers and words written so that any reader takes them.

The words of a policy are a stranger's: they are made printable, cut to the room there is, and escaped, here and nowhere
else.
"""

from collections.abc import Sequence
from unicodedata import east_asian_width

from smccc_filter.reports.map.picture.style import name
from smccc_filter.words import visible

ELLIPSIS = "..."
NARROW, WIDE = 0.62, 1.0
"""Width of a letter in ems, that of a CJK one too: rather too much, since fonts differ and texts must not touch."""


_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escape(text: str) -> str:
    """Write text so that it is text in XML, in an element as in an attribute."""
    return visible(text).translate(_ESCAPES)


def number(value: float) -> str:
    """Write a length in units of the picture, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def width_of(text: str, size: float) -> float:
    """Estimate how wide a text is at most, in the unit of ``size``."""
    return size * sum(WIDE if east_asian_width(letter) in "FW" else NARROW for letter in text)


def fitted(text: str, size: float, width: float) -> str:
    """Return the text, or its beginning with an ellipsis where the rest has no room."""
    text = visible(text)
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + ELLIPSIS, size) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def element(tag: str, text: str = "", classes: str = "", **attributes: str) -> str:
    """Write an element; the names of ``attributes`` have ``_`` for ``-``, and ``classes`` get the picture's prefix."""
    more = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    styled = f' class="{" ".join(map(name, classes.split()))}"' if classes else ""
    end = f">{escape(text)}</{tag}>" if text else "/>"
    return f"<{tag}{more}{styled}{end}\n"


def words(x: float, y: float, text: str, size: float, classes: str = "ink", **attributes: str) -> str:
    """Write one line of text; ``y`` is its base line."""
    place = {"x": number(x), "y": number(y), "font_size": number(size)}
    return element("text", text, f"text {classes}", **place, **attributes)


def shared(weights: Sequence[int], width: float, least: Sequence[float]) -> list[float]:
    """Share ``width`` by weight, so that each has at least its ``least``, or as much of that as there is."""
    needed = sum(least)
    if needed >= width:
        return [width * share / needed for share in least]
    given = [0.0] * len(weights)
    open_ones = list(range(len(weights)))
    room = width
    while open_ones:
        total = sum(weights[i] for i in open_ones)
        small = [i for i in open_ones if room * weights[i] / total < least[i]]
        if not small:
            for i in open_ones:
                given[i] = room * weights[i] / total
            break
        for i in small:
            given[i] = least[i]
            room -= least[i]
        open_ones = [i for i in open_ones if i not in set(small)]
    return given
