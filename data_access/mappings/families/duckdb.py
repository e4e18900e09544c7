"""DuckDB's SQL."""

from __future__ import annotations

from data_access.mappings.families.template import Template

# DuckDB reads a text into 18 digits a hundred times faster than into 24, so the wide reading is the second try.
_WIDE = "COALESCE(CAST(TRY_CAST({x} AS DECIMAL(18, 6)) AS DECIMAL(24, 6)), TRY_CAST({x} AS DECIMAL(24, 6)))"
_BARE = r"regexp_replace(CAST({0} AS VARCHAR), '[\s\x{{00A0}}\x{{202F}}''€$£¥]', '', 'g')"
_POINT = (
    f"COALESCE({_WIDE}, CASE WHEN regexp_full_match({_BARE}, "
    r"'[-+]?(\d{{1,3}}(,\d{{3}})+|\d+)(\.\d+)?')"
    f" THEN TRY_CAST(replace({_BARE}, ',', '') AS DECIMAL(24, 6)) END)"
).replace("{x}", "{0}")
_COMMA = (
    f"CASE WHEN regexp_full_match({_BARE}, "
    r"'[-+]?(\d{{1,3}}(\.\d{{3}})+|\d+)?(,\d+)?')"
    f" THEN {_WIDE} END"
).replace("{x}", f"replace(replace({_BARE}, '.', ''), ',', '.')")
_TEXT = "TRIM(CAST({0} AS VARCHAR))"


def _as_double(text: str) -> str:
    return text.replace("DECIMAL(18, 6)", "DOUBLE").replace("DECIMAL(24, 6)", "DOUBLE")


def _i18n(value: str, language: str = "'en_US'") -> str:
    text = f"CAST({value} AS VARCHAR)"
    spoken = ", ".join(f"json_extract_string({text}, '$.' || {one})" for one in dict.fromkeys((language, "'en_US'")))
    is_list = f"json_valid({text}) AND json_type({text}) = 'OBJECT'"
    return f"CASE WHEN {is_list} THEN COALESCE({spoken}, json_extract_string({text}, '$.*')[1]) ELSE {text} END"


def _json_rows(value: str, alias: str) -> str:
    text = f"CAST({value} AS VARCHAR)"
    whole = f"CASE WHEN json_valid({text}) AND json_type({text}) = 'ARRAY' THEN CAST({text} AS JSON[]) END"
    return f"(SELECT unnest({whole}) AS value, generate_subscripts({whole}, 1) AS position) AS {alias}(value, position)"


WRITTEN: dict[str, Template] = {
    "text": "CAST({0} AS VARCHAR)",
    "key": f"NULLIF(CASE WHEN {_TEXT} LIKE '%.0' THEN "
    rf"regexp_replace({_TEXT}, '^(-?\d+)\.0+$', '\1') ELSE {_TEXT} END, '')",
    "money": _POINT,
    "money, decimal comma": _COMMA,
    "number": _as_double(_POINT),
    "number, decimal comma": _as_double(_COMMA),
    "whole": "CASE WHEN TRY_CAST({0} AS DECIMAL(24, 6)) % 1 = 0 THEN TRY_CAST({0} AS BIGINT) END",
    "bool": f"CASE WHEN LOWER({_TEXT}) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN TRUE "
    f"WHEN LOWER({_TEXT}) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN FALSE END",
    "parse_time": f"try_strptime({_TEXT}, [{{rest}}])",
    "parse_date": f"CAST(try_strptime({_TEXT}, [{{rest}}]) AS DATE)",
    "to_utc": "timezone('UTC', timezone({1}, CAST({0} AS TIMESTAMP)))",
    "month": "CAST(date_trunc('month', {0}) AS DATE)",
    "day": "CAST({0} AS DATE)",
    "days_between": "date_diff('day', CAST({0} AS DATE), CAST({1} AS DATE))",
    "add_days": "({0} + to_days(CAST({1} AS INTEGER)))",
    "epoch": "epoch({0})",
    "from_epoch": "CAST(to_timestamp({0}) AS TIMESTAMP)",
    "json_text": "json_extract_string({0}, {1})",
    "json_rows": _json_rows,
    "i18n": _i18n,
    "concat": "concat({all})",
    "sha256": "sha256(CAST({0} AS VARCHAR))",
    "email_key": "CASE WHEN TRIM({0}) <> '' THEN sha256(LOWER(TRIM(CAST({0} AS VARCHAR)))) END",
}

TYPED = {
    "text": "CAST({0} AS VARCHAR)",
    "decimal": "CAST({0} AS DECIMAL({precision}, {scale}))",
    "float": "CAST({0} AS DOUBLE)",
    "whole": "CAST({0} AS BIGINT)",
    "flag": "CAST({0} AS BOOLEAN)",
    "moment": "CAST({0} AS TIMESTAMP)",
    "day": "CAST({0} AS DATE)",
}
