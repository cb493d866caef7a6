from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.reports.findings.line_hashes import BLOCK, line_hashes

TEXTS = st.text(st.sampled_from("ab \t\r\n\u00e9\U0001f600"), max_size=400) | st.text(max_size=50)


def rolled(text: str) -> list[str]:
    """Hash every line as the action does: character by character, with a window that moves on."""
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    characters = [*(chr(unit) for unit in units), "\uffff"]
    window, starts, value = [0] * BLOCK, [False] * BLOCK, 0
    at, is_start, after_cr, hashes = 0, True, False, []
    for character in [*characters, *[None] * BLOCK]:
        if character is not None:
            if character in " \t" or (after_cr and character == "\n"):
                after_cr = False
                continue
            after_cr = character == "\r"
            character = "\n" if after_cr else character  # noqa: PLW2901
        if starts[at]:
            hashes.append(f"{value:x}")
        starts[at], is_start = character is not None and is_start, character == "\n"
        unit = ord(character or "\0")
        value = (value * 37 + unit - 37**BLOCK * window[at]) % (1 << 64)
        window[at] = unit
        at = (at + 1) % BLOCK
    return [f"{each}:{hashes[: number + 1].count(each)}" for number, each in enumerate(hashes)]


@given(TEXTS)
def test_lines_are_hashed_as_the_action_does(text: str) -> None:
    expected = rolled(text)
    assert line_hashes(text, range(1, len(expected) + 1)) == dict(enumerate(expected, start=1))


def test_a_line_that_is_not_there_has_the_hash_of_the_last() -> None:
    assert line_hashes("a\nb", [2, 7, 9]) == dict.fromkeys((2, 7, 9), rolled("a\nb")[1])
    assert line_hashes("a", []) == {}


def test_an_empty_file_is_known_to_everybody() -> None:
    assert line_hashes("", [1]) == {1: "c129715d7a2bc9a3:1"}
