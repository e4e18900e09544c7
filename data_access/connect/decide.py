"""What somebody has told about a database that was looked at: settings and the meaning of words, put into its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from data_access.calendar import Calendar
from data_access.connect.survey import Survey
from data_access.errors import MappingError, SourceError
from data_access.mappings.live import Unmapped
from data_access.place import Place

Word = tuple[str, str, str, str]  # mapping (where there are several), section, column, word


def words_of(one: Unmapped) -> dict[Word, int]:
    """The words of one value map that have no meaning yet, with their rows."""
    return {(one.of, one.section, one.column, word): rows for word, rows in one.values.items()}


def decided(found: Survey, settings: Mapping[str, str], meanings: Mapping[Word, str]) -> Place:
    """The place with these settings and meanings. Raises ClienteleError where one of them cannot be."""
    own = dict(found.place.own)
    told = {name: checked(name, value) for name, value in settings.items()}
    if told or own.get("settings"):
        own["settings"] = {**own.get("settings", {}), **told}
    for one in found.undecided:
        for word in words_of(one):
            if word in meanings:
                _tell(own, one, word[-1], meanings[word])
    return replace(found.place, own=tuple(own.items()))


def _tell(own: dict[str, Any], one: Unmapped, word: str, code: str) -> None:
    if code not in one.permitted:
        raise MappingError(f"`{word}` cannot be `{code}`; {one.column} is one of {', '.join(one.permitted)}.")
    section: dict[str, Any] = own
    for name in (*(("of", one.of) if one.of else ()), *one.section.split(".")):
        section[name] = dict(section.get(name, {}))
        section = section[name]
    section[word] = code


def checked(name: str, value: str) -> Any:
    """A setting as its kind. Raises SourceError, QuestionError."""
    value = str(value).strip()
    if name == "base_currency":
        if not re.fullmatch(r"[A-Za-z]{3}", value):
            raise SourceError(
                f"`{value}` is no currency; write its three letters, such as EUR.", key="not_a_currency", value=value
            )
        return value.upper()
    if name == "timezone":
        assert Calendar(value).zone
        return value
    if not (value.isdecimal() and 1 <= int(value) <= 12):
        raise SourceError(f"`{value}` is no month; write a number from 1 to 12.", key="not_a_month", value=value)
    return int(value)
