"""One server over one demo company, one browser, and as many windows as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.server import Server, started
from tests.browser.window import LONGEST, Window
from tests.data_access.demo_company import made

SCALE = 0.2  # about 1,600 customers


@pytest.fixture(scope="session")
def company() -> Path:
    """The file of a demo company."""
    return made(SCALE)[0]


@pytest.fixture(scope="session")
def server(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over the demo company."""
    with started(company, tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture
def window(browser: Browser, server: Server) -> Iterator[Callable[..., Window]]:
    """window(width, ...) -> a window of a viewer who has never been here; nothing may go wrong in any of them."""
    opened: list[Window] = []
    with ExitStack() as contexts:

        def open_window(width: int = 1440, height: int = 1000, url: str = "", **options: Any) -> Window:
            viewport = {"width": width, "height": height}
            context: BrowserContext = browser.new_context(viewport=viewport, accept_downloads=True, **options)
            contexts.callback(context.close)
            context.set_default_timeout(LONGEST)
            opened.append(Window(context.new_page(), url or server.url))
            return opened[-1]

        yield open_window
        assert [fault for one in opened for fault in one.faults] == []
