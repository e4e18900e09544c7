"""Names out of the data are shown as they are, wherever they appear: never as markup, link, image or formula."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.pages.walk import Page, open_page
from tests.worlds import World
from ui.faults import MARKS, as_label

PAYLOADS = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<b>bold</b>",
    '<a href="http://evil.example/a">link</a>',
    "![image](http://evil.example/i.png)",
    "[link](http://evil.example/l)",
    "**strong** _em_ `code` ~~gone~~",
    ":red[red] :material/home: :smile: $x^2$",
    "http://evil.example/bare",
    "{n} {name} %s {0}",
    "&lt;i&gt; &amp;",
    '" onmouseover="window.pwned=1',
]
OUR_TAGS = {"h1", "h2", "h3", "p", "ul", "li", "div", "span", "small", "img", "dl", "dt", "dd", "code", "section"}
OUR_ATTRIBUTES = {"class", "style", "title", "alt", "src", "role", "id", "aria-hidden"}


def company() -> World:
    """Everything that has a name has a hostile one."""
    customers = [
        {"customer_id": f"c{i}", "name": name, "region": name, "country": name[:2], "segment": name, "owner_id": f"u{i}",
         "acquired_channel": name}
        for i, name in enumerate(PAYLOADS)
    ]  # fmt: skip
    users = [{"user_id": f"u{i}", "name": name, "team_id": f"t{i}"} for i, name in enumerate(PAYLOADS)]
    teams = [{"team_id": f"t{i}", "name": name} for i, name in enumerate(PAYLOADS)]
    stages = [
        {"stage_id": f"s{i}", "name": PAYLOADS[i], "position": i + 1, "pipeline_id": "p", "pipeline_name": PAYLOADS[2],
         "outcome": "open" if i < 4 else ("won" if i == 4 else "lost")}
        for i in range(6)
    ]  # fmt: skip
    orders = [
        {"customer_id": f"c{i % 12}", "ordered_at": f"2026-{1 + i % 6:02}-{1 + i % 28:02}", "channel": PAYLOADS[i % 12],
         "owner_id": f"u{i % 12}", "lines": [(PAYLOADS[i % 12], 50 + i)]}
        for i in range(240)
    ]  # fmt: skip
    deals = [
        {"customer_id": f"c{i % 12}", "owner_id": f"u{i % 12}", "channel": PAYLOADS[i % 12], "name": PAYLOADS[i % 12],
         "pipeline_id": "p",
         "stages": [("s0", f"2026-{1 + i % 3:02}-02"), ("s1", f"2026-{1 + i % 3:02}-05"), (f"s{4 + i % 2}", "2026-05-01")]}
        for i in range(120)
    ]  # fmt: skip
    return World(
        customers=customers, users=users, teams=teams, pipelines_stages=stages, orders=orders, opportunities=deals,
        settings={"data_as_of": "2026-06-18"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def hostile(write) -> str:
    """The database of such a company."""
    return write(company())


PLACES = [
    ("overview", {}),
    ("overview", {"region": PAYLOADS[:6]}),
    ("overview", {"region": ["<i>not in the data</i>", "**neither**"]}),
    ("retention", {"by": ["region"]}),
    ("retention", {"by": ["acquired_channel"], "segment": PAYLOADS[6:]}),
    ("funnel", {"by": ["owner"], "period": ["all_time"]}),
    ("funnel", {"by": ["channel"], "owner": ["u1", "u2"], "period": ["all_time"]}),
]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("name", "choices"), PLACES, ids=str)
def test_no_name_becomes_markup_in_our_own_html(hostile, name, choices, language):
    page = open_page(name, language, hostile, **choices)
    assert page.faults.texts == []
    for tag, attributes in elements(page.html):
        assert tag in OUR_TAGS, tag
        assert set(attributes) <= OUR_ATTRIBUTES, attributes
        assert attributes.get("src", "data:image/svg+xml;base64,").startswith("data:image/svg+xml;base64,")


def elements(bodies: list[str]) -> list[tuple[str, dict[str, str]]]:
    """Every element of pieces of HTML, as a browser reads them."""
    found: list[tuple[str, dict[str, str]]] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: found.append((tag, {k: v or "" for k, v in attributes}))  # type: ignore
    for body in bodies:
        reader.feed(body)
    return found


@pytest.mark.parametrize(("name", "choices"), PLACES, ids=str)
def test_no_name_becomes_markup_in_a_chart(hostile, name, choices):
    """Plotly reads <b>, <i>, <a>, <br> and entities in every text."""
    marked = [payload for payload in PAYLOADS if "<" in payload or "&" in payload]
    for chart in open_page(name, "en", hostile, **choices).charts:
        for text in raw_texts(chart.spec):
            assert not [payload for payload in marked if payload in text], text
            assert not {tag for tag, _ in elements([text])} - {"b", "br", "extra", "span"}, text


def raw_texts(spec: Any) -> list[str]:
    """Every text of a chart as it stands."""
    if isinstance(spec, str):
        return [spec]
    values = spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ()
    return [text for value in values for text in raw_texts(value)]


def markdown_of(page: Page) -> list[str]:
    """Every text that Streamlit reads as Markdown: labels, help, captions, titles of dialogs and tabs."""
    found = []
    for node in page.nodes:
        proto = getattr(node, "proto", None)
        if getattr(node, "type", "") in ("html", "code", "plotly_chart", "dataframe", "arrow_data_frame"):
            continue
        for part in (proto, *(getattr(proto, name, None) for name in ("popover", "dialog", "tab", "expandable"))):
            found += [str(getattr(part, name, "") or "") for name in ("label", "help", "title", "body", "caption")]
    return [text for text in found if text]


@pytest.mark.parametrize(("name", "choices"), PLACES, ids=str)
def test_no_name_stands_where_markdown_is_read(hostile, name, choices):
    texts = markdown_of(open_page(name, "en", hostile, **choices))
    assert not [text for text in texts if "evil" in text or "pwned" in text or "**" in text]


def test_the_list_of_a_part_is_titled_with_its_name_as_it_stands(hostile):
    """A click cannot be made here; the title is what a dialog would be given."""
    for payload in PAYLOADS:
        title = as_label(payload)
        assert re.sub(r"\\(.)", r"\1", title) == payload
        assert all(title[match.start() - 1] == "\\" for match in MARKS.finditer(title) if title[match.start()] != "\\")


@pytest.mark.parametrize("key", ["card-revenue", "card-win_rate"])
def test_names_are_whole_and_plain_in_a_list(hostile, key):
    page = open_page("overview", "en", hostile, period=["all_time"]).click(f"explain-{key}")
    listed = page.of("dataframe")[-1].value
    assert set(listed["Customer"]) == set(PAYLOADS)
    assert set(listed["Owner"]) == set(PAYLOADS)


def test_a_filter_offers_names_as_they_are(hostile):
    page = open_page("overview", "en", hostile)
    box = next(box for box in page.app.multiselect if box.key == "region@sheet")
    assert set(box.options) == set(PAYLOADS)


def test_what_is_chosen_is_named_in_the_sentence_as_it_stands(hostile):
    page = open_page("overview", "en", hostile, region=PAYLOADS[:2])
    (said,) = [text for text in page.texts if text.startswith("1 Jan")][:1]
    assert all(payload in said for payload in PAYLOADS[:2])
