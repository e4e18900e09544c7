"""Under the filters stands when an extract was read from its database, and how long ago that is, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from i18n.words import load_words
from ui.filter_bar import _read_from


def told(language, origin):
    facts = SimpleNamespace(origin=origin)
    source = SimpleNamespace(crm=SimpleNamespace(facts=facts), settings=SimpleNamespace(timezone="Asia/Shanghai"))
    return _read_from(SimpleNamespace(source=source, words=load_words(language)))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_live_database_has_no_such_line(language):
    assert told(language, None) == []


@pytest.mark.parametrize(
    ("passed", "english", "chinese"),
    [
        (timedelta(minutes=3), "3 minutes ago", "（3 分钟前）"),
        (timedelta(hours=5), "5 hours ago", "（5 小时前）"),
        (timedelta(days=9), "9 days ago", "（9 天前）"),
    ],
)
def test_an_extract_says_its_moment_where_the_company_is_and_its_age(passed, english, chinese):
    read_at = datetime.now(UTC).replace(tzinfo=None) - passed - timedelta(seconds=10)
    here = read_at + timedelta(hours=8)
    origin = SimpleNamespace(read_at=read_at)
    assert told("en", origin) == [f"Read from the database {here.day} {here:%b %Y, %H:%M}, {english}"]
    assert told("zh-CN", origin) == [f"{here.year}年{here.month}月{here.day}日 {here:%H:%M} 从数据库读取{chinese}"]
