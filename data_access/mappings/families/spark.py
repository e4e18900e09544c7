"""The SQL of Apache Spark (3.4 or later, ANSI rules), which Databricks shares."""

from __future__ import annotations

from data_access.mappings.families.template import Template, to_utc_by_offsets

_TEXT = "TRIM(CAST({0} AS STRING))"
_NUMBER = (
    f"CASE WHEN {_TEXT} RLIKE '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$' THEN CAST({_TEXT} AS %s) END"
)


def _i18n(value: str, language: str = "'en_US'") -> str:
    paths = dict.fromkeys((language, "'en_US'"))
    spoken = ", ".join(f"get_json_object({value}, CONCAT('$.', {one}))" for one in paths)
    texts = f"from_json({value}, 'map<string,string>')"
    is_list = f"TRIM({value}) LIKE '{{%' AND size(map_keys({texts})) > 0"
    return f"CASE WHEN {is_list} THEN COALESCE({spoken}, get(map_values({texts}), 0)) ELSE {value} END"


def _json_rows(value: str, alias: str) -> str:
    items = f"from_json(CASE WHEN TRIM({value}) LIKE '[%' THEN {value} END, 'array<string>')"
    numbered = f"transform({items}, (one, at) -> named_struct('value', one, 'position', at + 1))"
    return f"LATERAL (SELECT inline({numbered})) AS {alias}"


WRITTEN: dict[str, Template] = {
    "text": "CAST({0} AS STRING)",
    "key": f"NULLIF(CASE WHEN {_TEXT} RLIKE '^-?[0-9]+[.]0+$' THEN SUBSTRING_INDEX({_TEXT}, '.', 1) "
    f"ELSE {_TEXT} END, '')",
    "money": _NUMBER % "DECIMAL(24, 6)",
    "number": _NUMBER % "DOUBLE",
    "whole": f"CASE WHEN {_TEXT} RLIKE '^[-+]?[0-9]+([.]0*)?$' THEN "
    f"CAST(CAST({_TEXT} AS DECIMAL(38, 6)) AS BIGINT) END",
    "bool": f"CASE WHEN LOWER({_TEXT}) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN TRUE "
    f"WHEN LOWER({_TEXT}) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN FALSE END",
    "to_utc": to_utc_by_offsets("({moment} - ({seconds}) * INTERVAL '1' SECOND)"),
    "month": "CAST(date_trunc('MONTH', {0}) AS DATE)",
    "day": "CAST({0} AS DATE)",
    "days_between": "datediff(CAST({1} AS DATE), CAST({0} AS DATE))",
    "add_days": "({0} + CAST({1} AS INT) * INTERVAL '1' DAY)",
    "epoch": "(unix_micros(CAST({0} AS TIMESTAMP)) / 1e6)",
    "from_epoch": "timestamp_micros(CAST(ROUND(CAST({0} AS DECIMAL(28, 6)) * 1000000) AS BIGINT))",
    "json_text": "get_json_object({0}, {1})",
    "json_rows": _json_rows,
    "i18n": _i18n,
    "concat": lambda *texts: f"CONCAT({', '.join(f'COALESCE({one}, {chr(39) * 2})' for one in texts)})",
    "sha256": "sha2(CAST({0} AS STRING), 256)",
    "email_key": f"CASE WHEN {_TEXT} <> '' THEN sha2(LOWER({_TEXT}), 256) END",
}

TYPED = {
    "text": "CAST({0} AS STRING)",
    "decimal": "CAST({0} AS DECIMAL({precision}, {scale}))",
    "float": "CAST({0} AS DOUBLE)",
    "whole": "CAST({0} AS BIGINT)",
    "flag": "CAST({0} AS BOOLEAN)",
    "moment": "CAST({0} AS TIMESTAMP)",
    "day": "CAST({0} AS DATE)",
}
