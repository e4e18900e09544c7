"""Connecting a database in the browser: the same look, questions and file as `python -m data_access connect`.

Only for those who know the code that the server printed when it started: whoever can read its console runs it. The code
is new with every start and closes after a few wrong tries. While nobody has named a database yet, one can be connected;
later, where the settings file names an extract, it can be taken anew (ui/extraction.py).
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import streamlit as st

from data_access import engines
from data_access.connect.decide import Word, checked, decided, words_of
from data_access.connect.dialogue import none_fits
from data_access.connect.survey import Survey, survey, through
from data_access.connect.write import write_settings
from data_access.errors import ClienteleError
from data_access.place import Place
from i18n.words import Words
from metrics.notes import reason
from ui import company
from ui.extraction import extract_form, has_target
from ui.faults import as_label, box, escape, sentence

ALLOWED, FOUND = "our_setup_allowed", "our_setup_found"
MOST_TRIES = 10
USUAL = {"base_currency": "EUR", "timezone": "UTC", "fiscal_year_start_month": "1"}


class Gate:
    """The code of this start of the server, and how often a wrong one was tried."""

    def __init__(self) -> None:
        self.code = secrets.token_hex(4)
        self.wrong = 0

    @property
    def is_closed(self) -> bool:
        return self.wrong >= MOST_TRIES

    def opens(self, tried: str) -> bool:
        """Whether this is the code; a wrong one counts."""
        if not self.is_closed and hmac.compare_digest(tried.strip().lower().encode(), self.code.encode()):
            return True
        self.wrong += 1
        return False


@cache
def gate() -> Gate:
    """The one of this process."""
    return Gate()


def is_fresh() -> bool:
    """Nobody has named a database: the demo company is shown."""
    return not os.environ.get("CLIENTELE_SOURCE") and not company.SETTINGS.exists()


def announce() -> None:
    """Print the code where whoever started the server reads it."""
    if is_fresh():
        print(f"  To connect your own database in the browser: page /setup, code {gate().code}", flush=True)
    elif has_target():
        print(f"  To take the data anew in the browser: page /setup, code {gate().code}", flush=True)


def intro(words: Words) -> str:
    """What can be done here."""
    return words("page.setup.intro" if is_fresh() or not has_target() else "page.setup.extract")


def connect_form(words: Words) -> None:
    """Step by step: the code, the database, what was found and what is still to be told."""
    if not is_fresh() and not has_target():
        box(words("page.setup.connected"))
    elif not st.session_state.get(ALLOWED):
        _ask_code(words)
    elif not is_fresh():
        extract_form(words)
    else:
        _ask_database(words)
        if FOUND in st.session_state:
            _show(st.session_state[FOUND], words)


def _ask_code(words: Words) -> None:
    if gate().is_closed:
        box(words("page.setup.closed"))
        return
    with st.form("setup-code"):
        tried = st.text_input(words("page.setup.code"), help=words("page.setup.code_help"), max_chars=40)
        if st.form_submit_button(words("page.setup.go_on")) and tried:
            if gate().opens(tried):
                st.session_state[ALLOWED] = True
                st.rerun()
            st.error(words("page.setup.wrong_code"))


def _ask_database(words: Words) -> None:
    with st.form("setup-database"):
        url = st.text_input(words("page.setup.url"), placeholder="postgresql://reader@host:5432/odoo", max_chars=500)
        password = st.text_input(words("page.setup.password"), type="password", help=words("page.setup.password_help"))
        if st.form_submit_button(words("page.setup.look")) and url:
            st.session_state.pop(FOUND, None)
            with st.spinner(words("page.setup.looking")):
                _look(url, password, words)


def _look(url: str, password: str, words: Words) -> None:
    try:
        where = engines.locate(url.strip())
        where = where.set(password=password) if password and not engines.is_file(where) else where
        st.session_state[FOUND] = survey(Place(where, folder=company.SETTINGS.parent))
    except ClienteleError as fault:
        st.error(_said(fault, words))


def _said(fault: ClienteleError, words: Words) -> str:
    """The fault in the viewer's language where there are words for it, else as the command line says it."""
    return as_label(sentence(fault, words) if fault.key and words.has(f"error.{fault.key}") else str(fault))


