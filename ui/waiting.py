"""While something is counted: a skeleton where nothing has stood yet, else the old figure until the new one comes.

Streamlit greys what it has not drawn again yet, so nothing jumps and nothing vanishes when a filter changes.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

DRAWN = "our_drawn"


def hold(key: str, height: int) -> Any:
    """A place that shows a skeleton when `key` is drawn for the first time on this page; `.empty()` ends it."""
    place, drawn = st.empty(), st.session_state.setdefault(DRAWN, set())
    if key not in drawn:
        drawn.add(key)
        place.skeleton(height)
    return place


def forget() -> None:
    """Another page: nothing stands on it yet."""
    st.session_state.pop(DRAWN, None)
