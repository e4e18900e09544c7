"""A viewer's window on the app: opens addresses, reads what stands there, sets controls, and waits for the answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Download, Locator, Page, expect

from i18n.words import load_words
from ui.site import SITE

PATHS = {site.spec.name: "/" if site is SITE[0] else f"/{site.path}" for site in SITE}
PAGES = tuple(PATHS)
LONGEST = 60_000  # milliseconds for anything on a busy machine
expect.set_options(timeout=LONGEST)
# Counts the runs whose end the server has told the window: field 6 of a message, unless (2) another run follows at once.
COUNT_RUNS = """window.runs = 0
const ends = bytes => {
  let at = 0
  const number = () => {
    let value = 0, step = 1, byte
    do { byte = bytes[at++]; value += (byte & 127) * step; step *= 128 } while (byte > 127)
    return value
  }
  while (at < bytes.length) {
    const tag = number(), size = number()
    if (tag === 48) return size !== 2
    if (tag % 8 === 2) at += size
    else if (tag % 8 !== 0) return false
  }
  return false
}
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given)
    this.addEventListener('message', message => {
      if (ends(new Uint8Array(message.data))) setTimeout(() => { window.runs += 1 })
    })
  }
}"""
# The run is over, everything is drawn, and nothing waits to be drawn again.
SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]')
  const waiting = '[data-testid=stSkeleton], [data-stale=true]'
  const drawn = chart => chart.querySelector('.js-plotly-plot .main-svg')
  return app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && document.querySelector('h1') && !document.querySelector(waiting)
    && [...document.querySelectorAll('.stPlotlyChart')].every(drawn)
    && [...document.querySelectorAll('.stDataFrame')].every(table => !table.getClientRects().length || table.querySelector('table'))
}"""
# Every number of the page: key figures in full, what the charts draw, the cells of tables. A chart or table follows its
# data a moment later, so the numbers are read once they have stood still for longer than that.
FIGURES = """async () => {
  const read = () => ({
    cards: [...document.querySelectorAll('.kpi .value')].map(value => value.title),
    charts: [...document.querySelectorAll('.js-plotly-plot')].map(chart => chart._fullData.map(trace =>
      ['x', 'y'].map(axis => [...(trace[axis] ?? [])].filter(value => typeof value === 'number')))),
    cells: [...document.querySelectorAll('.stDataFrame td')].map(cell => cell.innerText).filter(text => /^[0-9.,]+[*]?$/.test(text)),
    sections: [...document.querySelectorAll('main section[id]')].map(section => section.id),
  })
  for (let last = '', same = 0; ;) {
    const now = read(), text = JSON.stringify(now)
    same = text === last ? same + 1 : 0
    if (same === 2) return now
    last = text
    await new Promise(resolve => setTimeout(resolve, document.querySelector('.stDataFrame') ? 400 : 100))
  }
}"""
# What every control of the bar and of the opened sheet shows.
CONTROLS = """() => Object.fromEntries([...document.querySelectorAll('[class*="st-key-"]')].flatMap(element => {
  const key = [...element.classList].map(name => name.match(/^st-key-(.+-(?:bar|sheet|search))$/)?.[1]).find(Boolean)
  if (!key || key === 'filter-sheet' || !element.getClientRects().length) return []
  const tags = [...element.querySelectorAll('[data-testid=stMultiSelectTagsContainer]')].filter(e => e.querySelector('input'))
  const box = element.querySelector('input[type=checkbox]')
  const days = [...element.querySelectorAll('input[type=date]')].map(input => input.value)
  const shown = box ? box.checked : days.length ? days.join(' ') : tags.length
    ? tags[0].innerText.split('\\n').filter(Boolean).join(' ') : element.querySelector('input').value
  return [[key, shown]]
}))"""

# What a control is made of is fetched when the first of its kind is shown.
CONTROLS_DRAWN = """() => [...document.querySelectorAll('[class*="st-key-"]')]
  .filter(element => [...element.classList].some(name => /^st-key-(?!filter).+-(bar|sheet|search)$/.test(name)))
  .every(element => element.querySelector('input'))"""


