"""Names are shown as they are, and never as something that a browser acts on."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.text import ELLIPSIS, clean, full, plain, short, text_width

NAMES = st.text(max_size=300)


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("<b>Bold</b>", "&lt;b&gt;Bold&lt;/b&gt;"),
        ("Fish & Chips", "Fish &amp; Chips"),
        ("&lt;", "&amp;lt;"),
        ("two\r\nlines\tand tabs", "two  lines and tabs"),
        ("\u202egnirts\u202c", "gnirts"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("清川商贸", "清川商贸"),
        (None, "None"),
        (12, "12"),
    ],
)
def test_a_name_is_drawn_as_it_stands(name, drawn):
    assert plain(name) == drawn


def test_joiners_that_scripts_need_are_kept():
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


@given(NAMES)
def test_no_name_brings_a_tag_or_a_line_break(name):
    drawn = plain(name)
    assert "<" not in drawn
    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\ud800-\udfff]", drawn)
    assert unescape(drawn) == clean(name)


@given(NAMES, st.integers(min_value=30, max_value=200))
def test_a_shortened_name_fits_its_place(name, width):
    assert text_width(short(name, width)) <= width + 1e-6


@pytest.mark.parametrize(("name", "kept"), [("Short", "Short"), ("Proposal sent to the customer", "Prop…mer")])
def test_a_long_name_keeps_its_beginning_and_its_end(name, kept):
    assert short(name, 75) == kept


def test_a_name_of_ten_thousand_characters_is_cut_in_the_middle():
    name = "Start" + "x" * 10_000 + "End"
    assert len(short(name, 120)) < 30
    assert short(name, 120).startswith("Start")
    shown = full(name).replace("<br>", "")
    assert shown.startswith("Start")
    assert shown.endswith("End")
    assert len(shown) == 601


def test_a_name_pointed_at_is_whole_and_wraps():
    name = "South and the long-named Western Isles region of the company"
    assert full(name, 30).replace("<br>", " ").split() == name.split()
    assert "<br>" in full(name, 30)
    assert "<br>" in full("清" * 30)
    assert "<br>" not in full("Short")


def test_wide_characters_take_more_room():
    assert text_width("清川") > 1.5 * text_width("ab")
    assert text_width("e\u0301") == text_width("e")
    assert text_width("<b>bold</b> &amp;") == text_width("bold &")
    assert text_width(ELLIPSIS) > 0
