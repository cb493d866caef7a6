"""What something costs, counted in calls, so that no machine matters."""

import cProfile
import sys
from collections.abc import Callable


def calls_of(function: Callable[[], object]) -> int:
    """Count the calls that a function makes, of functions in Python and in C, and the steps of generators."""
    before = sys.getprofile()
    profile = cProfile.Profile()
    try:
        profile.runcall(function)
    finally:
        sys.setprofile(before)
    return sum(row.callcount for row in profile.getstats())
