"""The SQL of MariaDB (10.6 or later) and MySQL (8 or later), which StarRocks, Doris and TiDB mostly share."""

from __future__ import annotations

from data_access.mappings.families.template import Template, to_utc_by_offsets

_TEXT = "TRIM(CAST({0} AS CHAR))"
_BIT = "HEX(CAST({0} AS CHAR))"
_NUMBER = (
    rf"CASE WHEN {_TEXT} REGEXP '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$' THEN CAST({_TEXT} AS %s) END"
)


def _i18n(value: str, language: str = "'en_US'") -> str:
    paths = dict.fromkeys((language, "'en_US'"))
    spoken = ", ".join(f"JSON_UNQUOTE(JSON_EXTRACT({value}, CONCAT('$.', {one})))" for one in paths)
    first = f"JSON_UNQUOTE(JSON_EXTRACT(JSON_EXTRACT({value}, '$.*'), '$[0]'))"
    is_list = f"JSON_VALID({value}) AND JSON_TYPE({value}) = 'OBJECT'"
    return f"CASE WHEN {is_list} THEN COALESCE({spoken}, {first}) ELSE CAST({value} AS CHAR) END"


def _json_rows(value: str, alias: str) -> str:
    items = f"CASE WHEN JSON_VALID({value}) AND JSON_TYPE({value}) = 'ARRAY' THEN {value} ELSE '[]' END"
    columns = "position FOR ORDINALITY, value JSON PATH '$'"
    return f"JSON_TABLE({items}, '$[*]' COLUMNS ({columns})) AS {alias}"


WRITTEN: dict[str, Template] = {
    "text": "CAST({0} AS CHAR)",
    "key": f"NULLIF(CASE WHEN {_TEXT} REGEXP '^-?[0-9]+[.]0+$' THEN SUBSTRING_INDEX({_TEXT}, '.', 1) "
    f"ELSE {_TEXT} END, '')",
    "money": _NUMBER % "DECIMAL(24, 6)",
    "number": _NUMBER % "DOUBLE",
    "whole": f"CASE WHEN {_TEXT} REGEXP '^[-+]?[0-9]+([.]0*)?$' THEN CAST({_TEXT} AS SIGNED) END",
    "bool": f"CASE WHEN {_BIT} = '01' OR LOWER({_TEXT}) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN TRUE "
    f"WHEN {_BIT} = '00' OR LOWER({_TEXT}) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN FALSE END",
    "to_utc": to_utc_by_offsets("TIMESTAMPADD(SECOND, -({seconds}), {moment})"),
    "month": "CAST(DATE_FORMAT({0}, '%Y-%m-01') AS DATE)",
    "day": "CAST({0} AS DATE)",
    "days_between": "DATEDIFF({1}, {0})",
    "add_days": "TIMESTAMPADD(DAY, {1}, {0})",
    "epoch": "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', {0}) / 1000000)",
    "from_epoch": "TIMESTAMPADD(MICROSECOND, ROUND(({0}) * 1000000), '1970-01-01 00:00:00')",
    "json_text": "CASE WHEN JSON_VALID({0}) AND JSON_TYPE(JSON_EXTRACT({0}, {1})) <> 'NULL' THEN "
    "JSON_UNQUOTE(JSON_EXTRACT({0}, {1})) END",
    "json_rows": _json_rows,
    "i18n": _i18n,
    "concat": lambda *texts: f"CONCAT({', '.join(f'COALESCE({one}, {chr(39) * 2})' for one in texts)})",
    "sha256": "SHA2(CAST({0} AS CHAR), 256)",
    "email_key": f"CASE WHEN {_TEXT} <> '' THEN SHA2(LOWER({_TEXT}), 256) END",
}

TYPED = {
    "text": "CAST({0} AS CHAR)",
    "decimal": "CAST({0} AS DECIMAL({precision}, {scale}))",
    "float": "CAST({0} AS DOUBLE)",
    "whole": "CAST({0} AS SIGNED)",
    "flag": "(({0}) <> 0)",
    "moment": "CAST({0} AS DATETIME(6))",
    "day": "CAST({0} AS DATE)",
}
