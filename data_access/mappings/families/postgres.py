"""PostgreSQL's SQL, which CockroachDB and Redshift mostly share."""

from __future__ import annotations

from data_access.mappings.families.template import Template

_TEXT = "TRIM(CAST({0} AS TEXT))"
_NUMBER = rf"CASE WHEN {_TEXT} ~ '^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$' THEN CAST({_TEXT} AS %s) END"


def _i18n(value: str, language: str = "'en_US'") -> str:
    spoken = ", ".join(f"to_jsonb({value}) ->> {one}" for one in dict.fromkeys((language, "'en_US'")))
    first = f"(SELECT one.value FROM jsonb_each_text(to_jsonb({value})) AS one LIMIT 1)"
    whole = f"to_jsonb({value}) #>> '{{}}'"
    return f"CASE WHEN jsonb_typeof(to_jsonb({value})) = 'object' THEN COALESCE({spoken}, {first}) ELSE {whole} END"


def _json_rows(value: str, alias: str) -> str:
    whole = f"CAST({value} AS JSONB)"
    items = f"CASE WHEN jsonb_typeof({whole}) = 'array' THEN {whole} ELSE CAST('[]' AS JSONB) END"
    return f"LATERAL jsonb_array_elements({items}) WITH ORDINALITY AS {alias}(value, position)"


WRITTEN: dict[str, Template] = {
    "text": "CAST({0} AS TEXT)",
    "key": rf"NULLIF(REGEXP_REPLACE({_TEXT}, '^(-?\d+)\.0+$', '\1'), '')",
    "money": f"CAST({_NUMBER % 'NUMERIC'} AS NUMERIC(24, 6))",
    "number": _NUMBER % "DOUBLE PRECISION",
    "whole": rf"CASE WHEN {_TEXT} ~ '^[-+]?\d+(\.0*)?$' THEN CAST(CAST({_TEXT} AS NUMERIC) AS BIGINT) END",
    "bool": f"CASE WHEN LOWER({_TEXT}) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN TRUE "
    f"WHEN LOWER({_TEXT}) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN FALSE END",
    "to_utc": "((CAST({0} AS TIMESTAMP) AT TIME ZONE {1}) AT TIME ZONE 'UTC')",
    "month": "CAST(date_trunc('month', {0}) AS DATE)",
    "day": "CAST({0} AS DATE)",
    "days_between": "(CAST({1} AS DATE) - CAST({0} AS DATE))",
    "add_days": "({0} + CAST({1} AS INTEGER) * INTERVAL '1 day')",
    "epoch": "CAST(EXTRACT(EPOCH FROM {0}) AS DOUBLE PRECISION)",
    "from_epoch": "(TIMESTAMP '1970-01-01 00:00:00' + {0} * INTERVAL '1 second')",
    "json_text": "(jsonb_path_query_first(CAST({0} AS JSONB), {1}) #>> '{{}}')",
    "json_rows": _json_rows,
    "i18n": _i18n,
    "concat": "concat({all})",
    "sha256": "encode(sha256(convert_to(CAST({0} AS TEXT), 'UTF8')), 'hex')",
    "email_key": f"CASE WHEN {_TEXT} <> '' THEN encode(sha256(convert_to(LOWER({_TEXT}), 'UTF8')), 'hex') END",
}

TYPED = {
    "text": "CAST({0} AS VARCHAR)",
    "decimal": "CAST({0} AS NUMERIC({precision}, {scale}))",
    "float": "CAST({0} AS DOUBLE PRECISION)",
    "whole": "CAST({0} AS BIGINT)",
    "flag": "CAST({0} AS BOOLEAN)",
    "moment": "CAST({0} AS TIMESTAMP)",
    "day": "CAST({0} AS DATE)",
}
