"""The shapes of a JUnit report: suites, cases, and text as XML takes it.

Source: the schema of Jenkins' xUnit plugin, junit-10.xsd, and what GitLab's reader takes.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from smccc_filter.words import visible

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def suite_text(name: str, counts: str, cases: Iterable[str]) -> str:
    """Write a suite; ``counts`` are its attributes."""
    return f"  <testsuite name={quoted(name)} {counts}>\n{''.join(cases)}  </testsuite>\n"


def case(name: str, title: str, inside: str) -> str:
    """Write a case of the suite ``name``; ``inside`` is XML, empty for one that passes without a word."""
    head = f"    <testcase classname={quoted(name)} name={quoted(title)}"
    return f"{head}>{inside}</testcase>\n" if inside else f"{head}/>\n"


def text_of(text: str) -> str:
    """Write character data, without what XML 1.0 has no way to write."""
    return escape(visible(text, keep="\n"))


def quoted(text: str) -> str:
    """Write an attribute's value with its quotes."""
    return quoteattr(visible(text))
