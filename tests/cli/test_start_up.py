import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.tool import BAD, GOOD, UNMEASURED, environment

HEAVY = ("pydantic", "pydantic_core", "rich", "ruamel", "asyncio", "difflib", "unittest", "email")
SCRIPT = """
import sys
from smccc_filter.cli import run
status = run(sys.argv[1:])
print("\\n" + " ".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.parametrize(
    ("arguments", "status", "allowed"),
    [
        (["--version"], 0, set()),
        (["--help"], 0, set()),
        (["validate", "good.yaml"], 0, {"ruamel", "pydantic_core"}),
        (["validate", "--format", "json", "good.yaml"], 0, {"ruamel", "pydantic_core"}),
        (["validate", "--format", "sarif", "good.yaml"], 0, {"ruamel", "pydantic_core"}),
        (["validate", "--format", "github", "good.yaml"], 0, {"ruamel", "pydantic_core"}),
        (["compile", "good.yaml", "--output", "a.h"], 0, {"ruamel", "pydantic_core"}),
        (["validate", "bad.yaml"], 1, {"ruamel", "pydantic_core", "difflib"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_only_what_a_command_needs_is_imported(
    arguments: list[str], status: int, allowed: set[str], tmp_path: Path
) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD)
    (tmp_path / "bad.yaml").write_bytes(BAD)
    environ = environment(**UNMEASURED)
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, cwd=tmp_path, env=environ, text=True)
    assert done.returncode == status, done.stderr
    imported = set(done.stderr.splitlines()[-1].split())
    assert imported & set(HEAVY) <= allowed
    assert "click" in imported
