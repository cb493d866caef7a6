"""The resolved map as a picture: at a glance, where a policy acts.

One file that needs nothing else: no script, no font, no reference. It follows the reader's light or dark scheme, and
the same policy is the same bytes.
"""

from smccc_filter.analysis.grid import cells, magnified
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.kvm.uapi import Action
from smccc_filter.reports.map.picture import bars, owners, places, services, style
from smccc_filter.reports.map.picture.shapes import Rectangle, box, escape, fitted, number, words
from smccc_filter.reports.map.picture.style import name
from smccc_filter.words import counted

NAMED = 12
"""Rules that the description names."""


def render(policy_map: PolicyMap) -> str:
    """Draw the map: every owner by form of call, then the services magnified. The root element is ``<svg>``."""
    head, end = _head(policy_map)
    grid, end = owners.draw(cells(policy_map), end + 14)
    strips, end = services.draw(magnified(policy_map), end + 18)
    height = end + 6
    size = f'width="{places.WIDTH}" height="{number(height)}" viewBox="0 0 {places.WIDTH} {number(height)}"'
    labelled = f'role="img" aria-labelledby="{name("title")} {name("desc")}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" {size} {labelled}>\n'
        f'<title id="{name("title")}">{escape(_title(policy_map))}</title>\n'
        f'<desc id="{name("desc")}">{escape(_description(policy_map))}</desc>\n'
        f"<style>\n{style.css()}</style>\n{_patterns()}"
        f"{box(Rectangle(0, 0, places.WIDTH, height), 'paper')}{head}{grid}{strips}</svg>\n"
    )


def _head(policy_map: PolicyMap) -> tuple[str, float]:
    """Draw title and legend; return them and where they end."""
    width = places.RIGHT - places.MARGIN
    title = fitted(_title(policy_map), places.TITLE, width)
    parts = [words(places.MARGIN, 40, title, places.TITLE, font_weight="bold")]
    y = 62.0
    for text in filter(None, (policy_map.policy.description, _facts(policy_map))):
        parts.append(words(places.MARGIN, y, fitted(text, places.TEXT, width), places.TEXT, "quiet"))
        y += 19
    legend, end = _legend(y)
    return "".join(parts) + legend, end


def _legend(top: float) -> tuple[str, float]:
    parts = []
    sample = Rectangle(places.MARGIN, top, 24, 16)
    for action, meaning in style.MEANINGS.items():
        parts += [bars.fill(sample, action), bars.frame(sample), bars.letter(sample, action, style.LETTERS[action])]
        parts += [words(sample.x + 32, top + 12.5, meaning, places.TEXT)]
        sample = sample._replace(x=sample.x + 300)
    parts += [bars.fill(sample, Action.HANDLE, reserved=True), bars.frame(sample)]
    parts += [words(sample.x + 32, top + 12.5, "hatched: reserved", places.TEXT)]
    y = top + 36
    thin = "thin strip: IDs with any of bits 23:16 set; of yielding calls, those with bit 30 set"
    for x, text in ((56, "a known call"), (180, "a known call that KVM answers"), (500, thin)):
        parts += [words(x, y, text, places.SMALL, "quiet")]
    parts += [bars.tick(46.5, y - 8, answered=False), bars.tick(170, y - 8, answered=True)]
    return "".join(parts), y + 8


def _patterns() -> str:
    stripes = _pattern("stripes", 4, "M0 2h4")
    hatch = _pattern("hatch", 6, "M0 0v6", ' patternTransform="rotate(45)"')
    return f"<defs>\n{stripes}{hatch}</defs>\n"


def _pattern(part: str, side: int, line: str, turned: str = "") -> str:
    tile = f'width="{side}" height="{side}" patternUnits="userSpaceOnUse"{turned}'
    return f'<pattern id="{name(part)}" {tile}><path d="{line}" class="{name(f"{part}-lines")}"/></pattern>\n'


def _title(policy_map: PolicyMap) -> str:
    return f"SMCCC filter policy {policy_map.policy.name}"


def _facts(policy_map: PolicyMap) -> str:
    rules = len(policy_map.policy.rules)
    count = counted(rules, "rule")
    return f"Default: {policy_map.policy.default}. {count}. Linux {', '.join(policy_map.kernels)}."


def _description(policy_map: PolicyMap) -> str:
    """Say in words what the picture shows, for whoever does not see it."""
    counts = dict.fromkeys(Action, 0)
    for segment in policy_map.segments:
        counts[segment.action] += segment.stop - segment.start
    shares = ", ".join(f"{action} {count:,} IDs" for action, count in counts.items() if count)
    rules = [f"{rule.label} ({rule.action})" for rule in policy_map.policy.rules[:NAMED]]
    if len(policy_map.policy.rules) > NAMED:
        rules.append(f"{len(policy_map.policy.rules) - NAMED:,} more")
    listed = f" Rules: {', '.join(rules)}." if rules else ""
    return f"{_facts(policy_map)} Of the whole ID space: {shares}.{listed}"
