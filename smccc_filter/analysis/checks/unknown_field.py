"""A key that the policy language does not have.

A key that nobody reads is a wish that nobody grants: `exept:` would leave its calls denied. So an unknown key is never
ignored.

Instead: write the key as the hint says, or take it out.
"""

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.examination.subject import found_by_reading

CODE = "P102"
NAME = "unknown-field"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False
check = found_by_reading
