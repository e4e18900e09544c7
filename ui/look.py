"""The look that Streamlit's theme cannot say: one style sheet, its colours from the palette of the viewer's theme."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from charts.theme import Theme, palette

SHEET = Path(__file__).parent / "style.css"
ROLES = ("surface", "line", "quiet", "accent", "good", "bad", "caution")


@cache
def style(theme: Theme) -> str:
    """A <style> element."""
    colours = palette(theme)
    roles = ";".join(f"--{role}:{getattr(colours, role)}" for role in ROLES)
    return f"<style>:root{{{roles}}}\n{SHEET.read_text(encoding='utf-8')}</style>"
