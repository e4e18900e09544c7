"""What is chosen: every control changes what is asked, stands in the address, is said in a sentence and can be undone."""

from __future__ import annotations

from datetime import date

import pytest

from i18n.words import LANGUAGES, load_words
from metrics.metric import metric_named
from tests.pages.walk import Page, database, open_page
from tests.ui.companies import demo_view
from ui.choices import PageSpec
from ui.filter_bar import exported
from ui.site import SITE

SPECS = [site.spec for site in SITE if site.spec.has_period]
# Every value of every single choice at least once, all controls of a page changed together.
TOGETHER = [
    (spec, {control.name: control.values[i % len(control.values)] for control in spec.all_controls()})
    for spec in SPECS
    for i in range(max(len(control.values) for control in spec.all_controls()))
]
MANY = [(spec, name) for spec in SPECS for name in spec.dimensions]


def address(page: Page) -> dict[str, list[str]]:
    """The parameters of the address."""
    return {name: values if isinstance(values, list) else [values] for name, values in page.app.query_params.items()}


def widget_keys(page: Page) -> set[str]:
    """The keys of everything that can be set."""
    app = page.app
    return {str(w.key) for w in (*app.selectbox, *app.multiselect, *app.checkbox, *app.date_input)}


@pytest.fixture
def session(small_demo):
    """session(page, language) -> a new session on a page of the demo company."""
    return lambda name, language="en", **params: open_page(name, language, small_demo, **params)


def place_of(spec: PageSpec, name: str) -> str:
    """Where on a wide screen a control stands."""
    return "bar" if name in {c.name for c in spec.time_controls()} else "sheet"


def pipeline_box(page: Page, place: str = "bar"):
    return next((box for box in page.app.selectbox if box.key == f"pipeline@{place}"), None)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_address_names_every_choice_from_the_first_run_on(session, spec):
    names = {"lang", "period", *spec.found, *(c.name for c in spec.all_controls())}
    assert set(address(session(spec.name))) == names


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_on_a_phone_the_sheet_has_every_control_that_the_bar_has(session, spec):
    keys = widget_keys(session(spec.name))
    assert {key.replace("@bar", "@sheet") for key in keys if key.endswith("@bar")} <= keys
    assert {f"{name}@sheet" for name in spec.defaults()} <= keys


@pytest.mark.parametrize(("spec", "choices"), TOGETHER, ids=str)
def test_single_choices_arrive_in_the_address_and_survive_being_opened_again(session, spec, choices):
    page = session(spec.name)
    boxes = {box.key: box for box in (*page.app.selectbox, *page.app.checkbox)}
    for name, code in choices.items():
        boxes[f"{name}@{place_of(spec, name)}"].set_value(code == "yes" if name == "complete" else code)
    page.run()
    assert page.faults.texts == []
    assert {name: address(page)[name] for name in choices} == {name: [code] for name, code in choices.items()}
    again = session(spec.name, "zh-CN", **{**address(page), "lang": "zh-CN"})
    assert address(again) == {**address(page), "lang": ["zh-CN"]}
    assert again.problems == []


@pytest.mark.parametrize(("spec", "name"), MANY, ids=lambda value: getattr(value, "name", value))
def test_several_values_arrive_in_the_address_and_in_the_sentence(session, spec, name):
    page = session(spec.name)
    box = next(box for box in page.app.multiselect if box.key == f"{name}@sheet")
    labels = list(box.options)[:2]
    for label in labels:
        box.select(label)
    page.run()
    assert len(address(page)[name]) == len(labels)
    said = next(body for body in page.html if 'class="choices"' in body)
    assert all(label in said for label in labels)
    assert any(button.key == "reset" and not button.disabled for button in page.app.button)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_reset_is_off_until_something_is_chosen_and_takes_everything_back(session, spec):
    page = session(spec.name)
    start = address(page)
    reset = next(button for button in page.app.button if button.key == "reset")
    assert reset.disabled
    page.choose("period@bar", "all_time").choose("region@sheet", ["North"])
    assert address(page) != start
    page.click("reset")
    assert address(page) == start
    assert next(button for button in page.app.button if button.key == "reset").disabled


