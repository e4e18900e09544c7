"""Text inside a chart: names shown as they are, short enough for their place, in full when pointed at.

Plotly reads a few HTML tags and entities in every text that it draws, so a customer called `<b>` would make the rest
bold and one called `<a href=...>` would become a link. `plain` takes that power from every text that comes from data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import unescape

ELLIPSIS = "…"
TAG = re.compile(r"</?[a-z][^>]*>")
LONGEST = 600  # characters of a name shown when it is pointed at
KEPT_FORMATS = "\u200c\u200d"  # joiners that some scripts need

# Widths in parts of the font size, of the widest of the common system fonts (DejaVu Sans), so that any other fits too.
WIDTHS = {
    **dict.fromkeys("iljtfrIJ.,:;'|!()[]/\\-·` ", 0.39),
    **dict.fromkeys('szcxvykLF?*_"–', 0.58),
    **dict.fromkeys("&#+<=>^~−≈MOQGDwHNU", 0.85),
    **dict.fromkeys("mW%@…", 1.0),
}


def plain(text: object) -> str:
    """The text as it stands, for a place where Plotly would read tags and entities."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean(text: object) -> str:
    """The text on one line, without control characters, marks of direction and halves of characters."""
    return "".join(_shown(character) for character in str(text)).strip()


def _shown(character: str) -> str:
    if character.isprintable() and character < "\u0300":
        return character
    kind = unicodedata.category(character)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    if kind == "Cf":
        return character if character in KEPT_FORMATS else ""
    return "\N{REPLACEMENT CHARACTER}" if kind == "Cs" else character


def short(text: object, width: float, size: float = 12) -> str:
    """A name that is at most `width` pixels wide, shortened in the middle, ready to be drawn."""
    name = clean(text)
    if len(name) <= LONGEST and _width(name) * size <= width:
        return plain(name)
    room = (width - _width(ELLIPSIS) * size) / 2
    head = _fitting(name, room, size)
    tail = _fitting(reversed(name), room, size)[::-1].lstrip()
    return plain(head.rstrip() + ELLIPSIS + tail)


def _fitting(characters: Iterable[str], room: float, size: float) -> str:
    """As many of the characters as fit into `room` pixels."""
    kept = ""
    for character in characters:
        room -= character_width(character) * size
        if room < 0:
            break
        kept += character
    return kept


def full(text: object, line: int = 44) -> str:
    """A whole name for a hover label: lines of at most `line` characters (half as many wide ones)."""
    name = clean(text)
    if len(name) > LONGEST:
        name = name[: LONGEST // 2] + ELLIPSIS + name[-LONGEST // 2 :]
    return "<br>".join(plain(part) for part in _lines(name, line))


def _lines(name: str, line: int) -> list[str]:
    lines, room = [""], float(line)
    for character in name:
        room -= 2 if character_width(character) == 1 else 1
        if room < 0 or (character == " " and room < line / 5):
            lines.append("")
            room = float(line)
        lines[-1] += character
    return lines


@lru_cache(maxsize=1 << 12)
def text_width(text: str, size: float = 12) -> float:
    """About how many pixels a line takes that is ready to be drawn: its tags take none, its entities one character."""
    return _width(unescape(TAG.sub("", text))) * size


def _width(text: str) -> float:
    return sum(map(character_width, text))


@lru_cache(maxsize=1 << 12)
def character_width(character: str) -> float:
    """Width of a character in parts of the font size."""
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return WIDTHS.get(character, 0.7 if character.isupper() else 0.64)
