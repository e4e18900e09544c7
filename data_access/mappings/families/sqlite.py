"""SQLite's SQL. Moments are text there, `2026-03-31 14:05:00.000000`; `sha256` is given to it by the connection."""

from __future__ import annotations

from data_access.mappings.families.template import Template, to_utc_by_offsets

_TEXT = "TRIM(CAST({0} AS TEXT))"
_IS_NUMBER = f"({_TEXT} GLOB '*[0-9]*' AND NOT {_TEXT} GLOB '*[^-+.0-9eE]*')"


def _i18n(value: str, language: str = "'en_US'") -> str:
    spoken = ", ".join(f"json_extract({value}, '$.' || {one})" for one in dict.fromkeys((language, "'en_US'")))
    first = f"(SELECT one.value FROM json_each({value}) AS one LIMIT 1)"
    is_list = f"json_valid({value}) AND json_type({value}) = 'object'"
    return f"CASE WHEN {is_list} THEN COALESCE({spoken}, {first}) ELSE CAST({value} AS TEXT) END"


def _json_rows(value: str, alias: str) -> str:
    items = f"CASE WHEN json_valid({value}) AND json_type({value}) = 'array' THEN {value} ELSE '[]' END"
    return f"json_each({items}) AS {alias}"


WRITTEN: dict[str, Template] = {
    "text": "CAST({0} AS TEXT)",
    "key": f"NULLIF(CASE WHEN {_TEXT} GLOB '*[0-9].0' AND NOT {_TEXT} GLOB '*[^-.0-9]*' "
    f"THEN SUBSTR({_TEXT}, 1, LENGTH({_TEXT}) - 2) ELSE {_TEXT} END, '')",
    "money": f"CASE WHEN {_IS_NUMBER} THEN CAST({_TEXT} AS REAL) END",
    "number": f"CASE WHEN {_IS_NUMBER} THEN CAST({_TEXT} AS REAL) END",
    "whole": f"CASE WHEN {_IS_NUMBER} AND CAST({_TEXT} AS REAL) = CAST({_TEXT} AS INTEGER) "
    f"THEN CAST({_TEXT} AS INTEGER) END",
    "bool": f"CASE WHEN LOWER({_TEXT}) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN 1 "
    f"WHEN LOWER({_TEXT}) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN 0 END",
    "to_utc": to_utc_by_offsets("strftime('%Y-%m-%d %H:%M:%f000', {moment}, (-({seconds})) || ' seconds')"),
    "month": "date({0}, 'start of month')",
    "day": "date({0})",
    "days_between": "CAST(julianday(date({1})) - julianday(date({0})) AS INTEGER)",
    "add_days": "strftime('%Y-%m-%d %H:%M:%f000', {0}, ({1}) || ' days')",
    "epoch": "((julianday({0}) - 2440587.5) * 86400.0)",
    "from_epoch": "strftime('%Y-%m-%d %H:%M:%f000', {0}, 'unixepoch')",
    "json_text": "CASE WHEN json_valid({0}) THEN CAST(json_extract({0}, {1}) AS TEXT) END",
    "json_rows": _json_rows,
    "i18n": _i18n,
    "concat": lambda *texts: "(" + " || ".join(f"COALESCE({one}, '')" for one in texts) + ")",
    "sha256": "sha256(CAST({0} AS TEXT))",
    "email_key": f"CASE WHEN {_TEXT} <> '' THEN sha256(LOWER({_TEXT})) END",
}

TYPED = {
    "text": "CAST({0} AS TEXT)",
    "decimal": "CAST({0} AS REAL)",
    "float": "CAST({0} AS REAL)",
    "whole": "CAST({0} AS INTEGER)",
    "flag": "(({0}) <> 0)",
    "moment": "strftime('%Y-%m-%d %H:%M:%f000', {0})",
    "day": "date({0})",
}
