"""Which kernel was meant by a name that none has."""

from smccc_filter.analysis.checks.unknown_name import MAX_SUGGESTIONS
from smccc_filter.analysis.pipeline import examine
from smccc_filter.analysis.targets import KNOWN


def test_nothing_is_offered_for_the_last_of_many_names() -> None:
    text = f"version: 1\nname: p\ntarget: {{kernels: [{', '.join(['6.1O'] * (MAX_SUGGESTIONS + 1))}]}}\n"
    hints = [finding.hint for finding in examine("p.yaml", text.encode()).diagnostics if finding.code == "P104"]
    assert len(hints) == MAX_SUGGESTIONS + 1
    assert hints[-2].startswith("did you mean")
    assert hints[-1] == KNOWN
