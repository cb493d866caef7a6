"""The services, magnified: a strip for each calling convention, to the scale of its function numbers."""

from collections.abc import Sequence

from smccc_filter.analysis.grid import REST, MagnifiedService
from smccc_filter.reports.map.picture import bars, places
from smccc_filter.reports.map.picture.shapes import Rectangle, fitted, group, words

STRIP = 16.0
ROW = 29.0
NAME_WIDTH = places.SMC32 - places.MARGIN - 12


def draw(services: Sequence[MagnifiedService], top: float) -> tuple[str, float]:
    """Draw the section whose upper edge is at ``top``; return it and where it ends."""
    heading = "Services, magnified"
    parts = [words(places.MARGIN, top + 14, heading, places.HEADING, font_weight="bold")]
    heads = ((places.SMC32, "SMC32"), (places.SMC64, "SMC64"), (places.SERVICES_RULES, "Rules"))
    parts += [words(x, top + 14, text, places.TEXT, "quiet") for x, text in heads]
    y = top + 26
    for service in services:
        parts.append(_row(service, y))
        y += ROW
    return "".join(parts), y


def _row(service: MagnifiedService, y: float) -> str:
    base = y + STRIP / 2 + 4.5
    label = f"{service.name}, the rest" if service.name == REST else service.name
    parts = [words(places.MARGIN, base, fitted(label, places.TEXT, NAME_WIDTH), places.TEXT)]
    strips = [(x, strip) for x, strip in ((places.SMC32, service.smc32), (places.SMC64, service.smc64)) if strip]
    for x, strip in strips:
        title = f"{service.name}: {service.title}. {bars.tip(strip.block)}"
        parts.append(group(title, (bars.of_strip(Rectangle(x, y, places.FORM_WIDTH, STRIP), strip),)))
    rules = {rule.number: rule for _, strip in strips for rule in strip.block.rules}
    named = bars.rule_names([rules[n] for n in sorted(rules)], places.TEXT, places.RIGHT - places.SERVICES_RULES)
    return "".join(parts) + (words(places.SERVICES_RULES, base, named, places.TEXT) if named else "")
