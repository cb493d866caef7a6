"""The words of strangers, made fit to print.

Policies and file names, and so messages, can hold anything; a report must not let them move a cursor, reverse a line or
forge a line of a log. What Python calls printable passes, the rest is written as the escape that names it.
"""

STDIN = "-"
"""The path of standard input, as the command line spells it."""


def visible(text: str, keep: str = "") -> str:
    r"""Write every character that does not print (control, bidi, invisible, odd space) as ``\x1b`` or ``\u202e``.

    A printable text comes back as it is; so do the characters of ``keep``. The result encodes as UTF-8: surrogates,
    such as those of a file name that is not UTF-8, are escaped too.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
