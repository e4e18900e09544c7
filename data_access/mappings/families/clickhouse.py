"""ClickHouse's SQL, under the settings of its session (data_access/clickhouse.py).

It has no rows of a JSON list in FROM: a mapping that needs `json_rows` cannot be read from it.
"""

from __future__ import annotations

from data_access.mappings.families.template import Template, to_utc_by_offsets

_TEXT = "trim(toString({0}))"
_IS_NUMBER = f"match({_TEXT}, '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$')"


def _json_text(value: str, path: str) -> str:
    found = f"JSON_QUERY({value}, {path})"  # all that the path finds, as a list
    kind = f"JSONType({found}, 1)"
    return (
        f"multiIf({kind} = 'String', JSONExtractString({found}, 1), {kind} = 'Null', NULL, JSONExtractRaw({found}, 1))"
    )


def _i18n(value: str, language: str = "'en_US'") -> str:
    paths = dict.fromkeys((language, "'en_US'"))
    spoken = ", ".join(f"nullIf(JSONExtractString(assumeNotNull({value}), {one}), '')" for one in paths)
    first = f"JSONExtractString(assumeNotNull({value}), 1)"
    is_list = f"isValidJSON(assumeNotNull({value})) AND JSONType(assumeNotNull({value})) = 'Object'"
    return f"CASE WHEN {value} IS NOT NULL AND {is_list} THEN COALESCE({spoken}, {first}) ELSE {value} END"


WRITTEN: dict[str, Template] = {
    "text": "toString({0})",
    "key": f"NULLIF(CASE WHEN match({_TEXT}, '^-?[0-9]+[.]0+$') THEN substringIndex({_TEXT}, '.', 1) "
    f"ELSE {_TEXT} END, '')",
    "money": f"CASE WHEN {_IS_NUMBER} THEN toDecimal128OrNull({_TEXT}, 6) END",
    "number": f"CASE WHEN {_IS_NUMBER} THEN toFloat64OrNull({_TEXT}) END",
    "whole": f"CASE WHEN match({_TEXT}, '^[-+]?[0-9]+([.]0*)?$') THEN "
    f"toInt64OrNull(substringIndex({_TEXT}, '.', 1)) END",
    "bool": f"CASE WHEN lower({_TEXT}) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN TRUE "
    f"WHEN lower({_TEXT}) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN FALSE END",
    "to_utc": to_utc_by_offsets("subtractSeconds({moment}, {seconds})"),
    "month": "toStartOfMonth(toDate32({0}))",
    "day": "toDate32({0})",
    "days_between": "dateDiff('day', toDate32({0}), toDate32({1}))",
    "add_days": "addDays({0}, {1})",
    "epoch": "(toUnixTimestamp64Micro(CAST({0} AS DateTime64(6, 'UTC'))) / 1e6)",
    "from_epoch": "fromUnixTimestamp64Micro(CAST(round(({0}) * 1000000) AS Int64), 'UTC')",
    "json_text": _json_text,
    "i18n": _i18n,
    "concat": lambda *texts: f"concat({', '.join(f'COALESCE({one}, {chr(39) * 2})' for one in texts)})",
    "sha256": "lower(hex(SHA256(toString({0}))))",
    "email_key": f"CASE WHEN {_TEXT} <> '' THEN lower(hex(SHA256(lower({_TEXT})))) END",
}

TYPED = {
    "text": "toString({0})",
    "decimal": "CAST({0} AS Decimal({precision}, {scale}))",
    "float": "CAST({0} AS Float64)",
    "whole": "CAST({0} AS Int64)",
    "flag": "CAST({0} AS Bool)",
    "moment": "CAST({0} AS DateTime64(6, 'UTC'))",
    "day": "CAST({0} AS Date32)",
}
