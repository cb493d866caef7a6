"""What a page says to whoever has no script: its texts, by the IDs of its elements."""

from html.parser import HTMLParser
from pathlib import Path

INLINE = {"span", "bdi", "code", "b", "a"}


class Texts(HTMLParser):
    """The text of each element that has an ID, and of the whole body; scripts and styles have none."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.open: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.handle_data(" ")
        if tag not in {"meta", "input", "br"}:
            self.open.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.handle_data(" ")
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if {tag for tag, _ in self.open} & {"script", "style"}:
            return
        for name in {name for _, name in self.open if name} | {"page"}:
            self.texts[name] = self.texts.get(name, "") + data


def texts_of(file: Path) -> dict[str, str]:
    return {name: " ".join(text.split()) for name, text in Texts(file.read_text(encoding="utf-8")).texts.items()}
