"""What a person sees, types and clicks in a real browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from smccc_filter.analysis.diagnostics import FileReport, RelatedPlace
from smccc_filter.language.places import Position, Span
from smccc_filter.reports import query
from smccc_filter.reports.map.page import render
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from tests.programs.bench.inputs import many_rules
from tests.reports.axe import check
from tests.reports.conftest import Open
from tests.reports.map.page.drawn import HOSTILE, Drawn, Line, draw, draw_shipped, some_ids

OF_THE_PAGE = ("reason", "lives in")
"""Lines that the page adds to what ``query`` says."""
WHOLE = "#0x00000000/0"
STRANGE = {"long": "a" * 10_000, "combining": "e" + "\u0301" * 300, "right-to-left": "\u05d0\u05d1 " * 500}
"""Words of a policy that are hard to lay out."""
PLACES = ("", "0x00000000/0", "0x84000000/24", "0x84000003", "trng", "PSCI_CPU_OM")
"""Every kind of place that the page can show."""


BROKEN = {
    "lying": b"""\
version: 1
name: lying
target: {kernels: ["6.6", "7.3"], psci: "1.3"}
rules:
  - {name: no-entropy, action: deny, calls: [TRNG_RND], reason: "None."}
  - {name: odd, action: forward, ranges: [0x82FF0000, 0xB5000000-0xB500FFFF, 0x02000100-0x02000200]}
""",
    "unread": b"version: 1\nname: [\n",
}
"""Policies with errors, of which one leaves open what it says."""


@pytest.fixture(params=["lockdown", "kvmtool-psci"])
def drawn(tmp_path: Path, request: pytest.FixtureRequest) -> Drawn:
    return draw_shipped(tmp_path, request.param)


def cards(page: Page) -> list[tuple[str, list[Line]]]:
    """Read the answers, at once: one question to the browser for each would take longer than the answer."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("#result .card")].map((card) => [
            card.querySelector("h3").innerText,
            [...card.querySelectorAll("dt")].map((label) => [label.innerText, label.nextElementSibling.innerText])])"""
    )
    return [(title, [(label, text) for label, text in lines if label not in OF_THE_PAGE]) for title, lines in found]


def type_in(page: Page, word: str) -> None:
    page.fill("#ask", word)
    page.press("#ask", "Enter")


def tile_at(start: int) -> str:
    return f'#map [role="grid"] .tile[data-start="{show(start)}"]'


def tile(page: Page, start: int) -> Locator:
    return page.locator(tile_at(start))


def bar(page: Page, place: str) -> Locator:
    """Return the bar of the map that leads to a place, the first in the page."""
    return page.locator(f'#space button[data-place="{place}"]').first


def test_what_is_typed_shows_what_query_says(opened: Open, drawn: Drawn) -> None:
    page = opened(drawn.file)
    for func_id in some_ids(drawn, 200)[::10]:
        type_in(page, show(func_id))
        page.locator(f'#result .card[data-id="{show(func_id)}"]').wait_for()
        assert cards(page) == [drawn.said(func_id)]


def test_what_is_clicked_shows_what_query_says(opened: Open, tmp_path: Path) -> None:
    drawn = draw_shipped(tmp_path, "kvmtool-psci")
    page = opened(drawn.file, at=WHOLE)
    for func_id in some_ids(drawn, 200)[::20]:
        page.locator("#crumbs > :first-child").click()
        for bits, selector in way_to(func_id):
            page.wait_for_function("(bits) => region.bits === bits", arg=bits)
            page.locator(selector).click()
        page.locator(f'#result .card[data-id="{show(func_id)}"]').wait_for()
        assert cards(page) == [drawn.said(func_id)]
        assert page.locator(".tile.chosen").get_attribute("data-start") == show(func_id)


def test_so_it_does_for_many_that_are_typed_and_clicked_fast(opened: Open, tmp_path: Path) -> None:
    drawn = draw_shipped(tmp_path, "lockdown")
    page = opened(drawn.file, at=WHOLE)
    page.evaluate(FAST)
    for func_id in some_ids(drawn, 40):
        page.evaluate("([word]) => typeFast(word)", [show(func_id)])
        assert cards(page) == [drawn.said(func_id)]
        page.evaluate("(way) => clickFast(way)", way_to(func_id))
        assert cards(page) == [drawn.said(func_id)]


FAST = """
    const until = async (condition) => {
        for (let left = 2000; !condition(); left--) {
            if (!left) throw new Error(`never: ${condition}`);
            await new Promise((done) => setTimeout(done, 1));
        }
    };
    window.typeFast = async (word) => {
        document.getElementById("result").replaceChildren();
        document.getElementById("ask").value = word;
        document.getElementById("ask-form").requestSubmit();
        await until(() => document.querySelector("#result .card"));
    };
    window.clickFast = async (way) => {
        document.querySelector("#crumbs > :first-child").click();
        for (const [bits, selector] of way) {
            await until(() => region.bits === bits);
            document.querySelector(selector).click();
        }
        await until(() => document.querySelector("#result .card"));
    };
    null;
