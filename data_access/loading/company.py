"""The settings of the company that is loaded: given, else concluded from the data, and then said so.

Who decides, first to last: options of the command, `[settings]` of the mapping, a file `settings.csv`. What nobody
gives: the base currency is that of `fx_rates`, else the only one in the data; the time zone is UTC; the fiscal year
begins in January and the week on Monday; the data are complete up to their last moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import list_currencies

from data_access.errors import ImportRefusedError
from data_access.loading.state import Load, Raw
from data_access.mappings.functions import text_literal
from data_access.schema import HAPPENINGS, TABLES

NO_CURRENCY = "XXX"  # ISO 4217 for "no currency": a company without a single amount
DEFAULTS = {"timezone": "UTC", "fiscal_year_start_month": 1, "week_start": 1}
FLAGS = {
    "base_currency": "--base-currency",
    "timezone": "--timezone",
    "fiscal_year_start_month": "--fiscal-year-start",
    "week_start": "--week-start",
    "data_as_of": "--data-as-of",
}
IN_BASE = {"amount_base", "net_base", "refunded_base", "expected_revenue_base"}


def settings_given(options: Mapping[str, Any], mapping: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that somebody gave, checked; the first that gives one decides."""
    given: dict[str, Any] = {}
    for source in (options, mapping, file):
        for name, value in source.items():
            if value is not None and value != "":
                given.setdefault(name, value)
    return {name: _checked(name, value) for name, value in given.items() if name in FLAGS}


def _checked(name: str, value: Any) -> Any:
    if name == "base_currency":
        code = str(value).strip().upper()
        if code not in list_currencies():
            raise _not_valid(name, value, "three letters of ISO 4217, such as EUR")
        return code
    if name == "timezone":
        return _zone(str(value).strip())
    if name == "data_as_of":
        return value if isinstance(value, datetime | date) else str(value).strip()
    most = 12 if name == "fiscal_year_start_month" else 7
    try:
        number = int(str(value).strip())
    except ValueError:
        number = 0
    if not 1 <= number <= most:
        raise _not_valid(name, value, f"a number from 1 to {most}")
    return number


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _not_valid("timezone", name, "an IANA name, such as Europe/Berlin, Asia/Shanghai or UTC") from None
    return name


def _not_valid(name: str, value: Any, wanted: str) -> ImportRefusedError:
    return ImportRefusedError(f"The setting `{name}` is `{value}`; it must be {wanted}.")


def read_settings_file(load_from: Raw | None, connection: Any) -> dict[str, Any]:
    """The one row of a settings file."""
    if load_from is None:
        return {}
    names = [name for name in load_from.columns if name in FLAGS]
    rows = connection.execute(
        f"SELECT {', '.join(f'CAST({name} AS VARCHAR)' for name in names) or 'NULL'} FROM {load_from.relation}"
    ).fetchall()
    if len(rows) != 1:
        raise ImportRefusedError(f"{load_from.origin} has {len(rows)} rows; the settings are exactly one.")
    return dict(zip(names, rows[0], strict=False))


def base_currency(raws: Mapping[str, Raw], connection: Any) -> tuple[str, str]:
    """The base currency that the data leave no doubt about, and why."""
    rates = _distinct(raws, connection, "fx_rates", "base_currency")
    found = rates or sorted({code for name in raws for code in _distinct(raws, connection, name, "currency")})
    if len(found) == 1:
        return found[0], "that of the rates" if rates else "the only one in the data"
    amounts = sorted({table for table, _ in _amounts(raws)})
    if not found and not amounts:
        return NO_CURRENCY, "no currency: there are no amounts in the data"
    odd = next((text for name in raws for text in _unreadable(raws[name], connection)), "")
    nothing = (
        f"amounts whose currency cannot be read ({odd})" if odd else f"amounts in no currency ({', '.join(amounts)})"
    )
    what = f"amounts in {', '.join(found)}" if found else nothing
    raise ImportRefusedError(
        f"The data hold {what}, and nobody says which currency is reported in; say `--base-currency EUR` (or yours)."
    )


