import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.map import PolicyMap
from smccc_filter.kvm.uapi import Action
from smccc_filter.reports.map import svg as map_svg
from smccc_filter.reports.map.picture import places
from smccc_filter.reports.map.picture.bars import MOST_PIECES
from smccc_filter.reports.map.picture.shapes import ELLIPSIS, escape, fitted, shared, width_of
from smccc_filter.reports.map.picture.style import DARK, LETTERS, LIGHT, PATTERNS, PREFIX, Palette, css, variables
from smccc_filter.smccc.registry.owners import OWNERS
from tests.conftest import Golden
from tests.programs.fuzz import strategies
from tests.reports.findings.strategies import words
from tests.reports.map import cases as maps

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "style", "defs", "pattern", "path", "rect", "text"}
HOSTILE = ("</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>&amp;<!--", "\u3000\u200b\u202e")


def drawn(of: PolicyMap) -> ET.Element:
    return ET.fromstring(map_svg.render(of))  # noqa: S314 -- our own words


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def tips(root: ET.Element) -> list[str]:
    return [element.text or "" for bar in root.iter(f"{SVG}svg") for element in bar.findall(f"{SVG}title")][1:]


def test_the_picture_is_as_recorded(golden: Golden) -> None:
    golden(maps.RECORDED / "vcpu-hotplug.svg", map_svg.render(maps.of_shipped("vcpu-hotplug")))


def check_is_self_contained(text: str) -> None:
    root = ET.fromstring(text)  # noqa: S314
    assert root.tag == f"{SVG}svg"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ALLOWED
    for element in root.iter():
        for key, value in element.attrib.items():
            assert not key.startswith("on")
            assert "href" not in key
            assert "url(" not in value or value.startswith(f"url(#{PREFIX}-")
    sheet = next(root.iter(f"{SVG}style")).text or ""
    assert "url(" not in sheet
    assert "@import" not in sheet
    assert re.findall("[a-z]+://[^\"' ]*", text.split(">", 1)[0]) == ["http://www.w3.org/2000/svg"]


@settings(max_examples=20)
@given(strategies.policies)
def test_any_policy_is_a_picture_that_needs_nothing_else(tree: Any) -> None:  # noqa: ANN401
    examination = pipeline.examine("p.yaml", strategies.write(tree, block=False))
    assume(examination.policy is not None)
    check_is_self_contained(map_svg.render(PolicyMap.of(examination, maps.setups(examination))))


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_hostile_words_are_words(word: str) -> None:
    rule = {"name": word, "action": "deny", "calls": ["TRNG_RND"], "reason": word}
    tree = {"version": 1, "name": "a", "description": word, "rules": [rule]}
    of = maps.of(strategies.write(tree, block=False))
    assert of.policy.rules[0].name == word
    text = map_svg.render(of)
    check_is_self_contained(text)
    root = drawn(of)
    assert all(character.isprintable() for text in (*texts(root), *tips(root)) for character in text)
    if word.isprintable():
        assert word in texts(root)


@given(words)
def test_escaped_text_is_text_in_elements_and_attributes(word: str) -> None:
    root = ET.fromstring(f'<a b="{escape(word)}">{escape(word)}</a>')  # noqa: S314
    assert root.text or not word
    assert (root.text or "") == root.attrib["b"]


def test_the_picture_has_a_name_and_says_in_words_what_it_shows() -> None:
    root = drawn(maps.of_shipped("lockdown"))
    named = {element.attrib.get("id"): element.text or "" for element in root}
    assert root.attrib["role"] == "img"
    title, description = (named[part] for part in root.attrib["aria-labelledby"].split())
    assert title == "SMCCC filter policy lockdown"
    assert description.startswith("Default: deny. 6 rules. Linux 6.12, 7.3. Of the whole ID space: handle 262,163 IDs")
    assert "rule `cpu-errata` (handle)" in description


def test_every_id_of_the_document_is_its_own() -> None:
    ids = [element.attrib["id"] for element in drawn(maps.of(maps.HEAD)).iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(f"{PREFIX}-") for name in ids)


