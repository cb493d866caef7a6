"""What nobody would write by hand is no remedy."""

from smccc_filter.analysis.pipeline import examine

FORWARDED = b"version: 1\nname: p\ndefault: deny\nrules: [{action: forward, ranges: [%s]}]\n"


def added(ids: bytes) -> str | None:
    """Return what is proposed where calls are forwarded in one form."""
    (found,) = (finding for finding in examine("p.yaml", FORWARDED % ids).diagnostics if finding.name == "split-twins")
    return found.remedy and found.remedy.message


def test_the_other_forms_of_many_calls_are_not_listed() -> None:
    assert added(b"0x84000001-0x8400001F")
    assert added(b"0x84000001-0x840000FF") is None