"""


def way_to(func_id: int) -> list[tuple[int, str]]:
    """Return what to click, one after the other, to come from the whole space to one ID.

    Beside each stands how many bits the IDs have that the map shows by then.
    """
    return [(bits, tile_at(func_id >> bits - 8 << bits - 8)) for bits in (32, 24, 16, 8)]


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("PSCI_CPU_ON", [0x84000003, 0xC4000003]),
        ("psci_cpu_on/64", [0xC4000003]),
        ("PSCI_0_2_FN64_CPU_ON", [0xC4000003]),
        (" 0xc400_0003 ", [0xC4000003]),
        ("C4000003", [0xC4000003]),
        ("PV_TIME_ST", [0xC5000021]),
    ],
)
def test_a_call_is_found_however_it_is_written(opened: Open, tmp_path: Path, word: str, ids: list[int]) -> None:
    drawn = draw_shipped(tmp_path, "lockdown")
    page = opened(drawn.file)
    type_in(page, word)
    page.locator("#result .card").first.wait_for()
    assert cards(page) == [drawn.said(func_id) for func_id in ids]


def test_an_unknown_word_is_said_to_be_one_and_near_ones_are_offered(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file)
    type_in(page, "PSCI_CPU_OM")
    expect(page.locator("#result")).to_contain_text("Nothing is called “PSCI_CPU_OM”. Did you mean PSCI_CPU_ON")
    page.get_by_role("button", name="PSCI_CPU_ON", exact=True).click()
    expect(page.locator("#result h3").first).to_have_text("0x84000003 PSCI_CPU_ON/32: handle")
    type_in(page, "0x123456789")
    expect(page.locator("#result")).to_contain_text("Nothing is called “0x123456789”.")


@pytest.mark.parametrize("word", ["data", "map", "rules", "ask", "skip", "overview", "__proto__"])
def test_a_word_of_the_page_itself_is_no_call(opened: Open, tmp_path: Path, word: str) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file, at="#0x84000003")
    type_in(page, word)
    expect(page.locator("#result")).to_contain_text(f"Nothing is called “{word}”.")


@pytest.mark.parametrize(
    ("word", "title", "said"),
    [
        ("TRNG", "trng: True Random Number Generator", "handle 5, deny 27; 5 known calls"),
        ("0x84000050-0x8400_005f", "0x84000050-0x8400005F", "handle 4, deny 12; 4 known calls"),
    ],
)
def test_many_ids_are_shown_where_they_are(opened: Open, tmp_path: Path, word: str, title: str, said: str) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file)
    type_in(page, word)
    expect(page.locator("#result h3")).to_contain_text(title)
    expect(page.locator("#result p").first).to_have_text(said)
    expect(tile(page, 0x84000050)).to_be_visible()


@pytest.mark.parametrize("width", [320, 1200])
def test_the_answer_comes_into_view(opened: Open, tmp_path: Path, width: int) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file, at="#0x84000000/24", width=width)
    tile(page, 0x840000F3).click()
    expect(page.locator("#result h3")).to_contain_text("0x840000F3")
    expect(page.locator("#result h3")).to_be_in_viewport()
    expect(tile(page, 0x840000F3)).to_be_focused()


def test_every_known_call_of_a_region_has_its_row(opened: Open, drawn: Drawn) -> None:
    page = opened(drawn.file, at="#0x84000000/24")
    rows = page.locator("#map .list tbody tr").all_inner_texts()
    known = [func_id for func_id in range(0x84000000, 0x84000100) if registry.name_of(func_id)]
    for func_id in known:
        row = next(row for row in rows if row.startswith(show(func_id) + "\t"))
        assert str(registry.name_of(func_id)) in row
    expect(tile(page, 0x84000053).locator("b")).to_have_attribute("data-byte", "53")


def test_a_bar_says_what_it_is_and_leads_closer(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file)
    name = "trng: 0x84000050-0x8400005F: handle 4 IDs, deny 12 IDs by no rule"
    page.get_by_role("button", name=name, exact=True).click()
    expect(tile(page, 0x84000000)).to_be_focused()
    expect(page.locator("#about")).to_contain_text("0x84000000-0x840000FF, an ID a tile.")
    expect(page.get_by_role("button", name="4 Standard Secure: 0xC4000000-0xC400FFFF: handle 5 IDs")).to_have_count(1)


def test_rows_that_are_alike_unfold(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file)
    expect(page.locator("#space .label").filter(has_text="50-63 Trusted OS")).to_be_visible()
    page.locator("#space summary").filter(has_text="14 owners").click()
    owner = page.get_by_role("link", name="0xFF000000-0xFF00FFFF")
    owner.click()
    expect(tile(page, 0xFF000000)).to_be_visible()


REFUSED = b"""\
version: 1
name: refused
target: {kernels: ["6.6", "7.3"], psci: "1.3"}
rules:
  - {action: deny, calls: [TRNG_RND]}
