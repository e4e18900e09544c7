"""Cohorts: what was not observed is blank, what still runs is hatched, colours run over the whole triangle."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from charts.cohorts import curves, triangle, triangle_table
from charts.theme import palette
from i18n.words import load_words
from tests.charts.colours import contrast
from tests.charts.frames import RETENTION, array, as_json, cells_of, traces, triangle_of

EN, ZH = load_words("en"), load_words("zh-CN")
LIGHT = palette("light")
CELLS = cells_of(6)
ONE = triangle_of(CELLS)


def heat(chart):
    return traces(chart, "heatmap")


def expected(cells=CELLS, first=1):
    wide = cells.pivot(index="cohort", columns="age", values="value")
    return wide.loc[:, first:].to_numpy()


def test_cells_show_the_values_of_the_frame_and_blanks_where_nothing_was_observed():
    found = array(heat(triangle(RETENTION, ONE, EN, "light"))[0]["z"])
    assert found == pytest.approx(expected(), nan_ok=True, rel=1e-6)
    assert np.isnan(found).sum() == 15 + 1 - 1


def test_a_blank_has_no_text_and_a_zero_has():
    cells = CELLS.copy()
    cells.loc[(cells["age"] == 2) & (cells["cohort"] == "2024-07-01"), "value"] = 0.0
    text = heat(triangle(RETENTION, triangle_of(cells), EN, "light"))[0]["text"]
    assert text[0][1] == "0"
    assert text[5] == [""] * 5


def test_age_0_is_left_out_where_it_is_everybody():
    assert array(heat(triangle(RETENTION, ONE, EN, "light"))[0]["x"])[0] == 1
    cells = CELLS.assign(value=CELLS["value"] * 0.9)
    assert array(heat(triangle(RETENTION, triangle_of(cells), EN, "light"))[0]["x"])[0] == 0


def test_the_colours_run_over_the_whole_triangle_and_not_over_a_row():
    cells, average = heat(triangle(RETENTION, ONE, EN, "light"))
    assert cells["zmin"] == average["zmin"] == 0
    assert cells["zmax"] == average["zmax"] == pytest.approx(np.nanmax(expected()))


def test_cells_that_still_run_are_hatched_and_only_those():
    (hatched,) = traces(triangle(RETENTION, ONE, EN, "light"), "bar")
    places = set(zip(array(hatched["y"]), array(hatched["base"]) + 0.5, strict=True))
    assert places == {(place, 5 - place) for place in range(5)}
    assert hatched["marker"]["pattern"]["shape"] == "/"


def test_the_average_stands_above_with_complete_cells_only():
    average = heat(triangle(RETENTION, ONE, EN, "light"))[1]
    complete = CELLS[CELLS["is_complete"]].groupby("age")[["active", "n"]].sum()
    assert array(average["z"])[0][:4] == pytest.approx((complete["active"] / complete["n"]).to_numpy()[1:5], rel=1e-6)
    assert np.isnan(array(average["z"])[0][4])


def test_the_size_of_each_cohort_stands_at_its_left():
    layout = as_json(triangle(RETENTION, ONE, EN, "light").figure)["layout"]
    sizes = CELLS.groupby("cohort")["customers"].first()
    assert layout["yaxis"]["ticktext"] == [str(size) for size in sizes]
    assert layout["yaxis2"]["ticktext"] == [
        "<b>Average</b>",
        "Jul 2024",
        "Aug 2024",
        "Sep 2024",
        "Oct 2024",
        "Nov 2024",
        "Dec 2024",
    ]


def test_what_is_pointed_at_has_value_interval_and_n():
    cell = heat(triangle(RETENTION, ONE, EN, "light"))[0]["customdata"][0][0]
    row = CELLS[(CELLS["cohort"] == "2024-07-01") & (CELLS["age"] == 1)].iloc[0]
    shown = EN.numbers
    assert cell == [
        f"{shown.ratio(row['value'])} ({shown.ratio(row['low'])} to {shown.ratio(row['high'])})",
        shown.count(row["n"]),
    ]


def test_more_cohorts_and_ages_than_can_be_read_are_left_out_and_told():
    chart = triangle(RETENTION, triangle_of(cells_of(40, freq="7D"), grain="week"), EN, "light", most_ages=12)
    assert array(heat(chart)[0]["z"]).shape == (36, 12)
    assert chart.notes == (
        "4 earlier cohorts are not drawn; the table has them.",
        "27 later ages are not drawn; the table has them.",
    )


def test_a_triangle_of_24_by_24_says_how_wide_it_must_be():
    chart = triangle(RETENTION, triangle_of(cells_of(24)), EN, "light")
    assert 500 < chart.min_width < 700
    assert triangle(RETENTION, ONE, EN, "light").min_width <= 358


def test_one_group_is_drawn_of_several():
    two = triangle_of(cells_of(4, "a"), cells_of(6, None, seed=2))
    assert array(heat(triangle(RETENTION, two, EN, "light", group="a"))[0]["z"]).shape == (4, 3)
    assert array(heat(triangle(RETENTION, two, EN, "light", group=None))[0]["z"]).shape == (6, 5)
    assert array(heat(triangle(RETENTION, two, EN, "light"))[0]["z"]).shape == (4, 3)


def test_the_alternative_text_tells_the_averages():
    assert "6 cohorts, Jul 2024 to Dec 2024" in triangle(RETENTION, ONE, EN, "light").alt
    assert "共 6 个同期群" in triangle(RETENTION, ONE, ZH, "light").alt


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
