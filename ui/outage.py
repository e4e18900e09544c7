"""When the database cannot be read while a page is open: what was read before stands, with its age, until it can be.

A page has one place that says so and looks again by itself; each panel says how old its own figures are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from data_access.errors import UnreachableError
from i18n.words import Words
from metrics.answers import Answer
from ui import faults

MINUTE, HOUR, DAY = 60, 3600, 86400


class Outage:
    """The place of a page that says why its database cannot be read; empty while it can."""

    def __init__(self, place: Any = None) -> None:
        self.place = place
        self.is_told = False

    def failed(self, fault: Exception, words: Words) -> str:
        """The sentence for what could not be shown; the page says it too when its database cannot be read."""
        said = faults.sentence(fault, words)
        if isinstance(fault, UnreachableError):
            self._tell(said, words)
        return said

    def seen_in(self, answer: Answer, words: Words) -> str:
        """How old an answer is; the page says why. Empty for an answer that is not old."""
        if not answer.outage:
            return ""
        self._tell(words(f"panel.outage.{answer.outage}"), words)
        return age(answer, words)

    def _tell(self, text: str, words: Words) -> None:
        if self.is_told or self.place is None:
            return
        self.is_told = True
        with self.place:
            st.html(f'<p class="problem" role="status">{faults.escape(text)}</p>')
            faults.look_again(words)


def age(answer: Answer, words: Words) -> str:
    """When an old answer was read, and how long ago."""
    passed = datetime.now(UTC).replace(tzinfo=None) - answer.read_at
    moment = words.numbers.moment(answer.read_at, answer.timezone)
    return words("panel.old", moment=moment, age=how_long(passed, words))


def how_long(passed: timedelta, words: Words) -> str:
    """A length of time in its largest whole unit: 4 minutes, 2 hours, 3 days."""
    seconds = max(passed.total_seconds(), 0)
    for unit, size in (("days", DAY), ("hours", HOUR)):
        if seconds >= 2 * size:
            return words.count(f"panel.age.{unit}", int(seconds // size))
    return words.count("panel.age.minutes", max(int(seconds // MINUTE), 1))
