"""How a policy is laid out: one canonical text for every document, comments kept.

The tree has the place of every key and every value, and what stands between them is punctuation and comments. So a
document is taken apart into its entries and items, each with the comments that belong to it (``outline``), and written
anew (``printer``), values as ``scalars`` and ``prose`` have them, comments in columns as ``lines`` puts them.
"""

from smccc_filter.language.layout.lines import joined
from smccc_filter.language.layout.outline import outline
from smccc_filter.language.layout.printer import printed
from smccc_filter.language.source import Document
from smccc_filter.language.source.comments import comments_among

__all__ = ["comments", "layout"]


def layout(document: Document) -> str:
    """Return the canonical text of a document in which nothing is wrong with the form (no finding P101 to P105).

    A canonical text gives itself. Two documents that differ only in how they are laid out give one text, but for
    comments and for block scalars, which keep the lines that their authors broke.
    """
    return joined(printed(outline(document)))


def comments(document: Document) -> tuple[str, ...]:
    """Return the texts of a document's comments in order, each from its ``#`` to the end of its line.

    They are what stands between keys and scalars, and in the first lines of block scalars; ``outline``, which gives
    each of them to something, has no part in it.
    """
    nodes = [document.root] if document.root else []
    text = document.text.text
    return tuple(comment.rstrip(" \t") for comment in comments_among(text, 0, len(text), nodes))
