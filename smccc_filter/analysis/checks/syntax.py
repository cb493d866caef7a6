"""The file is not YAML, or uses a part of YAML that the policy language leaves out.

The language is a strict subset of YAML 1.2. Anchors, aliases and merge keys let one line change the meaning of another
far away; tags change types; of duplicate keys most readers silently take the last. A reviewer of a security policy must
not have to know any of that, so each is an error with its place.

Instead: write every value out where it counts, with two spaces of indentation and no tabs.
"""

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.examination.subject import found_by_reading

CODE = "P101"
NAME = "syntax"
SEVERITY = Severity.ERROR
WHOLE = False
ALLOWABLE = False
check = found_by_reading
