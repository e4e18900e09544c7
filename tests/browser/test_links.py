"""A link restores every control and every figure, in either language; Back and Forward take one step each."""

from __future__ import annotations

from itertools import pairwise

import pytest

from i18n.words import load_words
from tests.browser.window import Window
from ui.choices import Control, PageSpec
from ui.filter_bar import choice_name
from ui.site import SITE

pytestmark = pytest.mark.browser
SPECS = [site.spec for site in SITE if site.spec.has_period]
EN, ZH = load_words("en"), load_words("zh-CN")
BY_NAME = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


FOUND = {"pipeline": ("existing_business", "Existing business")}  # what the data hold: the second one


def other_value(control: Control) -> str:
    """A value that the control does not start with."""
    return next(value for value in reversed(control.values) if value != control.default)


def set_single_choices(window: Window, spec: PageSpec) -> dict[str, str]:
    """Set every control that has one value; gives their codes by the key of the control."""
    window.choose("period-bar", EN("filter.period.choice.last_year"))
    chosen = {"period-bar": "last_year"}
    in_bar = {control.name for control in spec.time_controls()}
    for control in spec.all_controls():
        value, key = other_value(control), f"{control.name}-{'bar' if control.name in in_bar else 'sheet'}"
        chosen[key] = value
        if control.name not in in_bar:
            window.open_sheet()
        if control.name == "complete":
            window.moves(window.at(key).locator("label").first.click)
        else:
            window.choose(key, choice_name(control.name, value, spec, EN))
    return chosen


def expected(chosen: dict[str, str], spec: PageSpec, words: object) -> dict[str, object]:
    """What the controls show in a language."""
    shown = {key: choice_name(key.rsplit("-", 1)[0], code, spec, words) for key, code in chosen.items()}  # type: ignore[arg-type]
    return {key: True if key.startswith("complete-") else text for key, text in shown.items()}


def choose_in_every_filter(window: Window, spec: PageSpec) -> None:
    """Choose the first value that there is in each filter that has none yet."""
    window.open_sheet()
    for name in spec.dimensions:
        if name not in window.params:
            window.at(f"{name}-sheet").get_by_role("combobox").click()
            window.moves(window.page.get_by_role("option").first.click)


@BY_NAME
def test_a_link_restores_every_choice_and_every_figure_in_either_language(window, spec):
    author = window().open(spec.name)
    chosen = set_single_choices(author, spec)
    codes = {key.rsplit("-", 1)[0]: [code] for key, code in chosen.items()}
    for name in spec.found:
        author.choose(f"{name}-bar", FOUND[name][1])
        codes[name] = [FOUND[name][0]]
    author.open_sheet().choose("region-sheet", "China", "South")
    link, figures = author.address, author.figures
    assert figures["cards"] or figures["charts"]
    assert author.params == {"lang": ["en"], **codes, "region": ["China", "South"]}
    choose_in_every_filter(author, spec)
    assert set(author.params) == {"lang", *spec.defaults()}

    reader = window().go(author.address).open_sheet()
    assert (reader.problems, reader.controls, reader.figures) == ([], author.controls, author.figures)
    assert all(reader.controls[f"{name}-sheet"] for name in spec.dimensions)

    chinese = window().go(link.replace("lang=en", "lang=zh-CN"))
    assert (chinese.problems, chinese.figures) == ([], figures)
    shown = chinese.open_sheet().controls
    assert {key: shown[key] for key in chosen} == expected(chosen, spec, ZH)
    assert shown["region-sheet"] == "China South"
    assert chinese.address == link.replace("lang=en", "lang=zh-CN")


def test_a_link_restores_the_days_that_were_typed(window):
    author = window().open("overview").choose("period-bar", EN("filter.period.choice.custom"))
    year, month, day = (author.at("dates-bar").locator(f"[data-range-field=start] [data-type={part}]") for part in ("year", "month", "day"))  # fmt: skip
    for part, typed in ((year, "2025"), (month, "11"), (day, "05")):
        part.click()
        part.press_sequentially(typed)
    author.moves(author.page.locator("h1").click)
    assert author.params["period"] == ["2025-11-05..2026-04-01"]
    reader = window().go(author.address.replace("lang=en", "lang=zh-CN"))
    assert reader.controls["dates-bar"] == author.controls["dates-bar"] == "2025-11-05 2026-03-31"
    assert reader.figures == author.figures


