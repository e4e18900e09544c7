"""Walks through the app without a browser: opens a page over a database, reads what stands on it, clicks.

page = open_page("funnel", "zh-CN", source, region=["North"])
page.heading, page.figures["revenue"], page.charts, page.texts
"""

from __future__ import annotations

import html
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from ui.site import SITE

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {site.spec.name: site.script for site in SITE}
PAGES = tuple(SCRIPTS)
NO_SOURCE = "/nowhere/no.duckdb"
NO_COMPONENTS = BidiComponentManager()
LONGEST = 120  # seconds for one run on a busy machine
TAG = re.compile(r"<[^>]*>")
READ_IN_CHARTS = ("text", "ticktext", "title", "name", "hovertext", "hovertemplate", "customdata", "texttemplate")


class Faults(logging.Handler):
    """Remembers what the app logged as an error: a panel that failed says so only to the log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.getMessage()}: {record.exc_info[1] if record.exc_info else ''}")


@contextmanager
def database(source: str) -> Iterator[None]:
    """The app reads this database meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CLIENTELE_SOURCE", source)
        yield


@dataclass
class Chart:
    """A chart as the browser gets it."""

    alt: str
    spec: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        """Everything in it that is read: marks, axes, hover labels."""
        return list(_read(self.spec["data"], False)) + list(_read(self.spec.get("layout", {}), False))


def _read(value: Any, is_read: bool) -> Iterator[str]:
    if isinstance(value, str):
        if is_read:
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("bdata", "template"):
                yield from _read(inner, is_read or key in READ_IN_CHARTS)
    elif isinstance(value, list):
        for inner in value:
            yield from _read(inner, is_read)


@dataclass
class Page:
    """One viewer's session, on the page that was opened last."""

    app: AppTest
    name: str
    source: str
    faults: Faults = field(default_factory=Faults)

    def run(self) -> Page:
        """Run the app once more with what was clicked."""
        self.__dict__.pop("nodes", None)
        logger = logging.getLogger("clientele")
        logger.addHandler(self.faults)
        try:
            with database(self.source):
                self.app.run()
        finally:
            logger.removeHandler(self.faults)
        return self

    def click(self, key: str) -> Page:
        """Press a button."""
        self.app.button(key=key).click()
        return self.run()

    def choose(self, key: str, value: Any) -> Page:
        """Choose in a select box, or several values in one for several."""
        boxes = [*self.app.selectbox, *self.app.multiselect]
        next(box for box in boxes if box.key == key).set_value(value)
        return self.run()

    @cached_property
    def nodes(self) -> list[Any]:
        """Every element, from top to bottom; those of an open dialog last."""
        return [node for _, root in sorted(self.app._tree.children.items()) for node in _below(root)]

    def of(self, kind: str) -> list[Any]:
        """The elements of one kind."""
        return [node for node in self.nodes if getattr(node, "type", "") == kind]

    @property
    def html(self) -> list[str]:
        """Our own pieces of HTML, the style sheet left out."""
        return [body for node in self.of("html") if not (body := node.proto.body).startswith("<style")]

    @property
    def heading(self) -> str:
        """The title of the page."""
        return plain(re.search(r"<h1>(.*?)</h1>", "".join(self.html))[1])  # type: ignore[index]

    @property
    def panels(self) -> dict[str, str]:
        """The panels of the page: title and sub-line."""
        heads = re.findall(r'<div class="head"><h2>(.*?)</h2><p>(.*?)</p></div>', "".join(self.html))
        return {plain(title): plain(sub) for title, sub in heads}

    @property
    def cards(self) -> list[str]:
        """The HTML of each key figure."""
        return [body for body in self.html if body.startswith('<div class="kpi">')]

    @property
    def figures(self) -> dict[str, str]:
        """The key figures in full, by their short name; those without a value have none here."""
        found = (re.search(r'<h3>(.*?)(?: <span.*?)?</h3><p class="value" title="(.*?)">', card) for card in self.cards)
        return {plain(match[1]): html.unescape(match[2]) for match in found if match}

    @property
    def boxes(self) -> list[str]:
        """The sentences that stand where something cannot be shown."""
        text = "".join(self.html)
        return [
            plain(body) for body in re.findall(r'<div class="empty".*?<p>(.*?)</p>|<p class="missing">(.*?)</p>', text)
        ]

    @property
    def problems(self) -> list[str]:
        """What the address asked for and could not have."""
        return [plain(body) for body in self.html if 'class="problem"' in body]

    @property
    def charts(self) -> list[Chart]:
        """The charts of the page."""
        return [Chart(node.proto.alt, json.loads(node.proto.spec)) for node in self.of("plotly_chart")]

    @property
    def explain_keys(self) -> list[str]:
        """The buttons that say what is behind a figure."""
        return [str(button.key) for button in self.app.button if str(button.key).startswith("explain-")]

    @property
    def texts(self) -> list[str]:
        """Everything that a viewer reads, SQL left out."""
        return [text for node in self.nodes for text in _texts_of(node) if text]


def _below(node: Any) -> Iterator[Any]:
    for child in node.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _below(child)


def plain(markup: str | Sequence[str]) -> str:
    """HTML as it is read."""
    text = markup if isinstance(markup, str) else "".join(markup)
    return html.unescape(TAG.sub(" ", text)).strip()


def _texts_of(node: Any) -> Iterator[str]:
    kind, proto = getattr(node, "type", ""), getattr(node, "proto", None)
    if kind == "html":
        if not proto.body.startswith("<style"):
            yield plain(proto.body)
            yield from (html.unescape(text) for text in re.findall(r'(?:title|alt)="([^"]*)"', proto.body))
    elif kind == "plotly_chart":
        yield proto.alt
        yield from (plain(text) for text in Chart("", json.loads(proto.spec)).texts)
    elif kind in ("dataframe", "arrow_data_frame"):
        yield from (str(name) for name in node.value.columns)
        yield from (str(value) for value in node.value.to_numpy().ravel() if isinstance(value, str))
    elif kind != "code":
        yield from _labels_of(proto)


def _labels_of(proto: Any) -> Iterator[str]:
    for name in ("label", "help", "placeholder", "title", "body"):
        yield str(getattr(proto, name, "") or "")
    yield from (str(option) for option in getattr(proto, "options", ()))
    for part in ("popover", "dialog", "tab"):
        if hasattr(proto, part) and hasattr(proto, "HasField") and proto.HasField(part):
            yield from _labels_of(getattr(proto, part))


def open_page(name: str, language: str, source: str, **params: Any) -> Page:
    """Open a page by its address in a new session."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=LONGEST)
    app._bidi_component_manager = NO_COMPONENTS  # else each session reads what every installed package is
    app.query_params["lang"] = language
    if name != PAGES[0]:  # the address of another page is known once app.py has run
        with database(NO_SOURCE):
            app.run()
        app.switch_page(SCRIPTS[name])
    for key, value in params.items():
        app.query_params[key] = value
    return Page(app, name, source).run()
