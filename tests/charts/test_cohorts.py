"""Cohorts: what was not observed is blank, what still runs is marked, colours run over the whole triangle."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from charts.cohorts import curves, triangle_table
from charts.theme import colour_at, palette
from i18n.words import load_words
from tests.charts.colours import contrast
from tests.charts.frames import RETENTION, array, as_json, cells_of, traces, triangle_of

EN, ZH = load_words("en"), load_words("zh-CN")
LIGHT = palette("light")
CELLS = cells_of(6)
ONE = triangle_of(CELLS)


# -- table ----------------------------------------------------------------------------------------------------------
def test_the_table_has_every_observed_cell_written_out():
    table = triangle_table(ONE, EN)
    assert list(table.frame.columns) == ["Size", "0", "1", "2", "3", "4", "5"]
    assert list(table.frame.index)[:2] == ["Average", "Jul 2024"]
    row = CELLS[CELLS["cohort"] == "2024-07-01"]
    written = ["100", *(EN.numbers.number(value * 100, 1) for value in row["value"][1:])]
    assert list(table.frame.iloc[1])[1:6] == written[:5]
    assert table.frame.iloc[1, 6] == f"{written[5]}*"
    assert list(table.frame.iloc[6])[2:] == [""] * 5


def test_a_cell_of_the_table_gives_cohort_and_age_and_a_blank_one_nothing():
    table = triangle_table(ONE, EN)
    assert table.cell(1, 3) == (date(2024, 7, 1), 2)
    assert table.cell(2, 0) == (date(2024, 8, 1), 0)
    assert table.cell(6, 4) is None
    assert table.cell(0, 2) is None
    assert table.cell(99, 2) is None
    assert table.cell(2, -1) is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_of_the_table_can_be_read_on_their_colour(theme):
    css = triangle_table(ONE, EN, theme).css
    found = [
        dict(part.split(": ") for part in cell.split("; ")) for cell in css.to_numpy().ravel() if "background" in cell
    ]
    assert len(found) == len(CELLS) + len(ONE.averages)
    assert min(contrast(cell["background-color"], cell["color"]) for cell in found) >= 4.5


def test_the_table_marks_what_still_runs_with_more_than_colour():
    table = triangle_table(ONE, EN)
    running = table.frame.map(lambda text: text.endswith("*"))
    assert running.to_numpy().sum() == 6
    assert (table.css.map(lambda text: "italic" in text) == running).all(axis=None)


def test_a_blank_has_no_text_and_a_zero_has():
    cells = CELLS.copy()
    cells.loc[(cells["age"] == 2) & (cells["cohort"] == "2024-07-01"), "value"] = 0.0
    table = triangle_table(triangle_of(cells), EN)
    assert table.frame.iloc[1, 3] == "0.0"
    assert list(table.frame.iloc[6])[2:] == [""] * 5


def test_the_colours_run_over_the_whole_triangle_and_not_over_a_row():
    later = CELLS[CELLS["age"] > 0]
    first, last = later.loc[later["value"].idxmax()], later.loc[later["value"].idxmin()]
    css = triangle_table(ONE, EN).css
    names = [EN.numbers.period(cohort, None, "month") for cohort in (first["cohort"], last["cohort"])]
    dark, pale = (css.loc[name, str(cell["age"])] for name, cell in zip(names, (first, last), strict=True))
    assert f"background-color: {colour_at(LIGHT.sequential, 1.0)}" in dark
    assert f"background-color: {colour_at(LIGHT.sequential, last['value'] / first['value'])}" in pale


def test_the_average_is_of_complete_cells_only():
    complete = CELLS[CELLS["is_complete"]].groupby("age")[["active", "n"]].sum()
    rates = (complete["active"] / complete["n"]).to_numpy()[1:5]
    written = list(triangle_table(ONE, EN).frame.loc["Average"])[2:]
    assert written == [*(EN.numbers.number(rate * 100, 1) for rate in rates), ""]


def test_one_group_is_written_out_of_several():
    two = triangle_of(cells_of(4, "a"), cells_of(6, None, seed=2))
    assert triangle_table(two, EN, group="a").frame.shape == (5, 5)
    assert triangle_table(two, EN, group=None).frame.shape == (7, 7)
    assert triangle_table(two, EN).frame.shape == (5, 5)


def test_ages_that_the_table_does_not_show_are_told():
    weeks = triangle_of(cells_of(40, freq="7D"), grain="week")
    table = triangle_table(weeks, EN, most_ages=12)
    assert table.frame.shape == (41, 14)
    assert table.notes == ("27 later ages are not shown; the export has them.",)
    assert triangle_table(weeks, ZH, most_ages=12).notes == ("较晚的 27 个时段未显示，导出文件中有。",)
    assert triangle_table(ONE, EN).notes == ()


def test_an_empty_triangle_is_an_empty_table():
    table = triangle_table(triangle_of(CELLS[:0]), EN)
    assert table.frame.shape == (1, 1)
    assert isinstance(table.css, pd.DataFrame)


# -- curves ---------------------------------------------------------------------------------------------------------
def lines(chart):
    return [trace for trace in traces(chart, "scatter") if "meta" in trace]


def test_a_curve_shows_the_averages_from_age_1_with_their_interval():
    chart = curves(RETENTION, ONE, EN, "light")
    (line,) = lines(chart)
    assert array(line["x"]) == pytest.approx(ONE.averages["age"][1:])
    assert array(line["y"]) == pytest.approx(ONE.averages["value"][1:])
    assert [trace for trace in traces(chart, "scatter") if trace.get("fill") == "toself"]


def test_up_to_five_curves_share_a_plot_and_are_named_at_their_ends():
    chart = curves(RETENTION, triangle_of(*(cells_of(5, name) for name in "abcde")), EN, "light")
    named = [note["text"] for note in as_json(chart.figure)["layout"]["annotations"]]
    assert [line["line"]["color"] for line in lines(chart)] == list(LIGHT.series)
    assert all(any(text.endswith(name) for text in named) for name in "abcde")


def test_a_sixth_curve_makes_small_plots_against_the_whole():
    result = triangle_of(*(cells_of(5, name, seed=seed) for seed, name in enumerate("abcdef")))
    chart = curves(RETENTION, result, EN, "light")
    layout = as_json(chart.figure)["layout"]
    assert sum(name.startswith("xaxis") for name in layout) == 6
    assert {line["line"]["color"] for line in lines(chart)} == {LIGHT.accent}
    grey = next(trace for trace in traces(chart, "scatter") if trace.get("line", {}).get("color") == LIGHT.comparison)
    sums = (
        result.averages.assign(part=result.averages["value"] * result.averages["n"]).groupby("age")[["part", "n"]].sum()
    )
    assert array(grey["y"]) == pytest.approx((sums["part"] / sums["n"])[1:])


def test_revenue_has_no_line_of_all_groups_because_its_weights_are_not_customers():
    result = triangle_of(*(cells_of(5, name) for name in "abcdef"), measure="revenue")
    assert not [trace for trace in traces(curves(RETENTION, result, EN, "light"), "scatter") if "meta" not in trace]


def test_more_than_twelve_groups_are_told():
    chart = curves(RETENTION, triangle_of(*(cells_of(3, f"g{place}") for place in range(14))), EN, "light")
    assert len(lines(chart)) == 12
    assert chart.notes == ("2 smaller groups are not drawn; the table has them.",)
