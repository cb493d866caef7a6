"""How long a page takes to open and to answer, in Chromium: ``python -m tests.programs.page``.

Opening runs from the navigation to the end of the load event, by the browser's own clock; the peer is a file of the
same size that holds the same data as text, opened in turn. An answer runs from the question to the next frame, when it
can be seen.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import ARGUMENTS
from tests.house.tree import need
from tests.programs.bench.inputs import many_rules
from tests.reports.map.page.drawn import Drawn, draw, draw_shipped

TIMES = 15
LINE = "{:<24} {:<34} {:>9} {:>9}  {}"
OPENED = "performance.getEntriesByType('navigation')[0].duration"
ASK = """async (word) => {
    const start = performance.now();
    document.getElementById("ask").value = word;
    document.getElementById("ask-form").requestSubmit();
    while (!document.querySelector("#result .card")) await new Promise((done) => setTimeout(done, 0));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    return performance.now() - start;
}"""


def opened(page: Page, file: Path) -> float:
    """Open a file anew; return the milliseconds that took."""
    page.goto("about:blank")
    page.goto(file.as_uri())
    return float(page.evaluate(OPENED))


def answered(page: Page, word: str) -> float:
    """Ask the open page; return the milliseconds that took."""
    page.evaluate("document.getElementById('result').replaceChildren()")
    return float(page.evaluate(ASK, word))


def measure(page: Page, work: str, drawn: Drawn, peer: Path, most: int) -> None:
    """Print two lines about a page, which is to open in at most so many milliseconds."""
    text = drawn.file.read_text(encoding="utf-8").replace("<script", "<template").replace("</script", "</template")
    peer.write_text(text, encoding="utf-8")
    pairs = [(opened(page, drawn.file), opened(page, peer)) for _ in range(TIMES + 1)][1:]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        LINE.format(
            f"open {work}", "the same file without its script", f"{ours:.0f} ms", f"{ours / theirs:.2f} x", f"{most} ms"
        )
    )
    opened(page, drawn.file)
    times = [answered(page, word) for _ in range(TIMES) for word in ("PSCI_CPU_ON", "0xC5000021")][2:]
    answer = statistics.median(times)
    print(LINE.format(f"ask {work}", "opening it", f"{answer:.0f} ms", f"{answer / ours:.2f} x", "100 ms"))


def main() -> None:
    """Measure a shipped policy and one of 10,000 rules."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=list(ARGUMENTS))
        page = browser.new_page()
        print(LINE.format("work", "beside", "median", "ratio", "must be at most"))
        measure(page, "a shipped policy", draw_shipped(folder, "lockdown"), folder / "peer.html", 60)
        large = many_rules(folder, 10_000)
        measure(page, "10,000 rules", draw(folder, large.read_bytes()), folder / "peer.html", 300)
        browser.close()


if __name__ == "__main__":
    main()