def _distinct(raws: Mapping[str, Raw], connection: Any, table: str, column: str) -> list[str]:
    raw = raws.get(table)
    if raw is None or column not in raw.columns:
        return []
    cell = f"UPPER(TRIM(CAST({column} AS VARCHAR)))"
    rows = connection.execute(
        f"SELECT DISTINCT {cell} FROM (SELECT DISTINCT {column} FROM {raw.relation}) "
        f"WHERE regexp_full_match({cell}, '[A-Z]{{3}}') ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _unreadable(raw: Raw, connection: Any) -> Iterator[str]:
    """Where a currency is written in another way than ISO 4217 does, with an example."""
    if "currency" in raw.columns:
        written = "NULLIF(TRIM(CAST(currency AS VARCHAR)), '')"
        row = connection.execute(f"SELECT min({written}) FROM {raw.relation}").fetchone()
        if row and row[0]:
            yield f"`{raw.name}.currency` holds '{row[0]}'; a currency is three letters of ISO 4217, such as EUR"


def refuse_other_base(raws: Mapping[str, Raw], stated: str | None, chosen: str) -> None:
    """Amounts and rates that a mapping or settings file states in one base currency are none in another."""
    if stated is None or stated == chosen:
        return
    fixed = [
        f"{name}.{column}" for name, raw in raws.items() for column in raw.columns if column in (*IN_BASE, "fx_to_base")
    ]
    if fixed:
        raise ImportRefusedError(
            f"The files give `{fixed[0]}` in {stated}, and `{FLAGS['base_currency']} {chosen}` asks for another base "
            f"currency; leave the option out, or leave out {', '.join(f'`{one}`' for one in fixed)} and give rates."
        )


def _amounts(raws: Mapping[str, Raw]) -> Iterator[tuple[str, str]]:
    for name, raw in raws.items():
        if "currency" in TABLES[name].c or name == "order_items":
            for column in ("net", "gross", "amount", "net_amount", "list_price", "unit_price", *IN_BASE):
                if column in raw.columns:
                    yield name, column


def parse_as_of(value: Any, zone: str) -> datetime:
    """A moment in UTC; a date means the end of that day in the company's zone."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        return _end_of_day(value, zone)
    else:
        try:
            if len(value) <= 10:
                return _end_of_day(date.fromisoformat(value), zone)
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _not_valid("data_as_of", value, "2026-06-18 (the end of that day) or 2026-06-18T16:00:00Z") from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _end_of_day(day: date, zone: str) -> datetime:
    start = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return start.astimezone(UTC).replace(tzinfo=None) - timedelta(microseconds=1)


def last_moment(load: Load, now: datetime, last: Mapping[str, Mapping[str, datetime]]) -> datetime | None:
    """The last moment at which something happened, of those that can have happened by now; `last` by table and column.

    Where every moment is only a date, the data are complete to the end of the last one.
    """
    zone, latest = load.company.timezone, now + timedelta(days=1)
    there = {(name, column): last[name][column] for name, column in _happenings(last)}
    known = [moment for place, end in there.items() if (moment := end if end <= latest else _last(load, place, latest))]
    if not known:
        return None
    here = max(known).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    if here.time() == datetime.min.time() and not any(_has_times(load, place, latest) for place in there):
        return _end_of_day(here.date(), zone)
    return max(known)


def _happenings(last: Mapping[str, Mapping[str, datetime]]) -> Iterator[tuple[str, str]]:
    """Table and column of every moment that is there and tells of something that happened."""
    for name, columns in HAPPENINGS.items():
        yield from ((name, column) for column in columns if column in last.get(name, {}))


def _last(load: Load, place: tuple[str, str], latest: datetime) -> datetime | None:
    """The last moment of a column that is not later than `latest`."""
    table, column = load.typed[place[0]], place[1]
    row = load.connection.execute(f"SELECT max({column}) FROM {table} WHERE {column} <= ?", [latest]).fetchone()
    return row[0] if row else None


def _has_times(load: Load, place: tuple[str, str], latest: datetime) -> bool:
    """True when something happened in the middle of a day."""
    table, column = load.typed[place[0]], place[1]
    local = f"timezone({text_literal(load.company.timezone)}, timezone('UTC', {column}))"
    row = load.connection.execute(
        f"SELECT 1 FROM {table} WHERE {column} <= ? AND {local} <> date_trunc('day', {local}) LIMIT 1", [latest]
    ).fetchone()
    return row is not None
