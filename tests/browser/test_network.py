"""The browser asks nobody but the app."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from i18n.words import load_words
from tests.browser.window import PAGES

pytestmark = pytest.mark.browser


def test_no_page_asks_a_foreign_host_for_anything(window):
    viewer = window()
    for name in PAGES:
        viewer.open(name, "zh-CN" if name == "funnel" else "en")
    viewer.open("overview").press("explain-card-revenue")
    viewer.page.locator("[role=dialog] dl.explain").wait_for()
    viewer.page.get_by_role("tab", name=load_words("en")("panel.list")).click()
    viewer.page.locator("[role=dialog] .stDataFrame canvas").first.wait_for()
    asked = {urlsplit(url).netloc for url in viewer.requests if not url.startswith(("data:", "blob:"))}
    assert len(viewer.requests) > 50
    assert asked == {urlsplit(viewer.url).netloc}
