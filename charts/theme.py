"""How every chart looks: colours by meaning in light and dark, type, axes and what a figure starts from.

Colour carries meaning only together with a second sign (place, shape, word). `good` and `bad` judge a change and are
never the colour of a series. tests/charts/test_theme.py measures contrast, and how far apart the series are for eyes
that lack one kind of cone.

Plotly's default template is switched off for the whole process: it is eleven times the size of a small chart, and a
figure that merely goes without it gets it back when it is pickled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

Theme = Literal["light", "dark"]
Trace = dict[str, Any]

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans', "
    "sans-serif"
)
HOVER_FONT = "system-ui, sans-serif"
SIZE, SMALL = 12, 11  # pixels
ROW = 28  # height of a row of a bar chart
CLEAR = "rgba(0,0,0,0)"

# For st.plotly_chart(figure, theme=None, config=CONFIG). With typesetMath "$5 to $6" could become a formula.
CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
    "showAxisDragHandles": False,
    "typesetMath": False,
    "responsive": True,
}


@dataclass(frozen=True)
class Palette:
    """Colours by meaning. `sequential` goes from little to much, `diverging` from worse over no difference to better.

    Numbers written on any colour of the two scales are in `text`.
    """

    ground: str
    surface: str
    line: str
    text: str
    quiet: str
    accent: str
    comparison: str
    good: str
    bad: str
    caution: str
    series: tuple[str, ...]
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]


LIGHT = Palette(
    ground="#FBFBF9",
    surface="#FFFFFF",
    line="#E4E5E1",
    text="#1C1F23",
    quiet="#5A626C",
    accent="#1F5FA8",
    comparison="#8A939E",
    good="#17735A",
    bad="#B23A2A",
    caution="#8F5F12",
    series=("#1F5FA8", "#C18631", "#254E41", "#4C2C5C", "#7C703F"),
    sequential=("#F3F7FC", "#DCE8F9", "#C5DAF5", "#ADCBF0", "#96BCEC", "#7FADE7", "#689EE1"),
    diverging=("#E38878", "#ECACA0", "#F3CFC9", "#F4F3F2", "#C5D8F1", "#9ABDEA", "#6EA1E2"),
)
DARK = Palette(
    ground="#14181D",
    surface="#1B2027",
    line="#2C333C",
    text="#E8EAED",
    quiet="#A3ABB5",
    accent="#6FAAF0",
    comparison="#7E8894",
    good="#4FC3A1",
    bad="#F0826F",
    caution="#E0B04C",
    series=("#6FAAF0", "#C47039", "#63E0C3", "#B058B0", "#F2DE8B"),
    sequential=("#202730", "#233141", "#253A53", "#274465", "#294E78", "#2A588C", "#2B62A0"),
    diverging=("#8F392B", "#6C342B", "#4A2E28", "#262627", "#28394E", "#2A4C74", "#285F9C"),
)


def palette(theme: Theme) -> Palette:
    """The colours of a theme; light when it is not known."""
    return DARK if theme == "dark" else LIGHT


def see_through(colour: str, share: float) -> str:
    """The colour, covering only a share of what lies behind it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def scale(colours: Sequence[str]) -> list[list[Any]]:
    """The colours as a colour scale of a figure."""
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


def colour_at(colours: Sequence[str], share: float) -> str:
    """The colour at a share, 0 to 1, of the way along a scale; what lies outside takes its nearer end."""
    place = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    below = min(int(place), len(colours) - 2)
    pairs = zip(_channels(colours[below]), _channels(colours[below + 1]), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * (place - below)):02X}" for low, high in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def figure(
    theme: Theme,
    height: int,
    traces: Sequence[Trace],
    *,
    margin: tuple[float, float, float, float] = (8, 8, 8, 8),
    **layout: Any,
) -> go.Figure:
    """A figure on a transparent ground. `margin`: left, right, top, bottom in pixels; `layout`: axes and the rest."""
    colours = palette(theme)
    left, right, top, bottom = (round(side) for side in margin)
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": SIZE, "color": colours.text},
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.comparison,
            "font": {"family": HOVER_FONT, "size": SIZE, "color": colours.text},
            "align": "left",
        },
    }
    pio.templates.default = "none"  # Streamlit sets its own whenever it is imported
    return go.Figure({"data": [_steady(trace, colours) for trace in traces], "layout": base | layout})


def _steady(trace: Trace, colours: Palette) -> Trace:
    """The trace, such that a click on another one does not fade it, which is what Plotly would do."""
    mode = trace.get("mode", "markers" if trace["type"] == "bar" else "")
    kept: dict[str, Any] = {"marker": {"opacity": 1}} if "markers" in mode and "opacity" not in trace["marker"] else {}
    if "text" in mode:
        kept["textfont"] = {"color": colours.text}
    return {"unselected": kept, **trace} if kept else trace


def axis(theme: Theme, low: float, high: float, **more: Any) -> dict[str, Any]:
    """An axis of a fixed range that shows nothing by itself."""
    return {
        "range": [low, high],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        **more,
    }


def ticks(theme: Theme, places: Any, texts: Sequence[str]) -> dict[str, Any]:
    """What an axis needs to show these texts at these places."""
    return {
        "showticklabels": True,
        "tickmode": "array",
        "tickvals": places,
        "ticktext": list(texts),
        "tickfont": {"color": palette(theme).quiet},
        "tickangle": 0,
        "ticks": "",
    }


def named_rows(theme: Theme, names: Sequence[str], above: float = 0.5, below: float = 0.5) -> dict[str, Any]:
    """An axis of rows from top to bottom, each with its name at the left."""
    last = max(len(names), 1) - 1
    shown = ticks(theme, np.arange(len(names)), names)
    return (
        axis(theme, last + below, -above) | shown | {"tickfont": {"color": palette(theme).text}, "ticklabelstandoff": 4}
    )


def grid(theme: Theme) -> dict[str, Any]:
    """Thin lines at the ticks, the one at zero a little stronger."""
    colours = palette(theme)
    return {
        "showgrid": True,
        "gridcolor": colours.line,
        "gridwidth": 1,
        "zeroline": True,
        "zerolinecolor": colours.comparison,
        "zerolinewidth": 1,
    }
