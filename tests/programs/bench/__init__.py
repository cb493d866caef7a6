"""How fast the tool is, beside programs that people run anyway: ``python -m tests.programs.bench``.

Ratios, not seconds: they outlive the machine. No test depends on them, since a test that depends on time fails for
no reason.
"""
