"""The first link that a fresh server is asked for shows its page, in its language, through `app.py`."""

from __future__ import annotations

import pytest

from i18n.words import load_words
from tests.browser.server import MAKE_RUN, STREAMLIT_RUN, started
from tests.browser.window import PAGES

pytestmark = pytest.mark.browser
ZH = load_words("zh-CN")
FIRST = [(MAKE_RUN, "funnel"), (STREAMLIT_RUN, "retention"), (STREAMLIT_RUN, "definitions"), (MAKE_RUN, "overview")]


@pytest.mark.parametrize(
    ("command", "name"), FIRST, ids=["make-funnel", "plain-retention", "plain-definitions", "make-overview"]
)
def test_the_first_visit_to_a_fresh_server_may_be_to_any_page(window, company, tmp_path, command, name):
    assert {name for _, name in FIRST} == set(PAGES)
    with started(company, tmp_path / "log.txt", command) as fresh:
        viewer = window(url=fresh.url).open(name, "zh-CN")
        assert viewer.heading == ZH(f"page.{name}.title")
        assert viewer.params["lang"] == ["zh-CN"]
        assert viewer.page.get_by_role("dialog").count() == 0, "Streamlit says that there is no such page"
        assert viewer.at("menu").get_by_role("link").all_inner_texts() == [ZH(f"page.{page}.title") for page in PAGES]
        assert (viewer.boxes, viewer.page.locator("[data-testid=stException], [data-testid=stAlert]").count()) == (
            [],
            0,
        )


def test_the_name_of_a_folder_of_pages_is_no_page_and_shows_the_first_one(window):
    viewer = window().go("/executive?lang=zh-CN")
    assert viewer.heading == ZH("page.overview.title")
    assert viewer.at("menu").get_by_role("link").count() == len(PAGES)


def test_the_first_page_has_an_address_of_its_own_beside_the_bare_one(window):
    viewer = window().go("/overview?lang=zh-CN&grain=week")
    assert viewer.heading == ZH("page.overview.title")
    assert viewer.page.get_by_role("dialog").count() == 0
    assert viewer.params["grain"] == ["week"]
    marked = "[...document.querySelectorAll('.st-key-menu a')].map(a => getComputedStyle(a).backgroundColor !== 'rgba(0, 0, 0, 0)')"
    assert viewer.page.evaluate(marked) == [True, False, False, False]
