"""Notes in the viewer's language: the values in their gaps become words, dates and moments of the company's zone.

`reason` says in that language why something is not there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from data_access.errors import ClienteleError
from i18n.words import Words
from metrics.results import Note

MOST = 4  # words that are named


def sentence(item: Note, words: Words, timezone: str) -> str:
    """The sentence of a note."""
    return words(f"note.{item.key}", **{name: _shown(name, value, words, timezone) for name, value in item.gaps})


def reason(why: ClienteleError, words: Words) -> str:
    """Why something is not there; in English where only whoever made a mapping can mend it."""
    key = f"error.{why.key}"
    gaps = {name: reason(gap, words) if isinstance(gap, ClienteleError) else gap for name, gap in why.gaps.items()}
    return words(key, **gaps) if words.has(key) else str(why)


def _shown(name: str, value: Any, words: Words, timezone: str) -> Any:
    if isinstance(value, datetime):
        return words.numbers.moment(value, timezone)
    if name == "words":
        return words.list([f"“{word}”" for word in value[:MOST]]) + ("…" if len(value) > MOST else "")
    if isinstance(value, ClienteleError):
        return reason(value, words)
    if name == "longer_by":
        return words.numbers.signed_ratio(value)
    if name == "dimension":
        return words(f"dimension.{value}")
    return value
