"""The words of one language: `words("page.funnel.title")`, `words("note.unfinished", period=..., moment=...)`.

All text that a viewer sees stands in `i18n/en.toml` and `i18n/zh-CN.toml` under the same keys. `words.numbers` writes
numbers and dates in the same language. `Words` is frozen and made once per language, so it can travel as an argument
everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from numbers import Integral

from babel import Locale
from babel.lists import format_list
from babel.numbers import get_currency_name

from i18n.numbers import Numbers, is_missing
from i18n.texts import DASH, LANGUAGES, Texts, load_texts, locale

__all__ = ["LANGUAGES", "Words", "load_words", "match"]


@dataclass(frozen=True, eq=False)
class Words:
    """The texts of one language, with the numbers that go into them."""

    language: str
    texts: Texts
    numbers: Numbers

    def __call__(self, key: str, /, **gaps: object) -> str:
        """The text under `key`.

        A gap takes text as it stands, a whole number with its separators, a date as people write it, and a dash for no
        value. What has a unit or decimals is written by `words.numbers` first. A text with plural forms needs the gap
        `n`.
        """
        n = gaps.get("n")
        if key in self.texts.plurals and isinstance(n, Integral):
            return self.texts.fill_plural(key, self._locale.plural_form(int(n)), self._shown(gaps))
        return self.texts.fill(key, self._shown(gaps))

    def count(self, key: str, n: int, /, **gaps: object) -> str:
        """The text under `key` in the plural form of `n`, which also fills its gap `{n}`."""
        return self(key, **{**gaps, "n": n})

    def has(self, key: str) -> bool:
        """Whether there is a text under `key`."""
        return key in self.texts.sentences or key in self.texts.plurals

    def list(self, items: Iterable[str]) -> str:
        """Several things in one phrase: "A, B, and C", "A、B和C"; a dash for nothing."""
        return format_list(tuple(items), locale=self._locale) or DASH

    def paragraph(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other; Chinese has no blank between them."""
        return ("" if self._locale.language == "zh" else " ").join(sentences)

    def country(self, code: str | None) -> str:
        """The name of a country by its two-letter code; an unknown code as it stands."""
        return self._locale.territories.get(code.upper(), code) if code else DASH

    def currency(self, code: str | None) -> str:
        """The name of a currency by its three-letter code; an unknown code as it stands."""
        return get_currency_name(code.upper(), locale=self._locale) if code else DASH

    @cached_property
    def _locale(self) -> Locale:
        return locale(self.language)

    def _shown(self, gaps: Mapping[str, object]) -> dict[str, str]:
        return {name: self._gap(value) for name, value in gaps.items()}

    def _gap(self, value: object) -> str:
        if isinstance(value, str):
            return str(value)
        if is_missing(value):
            return DASH
        if isinstance(value, Integral) and not isinstance(value, bool):
            return self.numbers.count(int(value))
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return self.numbers.date(value)
        return str(value)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return load_words, (self.language,)


@cache
def load_words(language: str) -> Words:
    """The words of one of `LANGUAGES`, the same object every time."""
    return Words(language, load_texts(language), Numbers(language))


def match(accept_language: str | None) -> str:
    """The language nearest to what a browser asks for: `zh-TW,zh;q=0.9` gives `zh-CN`; English when in doubt."""
    for tag in _tags(accept_language or ""):
        for language in LANGUAGES:
            if tag.partition("-")[0] == language.partition("-")[0].lower():
                return language
    return LANGUAGES[0]


def _tags(accept_language: str) -> list[str]:
    """Language tags in lower case, the most wanted first; those with weight 0 are refused and left out."""
    weighted = []
    for part in accept_language.split(","):
        tag, _, weight = part.partition(";")
        weighted.append((_weight(weight), tag.strip().lower().replace("_", "-")))
    return [tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if tag and weight > 0]


def _weight(text: str) -> float:
    name, _, value = text.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
