"""What is asked of each hostile file: every command that reads a policy, in every format."""

from collections.abc import Callable

POLICY = "policy.yaml"
OTHER = "other.yaml"
"""The second policy of a comparison, of the same size, in which nothing is wrong."""

SOURCES = {"c": "source.c", "rust": "source.rs"}
"""Files that hold hostile C and Rust."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate", "--notes", POLICY),
    "validate --format json": ("validate", "--format", "json", POLICY),
    "validate --format sarif": ("validate", "--format", "sarif", POLICY),
    "validate --format github": ("validate", "--format", "github", POLICY),
    "validate --format gitlab": ("validate", "--format", "gitlab", POLICY),
    "validate --format junit": ("validate", "--format", "junit", POLICY),
    "validate --diff": ("validate", "--diff", POLICY),
    "validate --diff --unsafe-fixes": ("validate", "--diff", "--unsafe-fixes", POLICY),
    "fmt": ("fmt", "--diff", POLICY),
    "show": ("show", POLICY),
    "show --all --format json": ("show", "--all", "--format", "json", POLICY),
    "show --svg --html": ("show", POLICY, "--svg", "map.svg", "--html", "map.html"),
    "guest": ("guest", POLICY),
    "guest --format json": ("guest", "--format", "json", POLICY),
    "query": ("query", POLICY, "PSCI_CPU_ON", "0x02000000", "0x86000000"),
    **{f"compile {suffix}": ("compile", POLICY, "-o", f"policy.{suffix}") for suffix in ("h", "rs", "json", "bin")},
    "diff": ("diff", POLICY, OTHER),
    "diff --format json": ("diff", "--format", "json", OTHER, POLICY),
    "diff --format markdown": ("diff", "--format", "markdown", POLICY, OTHER),
    "diff --format github": ("diff", "--format", "github", POLICY, OTHER),
}

IMPORTS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "import": lambda source: ("import", source),
    "diff with": lambda source: ("diff", "--format", "json", source, OTHER),
}
"""What is asked of each hostile source."""
