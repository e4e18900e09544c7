"""The menu: a link to every page, which carries the choices that mean something there.

Such a link is one step in the browser's history, with its choices written out, and opens in a new tab as it stands.
(Streamlit's own menu leads to a bare address that the page then completes: two steps, in either order.)
"""

from __future__ import annotations

import streamlit as st

from i18n.words import Words
from ui import state
from ui.choices import PageSpec
from ui.setup import is_fresh
from ui.site import FRESH, SITE


def menu(words: Words, here: PageSpec) -> None:
    """One link per page; the present page's leads to the address that it was opened by, and is marked."""
    with st.container(horizontal=True, key="menu", gap=None):
        for site in (*SITE, *((FRESH,) if is_fresh() else ())):
            page = state.shown() if site.spec is here else site.script
            st.page_link(page, label=words(f"page.{site.spec.name}.title"), query_params=_params(site.spec))


def _params(spec: PageSpec) -> list[tuple[str, str]]:
    return [(name, value) for name, values in state.written(spec).items() for value in values]
