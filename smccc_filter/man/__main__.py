"""Write every manual page into a folder: ``python -m smccc_filter.man FOLDER``."""

import sys
from pathlib import Path

from smccc_filter.man.pages import pages


def main(folder: str) -> None:
    """Write the pages, each into a file of its own."""
    for name, text in pages().items():
        Path(folder, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
