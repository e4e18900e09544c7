"""The codec of a URL: what is written comes back, what cannot be is replaced and reported, and nothing raises."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from i18n.words import LANGUAGES, load_words
from metrics.periods import Preset
from ui.choices import (
    FIRST_DAY,
    LAST_DAY,
    MAX_LENGTH,
    MAX_VALUES,
    PRESETS,
    PageSpec,
    custom_period,
    read_url,
    write_url,
)
from ui.filter_bar import choice_name, control_name, problem_sentence
from ui.site import DEFINITIONS, FUNNEL, OVERVIEW, RETENTION, SITE

SPECS = [site.spec for site in SITE]
BY_NAME = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
DAYS = st.dates(FIRST_DAY, LAST_DAY - timedelta(days=1))
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=MAX_LENGTH)


@st.composite
def periods(draw: Any) -> str:
    """A preset, or a first day and the day after the last."""
    if draw(st.booleans()):
        return draw(st.sampled_from(sorted(PRESETS)))
    start = draw(DAYS)
    end = draw(st.dates(start + timedelta(days=1), LAST_DAY))
    return f"{start}..{end}"


@st.composite
def choices_of(draw: Any, spec: PageSpec) -> dict[str, Any]:
    """Anything that a viewer can choose on a page."""
    chosen: dict[str, Any] = {"period": draw(periods())} if spec.has_period else {}
    chosen |= {control.name: draw(st.sampled_from(control.values)) for control in spec.all_controls()}
    chosen |= {name: draw(VALUES | st.just("")) for name in (*spec.found, *spec.texts)}
    for name in spec.dimensions:
        chosen[name] = tuple(sorted(set(draw(st.lists(VALUES, max_size=4)))))
    return chosen


def through_a_browser(params: dict[str, list[str]]) -> dict[str, list[str]]:
    """The parameters after they have been an address."""
    return parse_qs(urlencode(params, doseq=True), keep_blank_values=True)


# -- what can be chosen comes back ----------------------------------------------------------------------------------
@BY_NAME
@given(data=st.data())
def test_every_choice_survives_its_own_address(spec, data):
    chosen = data.draw(choices_of(spec))
    assert read_url(through_a_browser(write_url(chosen, "zh-CN")), spec) == (chosen, [])


@BY_NAME
def test_every_value_is_written_out_so_that_a_link_outlives_its_defaults(spec):
    written = write_url(spec.defaults(), "en")
    single = {"lang", "period"} if spec.has_period else {"lang"}
    assert set(written) == single | {control.name for control in spec.all_controls()} | {*spec.found, *spec.texts}


@BY_NAME
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_holds_codes_and_no_labels(spec, language):
    labels = {load_words(language)(c.choice_key(code)) for c in spec.controls for code in c.values}
    codes = {value for values in write_url(spec.defaults(), language).values() for value in values}
    assert not codes & (labels - {code for control in spec.all_controls() for code in control.values})


@BY_NAME
def test_an_address_that_asks_for_nothing_gives_the_page_as_it_starts(spec):
    assert read_url({}, spec) == (spec.defaults(), [])


@BY_NAME
def test_what_a_page_starts_with_can_be_chosen_on_it(spec):
    for control in spec.all_controls():
        assert control.default in control.values
        assert len(set(control.values)) == len(control.values)


def test_the_order_of_values_and_their_repetition_make_no_difference():
    one, _ = read_url({"region": ["South", "North", "South"]}, OVERVIEW)
    other, _ = read_url({"region": ["North", "South"]}, OVERVIEW)
    assert one == other


def test_no_parameter_of_a_page_is_named_like_the_language():
    assert all("lang" not in spec.defaults() for spec in SPECS)


def test_a_page_without_a_period_has_none_in_its_address():
    assert write_url(DEFINITIONS.defaults(), "en") == {"lang": ["en"], "search": [""]}


@given(value=st.text())
def test_what_a_viewer_types_is_taken_as_it_stands_up_to_its_length(value):
    assert read_url({"search": [value]}, DEFINITIONS) == ({"search": value[:MAX_LENGTH]}, [])


@given(value=st.text())
def test_a_choice_among_what_the_data_hold_is_left_to_the_data_unless_it_is_too_long(value):
    chosen, problems = read_url({"pipeline": [value]}, FUNNEL)
    assert (chosen, problems) == ({**FUNNEL.defaults(), "pipeline": value}, [])


# -- what cannot be chosen falls back and says so -------------------------------------------------------------------
SINGLE = [
    (spec, name)
    for spec in SPECS
    for name in spec.defaults()
    if name not in (*spec.dimensions, *spec.found, *spec.texts)
]


@pytest.mark.parametrize(("spec", "name"), SINGLE, ids=lambda value: getattr(value, "name", value))
@given(value=st.text())
def test_any_text_is_either_permitted_or_replaced_with_a_problem(spec, name, value):
    chosen, problems = read_url({name: [value]}, spec)
    if chosen[name] == value:
        assert value in (*spec.permitted(name), *PRESETS) or custom_period(value)
        assert problems == []
    elif problems[0].key == "reversed_period":
        assert custom_period(chosen[name])
    else:
        assert chosen == spec.defaults()
        assert [problem.key for problem in problems] == ["not_possible"]
        assert problems[0].gaps["name"] == name


BAD_PERIODS = [
    "",
    "yesterday",
    "custom",
    "LAST_MONTH",
    " last_month",
    "last_month ",
    "2026-02-30..2026-03-01",
    "2026-01-01..2026-13-01",
    "2026-01-01..2026-01-01",
    "2026-01-01",
    "2026-01-01..",
    "..2026-01-01",
    "2026-1-1..2026-2-1",
    "2026-01-01..2026-02-01..2026-03-01",
    "2026-01-01..2026-02-01\n",
    "2026-01-01T00:00..2026-02-01",
    "2026-W01..2026-W05",
    "20260101..20260201",
    "0000-01-01..2026-01-01",
    "0001-01-01..9999-12-31",
    "1969-12-31..2026-01-01",
    "2026-01-01..2200-01-02",
    "-2026-01-01..2026-02-01",
    "２０２６-01-01..２０２６-02-01",
    "٢٠٢٦-01-01..2026-02-01",
    "1' or '1'='1",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("value", BAD_PERIODS)
def test_a_period_that_cannot_be_is_replaced_by_the_page_s_own(value):
    chosen, problems = read_url({"period": [value]}, OVERVIEW)
    assert chosen == OVERVIEW.defaults()
    assert [problem.key for problem in problems] == ["not_possible"]


@given(start=DAYS, end=DAYS)
def test_a_period_that_runs_backwards_is_turned_round(start, end):
    if start == end:
        return
    chosen, problems = read_url({"period": [f"{start}..{end}"]}, OVERVIEW)
    assert custom_period(chosen["period"]) == (min(start, end), max(start, end))
    assert [problem.key for problem in problems] == (["reversed_period"] if start > end else [])


def test_the_first_and_last_possible_days_are_possible():
    value = f"{FIRST_DAY}..{LAST_DAY}"
    assert read_url({"period": [value]}, OVERVIEW) == (OVERVIEW.defaults() | {"period": value}, [])


def test_of_several_values_of_a_single_choice_the_last_counts():
    chosen, problems = read_url({"grain": ["year", "week"]}, OVERVIEW)
    assert (chosen["grain"], problems) == ("week", [])


@pytest.mark.parametrize("code", ["year"])
def test_a_choice_of_another_page_is_not_possible_where_this_one_lacks_it(code):
    assert code in OVERVIEW.permitted("grain")
    chosen, problems = read_url({"grain": [code]}, RETENTION)
    assert (chosen["grain"], len(problems)) == ("month", 1)


@given(
    params=st.dictionaries(
        st.text() | st.sampled_from(sorted(OVERVIEW.defaults())), st.lists(st.text(), max_size=5), max_size=20
    )
)
def test_nothing_that_stands_in_an_address_raises(params):
    chosen, problems = read_url(params, OVERVIEW)
    assert set(chosen) == set(OVERVIEW.defaults())
    again, more = (
        read_url(through_a_browser(write_url(chosen, "en")), OVERVIEW) if _can_be_sent(chosen) else (chosen, [])
    )
    assert (again, more) == (chosen, [])
    assert all(problem_sentence(problem, OVERVIEW, load_words("en")) for problem in problems)


def _can_be_sent(chosen: dict[str, Any]) -> bool:
    """Half a character cannot stand in an address."""
    try:
        urlencode(write_url(chosen, "en"), doseq=True)
    except UnicodeEncodeError:
        return False
    return True


# -- very much of it ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(FUNNEL.defaults()))
def test_a_value_of_a_megabyte_is_left_out_with_a_short_sentence(name):
    chosen, problems = read_url({name: ["x" * 1_000_000]}, FUNNEL)
    assert chosen == FUNNEL.defaults()
    assert len(problems) == 1
    for language in LANGUAGES:
        assert len(problem_sentence(problems[0], FUNNEL, load_words(language))) < 300


def test_a_thousand_values_are_cut_to_what_can_be_shown_and_counted():
    chosen, problems = read_url({"region": [f"r{i:04}" for i in range(1000)]}, OVERVIEW)
    assert len(chosen["region"]) == MAX_VALUES
    assert [(p.key, p.gaps) for p in problems] == [("left_out", {"name": "region", "n": 1000 - MAX_VALUES})]


def test_a_thousand_strange_parameters_are_ignored():
    assert read_url({f"p{i}": ["x"] for i in range(1000)}, OVERVIEW) == (OVERVIEW.defaults(), [])


def test_an_empty_value_and_one_that_is_too_long_are_left_out_and_reported():
    given_values = ["", "x" * (MAX_LENGTH + 1), "North", "x" * MAX_LENGTH]
    chosen, problems = read_url({"region": given_values}, OVERVIEW)
    assert chosen["region"] == ("North", "x" * MAX_LENGTH)
    assert [problem.gaps["n"] for problem in problems] == [2]


HOSTILE = [
    "'; drop table orders; --",
    '" or 1=1 --',
    "<img src=x onerror=alert(1)>",
    "![x](http://example.com/x.png)",
    "../../etc/passwd",
    "%00",
    "\x00",
    "{name}",
    "\u202egnp.exe",
    "𝓝𝓸𝓻𝓽𝓱",
    "北",
    "&region=South",
    "a#b?c=d",
    "None",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_is_a_value_like_any_other(value):
    sent = through_a_browser(write_url({**OVERVIEW.defaults(), "region": (value,)}, "en"))
    chosen, problems = read_url(sent, OVERVIEW)
    assert chosen["region"] == (value,)
    assert problems == []


# -- in the viewer's words ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("spec", "name"), SINGLE, ids=lambda value: getattr(value, "name", value))
def test_a_problem_names_the_control_and_what_is_shown_instead_as_the_page_does(spec, name, language):
    words = load_words(language)
    _, problems = read_url({name: ["<b>bogus</b>"]}, spec)
    said = problem_sentence(problems[0], spec, words)
    control, shown = control_name(name, spec, words), choice_name(name, spec.defaults()[name], spec, words)
    assert all(f"“{text}”" in said for text in (control, "<b>bogus</b>", shown))
    assert control != name
    assert shown != spec.defaults()[name]


def test_a_problem_is_said_in_chinese_to_a_chinese_reader():
    _, problems = read_url({"compare": ["bogus"], "period": ["x"]}, OVERVIEW)
    said = [problem_sentence(problem, OVERVIEW, load_words("zh-CN")) for problem in problems]
    assert said == [
        "链接把“时间范围”设为“x”，无法使用；改为显示“上季度”。",
        "链接把“对比”设为“bogus”，无法使用；改为显示“同比（去年同期）”。",
    ]


def test_every_preset_has_its_text_and_no_preset_is_lost_in_an_address():
    assert {preset.value for preset in Preset} - {"custom"} == PRESETS
    for language in LANGUAGES:
        assert all(load_words(language)(f"filter.period.choice.{preset.value}") for preset in Preset)


def test_a_custom_period_is_read_as_its_two_days():
    assert custom_period("2026-01-05..2026-02-10") == (date(2026, 1, 5), date(2026, 2, 10))
    assert custom_period("last_month") is None
