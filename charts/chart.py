"""What a chart function gives back: the figure, what it says in words, how high it is, what its marks stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Chart:
    """A figure for `st.plotly_chart(chart.figure, theme=None, config=CONFIG, height=chart.height, alt=chart.alt)`.

    keys       for each trace that can be clicked, by its number, what its points stand for: `(group,)`, `(stage,)`,
               `(first day, day after the last)`, `(group, cohort, age)`; `()` for a point that stands for nothing
    notes      sentences that belong under the chart, such as what it leaves out
    min_width  the least width in pixels at which everything can be read; 0 where any width will do
    """

    figure: go.Figure
    alt: str
    height: int
    keys: Mapping[int, tuple[Key, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    min_width: int = 0

    def clicked(self, points: Iterable[Mapping[str, Any]]) -> list[Key]:
        """What the points of a selection, as Streamlit reports them, stand for; each once, in their order."""
        return list(dict.fromkeys(key for point in points if (key := self._key(point))))

    def _key(self, point: Mapping[str, Any]) -> Key:
        keys = self.keys.get(int(point.get("curve_number", -1)), ())
        index = int(point.get("point_index", point.get("point_number", -1)))
        return keys[index] if 0 <= index < len(keys) else ()
