"""What a ``use`` declaration of Rust binds: each name with the path that it stands for, and the globs."""

from collections.abc import Iterator

from smccc_filter.artefacts.readers.rust.text import RustTokens

LONGEST_PATH = 32
"""Segments of a path."""


def imported(source: RustTokens, start: int, stop: int) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield the name, its index and its path for each name that is bound; of a glob the name is ``*``.

    ``start`` and ``stop`` are the tokens between ``use`` and its semicolon. A path that is too long is empty.
    """
    prefixes: list[tuple[str, ...]] = [()]
    path: tuple[str, ...] = ()
    leaf = at = start
    fresh = False
    while at < stop:
        text = source.text(at)
        if text == "{":
            prefixes.append(path)
            fresh = False
        elif text in {",", "}"}:
            if fresh:
                yield _leaf(source, leaf, path)
            if text == "}" and len(prefixes) > 1:
                prefixes.pop()
            path, fresh = prefixes[-1], False
        elif text == "*":
            yield "*", at, path
            fresh = False
        elif text == "as":
            yield source.text(at + 1), at + 1, path if len(path) <= LONGEST_PATH else ()
            fresh = False
            at += 1
        elif text != "::":
            path = (*path, text) if len(path) <= LONGEST_PATH else path
            leaf, fresh = at, True
        at += 1
    if fresh:
        yield _leaf(source, leaf, path)


def _leaf(source: RustTokens, at: int, path: tuple[str, ...]) -> tuple[str, int, tuple[str, ...]]:
    if len(path) > LONGEST_PATH:
        return source.text(at), at, ()
    if path[-1] == "self" and len(path) > 1:
        path = path[:-1]
    return path[-1], at, path
