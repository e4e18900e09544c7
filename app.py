"""Clientele: the entry script. It runs before every page: language, pages, and nothing else.

streamlit run app.py
"""

from __future__ import annotations

import streamlit as st

from i18n.words import load_words
from ui import faults, start, state
from ui.site import SITE


def visit() -> None:
    """Draw the page that a viewer asked for."""
    start.once()
    words = load_words(state.language())
    st.set_page_config(page_icon=start.ICON, layout="wide", initial_sidebar_state="collapsed")
    pages = [
        st.Page(site.script, title=words(f"page.{site.spec.name}.title"), url_path=site.path, default=site is SITE[0])
        for site in SITE
    ]
    page = st.navigation(pages, position="hidden")  # ui/menu.py draws the menu
    st.set_page_config(page_title=words("app.browser_title", page=page.title, company=words("app.name")))
    try:
        page.run()
    except Exception as fault:  # what a panel or card could not keep to itself
        faults.box(faults.sentence(fault, words), 200)


if __name__ == "__main__":  # Streamlit runs this file so for every visit
    visit()
else:  # and reads it as a module once, before the first visit, because it makes an `App`
    start.own_pages_only()
    app = st.App("app.py")