def test_a_link_restores_what_was_looked_for_in_the_definitions(window):
    author = window().open("definitions")
    everything = author.figures["sections"]
    box = author.page.get_by_role("textbox", name=EN("page.definitions.search"))
    box.fill("win_rate")
    author.moves(lambda: box.press("Enter"))
    assert "win_rate" in author.figures["sections"]
    assert len(author.figures["sections"]) < len(everything)
    for address in (author.address, author.address.replace("lang=en", "lang=zh-CN")):
        reader = window().go(address)
        assert reader.figures == author.figures
        assert reader.controls["definitions-search"] == "win_rate"


def test_the_shared_link_is_the_address_that_stands_in_the_browser(window):
    viewer = window().open("funnel").choose("period-bar", EN("filter.period.choice.last_year"))
    viewer.press("share")
    link = viewer.page.locator("[data-testid=stPopoverBody] code").inner_text()
    assert link == viewer.page.url


def state(window: Window) -> tuple[str, dict[str, object], dict[str, object]]:
    """Everything that a step back has to bring back."""
    return window.address, window.controls, window.figures


def test_back_and_forward_take_one_step_for_each_choice_and_each_page(window):
    viewer = window()
    viewer.page.goto("about:blank")
    viewer.open("overview")
    viewer.go(viewer.address)  # an address that says everything, as a shared link does
    steps = [state(viewer)]
    walk = (
        lambda: viewer.choose("period-bar", EN("filter.period.choice.last_year")),
        lambda: viewer.choose("grain-bar", EN("filter.grain.choice.quarter")),
        lambda: viewer.follow("retention"),
        lambda: viewer.choose("grain-bar", EN("filter.grain.choice.month")),
        lambda: viewer.follow("funnel"),
        lambda: viewer.choose("compare-bar", EN("filter.comparison.choice.year")),
        lambda: viewer.follow("definitions"),
        lambda: viewer.follow("overview"),
    )
    for step in walk:
        step()
        steps.append(state(viewer))
    assert all(one[0] != following[0] for one, following in pairwise(steps))
    for before in reversed(steps[:-1]):
        assert state(viewer.back()) == before
    for after in steps[1:]:
        assert state(viewer.forward()) == after


def test_one_step_back_from_a_shared_link_leaves_the_app(window):
    viewer = window()
    first = window().open("funnel").address
    viewer.page.goto("about:blank")
    viewer.go(first)
    viewer.page.go_back()
    assert viewer.page.url == "about:blank"


def test_a_choice_goes_along_to_another_page_and_comes_back(window):
    viewer = window().open("overview").choose("period-bar", EN("filter.period.choice.last_12_months"))
    viewer.follow("retention")  # whose own period is just that one
    assert viewer.params["period"] == ["last_12_months"]
    viewer.follow("overview")
    assert viewer.params["period"] == ["last_12_months"]


def test_a_link_of_the_menu_in_a_new_tab_keeps_the_filters(window):
    viewer = window().open("overview", region=["China"], period="last_year")
    link = viewer.page.locator(".st-key-menu").get_by_role("link", name=EN("page.funnel.title")).get_attribute("href")
    other = window().go(f"/{link}")
    assert other.heading == EN("page.funnel.title")
    assert (other.params["region"], other.params["period"]) == (["China"], ["last_year"])


@pytest.mark.parametrize("name", [site.spec.name for site in SITE])
def test_the_other_language_keeps_page_choices_and_figures(window, name):
    chosen = {} if name == "definitions" else {"region": "South", "period": "last_year"}
    viewer = window().open(name, **chosen)
    before, figures = viewer.params, viewer.figures
    viewer.moves(lambda: viewer.press("language"))
    assert viewer.heading == ZH(f"page.{name}.title")
    assert viewer.params == {**before, "lang": ["zh-CN"]}
    assert viewer.figures == figures
    viewer.moves(lambda: viewer.press("language"))
    assert (viewer.heading, viewer.params, viewer.figures) == (EN(f"page.{name}.title"), before, figures)


def test_two_viewers_at_once_do_not_see_each_other_s_choices(window):
    one, other = window().open("overview"), window(locale="zh-CN").go("/")
    other.choose("period-bar", ZH("filter.period.choice.last_year"))
    one.open_sheet().choose("region-sheet", "China")
    other.choose("grain-bar", ZH("filter.grain.choice.quarter"))
    assert (one.params["lang"], one.params["period"], one.params["grain"]) == (["en"], ["last_quarter"], ["month"])
    assert (other.params["lang"], other.params["period"]) == (["zh-CN"], ["last_year"])
    assert "region" not in other.params
    assert (one.heading, other.heading) == (EN("page.overview.title"), ZH("page.overview.title"))
    assert window().go(one.address).figures == one.figures != other.figures