@dataclass
class Window:
    """One page of a browser, with everything that it asked of the network and that went wrong in it."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(LONGEST)
        self.page.add_init_script(COUNT_RUNS)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    # -- to go somewhere --------------------------------------------------------------------------------------------
    def open(self, name: str, language: str = "en", **params: str | Sequence[str]) -> Window:
        """Open a page by its address."""
        return self.go(f"{PATHS[name]}?{urlencode({'lang': language, **params}, doseq=True)}")

    def go(self, address: str) -> Window:
        """Open an address of the app."""
        self.page.goto(self.url + address)
        return self.settle()

    def settle(self) -> Window:
        """Wait until the page stands still."""
        self.page.wait_for_function(SETTLED)
        return self

    def moves(self, act: Callable[[], object]) -> Window:
        """Do something that leads to another address, and wait for the end of the run that answers it."""
        before, runs = self.page.url, self.page.evaluate("window.runs")
        act()
        self.page.wait_for_function("([url, runs]) => location.href !== url && window.runs > runs", arg=[before, runs])
        return self

    def runs_after(self, act: Callable[[], object]) -> Window:
        """Do something that leads to a run, and wait until what it draws stands still."""
        runs = self.page.evaluate("window.runs")
        act()
        self.page.wait_for_function("runs => window.runs > runs", arg=runs)
        return self.settle()

    def follow(self, name: str, language: str = "en") -> Window:
        """Go to a page by the menu."""
        title = load_words(language)(f"page.{name}.title")
        return self.moves(self.page.locator(".st-key-menu").get_by_role("link", name=title, exact=True).click)

    def back(self) -> Window:
        """The browser's Back."""
        return self.moves(lambda: self.page.evaluate("history.back()"))

    def forward(self) -> Window:
        """The browser's Forward."""
        return self.moves(lambda: self.page.evaluate("history.forward()"))

    # -- to set something -------------------------------------------------------------------------------------------
    def at(self, key: str) -> Locator:
        """A widget or container by its key."""
        return self.page.locator(f".st-key-{key}")

    def open_sheet(self) -> Window:
        """Open the sheet with all filters."""
        if not self.at("sheet-whom").is_visible():
            self.at("filter-sheet").get_by_role("button").click()
            expect(self.at("sheet-whom")).to_be_visible()
        return self

    def choose(self, key: str, *labels: str) -> Window:
        """Choose in a select box, or several values in one for several."""
        for label in labels:
            box = self.at(key).get_by_role("combobox")
            box.scroll_into_view_if_needed()
            self.page.wait_for_timeout(300)  # a list closes when what it stands in is still scrolling
            box.click()
            option = self.page.get_by_role("option", name=label, exact=True)
            self.moves(option.click)
        return self

    def press(self, key: str) -> Window:
        """Click the button of a key."""
        self.at(key).locator("button:visible").click()
        return self

    # -- to read something ------------------------------------------------------------------------------------------
    @property
    def address(self) -> str:
        """Path and parameters."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def params(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query, keep_blank_values=True)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def figures(self) -> dict[str, Any]:
        """Every number of the page."""
        self.settle()
        return dict(self.page.evaluate(FIGURES))

    @property
    def controls(self) -> dict[str, Any]:
        """What every visible control shows, by its key."""
        self.settle().page.wait_for_function(CONTROLS_DRAWN)
        return dict(self.page.evaluate(CONTROLS))

    @property
    def problems(self) -> list[str]:
        """What the address asked for and could not have."""
        return self.page.locator(".problem").all_inner_texts()

    @property
    def boxes(self) -> list[str]:
        """The sentences that stand where something cannot be shown."""
        return self.page.locator(".empty").all_inner_texts()

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog").filter(has=self.page.locator("h2, [data-testid=stHtml], .stHtml"))

    def saved(self, button: Locator) -> str:
        """The text of the file that a button saves."""
        with self.page.expect_download() as download:
            button.click()
        return text_of(download.value)


def text_of(download: Download) -> str:
    """What was saved."""
    return Path(download.path()).read_text(encoding="utf-8-sig")


def rows_of(text: str) -> list[Mapping[str, str]]:
    """The rows of an exported table, the lines of explanation left out."""
    lines = text.splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if not line.startswith(("# ", '"# ')))
    return list(csv.DictReader(io.StringIO("".join(lines[start:]))))