def test_the_same_control_in_bar_and_sheet_shows_the_same_choice(session):
    page = session("overview").choose("period@sheet", "last_year")
    shown = {box.key: box.value for box in page.app.selectbox if str(box.key).startswith("period@")}
    assert shown == {"period@bar": "last_year", "period@sheet": "last_year"}


def test_own_dates_begin_with_the_days_that_were_shown(session):
    page = session("overview").choose("period@bar", "custom")
    assert address(page)["period"] == ["2026-01-01..2026-04-01"]
    dates = next(box for box in page.app.date_input if box.key == "dates@bar")
    assert [str(day) for day in dates.value] == ["2026-01-01", "2026-03-31"]


def test_own_dates_are_read_with_their_last_day_included(session):
    page = session("overview").choose("period@bar", "custom")
    next(box for box in page.app.date_input if box.key == "dates@bar").set_value((date(2026, 2, 3), date(2026, 2, 3)))
    page.run()
    assert address(page)["period"] == ["2026-02-03..2026-02-04"]
    assert any("3 Feb 2026" in body for body in page.html if 'class="choices"' in body)


def test_a_first_day_alone_changes_nothing_yet(session):
    page = session("overview").choose("period@bar", "custom")
    next(box for box in page.app.date_input if box.key == "dates@bar").set_value((date(2026, 2, 3),))
    page.run()
    assert page.faults.texts == []
    assert address(page)["period"] == ["2026-01-01..2026-04-01"]


def test_choices_go_along_to_another_page(session, small_demo):
    page = session("overview").choose("region@sheet", ["North"]).choose("period@bar", "last_year")
    page.app.switch_page("pages/sales/funnel.py")
    page.app.query_params.clear()
    page.run()
    assert page.heading == "Sales funnel"
    assert address(page)["region"] == ["North"]
    assert address(page)["period"] == ["last_year"]


def test_the_definitions_keep_the_choices_of_the_pages_before(session):
    page = session("overview").choose("region@sheet", ["North"])
    for script in ("pages/reference/definitions.py", "pages/executive/overview.py"):
        page.app.switch_page(script)
        page.app.query_params.clear()
        page.run()
    assert address(page)["region"] == ["North"]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_language_changes_the_words_and_nothing_else(session, spec):
    page = session(spec.name).choose("region@sheet", ["North"])
    before = address(page)
    page.click("language")
    assert address(page) == {**before, "lang": ["zh-CN"]}
    assert page.heading == load_words("zh-CN")(f"page.{spec.name}.title")
    page.click("language")
    assert address(page) == before


