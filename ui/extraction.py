"""The button that takes a database's tables anew: the same as `python -m data_access extract clientele.toml`.

One runs at a time for the whole server, in a thread of its own: whoever started it may leave the page, and whoever
comes back sees how far it is. Only on the set-up page, behind its code (ui/setup.py), because it puts load on the
company's database.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import streamlit as st

from data_access.database import database
from data_access.errors import ClienteleError
from data_access.extract.lines import Line
from data_access.extract.run import Extracted, Job, extract
from data_access.place import NOT_TAKEN, extract_of, find_place
from i18n.words import Words
from ui import company
from ui.faults import as_label, sentence

LOOK_EVERY = 1.0  # seconds between looks at how far it is
MOST_LINES = 200


@dataclass
class Extraction:
    """The extract that runs or that ran last. `lines`: what it has told."""

    lines: list[Line] = field(default_factory=list)
    done: Extracted | None = None
    fault: Exception | None = None
    began: float = 0.0
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def start(self, source: str, is_full: bool) -> None:
        """Begin, unless one is running."""
        with self._lock:
            if self.is_running:
                return
            self.lines, self.done, self.fault, self.began = [], None, None, time.monotonic()
            self._thread = threading.Thread(target=self._take, args=(source, is_full), daemon=True)
            self._thread.start()

    def _take(self, source: str, is_full: bool) -> None:
        try:
            target = extract_of(source)
            assert target is not None, "the button is only there where a target is named"
            self.done = extract(Job(find_place(source, is_live=True), target, is_full), self._hear)
        except Exception as fault:  # told on the page; nobody else would hear of it in a thread
            self.fault = fault

    def _hear(self, line: Line) -> None:
        self.lines = [*self.lines, line][-MOST_LINES:]


@cache
def extraction() -> Extraction:
    """The one of this process."""
    return Extraction()


def has_target() -> bool:
    """Whether the settings file names a file for an extract."""
    try:
        return extract_of(company.source_name()) is not None
    except ClienteleError:
        return False


def extract_form(words: Words) -> None:
    """From when the data are, two buttons, and how far the extract is."""
    _state(words)
    one = extraction()
    if one.is_running:
        _progress(words)
        return
    with st.container(horizontal=True):
        started = st.button(
            words("page.setup.take_changes"), type="primary", help=words("page.setup.take_changes_help")
        )
        anew = st.button(words("page.setup.take_all"), help=words("page.setup.take_all_help"))
    if started or anew:
        one.start(company.source_name(), is_full=anew)
        st.rerun()
    _outcome(one, words)


def _button(name: str, words: Words) -> bool:
    kind: Literal["primary", "secondary"] = "primary" if name == "take_changes" else "secondary"
    return st.button(words(f"page.setup.{name}"), type=kind, help=words(f"page.setup.{name}_help"))


def _state(words: Words) -> None:
    """Of which database the file is, and from when."""
    origin = None
    try:
        origin = database(company.source_name()).facts.origin
    except ClienteleError as fault:
        if fault.key == NOT_TAKEN:
            st.markdown(as_label(words("page.setup.not_taken_apart")))
        else:
            st.error(as_label(sentence(fault, words)))
        return
    if origin is None:
        st.markdown(as_label(words("page.setup.not_taken")))
        return
    for part in origin.parts or (origin,):
        moment = words.numbers.moment(part.read_at, "UTC")
        st.markdown(as_label(words("page.setup.taken", source=part.source, moment=f"{moment} UTC")))


@st.fragment(run_every=LOOK_EVERY)
def _progress(words: Words) -> None:
    """What the running extract has told so far; the whole page once it has ended."""
    one = extraction()
    if not one.is_running:
        st.rerun()
    st.html(f'<p role="status">{words("page.setup.taking", seconds=words.numbers.count(int(one.seconds)))}</p>')
    if one.lines:
        st.code("\n".join(_told(line, words) for line in one.lines), language=None)


def _told(line: Line, words: Words) -> str:
    seconds = line.gaps.get("seconds")
    gaps = {**line.gaps, "seconds": words.numbers.number(seconds, 1)} if isinstance(seconds, float) else line.gaps
    return words(f"page.setup.line.{line.key}", **gaps)


def _outcome(one: Extraction, words: Words) -> None:
    if one.fault is not None:
        st.error(as_label(sentence(one.fault, words) if _has_words(one.fault, words) else str(one.fault)))
    elif one.done is not None:
        count = words.numbers.count
        st.success(as_label(words("page.setup.took", rows=count(one.done.rows), tables=count(len(one.done.tables)))))


def _has_words(fault: Exception, words: Words) -> bool:
    return not isinstance(fault, ClienteleError) or bool(fault.key and words.has(f"error.{fault.key}"))
