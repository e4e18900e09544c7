"""Clientele: the entry script. It runs before every page: language, pages, and nothing else.

streamlit run app.py
"""

from __future__ import annotations

import streamlit as st

from i18n.words import load_words
from ui import faults, ready, setup, start, state
from ui.site import FRESH, SITE

PAGES = (*SITE, FRESH)


def visit() -> None:
    """Draw the page that a viewer asked for."""
    start.once()
    words = load_words(state.language())
    st.set_page_config(page_icon=start.ICON, layout="wide", initial_sidebar_state="collapsed")
    titles = [words(f"page.{site.spec.name}.title") for site in PAGES]
    home = st.Page(SITE[0].script, title=titles[0], url_path="home", default=True)  # served at the bare address
    named = [st.Page(site.script, title=title, url_path=site.path) for site, title in zip(PAGES, titles, strict=True)]
    page = st.navigation([home, *named], position="hidden")  # ui/menu.py draws the menu
    state.show(page)
    st.set_page_config(page_title=words("app.browser_title", page=page.title, company=words("app.name")))
    try:
        page.run()
    except Exception as fault:  # what a panel or card could not keep to itself
        faults.box(faults.sentence(fault, words), 200)


if __name__ == "__main__":  # Streamlit runs this file so for every visit
    visit()
else:  # and reads it as a module once, before the first visit, because it makes an `App`
    start.own_pages_only()
    setup.announce()
    app = st.App("app.py", routes=ready.ROUTES)
