"""Companies as a page sees them, without a page: a view of a file with the choices of an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data_access.source import open_source
from i18n.words import load_words
from ui.site import SITE
from ui.view import View, view_of


def demo_view(path: Path, page: str, language: str, **choices: Any) -> View:
    """The view of a page over a file, with these choices and else its own."""
    spec = next(site.spec for site in SITE if site.spec.name == page)
    return view_of(spec, open_source(str(path)), load_words(language), {**spec.defaults(), **choices}, "light")
