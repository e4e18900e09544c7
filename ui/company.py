"""Which database the app reads: the environment's, `clientele.toml`'s, or the demo company.

CLIENTELE_SOURCE=path-or-URL      first
clientele.toml: source = "..."    second; with the mapping and what the company says otherwise (data_access/place.py)
data/demo.duckdb                  else; made on the first start, with its progress shown
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from data_access.place import read_settings_file
from data_access.source import Source, open_source
from i18n.words import Words

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "data" / "demo.duckdb"
SETTINGS = ROOT / "clientele.toml"


def source_name() -> str:
    """Path or URL of the company's database, or of the settings file that names it."""
    named = os.environ.get("CLIENTELE_SOURCE")
    if not named and SETTINGS.is_file() and read_settings_file(SETTINGS).get("source"):
        return str(SETTINGS)
    return named or str(DEMO)


def company(words: Words) -> Source:
    """The source that every page reads. Raises SourceError when it cannot be opened."""
    name = source_name()
    if Path(name) == DEMO and not DEMO.exists():
        _make_demo(words)
    return open_source(name)


def _make_demo(words: Words) -> None:
    from data_access.demo import create_demo

    DEMO.parent.mkdir(exist_ok=True)
    bar = st.progress(0.0, text=words("app.making_demo"))

    def progress(step: str, share: float) -> None:
        bar.progress(min(share, 1.0), text=words("app.making_demo"))

    create_demo(DEMO, progress=progress)
    bar.empty()
