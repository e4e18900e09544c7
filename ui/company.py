"""Which database the app reads: the environment's, `clientele.toml`'s, or the demo company.

CLIENTELE_SOURCE=path-or-URL      first
clientele.toml: source = "..."    second
data/demo.duckdb                  else; made on the first start, with its progress shown
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import streamlit as st

from data_access.errors import SourceError
from data_access.source import Source, open_source
from i18n.words import Words

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "data" / "demo.duckdb"
SETTINGS = ROOT / "clientele.toml"


def source_name() -> str:
    """Path or URL of the company's database."""
    named = os.environ.get("CLIENTELE_SOURCE") or _from_settings()
    return named or str(DEMO)


def _from_settings() -> str:
    if not SETTINGS.is_file():
        return ""
    try:
        return str(tomllib.loads(SETTINGS.read_text(encoding="utf-8")).get("source", ""))
    except tomllib.TOMLDecodeError as fault:
        raise SourceError(
            f"clientele.toml cannot be read ({fault}); mend it or remove it.", key="settings_unreadable"
        ) from fault


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
