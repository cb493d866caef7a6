"""What is true of the layout of every policy."""

from collections.abc import Callable
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.language.layout import comments, layout
from smccc_filter.language.layout.lines import WIDTH
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import Document, read
from tests.language.layout.messy import Mess, messes
from tests.language.layout.trees import in_order
from tests.language.policy.documents import written

readers = st.sampled_from([read, partial(read, pure=True)])
some = settings(max_examples=80)


def document(text: str) -> Document:
    found = read(text.encode())
    assert not load(found)[1], text
    return found


@some
@given(messes(comments=False))
def test_however_it_is_written_it_gives_one_text(mess: Mess) -> None:
    assert layout(document(mess.text)) == layout(read(written(mess.data)))


@some
@given(messes(comments=True))
def test_laid_out_twice(mess: Mess) -> None:
    text = layout(document(mess.text))
    assert layout(document(text)) == text


@some
@given(messes(comments=True))
def test_the_same_policy_with_the_same_comments(mess: Mess) -> None:
    after = document(layout(document(mess.text)))
    assert in_order(after) == in_order(document(mess.text))
    assert sorted(comments(after)) == sorted(mess.comments)
    assert all(after.text.text.count(comment) >= 1 for comment in mess.comments)


@some
@given(messes(comments=True, shuffled=False))
def test_comments_keep_their_order_where_keys_do(mess: Mess) -> None:
    assert list(comments(document(layout(document(mess.text))))) == mess.comments


@some
@given(messes(comments=True), readers)
def test_the_form_of_a_text(mess: Mess, reader: Callable[[bytes], Document]) -> None:
    text = layout(reader(mess.text.encode()))
    lines = text.split("\n")
    assert lines.pop() == ""
    assert "" not in {lines[0], lines[-1]}
    assert "\n\n\n" not in text
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if len(line) > WIDTH and "#" not in line] == []