@pytest.mark.parametrize(("locale", "heading"), [("zh-TW", "总览"), ("de-DE", "Overview"), (None, "Overview")])
def test_a_first_visit_speaks_the_browser_s_language_where_it_can(small_demo, locale, heading):
    page = open_page("definitions", "en", small_demo)
    app = page.app.from_file(page.app._script_path, default_timeout=60)
    if locale:
        app.context["locale"] = locale
    with database(small_demo):
        app.run()
    assert any(heading in node.proto.body for node in app.get("html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_there_is_not_is_reported(session, language):
    page = session("overview", "fr")
    assert len(page.problems) == 1
    assert "fr" in page.problems[0]
    assert address(page)["lang"] == ["en"]


def test_a_problem_stays_until_something_is_chosen(session):
    page = session("overview", compare=["bogus"])
    assert len(page.problems) == 1
    page.click("explain-card-revenue")
    assert len(page.problems) == 1
    page.choose("period@bar", "last_year")
    assert page.problems == []


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bad_value_at_once_is_said_and_the_page_is_shown(session, spec, language):
    params = {name: ["bogus"] for name in spec.defaults()}
    page = session(spec.name, language, **params)
    assert page.faults.texts == []
    assert len(page.problems) == len(params)


def test_an_address_of_a_megabyte_and_a_thousand_parameters_is_answered(session):
    page = session("overview", region=["x" * 300] * 100, **{f"p{i}": "y" * 100 for i in range(800)})
    assert page.faults.texts == []
    assert len(page.figures) == 9
    assert set(address(page)) == set(address(session("overview")))


# -- what the data hold ---------------------------------------------------------------------------------------------
OTHER = "existing_business"


def test_another_pipeline_is_what_every_part_of_the_page_is_about(session, small_demo):
    page = session("funnel")
    assert any("“New business”" in body for body in page.html)
    for place in ("bar", "sheet"):
        assert pipeline_box(page, place).options == ["New business", "Existing business"]
        assert pipeline_box(page, place).value == "new_business"
    page.choose("pipeline@bar", OTHER)
    assert (address(page)["pipeline"], page.faults.texts) == ([OTHER], [])
    assert any("“Existing business”" in body for body in page.html)
    view = demo_view(small_demo, "funnel", "en", pipeline=OTHER)
    steps = list(view.ask("funnel", pipeline=OTHER).answer().result.frame["stage_name"])[:-1]
    assert steps != list(view.ask("funnel").answer().result.frame["stage_name"])[:-1]
    for chart in page.charts:
        assert all(step in " ".join(chart.texts) for step in steps)


def test_the_first_pipeline_is_no_choice(session):
    page = session("funnel", pipeline=OTHER)
    assert pipeline_box(page).value == OTHER
    page.choose("pipeline@sheet", "new_business")
    assert address(page)["pipeline"] == [""]
    assert next(button for button in page.app.button if button.key == "reset").disabled


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the one with the most opportunities"), ("zh-CN", "商机最多的一条")],
)
def test_a_pipeline_that_is_not_there_is_said_and_the_first_one_shown(session, language, said):
    page = session("funnel", language, pipeline="no such one")
    assert [said in problem and "no such one" in problem for problem in page.problems] == [True]
    assert pipeline_box(page).value == "new_business"
    assert page.faults.texts == []
    assert len(page.charts) == 2


def test_where_there_is_one_pipeline_there_is_nothing_to_choose(opened):
    for state in ("one customer", "only orders"):
        assert pipeline_box(opened("funnel", "en", state)) is None


# -- what a choice is for -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", ["segment", "category", "owner"])
def test_why_revenue_moved_is_told_by_what_is_chosen(session, small_demo, by):
    page = session("overview").choose("why@sheet", by)
    words = load_words("en")
    assert f"Why revenue moved: {words(f'dimension.{by}')}" in page.panels
    view = demo_view(small_demo, "overview", "en", why=by)
    parts = view.ask("revenue_change", by=by).answer().result.frame
    whole = view.ask("revenue_change", by="factors").answer().result.frame["change"].sum()
    assert parts["change"].sum() == pytest.approx(whole, abs=0.01)
    (drawn,) = [chart for chart in page.charts if str(parts["part"].dropna().iloc[0]) in " ".join(chart.texts)][:1]
    assert drawn.alt


@pytest.mark.parametrize(("spec", "choices"), TOGETHER, ids=str)
def test_the_file_of_a_page_is_of_what_is_chosen(small_demo, spec, choices):
    asked = exported(demo_view(small_demo, spec.name, "en", **choices))
    known = metric_named(spec.export).options
    assert dict(asked.options) == {name: code for name, code in choices.items() if name in known and code}
    assert asked.answer().result is not None


def test_the_title_of_the_cohorts_says_what_comes_back(session):
    page = session("retention")
    assert "Who came back, cohort by cohort" in page.panels
    page.choose("measure@sheet", "revenue")
    assert "Revenue that came back, cohort by cohort" in page.panels


def test_in_recurring_cohorts_a_customer_is_counted_as_often_as_they_begin(session):
    subs = [
        session("retention", cohort=cohort).panels["Who came back, cohort by cohort"]
        for cohort in ("first", "recurring")
    ]
    assert ["customers" in subs[0], "members of cohorts" in subs[1]] == [True, True]
