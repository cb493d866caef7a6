"""How Sphinx makes a site of these pages: ``sphinx-build -EW docs build/docs``.

The pages are Markdown that GitHub shows as it is. What a site needs besides is made here: the table of contents, of the
links of each page that is called index, and the addresses of files that are no pages.
"""

import posixpath
import re

from sphinx.application import Sphinx

from smccc_filter.version import HOME, __version__

project = "smccc-filter"
release = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
html_theme = "furo"
html_title = f"smccc-filter {release}"
html_show_copyright = False
html_show_sphinx = False
html_show_search_summary = False  # a summary is fetched, which a browser forbids for files
html_copy_source = False
html_show_sourcelink = False

SECTION = re.compile(r"^##? (.*)\n((?:(?!## ).*\n)*)", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+\.md)\)")
OUTSIDE = re.compile(r"\]\((\.\./[^)\s]*)\)")


def set_contents(app: Sphinx, docname: str, source: list[str]) -> None:  # noqa: ARG001 -- as Sphinx calls it
    """Add the contents to a page that is called index, and lead out of the site where a link leaves the pages."""
    folder = posixpath.join("docs", posixpath.dirname(docname))
    text = OUTSIDE.sub(lambda found: f"]({_address(folder, found[1])})", source[0])
    if posixpath.basename(docname) == "index":
        text += "".join(_contents(title, LINK.findall(body)) for title, body in SECTION.findall(text))
    source[0] = text


def _address(folder: str, target: str) -> str:
    """Return where a target leads: within the pages as it is, else to the project's repository."""
    path, mark, anchor = target.partition("#")
    full = posixpath.normpath(posixpath.join(folder, path))
    return target if full.startswith("docs/") else f"{HOME}/blob/main/{full}{mark}{anchor}"


def _contents(title: str, links: list[tuple[str, str]]) -> str:
    """Return a part of the contents, which stands in the margin and not on the page."""
    pages = "".join(f"{target}\n" for _, target in links if not target.startswith(("http", "..")))
    return f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{pages}```\n" if pages else ""


def setup(app: Sphinx) -> None:
    """Have each page changed when it is read."""
    app.connect("source-read", set_contents)
