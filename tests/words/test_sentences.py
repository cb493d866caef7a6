import pytest

from smccc_filter.words import counted, enumerated, listed, output_name, plural, source_name


@pytest.mark.parametrize(
    ("words", "last", "plain", "quoted"),
    [
        (["a"], "or", "a", "`a`"),
        (["a", "b"], "or", "a or b", "`a` or `b`"),
        (["a", "b", "c"], "and", "a, b and c", "`a`, `b` and `c`"),
    ],
)
def test_words_are_joined_as_in_a_sentence(words: list[str], last: str, plain: str, quoted: str) -> None:
    assert enumerated(words, last) == plain
    assert listed(words, last) == quoted


def test_a_sentence_adds_and_a_choice_offers() -> None:
    assert enumerated(["a", "b"]) == "a and b"
    assert listed(["a", "b"]) == "`a` or `b`"


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "IDs", "0 IDs"),
        (1, "ID", "1 ID"),
        (2, "IDs", "2 IDs"),
        (999, "IDs", "999 IDs"),
        (1 << 32, "IDs", "4,294,967,296 IDs"),
    ],
)
def test_a_number_has_its_noun_behind_it(number: int, noun: str, text: str) -> None:
    assert plural(number, "ID") == noun
    assert counted(number, "ID") == text


@pytest.mark.parametrize(
    ("path", "read", "written"),
    [
        ("-", "<stdin>", "standard output"),
        ("./-", "./-", "./-"),
        ("a folder/p.yaml", "a folder/p.yaml", "a folder/p.yaml"),
        ("\x1b[2J\n.yaml", "\\x1b[2J\\n.yaml", "\\x1b[2J\\n.yaml"),
        ("\udcff", "\\udcff", "\\udcff"),
    ],
)
def test_a_path_is_fit_to_print(path: str, read: str, written: str) -> None:
    assert source_name(path) == read
    assert output_name(path) == written
