"""The policies that there are here to look at: the shipped ones, and those that make checks speak and keep quiet."""

from tests.paths import POLICIES, ROOT, SUFFIX

FIXTURES = sorted((ROOT / "tests" / "analysis" / "checks").glob("*/*/*.yaml"))
SHIPPED = sorted(POLICIES.glob(f"*{SUFFIX}"))
