"""Every reference page by its path below ``docs/reference``."""

from tests.programs.reference import api, artefacts, checks, commands, json_shapes, language


def pages() -> dict[str, str]:
    """Return the pages, the same to the byte from run to run."""
    return {
        "language.md": language.page(),
        "api.md": api.page(),
        "artefacts.md": artefacts.page(),
        "json.md": json_shapes.page(),
        **{f"checks/{name}": text for name, text in checks.pages()},
        **{f"commands/{name}": text for name, text in commands.pages()},
    }
