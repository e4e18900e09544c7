"""Choices in a session: loaded from the URL, changed by widgets, written back to the URL.

One dictionary holds what the viewer has chosen, on all pages; a page's own start values fill the rest. Widgets are
drawn from it and change it through callbacks, so that the same choice can be shown in two places and survives a change
of page.

The URL is read when it is not the one that the session last knew: on a first visit, and after Back or Forward. It is
written when the choices mean something else than before; an address that means the same is left as it is, because each
writing is a step in the browser's history and Back would come to the same place for ever.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from i18n.words import LANGUAGES, Words, match
from ui import waiting
from ui.choices import LANGUAGE, PageSpec, Problem, not_possible, read_url, write_url

CHOSEN, PAGE, TONGUE = "our_choices", "our_page", "our_language"
SHOWN = "our_script_page"  # the first page has two addresses: this is the one that was asked for
HERE = "our_address"  # the parameters of the address that the session last knew
MEANT = "our_parameters"  # the parameters that its choices have, in full
ACTED = "our_action"  # a widget was used in this run: the choices are newer than the address
PROBLEMS = "our_problems"

Params = dict[str, list[str]]


# -- the page -------------------------------------------------------------------------------------------------------
def show(page: Any) -> None:
    """Keep which of Streamlit's pages this run shows."""
    st.session_state[SHOWN] = page


def shown() -> Any:
    """Which of Streamlit's pages this run shows."""
    return st.session_state[SHOWN]


# -- language -------------------------------------------------------------------------------------------------------
def language() -> str:
    """The viewer's language: the URL's, then the session's, then the browser's."""
    asked = st.query_params.get(LANGUAGE)
    is_news = [asked] != st.session_state.get(HERE, {}).get(LANGUAGE) and not st.session_state.get(ACTED)
    if asked in LANGUAGES and is_news:
        st.session_state[TONGUE] = asked
    if TONGUE not in st.session_state:
        st.session_state[TONGUE] = match(st.context.locale)
    return str(st.session_state[TONGUE])


def set_language(code: str) -> None:
    """Switch; the next run writes it to the URL."""
    st.session_state[TONGUE] = code
    st.session_state[ACTED] = True


def language_switch(words: Words) -> None:
    """The other language, at the top right of every page."""
    other = next(code for code in LANGUAGES if code != words.language)
    st.button(words(f"app.language.{other}"), key="language", on_click=set_language, args=(other,), type="tertiary")


# -- from the URL ---------------------------------------------------------------------------------------------------
def load(spec: PageSpec) -> list[Problem]:
    """Take over what the URL asks for when it is not what this session knows; what could not be used."""
    session = st.session_state
    known = {name: values for name, values in _address().items() if name in spec.defaults() or name == LANGUAGE}
    moved = session.get(PAGE) != spec.name
    session[PAGE] = spec.name
    acted = session.pop(ACTED, False)
    if moved:
        session.pop(MEANT, None)
        session.pop(HERE, None)
        waiting.forget()
    if (moved or known != session.get(HERE)) and not (acted and not moved):
        _take_over(known, spec)
    return list(session.get(PROBLEMS, ()))


def _take_over(known: Params, spec: PageSpec) -> None:
    """Choose what the URL asks for; the choices stay as they are when it asks for nothing or for just them."""
    session = st.session_state
    session[HERE], session[PROBLEMS] = known, _language_problems(known)
    asked = {name: values for name, values in known.items() if name != LANGUAGE}
    chosen = dict(session.get(CHOSEN, {}))
    if asked and known != written(spec):
        read, problems = read_url(asked, spec)
        session[PROBLEMS] += problems
        defaults = spec.defaults()
        chosen = {name: value for name, value in chosen.items() if name not in read}
        chosen |= {name: value for name, value in read.items() if value != defaults[name]}
    session[CHOSEN] = chosen


def _language_problems(known: Params) -> list[Problem]:
    asked = (known.get(LANGUAGE) or [""])[-1]
    return [not_possible(LANGUAGE, asked, language())] if asked and asked not in LANGUAGES else []


def _address() -> Params:
    return {name: st.query_params.get_all(name) for name in st.query_params}


# -- choices --------------------------------------------------------------------------------------------------------
def current(spec: PageSpec) -> dict[str, Any]:
    """Every choice of a page: what was chosen where it is possible here, else the page's own."""
    chosen = st.session_state.get(CHOSEN, {})
    values = spec.defaults()
    for name in values:
        value = chosen.get(name, values[name])
        permitted = spec.permitted(name)
        values[name] = value if not permitted or value in permitted else values[name]
    return values


def is_changed(spec: PageSpec) -> bool:
    """Whether anything is chosen that the page does not start with."""
    return current(spec) != spec.defaults()


def choose(name: str, value: Any) -> None:
    """Remember a choice."""
    _acted({**st.session_state.get(CHOSEN, {}), name: value})


def reset(spec: PageSpec) -> None:
    """Back to the page's own choices."""
    mine = spec.defaults()
    _acted({name: value for name, value in st.session_state.get(CHOSEN, {}).items() if name not in mine})


def _acted(chosen: dict[str, Any]) -> None:
    st.session_state[CHOSEN] = chosen
    st.session_state[PROBLEMS] = []
    st.session_state[ACTED] = True


# -- to the URL -----------------------------------------------------------------------------------------------------
def save(spec: PageSpec) -> None:
    """Write the choices to the URL when they mean something else than before."""
    params, session = written(spec), st.session_state
    if params != session.get(MEANT) and params != _address():
        st.query_params.from_dict(params)
        session[HERE] = params
    session[MEANT] = params


def written(spec: PageSpec) -> Params:
    """The parameters that the present choices have in a URL."""
    return write_url(current(spec), language())
