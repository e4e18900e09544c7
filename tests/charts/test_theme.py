"""Colours that everybody can tell apart, and figures that carry nothing they do not need."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path

import numpy as np
import plotly.io as pio
import pytest

from charts.theme import CONFIG, FONT, colour_at, figure, palette, scale, see_through
from tests.charts.colours import (
    SIGHTS,
    contrast,
    distance,
    hue,
    lab,
    lightness,
    linear,
    luminance,
    seen,
    smallest_distance,
)
from tests.charts.frames import as_json

ROOT = Path(__file__).resolve().parents[2]
THEMES = ("light", "dark")
TEXTS = ("text", "quiet", "accent", "good", "bad", "caution")
MARKS = ("accent", "comparison", "good", "bad", "caution")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", TEXTS)
def test_text_can_be_read_on_ground_and_surface(theme, role):
    colours = palette(theme)
    assert min(contrast(getattr(colours, role), under) for under in (colours.ground, colours.surface)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_marks_stand_out_from_ground_and_surface(theme):
    colours = palette(theme)
    marks = [getattr(colours, role) for role in MARKS] + list(colours.series)
    found = {mark: min(contrast(mark, under) for under in (colours.ground, colours.surface)) for mark in marks}
    assert {mark: value for mark, value in found.items() if value < 3} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_series_can_be_told_apart_by_every_kind_of_eye(theme, sight):
    assert smallest_distance(palette(theme).series, sight) >= 15


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_good_and_bad_can_be_told_apart_by_every_kind_of_eye(theme, sight):
    colours = palette(theme)
    assert distance(colours.good, colours.bad, sight) >= 15


@pytest.mark.parametrize("theme", THEMES)
def test_the_first_series_is_the_accent(theme):
    assert palette(theme).series[0] == palette(theme).accent


@pytest.mark.parametrize("theme", THEMES)
def test_a_sequential_scale_goes_one_way_in_lightness_away_from_the_ground(theme):
    steps = np.diff([lightness(colour) for colour in palette(theme).sequential])
    assert (steps < 0).all() if theme == "light" else (steps > 0).all()


@pytest.mark.parametrize("theme", THEMES)
def test_a_sequential_scale_has_one_hue(theme):
    hues = [hue(colour) for colour in palette(theme).sequential]
    assert max(hues) - min(hues) <= 15


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["sequential", "diverging"])
def test_numbers_can_be_read_on_every_colour_of_a_scale(theme, name):
    colours = palette(theme)
    shades = [colour_at(getattr(colours, name), share) for share in np.linspace(0, 1, 101)]
    assert min(contrast(colours.text, shade) for shade in shades) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_diverging_scale_is_neutral_in_the_middle_and_as_strong_at_both_ends(theme):
    shades = palette(theme).diverging
    light = [lightness(shade) for shade in shades]
    middle = len(shades) // 2
    sign = -1 if theme == "light" else 1
    assert (sign * np.diff(light[middle:]) > 0).all()
    assert (sign * np.diff(light[: middle + 1][::-1]) > 0).all()
    assert abs(light[0] - light[-1]) < 8
    assert np.linalg.norm(seen(shades[middle], "normal")[1:]) < 5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_ends_of_a_diverging_scale_differ_for_every_kind_of_eye(theme, sight):
    shades = palette(theme).diverging
    assert distance(shades[0], shades[-1], sight) >= 40


def test_the_colour_maths_agrees_with_its_sources():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)  # WCAG 2.2
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)  # the well-known grey that just fails
    assert luminance("#FFFFFF") == pytest.approx(1)
    # L*a*b* of the primaries of sRGB under D65, as in colour tables.
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.03)
    assert lab(linear("#0000FF")) == pytest.approx([32.30, 79.19, -107.86], abs=0.03)


@pytest.mark.parametrize("sight", SIGHTS)
def test_greys_look_the_same_to_every_kind_of_eye(sight):
    assert SIGHTS[sight] @ np.ones(3) == pytest.approx(np.ones(3), abs=1e-3)


@pytest.mark.parametrize("sight", ["deutan (Viénot)", "protan (Viénot)"])
def test_two_simulations_of_one_sight_agree_on_what_cannot_be_told_apart(sight):
    """Red and green of the same lightness lie far apart for most eyes and close for these."""
    other = sight.replace("Viénot", "Machado")
    red, green = "#B23A2A", "#6B6A1E"
    assert distance(red, green) > 45
    assert distance(red, green, sight) < 40
    assert distance(red, green, other) < 40


def test_a_colour_between_two_lies_between_them():
    assert colour_at(("#000000", "#FFFFFF"), 0.5) == "#808080"
    assert colour_at(("#000000", "#FFFFFF"), -3) == "#000000"
    assert colour_at(("#000000", "#FFFFFF"), 7) == "#FFFFFF"
    assert see_through("#FF8000", 0.25) == "rgba(255,128,0,0.25)"
    assert scale(("#000000", "#FFFFFF")) == [[0.0, "#000000"], [1.0, "#FFFFFF"]]


def test_the_app_around_the_charts_has_the_same_colours_and_type():
    """Streamlit's theme (.streamlit/config.toml) and the charts show one palette."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert theme["font"] == FONT
    for name in THEMES:
        colours, told = palette(name), theme[name]
        assert told["backgroundColor"] == colours.ground
        assert told["secondaryBackgroundColor"] == colours.surface
        assert told["textColor"] == colours.text
        assert told["primaryColor"] == colours.accent
        assert tuple(told["chartCategoricalColors"]) == colours.series


# -- figures --------------------------------------------------------------------------------------------------------
def small() -> dict:
    return {"type": "scatter", "y": np.arange(3.0)}


def test_no_default_template_comes_with_a_figure_nor_comes_back_by_pickling():
    pio.templates.default = "plotly"  # whatever another package has set
    once = figure("light", 200, [small()])
    twice = pickle.loads(pickle.dumps(once))
    for found in (once, twice):
        assert not as_json(found)["layout"].get("template", {}).get("layout")
        assert len(found.to_json()) < 1200
    assert once.to_json() == twice.to_json()


def test_a_figure_is_transparent_and_cannot_be_dragged():
    layout = as_json(figure("dark", 200, [small()], margin=(1, 2, 3, 4)))["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert layout["dragmode"] is False
    assert layout["margin"] == {"l": 1, "r": 2, "t": 3, "b": 4, "pad": 0}
    assert layout["font"]["family"] == FONT


def test_the_font_has_chinese_type_and_fetches_nothing():
    assert all(name in FONT for name in ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"))
    assert "url" not in FONT


def test_no_mode_bar_no_zoom_and_no_formulas():
    assert CONFIG["displayModeBar"] is False
    assert CONFIG["scrollZoom"] is False
    assert CONFIG["typesetMath"] is False


def test_a_click_on_one_trace_does_not_fade_the_others():
    bar = {"type": "bar", "y": np.arange(3.0), "marker": {"color": "#000000"}}
    label = {"type": "scatter", "mode": "text", "y": np.arange(3.0), "text": ["a", "b", "c"]}
    own = bar | {"unselected": {"marker": {"opacity": 0.45}}}
    found = [trace["unselected"] for trace in as_json(figure("light", 200, [bar, label, own]))["data"]]
    assert found == [
        {"marker": {"opacity": 1}},
        {"textfont": {"color": palette("light").text}},
        {"marker": {"opacity": 0.45}},
    ]
