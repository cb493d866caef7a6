"""What the exit status says, and what the tool calls itself."""

OK = 0
FINDINGS = 1
USAGE = 2
BUG = 70
INTERRUPTED = 130

PROGRAM = "smccc-filter"
