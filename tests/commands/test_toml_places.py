"""Every key and value of a TOML document is found where it stands."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.commands.settings.toml_places import TomlPlaces
from smccc_filter.language import places

DOCUMENT = (Path(__file__).parent / "places.toml").read_text(encoding="utf-8")
WHERE: dict[places.Path, tuple[str | None, str | None]] = {
    ("title",): ("title", r'"a \" b # no comment"'),
    ("tool",): ("tool", None),
    ("tool", "smccc-filter"): ('"smccc-filter"', None),
    ("tool", "smccc-filter", "kernels", 0): (None, '"6.12"'),
    ("tool", "smccc-filter", "kernels", 1): (None, "'7.3'"),
    ("tool", "smccc-filter", "kernels", 2): (None, '"""7.\n2"quote""""'),
    ("tool", "smccc-filter", "kernels", 3): (None, "'''it's ]'''"),
    ("tool", "smccc-filter", "fail-on"): ("fail-on", '"note"'),
    ("tool", "smccc-filter", "when"): ("when", "1979-05-27 07:32:00"),
    ("tool", "smccc-filter", "key = [", "a.b", "x"): ("x", "1"),
    ("tool", "smccc-filter", "key = [", "a.b", "y]}", 0, "z"): ("z", "true"),
    ("tool", "smccc-filter", "key = [", "a.b", "y]}", 1): (None, "[]"),
    ("tool", "smccc-filter", "a\t"): (r'"\u0061\t"', "0x1F"),
    ("list", "a", "b", "c"): ("c", "inf"),
    ("tool", "smccc-filter", "ignore"): ("ignore", None),
    ("tool", "smccc-filter", "ignore", "A301"): ("A301", r'"é\\"'),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("path", WHERE)
def test_a_key_and_a_value_are_found(path: places.Path, newline: str) -> None:
    text = DOCUMENT.replace("\n", newline)
    tomllib.loads(text)
    found = TomlPlaces(text, [path])
    key, value = (where and text[slice(*where)] for where in (found.keys.get(path), found.values.get(path)))
    written, said = WHERE[path]
    assert (key, value) == (written, said and said.replace("\n", newline))


def test_what_is_not_there_has_no_place() -> None:
    found = TomlPlaces(DOCUMENT, [("kernels",), ("tool", "smccc-filter", "kernels", 4)])
    assert (found.keys, found.values) == ({}, {})


COMMA = ", # ]\n"
KEYS = st.text("ab\"'.#=[ é", min_size=1, max_size=4)
WORDS = st.text("ab\"'\\#,]}[{=\n\té", max_size=6)
VALUES = st.recursive(
    st.integers() | st.booleans() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    return f'"{"".join(escapes.get(letter, letter) for letter in text)}"'


def written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return f"'''{value}'''" if "'" not in value and not value.startswith("\n") else quoted(value)
        case list():
            return f"[ {COMMA.join(map(written, value))} ]"
        case dict():
            return f"{{ {', '.join(f'{quoted(key)} = {written(each)}' for key, each in value.items())} }}"
    raise TypeError(value)


def inside(path: places.Path, value: object) -> Iterator[tuple[places.Path, object]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from inside((*path, key), each)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_what_stands_at_a_place_is_the_value(document: dict[str, object]) -> None:
    text = "[table]\n" + "".join(f"{quoted(key)} = {written(value)} # '\n" for key, value in document.items())
    assert tomllib.loads(text) == {"table": document}
    everything = dict(inside(("table",), document))
    found = TomlPlaces(text, everything)
    assert set(found.values) == set(everything) - {("table",)}
    for path, where in found.values.items():
        assert tomllib.loads(f"a = {text[slice(*where)]}") == {"a": everything[path]}
