"""The files of texts: the same keys and gaps in every language, and each language written as its readers write it."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from babel import Locale

from i18n.texts import GAP, LANGUAGES, LOCALES, PLURAL_FORMS, Texts, load_texts, texts_of

ROOT = Path(__file__).resolve().parents[2]
HAN = r"[\u3400-\u9fff]"
# What is written in Latin letters in Chinese too: names, abbreviations and languages.
LATIN_IN_CHINESE = {
    "Clientele",
    "English",
    "DuckDB",
    "Kaplan",
    "Meier",
    "NPS",
    "SQL",
    "CSV",
    "CLV",
    "LTV",
    "RFM",
    "ROI",
}
LATIN_IN_CHINESE |= {"ROAS", "CAC", "AOV", "CSAT", "CES", "SERVQUAL", "MQL", "Markov", "Shapley", "UTC", "ID", "JSON"}
HALF_WIDTH = re.compile(r"[,;:?!()\"]")
# Names that keep their capital inside an English label.
CAPITALS = {"CSV", "SQL", "NPS", "AOV", "CLV", "DuckDB", "Clientele", "Kaplan-Meier", "FY{fiscal_year}", "Q{quarter}"}


def every_text(texts: Texts) -> dict[str, str]:
    """Key -> text; of a plural text every form, under `key.form`."""
    forms = {f"{key}.{form}": text for key, forms in texts.plurals.items() for form, text in forms.items()}
    return {**texts.sentences, **forms}


def gaps_by_key(texts: Texts) -> dict[str, set[str]]:
    """Key -> names of its gaps; of a plural text those of all its forms together."""
    gaps = {key: set(GAP.findall(text)) for key, text in texts.sentences.items()}
    for key, forms in texts.plurals.items():
        gaps[key] = {name for text in forms.values() for name in GAP.findall(text)}
    return gaps


@pytest.fixture(params=LANGUAGES)
def texts(request: pytest.FixtureRequest) -> Texts:
    return load_texts(request.param)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_the_keys_of_the_first(language):
    first, other = load_texts(LANGUAGES[0]), load_texts(language)
    assert set(first.sentences) == set(other.sentences)
    assert set(first.plurals) == set(other.plurals)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_the_same_gaps_under_a_key(language):
    """Except under `format`, where a language takes of a date what it needs."""
    first, other = gaps_by_key(load_texts(LANGUAGES[0])), gaps_by_key(load_texts(language))
    different = {key for key in first if first[key] != other[key] and not key.startswith("format.")}
    assert not different


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_text_has_every_form_its_language_tells_apart(language):
    needed = set(Locale.parse(LOCALES[language]).plural_form.tags) | {"other"}
    assert {key: set(forms) for key, forms in load_texts(language).plurals.items() if set(forms) != needed} == {}


def test_the_form_for_many_shows_the_number(texts):
    assert [key for key, forms in texts.plurals.items() if "n" not in GAP.findall(forms["other"])] == []


def test_no_text_is_empty_or_has_blanks_at_its_ends(texts):
    assert [key for key, text in every_text(texts).items() if not text.strip() or text != text.strip()] == []


def test_no_text_has_two_blanks_in_a_row(texts):
    assert [key for key, text in every_text(texts).items() if "  " in text] == []


def test_every_brace_belongs_to_a_gap(texts):
    assert [key for key, text in every_text(texts).items() if re.search(r"[{}]", GAP.sub("", text))] == []


def test_no_text_stands_twice_in_one_section():
    """Two keys of a section that agree in every language are one key; a short name may equal the name."""
    languages = [every_text(load_texts(language)) for language in LANGUAGES]
    keys = defaultdict(list)
    for key in set.intersection(*map(set, languages)):
        if not key.startswith("format.") and not key.endswith(".short"):
            keys[key.split(".")[0], *(texts[key] for texts in languages)].append(key)
    assert [sorted(same) for same in keys.values() if len(same) > 1] == []


def test_a_section_stands_in_one_place():
    """Tables of one section follow each other, in the same order in every language."""
    for language in LANGUAGES:
        sections = [key.split(".")[0] for key in _tables(language)]
        changes = [name for name, before in zip(sections, [None, *sections], strict=False) if name != before]
        assert [name for name, count in Counter(changes).items() if count > 1] == []
    assert len({tuple(_tables(language)) for language in LANGUAGES}) == 1


def _tables(language: str) -> list[str]:
    text = (ROOT / "i18n" / f"{language}.toml").read_text(encoding="utf-8")
    return re.findall(r"^\[([^\]]+)\]$", text, re.MULTILINE)


def chinese_texts() -> dict[str, str]:
    """The Chinese texts without their gaps; `app.language` names each language in itself."""
    return {key: GAP.sub("", text) for key, text in every_text(load_texts("zh-CN")).items()}


def test_chinese_has_no_foreign_words():
    words = {key: set(re.findall(r"[A-Za-z]+", text)) - LATIN_IN_CHINESE for key, text in chinese_texts().items()}
    assert {key: found for key, found in words.items() if found} == {}


def test_chinese_punctuation_is_full_width():
    assert {key: text for key, text in chinese_texts().items() if HALF_WIDTH.search(text)} == {}


def test_a_chinese_sentence_does_not_end_in_a_half_width_stop():
    assert [key for key, text in chinese_texts().items() if re.search(rf"{HAN}\.", text)] == []


def test_between_chinese_and_latin_letters_or_digits_is_a_blank():
    beside = re.compile(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9%]{HAN}")
    texts = every_text(load_texts("zh-CN"))
    assert [key for key, text in texts.items() if beside.search(text) and not key.startswith("format.")] == []


def test_almost_every_chinese_text_is_chinese():
    """A text of gaps and punctuation alone may do without."""
    bare = [key for key, text in chinese_texts().items() if re.search(r"\w", text) and not re.search(HAN, text)]
    assert [key for key in bare if not key.startswith(("format.", "app.", "metric.nps.short"))] == []


def test_english_has_no_chinese():
    texts = every_text(load_texts("en"))
    assert [key for key, text in texts.items() if re.search(HAN, text)] == ["app.language.zh-CN"]


def test_english_labels_are_in_sentence_case():
    texts = every_text(load_texts("en"))
    labels = {key: text for key, text in texts.items() if len(text) < 40 and not text.endswith((".", "?"))}
    capital = {
        key: text
        for key, text in labels.items()
        if not key.startswith("format.")
        and any(word[:1].isupper() for word in text.split()[1:] if word not in CAPITALS)
    }
    assert capital == {}


def test_prose_is_made_of_whole_sentences(texts):
    whole = re.compile(r"[.。]$")
    prose = re.compile(r"^(metric\..*\.definition|page\..*\.intro|panel\.sentence\..*|note\..*|error\..*)$")
    names = {"error.title", "error.retry"}
    sentences = {key: text for key, text in every_text(texts).items() if prose.match(key) and key not in names}
    assert [key for key, text in sentences.items() if not whole.search(text)] == []


@pytest.mark.parametrize("part", ["name", "short", "definition", "formula"])
def test_every_metric_that_is_named_has_its(part, texts):
    names = {key.split(".")[1] for key in texts.sentences if key.startswith("metric.")}
    assert [name for name in sorted(names) if f"metric.{name}.{part}" not in texts.sentences] == []


@pytest.mark.parametrize("part", ["title", "intro"])
def test_every_page_that_is_named_has_its(part, texts):
    names = {key.split(".")[1] for key in texts.sentences if key.startswith("page.")}
    assert [name for name in sorted(names) if f"page.{name}.{part}" not in texts.sentences] == []


def test_only_plural_forms_of_one_text_are_read_as_plural():
    texts = texts_of(
        {"a": {"one": "{n} row", "other": "{n} rows"}, "b": {"other": "Other", "total": "Total"}}, "x.toml"
    )
    assert set(texts.plurals) == {"a"}
    assert set(texts.sentences) == {"b.other", "b.total"}


def test_a_value_that_is_no_text_is_refused_by_name():
    with pytest.raises(ValueError, match=r"x\.toml: `a\.b` is 3"):
        texts_of({"a": {"b": 3}}, "x.toml")


def test_plural_forms_are_those_of_cldr():
    assert set(Locale.parse("ar").plural_form.tags) | {"other"} == PLURAL_FORMS


def test_words_and_numbers_know_nothing_of_ours_and_no_streamlit():
    foreign = {"app", "pages", "ui", "charts", "metrics", "data_access", "streamlit", "plotly", "sqlalchemy", "pandas"}
    for path in (ROOT / "i18n").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not {name.split(".")[0] for name in names} & foreign, path.name
