"""The texts of one language as they lie in `i18n/<language>.toml`: flat keys, named gaps, plural forms.

A text is a whole sentence with named gaps, `{name}`. Gaps are filled in one pass and literally: what is put into a gap
is never read as a text with gaps again, so a customer called `{currency}` stays `{currency}`. A table that holds only
plural forms (`one`, `other`, ...) is one text in several forms, chosen by the CLDR rule of the language for the number
in its gap `n`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale

LANGUAGES = ("en", "zh-CN")
LOCALES: Mapping[str, str] = MappingProxyType({"en": "en_US", "zh-CN": "zh_Hans_CN"})
PLURAL_FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
GAP = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
DASH = "–"


@dataclass(frozen=True, eq=False)
class Texts:
    """`sentences`: key -> text; `plurals`: key -> form -> text; `file`: what to name when something is missing."""

    file: str
    sentences: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]

    def fill(self, key: str, gaps: Mapping[str, str]) -> str:
        """The text under `key` with its gaps filled; a missing key or gap raises `KeyError`."""
        return fill(self._sentence(key), gaps, f"{self.file}: `{key}`")

    def fill_plural(self, key: str, form: str, gaps: Mapping[str, str]) -> str:
        """The plural `form` of the text under `key`, or its form `other` when the language does not tell them apart."""
        forms = self.plurals[key]
        return fill(forms.get(form, forms["other"]), gaps, f"{self.file}: `{key}`")

    def _sentence(self, key: str) -> str:
        if key in self.sentences:
            return self.sentences[key]
        if key in self.plurals:
            raise KeyError(f"{self.file}: `{key}` has plural forms; give its gap `n` as a whole number.")
        raise KeyError(f"{self.file} has no text `{key}`; add it to the file of every language.")


def fill(text: str, gaps: Mapping[str, str], where: str) -> str:
    """`text` with every `{name}` replaced by `gaps[name]` as it stands."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in gaps:
            given = ", ".join(sorted(gaps)) or "none"
            raise KeyError(f"{where} has a gap {{{name}}} that was not given; given: {given}.")
        return gaps[name]

    return GAP.sub(value, text)


@cache
def locale(language: str) -> Locale:
    """The locale whose digits, names of days and months, and plural rules the language uses."""
    check(language)
    return Locale.parse(LOCALES[language])


def check(language: str) -> None:
    """Raise `ValueError` for a language that has no texts."""
    if language not in LANGUAGES:
        raise ValueError(f"There are no texts in `{language}`; the languages are {', '.join(LANGUAGES)}.")


@cache
def load_texts(language: str) -> Texts:
    """The texts of one language, read once."""
    check(language)
    path = Path(__file__).with_name(f"{language}.toml")
    with path.open("rb") as file:
        return texts_of(tomllib.load(file), f"i18n/{path.name}")


def texts_of(tables: Mapping[str, object], file: str) -> Texts:
    """Nested tables as flat keys: `{"page": {"funnel": {"title": ..}}}` becomes `page.funnel.title`."""
    sentences: dict[str, str] = {}
    plurals: dict[str, Mapping[str, str]] = {}
    for key, value in flattened(tables, ""):
        if isinstance(value, str):
            sentences[key] = value
        elif isinstance(value, Mapping):
            plurals[key] = MappingProxyType(dict(value))
        else:
            raise ValueError(f"{file}: `{key}` is {value!r}; a text stands in quotation marks.")
    return Texts(file, MappingProxyType(sentences), MappingProxyType(plurals))


def flattened(tables: Mapping[str, object], above: str) -> Iterator[tuple[str, object]]:
    """Every leaf with its whole key; a table of plural forms is one leaf."""
    for name, value in tables.items():
        key = f"{above}.{name}" if above else name
        if isinstance(value, Mapping) and not is_plural(value):
            yield from flattened(value, key)
        else:
            yield key, value


def is_plural(table: Mapping[str, object]) -> bool:
    """Whether a table holds the plural forms of one text and nothing else."""
    return "other" in table and set(table) <= PLURAL_FORMS and all(isinstance(text, str) for text in table.values())
