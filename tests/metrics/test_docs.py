"""metrics/docs.py: docs/metrics.md says what the code does."""

from __future__ import annotations

import re

import pytest

from i18n.words import LANGUAGES, load_words
from metrics.docs import PATH, docs_text, write_docs
from metrics.metric import Better, Unit, all_metrics

TEXT = PATH.read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_the_file_is_what_the_metrics_say_of_themselves():
    assert docs_text() == TEXT, "run `make docs`"


def test_a_metric_that_is_new_makes_the_file_stale(monkeypatch):
    metric = all_metrics()["orders"]
    monkeypatch.setattr("metrics.docs.all_metrics", lambda: {**all_metrics(), "returns": metric})
    assert docs_text() != TEXT


def test_it_is_written_where_it_is_asked_for(tmp_path):
    path = write_docs(tmp_path / "metrics.md")
    assert path.read_text(encoding="utf-8") == docs_text()


def test_every_metric_has_one_section():
    assert list(SECTIONS) == list(all_metrics()), "run `make docs`"
    assert re.findall(r"^## (\w+)", TEXT, re.MULTILINE) == list(all_metrics())


@pytest.mark.parametrize("metric", all_metrics().values(), ids=lambda metric: metric.name)
def test_a_section_holds_everything_that_can_be_asked(metric):
    section = SECTIONS[metric.name]
    for language in LANGUAGES:
        assert load_words(language)(f"metric.{metric.name}.name") in section
    assert load_words("en")(f"metric.{metric.name}.definition") in section
    assert load_words("en")(f"metric.{metric.name}.formula") in section
    assert f"Unit: {metric.unit}. Better: {metric.better}." in section
    for name in (*metric.needs, *metric.filters, *metric.dimensions):
        assert f"`{name}`" in section
    for name, option in metric.options.items():
        (row,) = re.findall(rf"^\| {name} \| (.*) \|$", section, re.MULTILINE)
        values, default, meaning = row.split(" | ")
        assert values == (option.named_values or "text")
        assert default == (option.default or "(empty)")
        assert meaning == option.meaning


@pytest.mark.parametrize("metric", all_metrics().values(), ids=lambda metric: metric.name)
def test_a_metric_says_its_unit_and_its_source(metric):
    section = SECTIONS[metric.name]
    assert re.search(r"^> .*\bUnit:", section, re.MULTILINE), "its module names the unit"
    assert f"docs/metrics.md#{metric.name}" in section.replace("\n> ", " ")
    assert isinstance(metric.unit, Unit)
    assert isinstance(metric.better, Better)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", all_metrics())
def test_a_metric_has_a_name_a_definition_and_a_formula_in_every_language(language, name):
    words = load_words(language)
    for part in ("name", "definition", "formula"):
        assert len(words(f"metric.{name}.{part}")) > 1


def test_a_file_in_metrics_that_defines_a_metric_is_one_and_bears_its_name():
    found = {path.stem for path in PATH.parent.parent.glob("metrics/*.py") if "\nMETRIC = " in path.read_text("utf-8")}
    assert found == set(all_metrics())
