import pytest

from smccc_filter.analysis.reference.forms import other_form


@pytest.mark.parametrize(
    ("fid", "other"),
    [
        (0x84000003, 0xC4000003),
        (0xC4000003, 0x84000003),
        (0x84000000, None),
        (0xC4000000, 0x84000000),
        (0x84000016, None),
        (0x84000060, 0xC4000060),
        (0xC4000061, 0x84000061),
        (0x95C1BA5E, None),
        (0xD5C1BA5E, None),
        (0x32000004, None),
        (0x72000004, None),
    ],
)
def test_the_other_form_is_that_of_a_plain_fast_call(fid: int, other: int | None) -> None:
    assert other_form(fid) == other
