"""The resolved map as a picture: at a glance, where a policy acts.

One file that needs nothing else: no script, no font, no reference. It follows the reader's light or dark scheme, and
the same policy is the same bytes.
"""

from collections.abc import Iterator, Sequence

from smccc_filter.analysis.grid import GridRow, grid_of
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.policy.model import Rule
from smccc_filter.reports.map.picture import bars, places, style
from smccc_filter.reports.map.picture.rows import KVMS_OWN, bar_height, is_kvms, rule_names, rules_of
from smccc_filter.reports.map.picture.shapes import element, escape, fitted, number, words
from smccc_filter.reports.map.picture.style import name
from smccc_filter.words import counted

NAMED = 12
"""Rules that the description names."""


def render(policy_map: PolicyMap) -> str:
    """Draw the map: the services of the policy, every owner, yielding calls. The root element is ``<svg>``."""
    grid = grid_of(policy_map)
    rules = policy_map.policy.rules
    ours = [row for row in grid.services if row.is_decided]
    others = [row.label for row in grid.services if not row.is_decided]
    head, end = _head(policy_map)
    parts = [head]
    for title, rows in (
        ("Services with rules", ours),
        ("Owners of fast calls", grid.owners),
        ("Yielding calls", grid.yielding),
    ):
        if rows:
            drawn, end = _section(title, rows, rules, end + 16)
            parts.append(drawn)
        if rows is ours:
            said = fitted(f"No rule in {', '.join(others)}", places.TEXT, places.RIGHT - places.MARGIN)
            parts.append(words(places.MARGIN, end + 16, said, places.TEXT, "quiet") if others else "")
            end += 20
    height = end + 10
    size = f'width="{places.WIDTH}" height="{number(height)}" viewBox="0 0 {places.WIDTH} {number(height)}"'
    labelled = f'role="img" aria-labelledby="{name("title")} {name("desc")}"'
    paper = element("rect", width=f"{places.WIDTH}", height=number(height), classes="paper")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" {size} {labelled}>\n'
        f'<title id="{name("title")}">{escape(_title(policy_map))}</title>\n'
        f'<desc id="{name("desc")}">{escape(_description(policy_map))}</desc>\n'
        f"<style>\n{style.css()}</style>\n{style.patterns()}{paper}{''.join(parts)}</svg>\n"
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
    parts += _legend(policy_map.policy.default, y)
    return "".join(parts), y + 44


def _legend(default: Action, top: float) -> Iterator[str]:
    """Draw a sample of everything that the picture has, with its meaning."""
    x = float(places.MARGIN)
    for action, meaning in style.MEANINGS.items():
        yield bars.sample(action, places.BAR, _placed(x, top, 24))
        yield words(x + 32, top + 12.5, meaning, places.TEXT)
        x += 290
    x, y = float(places.MARGIN), top + 24
    for reserved, meaning in ((False, f"no rule: {default}, the default"), (True, "allocated to nobody")):
        yield bars.sample(None, places.BAR, _placed(x, y, 24), reserved=reserved)
        yield words(x + 32, y + 12.5, meaning, places.TEXT)
        x += 290
    for answered, meaning in ((False, "a known call"), (True, "one that is answered")):
        yield bars.sample_mark(_placed(x, y + 5, 12), answered=answered)
        yield words(x + 18, y + 12.5, meaning, places.TEXT)
        x += 130


def _section(title: str, rows: Sequence[GridRow], rules: Sequence[Rule], top: float) -> tuple[str, float]:
    """Draw rows below their title, whose upper edge is at ``top``; return them and where they end."""
    parts = [words(places.MARGIN, top + 14, title, places.HEADING, font_weight="bold")]
    forms = ((places.SMC32, "SMC32"), (places.SMC64, "SMC64")) if len(rows[0].bars) > 1 else ()
    heads = (*forms, (places.RULES, "rules"))
    parts += [words(x, top + 14, text, places.TEXT, "quiet") for x, text in heads]
    y = top + 26
    for row in rows:
        parts.append(_row(row, rules, y))
        y += places.ROW
    return "".join(parts), y


def _row(row: GridRow, rules: Sequence[Rule], y: float) -> str:
    base = y + places.BAR / 2 + 4.5
    is_service = row.label[0].isalpha()
    label = row.label if is_service or len(row.bars) == 1 else f"{row.label} {row.title}"
    parts = [words(places.MARGIN, base, fitted(label, places.TEXT, places.LABELS_WIDTH), places.TEXT)]
    width = places.FORM_WIDTH if len(row.bars) > 1 else places.SMC64 + places.FORM_WIDTH - places.SMC32
    for x, bar in zip((places.SMC32, places.SMC64), row.bars, strict=False):
        if bar:
            height = bar_height(bar)
            place = _placed(x, y + (places.BAR - height) / 2, width)
            parts.append(bars.draw(bar, height, marks=bool(bar.marks), place=place))
    for x, bar in zip((places.SMC32, places.SMC64), row.rest, strict=False):
        if bar.is_decided:
            parts.append(bars.draw(bar, places.REST, marks=False, place=_placed(x, y + places.BAR + 1, width)))
    named = rule_names(rules_of(row, rules), places.TEXT, places.RIGHT - places.RULES)
    quiet = KVMS_OWN if is_kvms(row) else row.title if len(row.bars) == 1 and not is_service else ""
    text = named or quiet
    return "".join(parts) + (words(places.RULES, base, text, places.TEXT, "ink" if named else "quiet") if text else "")


def _placed(x: float, y: float, width: float) -> str:
    return f'x="{number(x)}" y="{number(y)}" width="{number(width)}"'


def _title(policy_map: PolicyMap) -> str:
    return f"SMCCC filter policy {policy_map.policy.name}"


def _facts(policy_map: PolicyMap) -> str:
    count = counted(len(policy_map.policy.rules), "rule")
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
