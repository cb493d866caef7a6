"""Write every page of docs/reference anew: ``python -m tests.programs.reference``. Pages of what is no more go."""

from pathlib import Path

from tests.paths import DOCS
from tests.programs.reference.pages import pages


def main(folder: Path) -> None:
    """Write the pages below a folder, each into a file of its own."""
    written = pages()
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in written:
            old.unlink()
    for name, text in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(DOCS / "reference")
