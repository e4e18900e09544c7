"""Notes in the viewer's language: the values in their gaps become words, dates and moments of the company's zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from i18n.words import Words
from metrics.results import Note

MOST = 4  # words that are named


def sentence(item: Note, words: Words, timezone: str) -> str:
    """The sentence of a note."""
    return words(f"note.{item.key}", **{name: _shown(name, value, words, timezone) for name, value in item.gaps})


def _shown(name: str, value: Any, words: Words, timezone: str) -> Any:
    if isinstance(value, datetime):
        return words.numbers.moment(value, timezone)
    if name == "words":
        return words.list([f"“{word}”" for word in value[:MOST]]) + ("…" if len(value) > MOST else "")
    if name == "dimension":
        return words(f"dimension.{value}")
    return value
