"""Markdown as both GitHub and the generator of the site read it."""

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by python -m tests.programs.reference; do not edit. -->"


def page(title: str, *parts: str) -> str:
    """Return a page: its title, and its parts with a blank line between them."""
    return "\n\n".join((NOTICE, f"# {title}", *(part.strip("\n") for part in parts if part))) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown, in which only the bar between columns is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def block(language: str, text: str) -> str:
    """Return a fenced block, whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def code(text: str) -> str:
    """Return text to be typed."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
