"""The functions that a mapping may use, and how each engine family writes them: the only place that says so.

SQL that engines spell differently never stands in a mapping; it stands here, one rule per function and family.
`{0}`, `{1}`, ... are the arguments, already rendered; `{all}` is all of them, `{rest}` all but the first. A family
that is missing from a function cannot serve mappings that use it yet, and says so by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import expressions as exp

from data_access.errors import MappingError

FAMILIES = ("duckdb",)

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


@dataclass(frozen=True)
class Function:
    """A function of the mapping language; `most` -1 means any number of arguments."""

    name: str
    usage: str
    meaning: str
    least: int
    most: int
    written: Mapping[str, str] = field(default_factory=dict)
    comma: Mapping[str, str] = field(default_factory=dict)  # how it is written where the decimal mark is a comma
    reads_text: bool = False  # turns text into a value, so that a text it cannot read is a fault to be listed


def _function(usage: str, meaning: str, duckdb: str, least: int = 1, most: int = 1, reads: bool = False) -> Function:
    return Function(usage.split("(")[0], usage, meaning, least, most, {"duckdb": duckdb} if duckdb else {}, {}, reads)


def _as_double(text: str) -> str:
    return text.replace("DECIMAL(18, 6)", "DOUBLE").replace("DECIMAL(24, 6)", "DOUBLE")


def _decimal(usage: str, meaning: str, type_: str) -> Function:
    point, comma = (text if type_ != "DOUBLE" else _as_double(text) for text in (_POINT, _COMMA))
    return Function(usage.split("(")[0], usage, meaning, 1, 1, {"duckdb": point}, {"duckdb": comma}, True)


_LIST = (
    _function("text(x)", "`x` as text.", "CAST({0} AS VARCHAR)"),
    _function(
        "key(x)",
        "`x` as an identifier: text without blanks around it; the `.0` that spreadsheets and pandas put behind whole "
        "numbers is cut off; empty becomes null.",
        r"NULLIF(CASE WHEN TRIM(CAST({0} AS VARCHAR)) LIKE '%.0' THEN "
        r"regexp_replace(TRIM(CAST({0} AS VARCHAR)), '^(-?\d+)\.0+$', '\1') ELSE TRIM(CAST({0} AS VARCHAR)) END, '')",
    ),
    _decimal(
        "money(x)",
        "Text as an amount with six decimals. Thousands separators, currency signs and blanks are understood; the "
        "decimal mark is the mapping's `decimal`.",
        "DECIMAL(24, 6)",
    ),
    _decimal("number(x)", "Text as a number of any size; same spelling as `money`.", "DOUBLE"),
    _function(
        "whole(x)",
        "Text as a whole number; `3.0` is one, `3.5` is not.",
        "CASE WHEN TRY_CAST({0} AS DECIMAL(24, 6)) % 1 = 0 THEN TRY_CAST({0} AS BIGINT) END",
        reads=True,
    ),
    _function(
        "bool(x)",
        "True for true, t, yes, y, on, 1; false for false, f, no, n, off, 0; in any case.",
        "CASE WHEN LOWER(TRIM(CAST({0} AS VARCHAR))) IN ('true', 't', 'yes', 'y', 'on', '1', '1.0') THEN TRUE "
        "WHEN LOWER(TRIM(CAST({0} AS VARCHAR))) IN ('false', 'f', 'no', 'n', 'off', '0', '0.0') THEN FALSE END",
        reads=True,
    ),
    _function(
        "parse_time(x, format, ...)",
        "Text as a moment, by the first format that fits: `%Y-%m-%d %H:%M:%S`, `%d.%m.%Y`, `%m/%d/%Y %I:%M %p`; codes "
        "as in Python's strptime.",
        "try_strptime(TRIM(CAST({0} AS VARCHAR)), [{rest}])",
        least=2,
        most=-1,
        reads=True,
    ),
    _function(
        "parse_date(x, format, ...)",
        "Text as a calendar date, by the first format that fits.",
        "CAST(try_strptime(TRIM(CAST({0} AS VARCHAR)), [{rest}]) AS DATE)",
        least=2,
        most=-1,
        reads=True,
    ),
    _function(
        "to_utc(ts, zone)",
        "The UTC moment at which clocks in `zone` (an IANA name) showed `ts`. Of an hour that comes twice in autumn, "
        "the second is taken; of one that is skipped in spring, the moment an hour later.",
        "timezone('UTC', timezone({1}, CAST({0} AS TIMESTAMP)))",
        least=2,
        most=2,
    ),
    _function("month(ts)", "First day of the month of `ts`.", "CAST(date_trunc('month', {0}) AS DATE)"),
    _function("day(ts)", "Calendar date of `ts`.", "CAST({0} AS DATE)"),
    _function(
        "days_between(a, b)",
        "Calendar days from `a` to `b`: 23:00 to 01:00 is one.",
        "date_diff('day', CAST({0} AS DATE), CAST({1} AS DATE))",
        least=2,
        most=2,
    ),
    _function("add_days(ts, n)", "`ts`, `n` days later.", "({0} + to_days(CAST({1} AS INTEGER)))", least=2, most=2),
    _function("epoch(ts)", "Seconds since 1970-01-01 00:00 UTC.", "epoch({0})"),
    _function(
        "from_epoch(n)", "The moment `n` seconds after 1970-01-01 00:00 UTC.", "CAST(to_timestamp({0}) AS TIMESTAMP)"
    ),
    _function(
        "json_text(column, path)",
        "The value at `path` (`$.a.b`) in JSON text, as text.",
        "json_extract_string({0}, {1})",
        least=2,
        most=2,
    ),
    _function("concat(a, b, ...)", "The texts one after the other; null counts as empty.", "concat({all})", 1, -1),
    _function("sha256(x)", "SHA-256 of the text, in hexadecimal.", "sha256(CAST({0} AS VARCHAR))"),
    _function(
        "email_key(x)",
        "Key that joins one person across systems: SHA-256 of the trimmed, lower-cased e-mail.",
        "CASE WHEN TRIM({0}) <> '' THEN sha256(LOWER(TRIM(CAST({0} AS VARCHAR)))) END",
    ),
    _function("mapped(x, 'name')", "What `[value_maps.name]` says for `x`; a value it lacks is a fault.", "", 2, 2),
    _function("stage_outcome(x)", "What `[stage_outcomes]` says for `x`: open, won, lost or void.", ""),
    _function("channel(x)", "What `[channel_map]` says for `x`.", ""),
    _function("setting('name')", "A value of `[settings]`.", ""),
    _function('ident("name")', "A table or column whose name has blanks or signs in it.", ""),
)
FUNCTIONS: dict[str, Function] = {one.name: one for one in _LIST}

# What every engine has under the same name and meaning; sqlglot knows these by class.
PLAIN_FUNCTIONS: dict[str, type[exp.Expr]] = {
    "abs": exp.Abs,
    "avg": exp.Avg,
    "case": exp.Case,
    "cast": exp.Cast,
    "ceil": exp.Ceil,
    "coalesce": exp.Coalesce,
    "count": exp.Count,
    "dense_rank": exp.DenseRank,
    "exists": exp.Exists,
    "first_value": exp.FirstValue,
    "floor": exp.Floor,
    "greatest": exp.Greatest,
    "lag": exp.Lag,
    "last_value": exp.LastValue,
    "lead": exp.Lead,
    "least": exp.Least,
    "left": exp.Left,
    "length": exp.Length,
    "lower": exp.Lower,
    "max": exp.Max,
    "min": exp.Min,
    "nullif": exp.Nullif,
    "rank": exp.Rank,
    "replace": exp.Replace,
    "right": exp.Right,
    "round": exp.Round,
    "row_number": exp.RowNumber,
    "sign": exp.Sign,
    "substring": exp.Substring,
    "sum": exp.Sum,
    "trim": exp.Trim,
    "upper": exp.Upper,
}


def write(name: str, arguments: Sequence[str], family: str, decimal: str = ".") -> str:
    """A call of a function of the table above, in the engine family's own SQL."""
    function = FUNCTIONS[name]
    template = (function.comma if decimal == "," and function.comma else function.written).get(family)
    if template is None:
        raise MappingError(f"The function `{name}` cannot be written for {family} yet; use another way or engine.")
    return template.format(*arguments, all=", ".join(arguments), rest=", ".join(arguments[1:]))


def text_literal(value: str) -> str:
    """`value` as an SQL text."""
    return "'" + value.replace("'", "''") + "'"


def name_literal(value: str) -> str:
    """`value` as an SQL name."""
    return '"' + value.replace('"', '""') + '"'
