"""Whether the tests would notice: ``python -m tests.programs.mutants``.

Each mutant is the package with one small mistake in it: a comparison that is off by one, a branch that is never taken,
a member that a table lost. The tests nearest to the mutated module run until one fails. A mutant that none of them
notices survives, and shows a case that nobody pinned, or code that does nothing.

A mutant lives in the memory of a process of its own, which is forked where pytest, the tests and the package are
already loaded; no file is changed. ``equivalent.yaml`` lists those that change nothing that can be seen, each with the
reason.
"""
