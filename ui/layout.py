"""At most two columns of panels, one below 900 pixels."""

from __future__ import annotations

from typing import Any

import streamlit as st


def columns(count: int = 2) -> list[Any]:
    """Columns that stack on a narrow screen."""
    return list(st.columns(count, gap="small"))
