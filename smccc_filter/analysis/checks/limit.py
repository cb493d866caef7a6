"""The file is larger than the limits: 16 MiB, 200,000 rules, 2,000,000 values, or 16 levels of nesting.

No real policy comes near them (those found in the wild have one to three ranges), and a hostile file should cost
nothing. The size is checked before anything is read. Where the selectors of a rule overlap, its exceptions may cut them
into 1,000 pieces more than there are of both.

Instead: merge neighbouring ranges, or raise the limit with `--max-bytes` where the size is meant.
"""

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.examination.subject import found_by_reading

CODE = "P105"
NAME = "limit"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False
check = found_by_reading