def _show(found: Survey, words: Words) -> None:
    if not found.place.mapping and not found.is_canonical:
        _choose_mapping(found, words)
        return
    st.html(_described(found, words))
    _ask_rest(found, words)


def _choose_mapping(found: Survey, words: Words) -> None:
    """Several mappings fit: which, the leading one first."""
    fits = {one.manifest.folder.name: one for one in found.fitting}
    if not fits:
        st.error(_said(none_fits(found), words))
        return
    with st.form("setup-mapping"):
        chosen = st.multiselect(
            words("page.setup.mappings"), list(fits), format_func=lambda name: as_label(fits[name].manifest.title)
        )
        if st.form_submit_button(words("page.setup.go_on")) and chosen:
            try:
                st.session_state[FOUND] = survey(through(found.place, [fits[name] for name in chosen]))
            except ClienteleError as fault:
                st.error(_said(fault, words))
                return
            st.rerun()


def _described(found: Survey, words: Words) -> str:
    """What the database gives, and what pages will say that it does not hold."""
    titles = {one.manifest.folder.name: one.manifest.title for one in found.matches}
    named = words.list([escape(titles.get(name, name)) for name in found.place.mappings if name])
    head = words("page.setup.canonical") if found.is_canonical else words("page.setup.recognised", mapping=named)
    given = [(one.name, words.numbers.count(one.rows), _serves(one.name, words)) for one in found.given]
    lacking = [(name, reason(why, words)) for name, why in found.lacking.items()]
    unserved = [(name, _serves(name, words)) for name in found.unserved]
    parts = [
        f"<h2>{head}</h2>",
        _table(words("page.setup.gives"), given, words),
        _table(words("page.setup.not_found"), lacking, words),
        _table(words("page.setup.unserved"), unserved, words),
    ]
    return "".join(parts)


def _serves(table: str, words: Words) -> str:
    key = f"page.setup.serves.{table}"
    return words(key) if words.has(key) else ""


def _table(title: str, rows: Sequence[tuple[str, ...]], words: Words) -> str:
    """Rows of a table's name, its number of rows (or not) and what it is for."""
    if not rows:
        return ""
    columns = ("table", "rows", "for") if len(rows[0]) == len(("table", "rows", "for")) else ("table", "for")
    head = "".join(f"<th>{words(f'page.setup.{name}')}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(_cell(*cell) for cell in zip(columns, row, strict=True))}</tr>" for row in rows)
    return f"<h3>{escape(title)}</h3><table class='plain'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(column: str, text: str) -> str:
    if column == "table":
        return f"<td><code>{escape(text)}</code></td>"
    return f"<td class='number'>{escape(text)}</td>" if column == "rows" else f"<td>{escape(text)}</td>"


def _ask_rest(found: Survey, words: Words) -> None:
    """The settings and words that nobody has told yet, and the button that writes."""
    with st.form("setup-rest"):
        settings = {
            name: st.text_input(words(f"page.setup.setting.{name}"), value=USUAL[name], max_chars=60)
            for name in found.needs
        }
        meanings: dict[Word, str] = {}
        for one in found.undecided:
            for word, rows in words_of(one).items():
                label = words("page.setup.word", word=word[-1], count=words.numbers.count(rows), column=one.column)
                meanings[word] = st.selectbox(as_label(label), one.permitted, key=repr(word))
        if st.form_submit_button(words("page.setup.write"), type="primary"):
            _write(found, settings, meanings, words)


def _write(found: Survey, settings: dict[str, str], meanings: dict[Word, str], words: Words) -> None:
    try:
        for name, value in settings.items():
            checked(name, value)
        place = replace(decided(found, settings, meanings), folder=company.SETTINGS.parent)
        write_settings(place, company.SETTINGS)
    except ClienteleError as fault:
        st.error(_said(fault, words))
        return
    st.session_state.pop(FOUND)
    st.switch_page("pages/executive/overview.py")
