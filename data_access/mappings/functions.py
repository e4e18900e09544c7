"""The functions that a mapping may use, and what they mean; how each engine family writes them stands in `families/`.

SQL that engines spell differently never stands in a mapping. A function that a family does not write yet cannot be used
on its engines, and the error names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import expressions as exp

from data_access.errors import MappingError
from data_access.mappings.families import FAMILIES


@dataclass(frozen=True)
class Function:
    """A function of the mapping language; `most` -1 means any number of arguments.

    `reads_text` marks those that turn text into a value, so that a text they cannot read is a fault to be listed.
    """

    usage: str
    meaning: str
    least: int = 1
    most: int = 1
    reads_text: bool = False

    @property
    def name(self) -> str:
        return self.usage.split("(")[0]


_LIST = (
    Function("text(x)", "`x` as text."),
    Function(
        "key(x)",
        "`x` as an identifier: text without blanks around it; the `.0` that spreadsheets and pandas put behind whole "
        "numbers is cut off; empty becomes null.",
    ),
    Function(
        "money(x)",
        "Text as an amount with six decimals. Thousands separators, currency signs and blanks are understood; the "
        "decimal mark is the mapping's `decimal`.",
        reads_text=True,
    ),
    Function("number(x)", "Text as a number of any size; same spelling as `money`.", reads_text=True),
    Function("whole(x)", "Text as a whole number; `3.0` is one, `3.5` is not.", reads_text=True),
    Function(
        "bool(x)",
        "True for true, t, yes, y, on, 1; false for false, f, no, n, off, 0; in any case.",
        reads_text=True,
    ),
    Function(
        "parse_time(x, format, ...)",
        "Text as a moment, by the first format that fits: `%Y-%m-%d %H:%M:%S`, `%d.%m.%Y`, `%m/%d/%Y %I:%M %p`; codes "
        "as in Python's strptime.",
        least=2,
        most=-1,
        reads_text=True,
    ),
    Function(
        "parse_date(x, format, ...)",
        "Text as a calendar date, by the first format that fits.",
        least=2,
        most=-1,
        reads_text=True,
    ),
    Function(
        "to_utc(ts, zone)",
        "The UTC moment at which clocks in `zone` (an IANA name) showed `ts`. Of an hour that comes twice in autumn, "
        "the second is taken; of one that is skipped in spring, the moment an hour later.",
        least=2,
        most=2,
    ),
    Function("month(ts)", "First day of the month of `ts`."),
    Function("day(ts)", "Calendar date of `ts`."),
    Function("days_between(a, b)", "Calendar days from `a` to `b`: 23:00 to 01:00 is one.", least=2, most=2),
    Function("add_days(ts, n)", "`ts`, `n` days later.", least=2, most=2),
    Function("epoch(ts)", "Seconds since 1970-01-01 00:00 UTC."),
    Function("from_epoch(n)", "The moment `n` seconds after 1970-01-01 00:00 UTC."),
    Function("json_text(column, path)", "The value at `path` (`$.a.b`) in JSON text, as text.", least=2, most=2),
    Function(
        "json_rows(column)",
        "In `FROM`, after a comma or `CROSS JOIN`: one row for each element of a JSON list, with its `value` (as JSON) "
        "and `position` (from 1).",
    ),
    Function(
        "i18n(x, 'language')",
        'The text of a column that holds one for each language as JSON (`{"en_US": ...}`): in that language, else in '
        "`en_US`, else the first there is. Plain text stays as it is.",
        most=2,
    ),
    Function("concat(a, b, ...)", "The texts one after the other; null counts as empty.", most=-1),
    Function("sha256(x)", "SHA-256 of the text, in hexadecimal."),
    Function("email_key(x)", "Key that joins one person across systems: SHA-256 of the trimmed, lower-cased e-mail."),
    Function("mapped(x, 'name')", "What `[value_maps.name]` says for `x`; a value it lacks is a fault.", 2, 2),
    Function("stage_outcome(x)", "What `[stage_outcomes]` says for `x`: open, won, lost or void."),
    Function("channel(x)", "What `[channel_map]` says for `x`."),
    Function("setting('name')", "A value of `[settings]`."),
    Function('ident("name")', "A table or column whose name has blanks or signs in it."),
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
    written = FAMILIES[family].written if family in FAMILIES else {}
    template = written.get(f"{name}, decimal comma" if decimal == "," else name) or written.get(name)
    if template is None:
        raise MappingError(f"The function `{name}` cannot be written for {family} yet; use another way or engine.")
    if callable(template):
        return template(*arguments)
    return template.format(*arguments, all=", ".join(arguments), rest=", ".join(arguments[1:]))


def text_literal(value: str) -> str:
    """`value` as an SQL text."""
    return "'" + value.replace("'", "''") + "'"


def name_literal(value: str) -> str:
    """`value` as an SQL name."""
    return '"' + value.replace('"', '""') + '"'
