"""What leaves the app as a file: safe in a spreadsheet, complete, explained, and the same figures as on the page."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from i18n.words import LANGUAGES, load_words
from metrics.answers import Answer, ask
from metrics.metric import Unit, all_metrics
from metrics.results import Total
from tests.ui.companies import demo_view
from ui.explain import answer_csv, explanation
from ui.export import DANGEROUS, NUMBER, csv_bytes, safe
from ui.words_of import shown

DIGITS_ROUNDED, AMOUNT_ROUNDED = 5e-12, 5e-7  # half of the last digit: of twelve, and of six decimals
BOM = b"\xef\xbb\xbf"


def rows_of(data: bytes) -> tuple[list[str], list[list[str]]]:
    """The lines of explanation and the rows of a file, as a spreadsheet reads them."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    said = [row[0] for row in rows if row and row[0].startswith("# ")]
    return said, [row for row in rows if not (row and row[0].startswith("# "))]


def cells(frame: pd.DataFrame) -> list[list[str]]:
    """The cells of a file without explanation, its header first."""
    return rows_of(csv_bytes(frame, []))[1]


# -- formulas -------------------------------------------------------------------------------------------------------
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "   =cmd|' /C calc'!A0",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    '"=1+1"',
    "''=1+1",
    '=HYPERLINK("http://example.com","x")',
    "|calc",
    "%1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_would_run_is_written_as_text(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", FORMULAS)
def test_a_header_is_no_formula_either(text):
    assert cells(pd.DataFrame({text: [1]}))[0] == [f"'{text}"]


@given(text=st.text())
def test_no_text_at_all_begins_like_a_formula(text):
    written = safe(text)
    assert written in (text, f"'{text}")
    assert NUMBER.fullmatch(written) or not written.lstrip().startswith(DANGEROUS)


@pytest.mark.parametrize(
    "text", ["North", "北方", "O'Neil", "a=b", "1,000", "x-y", "#1", "10%", "a@b.example", "-12.5", "-7", ""]
)
def test_other_text_is_left_as_it_is(text):
    assert safe(text) == text


@pytest.mark.parametrize("value", [-1, -1.5, np.int64(-7), np.float64(-0.25), 0, 1e300])
def test_a_number_stays_a_number_also_when_it_is_negative(value):
    assert float(cells(pd.DataFrame({"a": [value]}))[1][0]) == value


def test_values_are_written_in_twelve_digits():
    assert cells(pd.DataFrame({"a": [0.1 + 0.2, 1 / 3]}))[1:] == [["0.3"], ["0.333333333333"]]


# -- the format -----------------------------------------------------------------------------------------------------
def test_a_file_begins_with_the_mark_by_which_spreadsheets_know_utf_8():
    assert csv_bytes(pd.DataFrame({"客户": ["清川商贸"]}), []).startswith(BOM)
    assert csv_bytes(pd.DataFrame({"客户": ["清川商贸"]}), []).count(BOM) == 1


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=5)
)
def test_commas_quotes_line_breaks_and_any_script_survive(texts):
    assert cells(pd.DataFrame({"first": texts, "second": texts}))[1:] == [[str(safe(t))] * 2 for t in texts]


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT])
def test_no_value_is_an_empty_cell(nothing):
    assert cells(pd.DataFrame({"a": [nothing], "b": ["x"]}, dtype=object))[1] == ["", "x"]


def test_days_and_moments_are_written_so_that_any_program_reads_them():
    frame = pd.DataFrame({"day": pd.to_datetime(["2026-03-01"]), "moment": pd.to_datetime(["2026-03-01 16:05:09"])})
    assert cells(frame)[1] == ["2026-03-01", "2026-03-01 16:05:09"]


def test_yes_and_no_are_true_and_false():
    assert cells(pd.DataFrame({"a": [True, False]}))[1:] == [["True"], ["False"]]


def test_an_empty_answer_is_its_header():
    assert cells(pd.DataFrame({"a": [], "b": []})) == [["a", "b"]]


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_a_line_of_explanation_is_one_line_whatever_stands_in_it(text):
    said, rows = rows_of(csv_bytes(pd.DataFrame({"a": [1]}), [("Filters", text)]))
    assert len(said) == 1
    assert rows == [["a"], ["1"]]


