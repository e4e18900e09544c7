"""A Chinese page is Chinese: over data without Latin letters, no Latin word stands on it but names that have no other."""

from __future__ import annotations

import re

import pytest

from tests.pages.walk import PAGES, open_page
from tests.worlds import World

WORD = re.compile(r"[A-Za-z][A-Za-z_'’.-]+")
# What a Chinese reader writes in Latin letters as well, and what is a name: products, zones, commands, tables.
NAMES = {"NPS", "SQL", "CSV", "DuckDB", "Clientele", "Asia", "Shanghai", "Kaplan-Meier", "English", "CN", "pp"}
ADDRESS = re.compile(r"https?://\S+")
REGIONS, OWNERS, CHANNELS, CATEGORIES = ("北方", "南方"), ("许子远", "林若澄"), ("线上", "门店"), ("茶叶", "灯具")


def company() -> World:
    """A company whose every name is Chinese."""
    months = [f"{2025 + i // 12}-{1 + i % 12:02}" for i in range(18)]
    customers = [
        {"customer_id": f"客{i}", "name": f"客户{i}", "region": REGIONS[i % 2], "segment": "企业", "owner_id": f"员{i % 2}",
         "acquired_channel": CHANNELS[i % 2]}
        for i in range(60)
    ]  # fmt: skip
    orders = [
        {"order_id": f"单{i}", "customer_id": f"客{i * 7 % 60}", "ordered_at": f"{months[i % 18]}-{1 + i % 28:02}",
         "channel": CHANNELS[i % 2], "owner_id": f"员{i % 2}", "lines": [(CATEGORIES[i % 2], 50 + i % 40)]}
        for i in range(900)
    ]  # fmt: skip
    deals = [
        {"opportunity_id": f"商{i}", "name": f"商机{i}", "customer_id": f"客{i % 60}", "owner_id": f"员{i % 2}", "pipeline_id": "管",
         "channel": CHANNELS[i % 2],
         "stages": [("一", f"{months[i % 18]}-02"), ("二", f"{months[i % 18]}-05"), ("赢" if i % 3 else "输", f"{months[i % 18]}-20")]}
        for i in range(400)
    ]  # fmt: skip
    stages = [
        {
            "stage_id": name,
            "name": name,
            "position": i + 1,
            "pipeline_id": "管",
            "pipeline_name": "新业务",
            "outcome": outcome,
        }
        for i, (name, outcome) in enumerate([("一", "open"), ("二", "open"), ("赢", "won"), ("输", "lost")])
    ]
    return World(
        customers=customers, orders=orders, opportunities=deals, pipelines_stages=stages,
        users=[{"user_id": f"员{i}", "name": name} for i, name in enumerate(OWNERS)],
        settings={"timezone": "Asia/Shanghai", "base_currency": "CNY", "data_as_of": "2026-06-18 08:00"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def chinese(write) -> str:
    """The database of such a company."""
    return write(company())


def latin_words(texts: list[str]) -> set[str]:
    """Latin words of the texts that are no names; addresses and percent signs of a hover label's pattern left out."""
    found = {word for text in texts for word in WORD.findall(re.sub(r"%\{[^}]*\}", " ", ADDRESS.sub(" ", text)))}
    return found - NAMES


@pytest.mark.parametrize("language", ["zh-CN"])
@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("overview", {}),
        ("overview", {"period": ["month_to_date"], "complete": ["yes"], "region": ["北方"]}),
        ("overview", {"period": ["2026-05-05..2026-06-10"], "grain": ["week"], "compare": ["previous"]}),
        (
            "overview",
            {"period": ["无"], "compare": ["无"], "grain": ["无"], "complete": ["是"], "region": ["无"]},
        ),
        ("retention", {}),
        ("retention", {"by": ["region"], "grain": ["quarter"], "measure": ["revenue"], "ages": ["rolling"]}),
        ("retention", {"measure": ["无"], "cohort": ["无"], "returning": ["无"], "ages": ["无"], "by": ["无"]}),
        ("retention", {"cohort": ["recurring"], "returning": ["on_or_after"], "by": ["acquired_channel"]}),
        ("funnel", {}),
        ("funnel", {"by": ["owner"], "reading": ["entered"], "window_days": ["30"]}),
        ("funnel", {"start": ["lead"], "reading": ["in_order"]}),
    ],
    ids=str,
)
def test_no_latin_word_of_ours_stands_on_a_chinese_page(chinese, name, choices, language):
    page = open_page(name, language, chinese, **choices)
    assert page.faults.texts == []
    assert latin_words(page.texts) - {"leads"} == set()


@pytest.mark.parametrize("name", ["overview", "retention", "funnel"])
def test_a_colon_after_chinese_is_a_chinese_one(chinese, name):
    page = open_page(name, "zh-CN", chinese)
    assert [text for text in page.texts if re.search(r"[\u4e00-\u9fff]: ", text)] == []


@pytest.mark.parametrize("key", ["card-revenue", "card-win_rate", "card-churn_rate", "card-nps", "overview-why_group"])
def test_no_latin_word_of_ours_stands_in_what_is_behind_a_figure(chinese, key):
    page = open_page("overview", "zh-CN", chinese)
    if f"explain-{key}" not in page.explain_keys:
        return  # the company has no answers to ask for, and says so in a sentence
    page.click(f"explain-{key}")
    assert latin_words(page.texts) == {"survey_responses"} & latin_words(page.texts)


@pytest.mark.parametrize(
    ("name", "key"), [("retention", "retention-triangle"), ("funnel", "funnel-funnel"), ("funnel", "funnel-times")]
)
def test_nor_behind_a_chart(chinese, name, key):
    page = open_page(name, "zh-CN", chinese).click(f"explain-{key}")
    assert latin_words(page.texts) == set()


@pytest.mark.parametrize(
    "state", ["empty", "missing", "not a database", "a folder", "only orders", "only opportunities"]
)
@pytest.mark.parametrize("name", [name for name in PAGES if name != "definitions"])
def test_what_is_missing_is_said_in_chinese(opened, name, state):
    page = opened(name, "zh-CN", state)
    held = {"orders", "opportunities", "surveys", "survey_responses", "survey_answers", "customers", "products", "order_items",
            "stage_history", "pipelines_stages", "users", "channel", "UTC"}  # fmt: skip
    texts = [text.replace(page.source, "") for text in page.texts]
    assert latin_words(texts) <= held


def test_the_definitions_are_chinese_but_for_codes_commands_and_tables(opened):
    page = opened("definitions", "zh-CN", "demo")
    prose = [
        re.sub(r"<code>.*?</code>|<dd>python -m .*?</dd>|<dd>[a-z_, ]*</dd>", "", body)
        for body in page.html
        if "<section" in body
    ]
    assert len(prose) > 10
    assert latin_words([re.sub(r"<[^>]*>", " ", text) for text in prose]) == set()
