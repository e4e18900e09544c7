"""What a chart function gives back: the figure, what it says in words, how high it is, what its marks stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure

Key = tuple[Any, ...]


class Finished(BaseFigure):
    """A figure that is shown as it is: checked and put into plain values once, not whenever it is drawn again."""

    def __init__(self, figure: BaseFigure) -> None:
        self.__dict__["_plain"] = figure.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """The plain values; whoever shows them may take a key out of a trace or of the whole."""
        plain: dict[str, Any] = self.__dict__["_plain"]
        return plain | {"data": [dict(trace) for trace in plain["data"]]}


@dataclass(frozen=True)
class Chart:
    """A figure for `st.plotly_chart(chart.figure, theme=None, config=CONFIG, height=chart.height, alt=chart.alt)`.

    `finished` gives the same with a figure that is only there to be shown.

    keys       for each trace that can be clicked, by its number, what its points stand for: `(group,)`, `(stage,)`,
               `(first day, day after the last)`, `(group, cohort, age)`; `()` for a point that stands for nothing
    notes      sentences that belong under the chart, such as what it leaves out
    min_width  the least width in pixels at which everything can be read; 0 where any width will do
    """

    figure: go.Figure | Finished
    alt: str
    height: int
    keys: Mapping[int, tuple[Key, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    min_width: int = 0

    def finished(self) -> Chart:
        """The same chart, its figure put into plain values once and for all."""
        return replace(self, figure=Finished(self.figure))

    def clicked(self, points: Iterable[Mapping[str, Any]]) -> list[Key]:
        """What the points of a selection, as Streamlit reports them, stand for; each once, in their order."""
        return list(dict.fromkeys(key for point in points if (key := self._key(point))))

    def _key(self, point: Mapping[str, Any]) -> Key:
        keys = self.keys.get(int(point.get("curve_number", -1)), ())
        index = int(point.get("point_index", point.get("point_number", -1)))
        return keys[index] if 0 <= index < len(keys) else ()