# -- every metric's file --------------------------------------------------------------------------------------------
def options_of(name: str) -> list[dict[str, str]]:
    """The shapes in which a page can ask for a metric."""
    metric = all_metrics()[name]
    if not metric.is_kpi:
        return [{}]
    return [{}, {"shape": "trend"}, *({"by": dimension} for dimension in metric.dimensions[:1])]


ASKED = [(name, options) for name in all_metrics() for options in options_of(name)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "options"), ASKED, ids=str)
def test_a_file_says_what_its_figures_are(small_demo, name, options, language):
    view = demo_view(small_demo, "overview", language, region=("North",))
    answer = ask(name, view.source, view.filters, options)
    said, rows = rows_of(answer_csv(view, answer))
    text = "\n".join(said)
    words = load_words(language)
    for part in (
        words(f"metric.{name}.definition"),
        words(f"metric.{name}.formula"),
        words.numbers.dates(view.filters.period.start, view.filters.period.end),
        "North",
        "Europe/Berlin",
        words.numbers.moment(answer.as_of, answer.timezone),
        words("panel.cases"),
    ):
        assert " ".join(part.split()) in text
    assert_same_figures(answer, rows)


def assert_same_figures(answer: Answer, rows: list[list[str]]) -> None:
    """The rows of a file are the frame of the answer."""
    assert answer.result is not None
    frame = answer.result.frame
    assert rows[0] == [str(name) for name in frame.columns]
    assert len(rows) - 1 == len(frame)
    for name in ("value", "n"):
        if name in frame:
            written = [row[rows[0].index(name)] for row in rows[1:]]
            expected = [None if pd.isna(x) else float(x) for x in frame[name]]
            cents = AMOUNT_ROUNDED if answer.metric.unit is Unit.MONEY else 0.0
            found = [float(x) if x else None for x in written]
            assert found == [x if x is None else pytest.approx(x, rel=DIGITS_ROUNDED, abs=cents) for x in expected]


@pytest.mark.parametrize("name", [name for name, metric in all_metrics().items() if metric.is_kpi])
def test_an_explanation_begins_with_the_figure_and_ends_with_what_is_to_be_known_of_the_data(small_demo, name):
    view = demo_view(small_demo, "overview", "en")
    answer = ask(name, view.source, view.filters)
    rows = explanation(answer, view.words, view)
    assert isinstance(answer.result, Total)
    full: Any = shown(answer.result.value, answer.metric.unit, view.words, answer.currency, compact=False)
    assert rows[0][0] == "Value"
    assert rows[0][1].startswith(full)
    assert rows[-1][0] == "Notes on the data"
    assert len([label for label, _ in rows if label == "Compared with"]) == 2


def test_a_file_of_rows_holds_all_of_them_though_the_page_shows_the_first(small_demo):
    from metrics.listing import listing

    view = demo_view(small_demo, "overview", "en", period="all_time")
    answer = ask("orders", view.source, view.filters)
    rows_behind = listing("orders")
    assert rows_behind is not None
    first, total = rows_behind(view.source, answer.question, {}, 10)
    every, _ = rows_behind(view.source, answer.question, {}, total)
    assert (len(first), len(every)) == (10, total)


# -- numbers --------------------------------------------------------------------------------------------------------
def test_numbers_are_written_without_the_noise_of_counting_in_binary():
    frame = pd.DataFrame({"revenue": [21.919999999999998, 1234567.891], "rate": [0.1 + 0.2, 1 / 3], "n": [3, 10**15]})
    _, *rows = rows_of(csv_bytes(frame, [], ["revenue"]))[1]
    assert rows == [["21.92", "0.3", "3"], ["1234567.891", "0.333333333333", "1000000000000000"]]


def test_an_amount_has_at_most_six_decimals_and_no_value_stays_empty():
    frame = pd.DataFrame({"revenue": [10 / 3, float("nan"), float("inf")]})
    assert cells(frame)[1:] == [["3.33333333333"], [""], ["inf"]]
    assert rows_of(csv_bytes(frame, [], ["revenue"]))[1][1:] == [["3.333333"], [""], ["inf"]]
