"""The fixtures: ``<check>/fires/*.yaml`` make a check speak, ``<check>/silent/*.yaml`` leave it without a word.

Beside a fixture may stand what guests were recorded to call often, ``*.calls``: a function ID and a rate in each line.
"""

from functools import cache
from pathlib import Path

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.analysis.examination.subject import HotCall

HERE = Path(__file__).parent

POLICIES = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*/*.yaml"))


@cache
def examined(policy: str) -> FileReport:
    """Examine a fixture under a path that is the same on every machine."""
    return examined_as(policy, HERE / policy)


def examined_as(name: str, fixture: Path) -> FileReport:
    """Examine a fixture as a file of some name, with the calls beside it."""
    examination = pipeline.examine(name, fixture.read_bytes())
    calls = fixture.with_suffix(".calls")
    if calls.exists():
        rows = map(str.split, calls.read_text().splitlines())
        examination = pipeline.reported_with(examination, tuple(HotCall(int(call, 16), float(n)) for call, n in rows))
    return examination.report


def check_of(policy: str) -> str:
    return policy.partition("/")[0]


def fires(policy: str) -> bool:
    return policy.split("/")[1] == "fires"