def test_each_action_has_a_letter_a_class_and_a_place_in_the_legend() -> None:
    assert len(set(LETTERS.values())) == len(Action)
    policy = f"{maps.HEAD}rules: [{{action: deny, services: [sdei]}}, {{action: forward, services: [trng]}}]\n"
    root = drawn(maps.of(policy))
    assert {letter for letter in texts(root) if letter in set(LETTERS.values())} == set(LETTERS.values())
    classes = {name for element in root.iter() for name in element.attrib.get("class", "").split()}
    assert {f"{PREFIX}-{action}" for action in Action} <= classes
    assert all(f".{name} " in css() for name in classes)


def fills_of(bar: ET.Element) -> set[str]:
    """Return what a bar is filled with: names of patterns, those of actions among them, and ``undecided``."""
    rects = [element.attrib for element in bar.iter(f"{SVG}rect")]
    patterns = {re.sub(rf"url\(#{PREFIX}-(.*)-pattern\)", r"\1", rect["fill"]) for rect in rects if "fill" in rect}
    return patterns | {"undecided" for rect in rects if rect.get("class") == f"{PREFIX}-undecided"}


def bars(root: ET.Element) -> list[ET.Element]:
    """Return the bars, which say what they are, unlike the samples of the legend."""
    return [bar for bar in root.findall(f"{SVG}svg") if bar.find(f"{SVG}title") is not None]


def test_what_acts_in_a_place_is_named_beside_it() -> None:
    shown = texts(drawn(maps.of_shipped("vcpu-hotplug")))
    assert shown.count("cpu-power") == 2  # owner 4, and psci
    assert sum(text.startswith("No rule in sdei, mm, trng") for text in shown) == 1


@pytest.mark.parametrize("default", Action)
def test_what_no_rule_decides_is_neutral_whatever_the_default_is(default: Action) -> None:
    quiet = drawn(maps.of(f"{maps.HEAD}default: {default}\n"))
    assert {name for bar in bars(quiet) for name in fills_of(bar)} == {"undecided", "reserved"}
    rule = f"{maps.HEAD}default: {default}\nrules: [{{action: {default}, services: [trng]}}]\n"
    loud = [bar for bar in bars(drawn(maps.of(rule))) if default in fills_of(bar)]
    assert [(bar.findtext(f"{SVG}title") or "")[:10] for bar in loud] == [
        *("0x84000050", "0xC4000050"),
        *("0x84000000", "0xC4000000"),
    ]


def test_reserved_space_recedes_until_a_rule_decides_there() -> None:
    def heights(rules: str) -> dict[str, float]:
        found = bars(drawn(maps.of(f"{maps.HEAD}rules: [{rules}]\n")))
        return {(bar.findtext(f"{SVG}title") or "")[:10]: float(bar.attrib["height"]) for bar in found}

    before, after = heights(""), heights("{action: deny, ranges: [0x88000000-0xAFFFFFFF]}")
    assert before["0x88000000"] < before["0x83000000"] == after["0x88000000"]


def test_the_letter_of_a_rule_stands_where_there_is_room() -> None:
    wide = drawn(maps.of(f"{maps.HEAD}rules: [{{action: deny, services: [trng]}}]\n"))
    assert texts(wide).count("D") == 1 + 2  # legend and the strip of each form; in owner 4 there is no room


def test_every_owner_is_drawn() -> None:
    assert [owner for row in OWNERS for owner in range(row.first, row.last + 1)] == list(range(64))
    root = drawn(maps.of_shipped("lockdown"))
    assert {"8-47 reserved", "48-49 Trusted Application", "50-63 Trusted OS"} <= set(texts(root))
    found = tips(root)
    assert any(
        tip.startswith("0xB2000000-0xB200FFFF,") and tip.endswith("deny 917,504 IDs by no rule") for tip in found
    )
    assert "0x81000000-0x8100FFFF: handle 65,536 IDs" in found
    assert "0x20000000-0x7FFFFFFF: deny 1,610,612,736 IDs by no rule" in found


