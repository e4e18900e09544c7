"""What a link asks for and cannot have is said, and the page is shown; what it says in code is text."""

from __future__ import annotations

import hashlib

import pytest

from i18n.words import load_words

pytestmark = pytest.mark.browser
BAD = [
    ("overview", {"region": "Atlantis"}, "Atlantis"),
    ("overview", {"period": "2026-05-01..2026-01-01"}, ""),
    ("overview", {"period": "1990-01-01..1990-02-01"}, "2026"),
    ("overview", {"grain": "fortnight"}, "fortnight"),
    ("retention", {"by": "planet"}, "planet"),
    ("funnel", {"reading": "tea-leaves"}, "tea-leaves"),
]
HOSTILE = (
    "<img src=x onerror=window.hurt=1>",
    "<script>window.hurt=1</script>",
    "'; DROP TABLE customers; --",
    "![x](https://example.com/x.png)",
)


@pytest.mark.parametrize(
    ("name", "asked", "named"), BAD, ids=lambda value: "-".join(value) if isinstance(value, dict) else value
)
def test_a_value_that_cannot_be_is_said_and_the_page_is_shown(window, name, asked, named):
    viewer = window().open(name, **asked)
    assert len(viewer.problems) == 1
    assert named in viewer.problems[0]
    assert viewer.heading == load_words("en")(f"page.{name}.title")
    if "Atlantis" not in asked.values():
        assert viewer.figures["cards"] or viewer.figures["charts"]
    assert load_words("en")("error.unexpected", reference="").rstrip(". ") not in viewer.text


def test_the_note_is_in_the_reader_s_language_and_goes_with_the_next_choice(window):
    viewer = window().open("overview", "zh-CN", grain="fortnight", compare="nothing")
    assert len(viewer.problems) == 2
    assert all("链接" in problem for problem in viewer.problems)
    viewer.choose("period-bar", load_words("zh-CN")("filter.period.choice.last_year"))
    assert viewer.problems == []


def test_code_in_a_link_is_text_and_nothing_runs(window, company):
    before = hashlib.sha256(company.read_bytes()).digest()
    viewer = window()
    for name in ("overview", "definitions"):
        given = (
            {"search": HOSTILE[0]} if name == "definitions" else {"region": HOSTILE, "grain": HOSTILE[0], "by": HOSTILE}
        )
        viewer.open(name, **given)
        assert viewer.page.evaluate("window.hurt") is None
        assert viewer.page.locator("main img[src=x], main img[src*=example], main script").count() == 0
    viewer.open("overview", region=HOSTILE)
    said = " ".join(viewer.problems)
    assert all(text in said for text in HOSTILE)
    assert viewer.boxes
    viewer.open("overview")
    assert len(viewer.figures["cards"]) == 9
    assert hashlib.sha256(company.read_bytes()).digest() == before
