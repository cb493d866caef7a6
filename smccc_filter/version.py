"""Which version this is, and where the project says more."""

__version__ = "0.1.0"

HOME = "https://github.com/smccc-filter/smccc-filter"
ISSUES = f"{HOME}/issues"
DOCUMENTATION = f"{HOME}/blob/main/docs/index.md"
"""The first page. A code never changes its meaning, so the newest pages hold for every version."""


def page_of(code: str) -> str:
    """Return the address of the page of a diagnostic code."""
    return DOCUMENTATION.replace("index.md", f"reference/checks/{code}.md")