"""


def test_what_a_kernel_refuses_is_said_as_query_says_it(opened: Open, tmp_path: Path) -> None:
    drawn = draw(tmp_path, REFUSED)
    page = opened(drawn.file)
    said = [f"{line.label} {line.text}" for line in query.refusals(drawn.setups)]
    assert said == ["6.6 refuses psci 0x10003 with EINVAL, and keeps its default"]
    assert page.locator("#guest .refusals li").all_inner_texts() == [f"Linux {said[0]}."]
    finding = page.locator("#findings article").filter(has_text="EINVAL on 6.6")
    expect(finding.locator("pre")).to_have_text(re.compile(r"\^ EINVAL on 6\.6$"))


def test_other_places_of_a_finding_are_named(opened: Open, tmp_path: Path) -> None:
    drawn = draw_shipped(tmp_path, "ffa-in-vmm")
    found = drawn.examination.report.diagnostics[0]
    other = RelatedPlace(Span(Position(3, 7), Position(3, 9)), "<b>this</b> too")
    report = drawn.examination.report
    changed = FileReport(report.path, report.text, (found._replace(related=(other,)),))
    drawn.file.write_text(render(drawn.path, drawn.examination._replace(report=changed), drawn.setups))
    expect(opened(drawn.file).locator("#findings article")).to_contain_text(
        "ffa-in-vmm.smccc.yaml:3:7: <b>this</b> too"
    )


def test_a_link_leads_to_an_id_and_the_way_back_is_the_browser_s(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file, at="#0x84000003")
    expect(page.locator("#result h3")).to_have_text("0x84000003 PSCI_CPU_ON/32: handle")
    expect(tile(page, 0x84000003)).to_have_class("tile square handle known chosen")
    tile(page, 0x84000005).click()
    expect(page.locator("#result h3")).to_have_text("0x84000005 PSCI_MIGRATE/32: deny")
    page.go_back()
    expect(page.locator("#result h3")).to_have_text("0x84000003 PSCI_CPU_ON/32: handle")


def test_the_keyboard_is_enough(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_be_focused()
    bar(page, "0x84000000/24").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "Home"):
        page.keyboard.press(key)
    expect(bar(page, "0x80000000/16")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(tile(page, 0x84000000)).to_be_focused()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#result h3")).to_have_text("0x84000003 PSCI_CPU_ON/32: handle")
    expect(tile(page, 0x84000003)).to_be_focused()
    for start in (0x84000000, 0x84000000, 0x84000000):
        page.keyboard.press("Escape")
        expect(tile(page, start)).to_be_focused()
    expect(page.locator('#crumbs [aria-current="location"]')).to_have_text("The whole space")
    page.keyboard.press("Escape")
    expect(page.locator("#map .tile")).to_have_count(0)
    expect(bar(page, "0x84000000/24")).to_be_focused()


def test_findings_stand_with_their_places_and_lead_to_the_map(opened: Open, tmp_path: Path) -> None:
    drawn = draw_shipped(tmp_path, "ffa-in-vmm")
    page = opened(drawn.file)
    shown = page.locator("#findings article")
    assert shown.count() == len(drawn.examination.report.diagnostics)
    allowed = shown.filter(has_text="allowed warning[F502]")
    expect(allowed).to_be_hidden()
    page.locator("#findings summary").click()
    expect(allowed).to_contain_text("ffa-in-vmm.smccc.yaml:25:16")
    expect(allowed.locator("pre")).to_have_text("    services: [ffa]\n               ^^^")
    allowed.get_by_role("link", name="0x84000063").first.click()
    expect(page.locator("#result h3")).to_contain_text("0x84000063 FFA_VERSION")


def test_the_theme_can_be_chosen(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "lockdown").file, scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    button = page.get_by_role("button", name="Dark")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(colour) == "rgb(255, 255, 255)" != dark


def test_words_of_a_policy_stay_words(opened: Open, tmp_path: Path) -> None:
    drawn = draw(tmp_path, HOSTILE.encode(), path='"><img src=x onerror=alert(1)>.yaml')
    page = opened(drawn.file)
    type_in(page, "TRNG_RND")
    page.locator("#result .card").first.wait_for()
    assert cards(page) == [drawn.said(func_id) for func_id in (0x84000053, 0xC4000053)]
    expect(page.locator("#result .reason").first).to_have_text("<!--<script> ${alert(1)} &lt;b&gt; @DATA@ @SCRIPT@")
    expect(page.locator("#rules")).to_contain_text("</title>\\u202e<svg onload=alert(1)>")
    type_in(page, "<img src=x onerror=alert(1)>")
    expect(page.locator("#result")).to_contain_text("Nothing is called “<img src=x onerror=alert(1)>”.")
    assert page.title() == "hostile: SMCCC filter policy"
    assert page.locator("img, iframe, object, [onload], [onerror]").count() == 0
    assert page.locator("script").count() == 2


def test_without_its_script_everything_is_there_but_the_look_up(tmp_path: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(draw_shipped(tmp_path, "trng-in-vmm").file.as_uri())
    for part in ("#findings", "#guest", "#vmm", "#space", "#rules", "noscript"):
        expect(page.locator(part)).to_be_visible()
    for part in ("#ask-form", "#theme", "#skip"):
        expect(page.locator(part)).to_be_hidden()
    page.locator("#guest summary").last.click()
    expect(page.locator("#guest")).to_contain_text("TRNG_VERSION                                 answered by the VMM")
    context.close()


def test_paper_has_what_is_folded_and_no_buttons(opened: Open, tmp_path: Path) -> None:
    page = opened(draw_shipped(tmp_path, "ffa-in-vmm").file, scheme="dark")
    folded = page.locator("#findings article")
    expect(folded).to_be_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    expect(folded).to_be_visible()
    expect(page.locator("#vmm tbody tr").last).to_be_visible()
    expect(page.locator("#theme")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("word", STRANGE.values(), ids=STRANGE)
def test_no_word_is_wider_than_the_window(browser: Browser, tmp_path: Path, word: str) -> None:
    escaped = json.dumps(word)
    rule = f"{{name: {escaped}, action: deny, calls: [TRNG_RND], reason: {escaped}}}"
    text = f"version: 1\nname: a\ndescription: {escaped}\nrules: [{rule}]\n"
    page = browser.new_page()
    page.goto(draw(tmp_path, text.encode(), path=f"{word}.yaml").file.as_uri())
    for width in (320, 390, 768, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("name", ["kvmtool-psci", "lockdown", "ffa-in-vmm", "target-impl-cpus"])
def test_no_table_is_cut_on_a_phone(browser: Browser, tmp_path: Path, name: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(draw_shipped(tmp_path, name).file.as_uri())
    wide = "[...document.querySelectorAll('.wide')].filter((one) => one.checkVisibility())"
    assert page.evaluate(f"{wide}.length") > 0
    assert page.evaluate(f"{wide}.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)") == []
    page.close()


def test_a_script_of_a_stranger_does_not_run(tmp_path: Path, browser: Browser) -> None:
    drawn = draw_shipped(tmp_path, "lockdown")
    text = drawn.file.read_text(encoding="utf-8")
    drawn.file.write_text(text.replace("</body>", "<script>document.title = 'owned'</script></body>"), encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(drawn.file.as_uri())
    assert page.title() == "lockdown: SMCCC filter policy"
    page.close()
    assert len(said) == 1
    assert "violates the following Content Security Policy directive" in said[0]


def test_ten_thousand_rules_open(opened: Open, tmp_path: Path) -> None:
    path = many_rules(tmp_path, 10_000)
    drawn = draw(tmp_path, path.read_bytes())
    page = opened(drawn.file)
    last = page.locator("#rules li").last
    assert page.locator("#rules tbody tr").count() + page.locator("#rules li").count() == 10_000
    expect(last).to_be_hidden()
    page.locator("#rules summary").filter(has_text="Rules 9,001 to 10,000").click()
    expect(last).to_be_visible()
    type_in(page, "0x02000101")
    page.locator("#result .card").wait_for()
    assert cards(page) == [drawn.said(0x02000101)]


@pytest.mark.parametrize(("scheme", "places"), [("light", PLACES), ("dark", PLACES[-2:])])
def test_axe_finds_nothing(
    opened: Open, tmp_path: Path, node_modules: Path, scheme: str, places: tuple[str, ...]
) -> None:
    page = opened(draw_shipped(tmp_path, "kvmtool-psci").file, scheme=scheme, width=320, bypass_csp=True)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    check(page, node_modules)
    for place in places:
        page.evaluate("(place) => { location.hash = place; }", place)
        page.wait_for_function("(place) => followed === (place && `#${place}`)", arg=place)
        check(page, node_modules, "#question")


@pytest.mark.parametrize("name", ["lying", "unread"])
def test_axe_finds_nothing_in_what_is_broken(opened: Open, tmp_path: Path, node_modules: Path, name: str) -> None:
    drawn = draw(tmp_path, BROKEN[name])
    for scheme, width in (("dark", 320), ("light", 2560)):
        check(opened(drawn.file, scheme=scheme, width=width, bypass_csp=True), node_modules)
