"""Where the repository's own files are."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"
SUFFIX = ".smccc.yaml"
"""What the name of a shipped policy ends in."""
DOCS = ROOT / "docs"
SCHEMA = ROOT / "schemas" / "policy.schema.json"
DATA = ROOT / "tests" / "data"
ANSWERS = DATA / "kvm_answers"
"""What real kernels answered, recorded."""