def test_places_are_within_their_bar() -> None:
    for bar in bars(drawn(maps.of_shipped("lockdown"))):
        for rect in bar.findall(f"{SVG}rect"):
            if rect.attrib["x"].endswith("%") and rect.attrib["width"].endswith("%"):
                x, width = (float(rect.attrib[key].rstrip("%")) for key in ("x", "width"))
                assert 0 <= x < x + width <= 100.011


def test_ten_thousand_rules_fill_no_more_of_it_than_a_thousand() -> None:
    some, many = (map_svg.render(maps.of(maps.many_rules(count))) for count in (1000, 10_000))
    assert len(many) < len(some) * 1.1
    pieces = [len([rect for rect in bar if "fill" in rect.attrib]) for bar in bars(ET.fromstring(many))]  # noqa: S314
    assert len(Action) < max(pieces) <= MOST_PIECES


def test_no_rule_is_a_picture_too() -> None:
    root = drawn(maps.of(maps.HEAD))
    assert "Default: handle. 0 rules. Linux 7.3." in texts(root)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_what_it_stands_on(palette: Palette) -> None:
    pairs = [(palette.ink, palette.paper), (palette.quiet, palette.paper)]
    pairs += [(fill.ink, fill.ground) for fill in palette.fills.values()]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_actions_differ_without_colour(palette: Palette) -> None:
    assert len(set(PATTERNS.values())) == len(Action)
    grounds = {action: palette.fills[action].ground for action in Action}
    assert contrast(grounds[Action.HANDLE], grounds[Action.DENY]) >= 1.6
    assert contrast(grounds[Action.FORWARD], grounds[Action.DENY]) >= 1.6
    for action, fill in palette.fills.items():
        assert contrast(fill.lines, fill.ground) >= 1.4, action


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_what_rules_decide_stands_out(palette: Palette) -> None:
    for fill in palette.fills.values():
        assert contrast(fill.ground, palette.undecided) > contrast(palette.undecided, palette.paper)


def test_pages_have_the_colours_of_the_picture() -> None:
    declared = dict(re.findall(r"--([a-z-]+): light-dark\(([^)]*)\)", variables()))
    for action in Action:
        light, dark = declared[action].split(", ")
        assert (light, dark) == (LIGHT.fills[action].ground, DARK.fills[action].ground)
    assert set(re.findall(r"^\.([a-z-]+)", css(), re.MULTILINE)) - {f"{PREFIX}-text"} == set(
        re.findall(r"^\.([a-z-]+)", variables(), re.MULTILINE)
    )


@given(words, st.floats(8, 30), st.floats(60, 1000))
def test_a_text_never_needs_more_room_than_there_is(word: str, size: float, width: float) -> None:
    shown = fitted(word, size, width)
    assert width_of(shown, size) <= width
    assert shown.isprintable()
    assert shown == word or shown.endswith(ELLIPSIS) or not word.isprintable()


def test_texts_stay_within_the_picture_and_its_columns() -> None:
    for element in drawn(maps.of(maps.many_rules(2000))).findall(f"{SVG}text"):
        x, size = float(element.attrib["x"]), float(element.attrib["font-size"])
        if element.attrib.get("text-anchor") is None:
            assert x + width_of(element.text or "", size) <= places.RIGHT, element.text


shares = st.lists(st.tuples(st.integers(1, 2**32), st.floats(0.1, 40)), min_size=1, max_size=20)


@given(shares, st.floats(10, 300))
def test_shares_fill_the_room_and_none_is_too_small(parts: list[tuple[int, float]], width: float) -> None:
    weights, least = [weight for weight, _ in parts], [needed for _, needed in parts]
    widths = shared(weights, width, least)
    assert sum(widths) == pytest.approx(width)
    if sum(least) < width:
        assert all(given >= needed - 1e-6 for given, needed in zip(widths, least, strict=True))
    else:
        assert all(given > 0 for given in widths)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.floats(10, 300))
def test_shares_are_in_proportion_where_all_are_large_enough(weights: list[int], width: float) -> None:
    widths = shared(weights, width, [0] * len(weights))
    assert widths == pytest.approx([width * weight / sum(weights) for weight in weights])
