"""The key above a chart: what each kind of mark is, in as few lines as it takes, each mark in its own colour.

Marks are drawn with characters, so that the key is text: it wraps by itself and is read aloud in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charts.text import short, text_width
from charts.theme import SMALL, Theme, palette

LINE_HEIGHT = 18
WIDTH = 320  # fits a phone
LINE, THIN, OPEN, DASH, BLOCK, HATCHED, OUTLINE = "━", "─", "○", "╌", "■", "▨", "□"


def key(theme: Theme, entries: Sequence[tuple[str, str, str]], left: float = 0) -> tuple[list[dict[str, Any]], int]:
    """Annotations above the plot, and their height. Each entry: mark, colour, text; `left`: the left margin."""
    colours = palette(theme)
    lines: list[list[str]] = []
    room = 0.0
    for mark, colour, text in entries:
        shown = short(text, WIDTH - 30, SMALL)
        width = text_width(f"{mark} {shown}    ", SMALL)
        if width > room:
            lines.append([])
            room = float(WIDTH)
        room -= width
        lines[-1].append(f'<span style="color:{colour}">{mark}</span>\u2002{shown}')
    if not lines:
        return [], 0
    text = "<br>".join("\u2003".join(line) for line in lines)
    height = LINE_HEIGHT * len(lines)
    note = {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "xshift": -round(left) + 2,
        "yshift": 10,
        "align": "left",
        "showarrow": False,
        "font": {"size": SMALL, "color": colours.quiet},
    }
    return [note], height + 12
