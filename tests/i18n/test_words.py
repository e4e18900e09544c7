"""Words: the right text, its gaps filled literally, its plural form, and the language a browser asks for."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from i18n.numbers import Numbers
from i18n.texts import texts_of
from i18n.words import LANGUAGES, Words, load_words, match

TEXTS = texts_of(
    {
        "t": {"plain": "Plain", "two": "{first} and {second}"},
        "rows": {"one": "{n} row of {name}", "other": "{n} rows of {name}"},
    },
    "made_up.toml",
)
WORDS = Words("en", TEXTS, Numbers("en"))
ENGLISH, CHINESE = (load_words(language) for language in LANGUAGES)


def test_a_key_gives_the_text_of_its_language():
    assert ENGLISH("page.funnel.title") == "Sales funnel"
    assert CHINESE("page.funnel.title") == "销售漏斗"


def test_words_of_a_language_are_made_once():
    assert load_words("en") is ENGLISH
    assert ENGLISH.numbers.language == ENGLISH.language == "en"


def test_words_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        ENGLISH.language = "zh-CN"  # type: ignore[misc]
    with pytest.raises(TypeError):
        ENGLISH.texts.sentences["app.name"] = "Other"  # type: ignore[index]


def test_words_survive_a_pickle_as_the_same_object():
    assert pickle.loads(pickle.dumps(CHINESE)) is CHINESE


def test_an_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="`fr`; the languages are en, zh-CN"):
        load_words("fr")


def test_an_unknown_key_names_itself_and_the_file():
    with pytest.raises(KeyError, match=r"made_up\.toml has no text `t\.none`"):
        WORDS("t.none")
    with pytest.raises(KeyError, match=r"i18n/zh-CN\.toml has no text `no\.such\.key`"):
        CHINESE("no.such.key")


def test_a_section_is_not_a_text():
    assert not ENGLISH.has("page.funnel")
    with pytest.raises(KeyError):
        ENGLISH("page.funnel")


def test_has_knows_texts_and_plural_texts():
    assert ENGLISH.has("page.funnel.title")
    assert ENGLISH.has("note.rows_without_rate")
    assert not ENGLISH.has("note.rows")


def test_a_missing_gap_names_key_gap_and_what_was_given():
    with pytest.raises(KeyError, match=r"`t\.two` has a gap \{second\} that was not given; given: first"):
        WORDS("t.two", first="a")


def test_a_gap_that_the_text_does_not_have_is_left_out():
    assert WORDS("t.plain", first="a") == "Plain"


def test_a_gap_may_be_called_key_or_self():
    texts = texts_of({"t": "{key} of {self}"}, "made_up.toml")
    assert Words("en", texts, Numbers("en"))("t", key="a", self="b") == "a of b"


@given(first=st.text(), second=st.text())
def test_gaps_survive_literally(first, second):
    assert WORDS("t.two", first=first, second=second) == f"{first} and {second}"


@pytest.mark.parametrize("value", ["{second}", "{{first}}", "%s", "{0}", r"\g<0>", "{first.__class__}", "<b>", "${x}"])
def test_what_looks_like_a_gap_in_the_data_is_harmless(value):
    assert WORDS("t.two", first=value, second="x") == f"{value} and x"


@given(name=st.text(), n=st.integers(min_value=2))
def test_gaps_of_plural_texts_survive_literally(name, n):
    assert WORDS.count("rows", n, name=name) == f"{n:,} rows of {name}"


@pytest.mark.parametrize(
    ("n", "expected"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (21, "21 rows"), (1234, "1,234 rows")]
)
def test_english_counts_one_row_and_two_rows(n, expected):
    assert WORDS.count("rows", n, name="x") == f"{expected} of x"


@pytest.mark.parametrize("n", [0, 1, 2, 1234])
def test_chinese_has_one_form(n):
    assert CHINESE.count("panel.counted.customers", n) == f"{n:,} 位客户"


def test_a_note_with_its_number_needs_no_call_of_its_own():
    """A metric says which note and which n; the language finds the form."""
    assert ENGLISH("note.rows_without_rate", n=1) == ENGLISH.count("note.rows_without_rate", 1)
    assert ENGLISH("note.rows_without_rate", n=np.int64(2)).startswith("2 rows are left out")


def test_a_plural_text_without_its_number_is_refused():
    with pytest.raises(KeyError, match="`rows` has plural forms"):
        WORDS("rows", name="x")


def test_count_fills_a_text_without_plural_forms():
    assert ENGLISH.count("dimension.other", 1200) == "Other (1,200)"
    assert CHINESE.count("dimension.other", 12) == "其他（12 项）"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1234567, "1,234,567", "1,234,567"),
        (np.int64(-5), "−5", "−5"),
        (dt.date(2026, 6, 18), "18 Jun 2026", "2026年6月18日"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
        (pd.NaT, "–", "–"),
        (pd.NA, "–", "–"),
        ("", "", ""),
    ],
)
def test_a_gap_shows_what_people_read(value, english, chinese):
    assert WORDS("t.two", first=value, second="") == f"{english} and "
    assert Words("zh-CN", TEXTS, Numbers("zh-CN"))("t.two", first=value, second="") == f"{chinese} and "


def test_a_list_is_joined_as_the_language_does():
    assert ENGLISH.list(["North", "South", "West"]) == "North, South, and West"
    assert CHINESE.list(["北区", "南区", "西区"]) == "北区、南区和西区"
    assert ENGLISH.list(["North"]) == "North"
    assert ENGLISH.list([]) == "–"


def test_a_list_takes_names_literally():
    assert ENGLISH.list(["{0}", "{1}", "%s"]) == "{0}, {1}, and %s"


def test_countries_and_currencies_have_names():
    assert (ENGLISH.country("DE"), CHINESE.country("de")) == ("Germany", "德国")
    assert (ENGLISH.currency("EUR"), CHINESE.currency("EUR")) == ("Euro", "欧元")
    assert (ENGLISH.country("Atlantis"), ENGLISH.country(None), ENGLISH.currency("ZZZ")) == ("Atlantis", "–", "ZZZ")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("zh-CN", "zh-CN"),
        ("zh_CN", "zh-CN"),
        ("ZH", "zh-CN"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.2, zh-CN;q=0.9", "zh-CN"),
        ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4", "zh-CN"),
        ("zh;q=0, en", "en"),
        ("zh;q=much, en;q=0.1", "en"),
        ("zh;q=nan", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("zhuang", "en"),
        ("", "en"),
        (None, "en"),
        (";;,,=q;zh", "en"),
    ],
)
def test_a_browser_gets_the_nearest_language(asked, language):
    assert match(asked) == language


@given(st.text())
def test_no_header_breaks_the_choice_of_language(text):
    assert match(text) in LANGUAGES


def test_sentences_follow_each_other_with_a_blank_only_where_the_script_has_one():
    assert load_words("en").paragraph(["One.", "Two."]) == "One. Two."
    assert load_words("zh-CN").paragraph(["一。", "二。"]) == "一。二。"
