"""Small made-up companies, loaded into any engine.

A `World` is written with only the fields that a test cares about:

    World(orders=[{"customer_id": "ann", "ordered_at": "2026-01-05", "net": 120}])

Everything else gets a plain default. Moments and days are written as ISO text. Conveniences:

    orders[].lines            [("Bikes", 80), ("Parts", 20)]: order_items and products, a product per category
    opportunities[].stages    [("lead", "2026-01-01"), ("won", "2026-01-09")]: stage_history, outcome and dates
    World(**nps(("ann", 9, "2026-01-05"), ...))   a survey, its responses and answers
    customers, users, pipelines_stages            made from the ids that are named elsewhere, unless given
    without=("targets", "orders.channel")         tables and columns that the database does not have

`settings` default to EUR, UTC, weeks from Monday, fiscal years from January, data complete up to 2027-01-01 00:00.

Fixtures: `engine`, a parameter over `ENGINES` (Spark is asked where a test names `SPARK`); `load(world, policy=, as_of=) -> Source`;
`ask_world(world, metric, period, **choices) -> Answer`. An engine more is one entry in `ENGINES`.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest
from sqlalchemy import Boolean, Date, DateTime, Float, Integer, Numeric, Table, create_engine, text

from data_access import database as databases
from data_access.access import Policy
from data_access.calendar import Grain, add_grains, add_months
from data_access.place import find_place
from data_access.schema import loose
from data_access.source import Source, open_source
from metrics.answers import Answer, ask
from metrics.periods import Comparison, Period
from metrics.question import Filters
from tests import servers
from tests.chdb_worlds import chdb
from tests.spark_cluster import cluster

Rows = Sequence[Mapping[str, Any]]
SCHEMA = loose()
MIDDAY = "2026-01-15 12:00"
SETTINGS = {
    "base_currency": "EUR",
    "timezone": "UTC",
    "fiscal_year_start_month": 1,
    "week_start": 1,
    "data_as_of": "2027-01-01",
}
STAGES = (("lead", "open"), ("qualified", "open"), ("proposal", "open"), ("won", "won"), ("lost", "lost"))
BLANKS: dict[str, Any] = {"created_at": MIDDAY, "first_seen_at": "2020-01-01", "currency": "EUR"}


# -- a company from a few dicts -------------------------------------------------------------------------------------
class World:
    """The rows of a made-up company by table, every needed column filled in."""

    def __init__(self, settings: Mapping[str, Any] | None = None, without: Iterable[str] = (), **tables: Rows) -> None:
        unknown = set(tables) - set(SCHEMA.tables)
        if unknown:
            raise ValueError(f"no such table: {', '.join(sorted(unknown))}")
        self.without = tuple(without)
        self.settings = {**SETTINGS, **(settings or {})}
        given = {name: [dict(row) for row in rows] for name, rows in tables.items()}
        _unfold_lines(given)
        _unfold_stages(given)
        _name_people(given)
        given["settings"] = [self.settings]
        self.tables = {name: [self._row(name, i, row) for i, row in enumerate(rows)] for name, rows in given.items()}

    def _row(self, name: str, index: int, row: dict[str, Any]) -> dict[str, Any]:
        table = SCHEMA.tables[name]
        unknown = set(row) - set(table.c.keys())
        if unknown:
            raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
        if name == "orders":
            row = _order(row, self.settings["base_currency"])
        return {c.name: _parsed(c, row[c.name] if c.name in row else _default(table, c, index)) for c in table.columns}

    def with_rows(self, **tables: Rows) -> World:
        """The same company with more rows."""
        merged: dict[str, list[dict[str, Any]]] = {n: list(r) for n, r in self.tables.items() if n != "settings"}
        for name, rows in World(self.settings, **tables).tables.items():
            if name != "settings":
                keys = [c.name for c in SCHEMA.tables[name].primary_key]
                held = {tuple(row[k] for k in keys) for row in merged.get(name, [])}
                merged.setdefault(name, []).extend(r for r in rows if tuple(r[k] for k in keys) not in held)
        return World(self.settings, self.without, **merged)

    def only(self, **keep: Callable[[dict[str, Any]], bool]) -> World:
        """The same company with only the rows of a table that meet a condition."""
        tables = {n: [r for r in rows if n not in keep or keep[n](r)] for n, rows in self.tables.items()}
        tables.pop("settings")
        return World(self.settings, self.without, **tables)


def nps(
    *answers: tuple[str | None, float, str], kind: str = "nps", scale: tuple[int, int] = (0, 10)
) -> dict[str, Rows]:
    """The three survey tables for answers (customer, score, moment)."""
    survey = f"{kind}_{scale[0]}_{scale[1]}"
    responses = [
        {
            "response_id": f"{survey}_r{i}",
            "survey_id": survey,
            "customer_id": who,
            "responded_at": at,
            "is_complete": True,
        }
        for i, (who, _, at) in enumerate(answers)
    ]
    given = [
        {"response_id": f"{survey}_r{i}", "item_key": "score", "score": score}
        for i, (_, score, _) in enumerate(answers)
    ]
    surveys = [{"survey_id": survey, "name": survey, "kind": kind, "scale_min": scale[0], "scale_max": scale[1]}]
    return {"surveys": surveys, "survey_responses": responses, "survey_answers": given}


def _order(row: dict[str, Any], base: str) -> dict[str, Any]:
    """Amounts that follow from each other; a foreign order has a base amount only when it has a rate."""
    row = {"ordered_at": MIDDAY, "currency": base, "net": 100, "discount": 0, "refunded": 0, **row}
    row.setdefault("fx_to_base", 1 if row["currency"] == base else None)
    row.setdefault("gross", row["net"] + row["discount"])
    rate = row["fx_to_base"]
    row.setdefault("net_base", None if rate is None else row["net"] * rate)
    row.setdefault("status", "partly_refunded" if row["refunded"] else "confirmed")
    row.setdefault("status_raw", row["status"])
    return row


def _unfold_lines(given: dict[str, list[dict[str, Any]]]) -> None:
    items, categories = [], {}
    for i, order in enumerate(given.get("orders", [])):
        lines = order.pop("lines", None)
        if lines is None:
            continue
        order.setdefault("order_id", f"orders_{i + 1}")
        order.setdefault("net", sum(net for _, net in lines))
        for j, (category, net) in enumerate(lines):
            product = f"product {category}"
            categories[product] = category
            items.append({
                "order_item_id": f"{order['order_id']}_{j}", "order_id": order["order_id"], "product_id": product,
                "quantity": 1, "unit_price": net, "net": net,
            })  # fmt: skip
    if items:
        given.setdefault("order_items", []).extend(items)
        made = [{"product_id": product, "name": product, "category": name} for product, name in categories.items()]
        given.setdefault("products", []).extend(made)


def _unfold_stages(given: dict[str, list[dict[str, Any]]]) -> None:
    stages = given.get("pipelines_stages") or []
    outcomes = {row["stage_id"]: row.get("outcome", "open") for row in stages} or dict(STAGES)
    for i, deal in enumerate(given.get("opportunities", [])):
        path = deal.pop("stages", None)
        if path is None:
            closed = deal.get("outcome", "open") if deal.get("outcome") in ("won", "lost") else "lead"
            deal.setdefault("stage_id", closed)
            continue
        deal.setdefault("opportunity_id", f"opportunities_{i + 1}")
        _follow(deal, path, outcomes, given.setdefault("stage_history", []))
    if ("opportunities" in given or "stage_history" in given) and not stages:
        given["pipelines_stages"] = [
            {"stage_id": name, "name": name, "position": place, "outcome": outcome}
            for place, (name, outcome) in enumerate(STAGES, start=1)
        ]


def _follow(deal: dict[str, Any], path: Any, outcomes: dict[str, str], history: list[dict[str, Any]]) -> None:
    """The stays of a deal, and what follows from them: when it was opened and closed, and where it is now."""
    order = list(outcomes)
    for seq, (stage, at) in enumerate(path, start=1):
        back = seq > 1 and order.index(stage) < order.index(path[seq - 2][0])
        history.append({
            "opportunity_id": deal["opportunity_id"], "seq": seq, "stage_id": stage, "outcome": outcomes[stage],
            "entered_at": at, "left_at": path[seq][1] if seq < len(path) else None, "is_initial": seq == 1,
            "is_backward": back,
        })  # fmt: skip
    last, at = path[-1]
    deal.setdefault("created_at", path[0][1])
    deal.setdefault("stage_id", last)
    deal.setdefault("outcome", outcomes[last])
    deal.setdefault("closed_at", at if outcomes[last] in ("won", "lost") else None)


def _name_people(given: dict[str, list[dict[str, Any]]]) -> None:
    """Customers and users that other rows name, where the test does not list them itself."""
    for table, key, columns in (
        ("customers", "customer_id", ("customer_id",)),
        ("users", "user_id", ("owner_id", "manager_id", "changed_by")),
    ):
        if table not in given:
            named = {row.get(column) for rows in given.values() for row in rows for column in columns}
            if table == "customers" and "orders" in given:
                named |= {_default_customer(row) for row in given["orders"]}
            given[table] = [{key: name} for name in sorted(named - {None})]


def _default_customer(row: Mapping[str, Any]) -> str:
    return row.get("customer_id", "customers_1")


def _default(table: Table, column: Any, index: int) -> Any:
    """A plain value for a column that a test does not mention."""
    if column.primary_key and len(table.primary_key) == 1:
        return f"{table.name}_{index + 1}"
    if column.nullable:
        return None
    if column.name == "customer_id":
        return "customers_1"
    if "default" in column.info:
        return column.info["default"]
    if "values" in column.info:
        return column.info["values"][0]
    return BLANKS.get(column.name, _plain(column.type, f"{table.name} {index + 1}"))


def _plain(type_: Any, name: str) -> Any:
    if isinstance(type_, Boolean):
        return False
    if isinstance(type_, Integer | Numeric | Float):
        return 1
    return MIDDAY if isinstance(type_, DateTime) else "2026-01-15" if isinstance(type_, Date) else name


def _parsed(column: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value


# -- engines --------------------------------------------------------------------------------------------------------
NUMBERS = itertools.count(1)
MOST_OPEN = 6  # worlds of one test at the same time


def _duckdb_file(folder: Path) -> str:
    return f"duckdb:///{folder / f'world{next(NUMBERS)}.duckdb'}"


def _sqlite_file(folder: Path) -> str:
    return f"sqlite:///{folder / f'world{next(NUMBERS)}.sqlite'}"


# Name -> a function that gives, for a folder, the URL of a new and empty database file.
FILES: dict[str, Callable[[Path], str]] = {"duckdb": _duckdb_file, "sqlite": _sqlite_file}
ENGINES = (*FILES, *servers.DEFAULTS, "clickhouse")
PARAMETERS = [pytest.param(name, id=name, marks=pytest.mark.engines) for name in ENGINES]
# Engines that make a database for each world by themselves.
LENDERS: dict[str, Callable[[], Any]] = {"clickhouse": chdb, "spark": cluster}
# A question to a cluster takes a second: what is asked of it has a stage of its own.
SPARK = pytest.param("spark", id="spark", marks=[pytest.mark.engines, pytest.mark.spark])


@cache
def _template(name: str, folder: Path) -> Path:
    """An empty database file with every table, copied for each world: making tables costs more than filling them."""
    url = FILES[name](folder)
    engine = create_engine(url)
    SCHEMA.create_all(engine)
    engine.dispose()
    return Path(url.split(":///")[1])


@dataclass(frozen=True)
class Place:
    """Where worlds are written: an engine, a folder for its files and one for its template."""

    name: str
    folder: Path
    templates: Path

    def write(self, world: World) -> str:
        """A new database with the rows of a world; its URL."""
        if self.name in LENDERS:
            return self._lent(world)
        if self.name not in FILES:
            return self._write_on_server(world)
        url = FILES[self.name](self.folder)
        path = url.split(":///")[1]
        shutil.copyfile(_template(self.name, self.templates), path)
        if self.name == "duckdb":
            fill_duckdb(path, world)
            return url
        return _filled(url, world)

    def _write_on_server(self, world: World) -> str:
        server = servers.server(self.name)
        if isinstance(server, str):
            pytest.skip(server)
        url = server.lend(world.tables, world.without)
        _filled(servers.writer(url), world)
        return url

    def _lent(self, world: World) -> str:
        lender = LENDERS[self.name]()
        if isinstance(lender, str):
            pytest.skip(lender)
        return lender.lend(world.tables, world.without)


def _filled(url: str, world: World) -> str:
    engine = create_engine(url)
    fill(engine, world)
    engine.dispose()
    return url


def fill(engine: Any, world: World) -> None:
    """Write the rows of a world into empty tables, then drop what the world is without."""
    with engine.begin() as connection:
        for name, rows in world.tables.items():
            if rows:
                connection.execute(SCHEMA.tables[name].insert(), rows)
        for statement in dropping(world):
            connection.execute(text(statement))


def fill_duckdb(path: str, world: World) -> None:
    """The same for DuckDB, whose inserts of one row at a time take long."""
    with duckdb.connect(path) as connection:
        for name, rows in world.tables.items():
            if rows:
                written = pyarrow.Table.from_pylist([_in_one_type(row) for row in rows])
                connection.register("written", written)
                connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM written")
                connection.unregister("written")
        for statement in dropping(world):
            connection.execute(statement)


def _in_one_type(row: dict[str, Any]) -> dict[str, Any]:
    """Whole numbers as floats where Arrow would meet both in one column."""
    return {name: float(value) if type(value) is int else value for name, value in row.items()}


def dropping(world: World) -> list[str]:
    """The statements that take away what a world is without."""
    pairs = (name.partition(".") for name in world.without)
    return [f"ALTER TABLE {t} DROP COLUMN {c}" if c else f"DROP TABLE {t}" for t, _, c in pairs]


def forget(url: str) -> None:
    """Close a database that was opened for a test."""
    base = databases._DATABASES.pop(find_place(url).key, None)
    if base is not None and base._engine is not None:
        base._engine.dispose()
    servers.give_back(url)
    if url.startswith("clickhouse:"):
        chdb().give_back(url)


def pasted(source: Source, sql: str) -> list[dict[str, Any]]:
    """The rows of a statement that is given to the driver as it stands, as a person does who pastes it."""
    with source.base.reading() as (engine, _), engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(sql)
        names = [one[0] for one in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# -- questions ------------------------------------------------------------------------------------------------------
def period(written: str | Period) -> Period:
    """`2026`, `2026-Q2`, `2026-03`, `2026-03-15` or `2026-03-15..2026-04-01` (the end day not included)."""
    if isinstance(written, Period):
        return written
    start, dots, end = written.partition("..")
    if dots:
        return Period(date.fromisoformat(start), date.fromisoformat(end))
    if "Q" in written:
        first = date(int(written[:4]), 3 * int(written[-1]) - 2, 1)
        return Period(first, add_months(first, 3))
    grain = {4: Grain.YEAR, 7: Grain.MONTH, 10: Grain.DAY}[len(written)]
    first = date.fromisoformat((written + "-01-01")[:10])
    return Period(first, add_grains(first, grain))


def filters(when: str | Period, **choices: Any) -> Filters:
    """Filters from plain values: comparison, grain, complete_only, where={"region": "North"}."""
    where = choices.pop("where", {})
    made = Filters(
        period(when), Comparison(choices.pop("comparison", "previous")), Grain(choices.pop("grain", "month")),
        choices.pop("complete_only", False),
    )  # fmt: skip
    for name, values in where.items():
        made = made.choose(name, *((values,) if isinstance(values, str) else values))
    return made


def ask_source(source: Source, metric: str, when: str | Period, **choices: Any) -> Answer:
    """A metric's answer; what is not a filter (see `filters`) is an option, such as by="region" or shape="trend"."""
    known = {name: choices.pop(name) for name in ("comparison", "grain", "complete_only", "where") if name in choices}
    return ask(metric, source, filters(when, **known), choices)


def as_moment(written: str | datetime | None) -> datetime | None:
    """A UTC moment from ISO text."""
    return datetime.fromisoformat(written) if isinstance(written, str) else written


def days(start: str, count: int) -> list[str]:
    """`count` days from `start`, as ISO text."""
    return [(date.fromisoformat(start) + timedelta(days=i)).isoformat() for i in range(count)]


def shop(per_day: dict[int, int]) -> World:
    """A shop with so many orders of 10 on every day of each month of 2026, each of a customer of its own."""
    orders = [
        {"customer_id": f"{day}-{i}", "ordered_at": f"{day} 12:00:00", "net": 10}
        for day in days("2025-12-01", 123)
        for i in range(per_day.get(int(day[5:7]), 60))
    ]
    return World(orders=orders, customers=[{"customer_id": order["customer_id"]} for order in orders])


# -- fixtures -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the empty databases lie that worlds are copied from."""
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(params=PARAMETERS)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of each engine in turn."""
    return str(request.param)


@pytest.fixture
def place(engine: str, tmp_path: Path, templates: Path) -> Place:
    """Writes worlds on the engine at hand."""
    return Place(engine, tmp_path, templates)


@pytest.fixture
def place_duckdb(tmp_path: Path, templates: Path) -> Place:
    """Writes worlds as DuckDB files, for what concerns only them."""
    return Place("duckdb", tmp_path, templates)


@pytest.fixture
def place_sqlite(tmp_path: Path, templates: Path) -> Place:
    """Writes worlds as SQLite files, for what concerns only them."""
    return Place("sqlite", tmp_path, templates)


@pytest.fixture
def load_on(tmp_path: Path, templates: Path) -> Iterator[Callable[..., Source]]:
    """load_on(engine name, world, policy=, as_of=) -> Source; for tests that compare engines."""
    opened: list[str] = []

    def opener(name: str, world: World, policy: Policy | None = None, as_of: str | datetime | None = None) -> Source:
        while len(opened) >= MOST_OPEN:  # an example of hypothesis after the other
            forget(opened.pop(0))
        opened.append(Place(name, tmp_path, templates).write(world))
        return open_source(opened[-1], policy, as_moment(as_of))

    yield opener
    for url in opened:
        forget(url)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Iterator[Callable[..., str]]:
    """shelf(engine name, world name, function that makes the world) -> URL; written once; other modules have other shelves."""
    folder = tmp_path_factory.mktemp("shelf")
    written: dict[tuple[str, str, str], str] = {}

    def url_of(name: str, label: str, make: Callable[[], World]) -> str:
        key = name, make.__module__, label
        if key not in written:
            written[key] = Place(name, folder, templates).write(make())
        return written[key]

    yield url_of
    for url in written.values():
        forget(url)


@pytest.fixture
def load(engine: str, load_on: Callable[..., Source]) -> Callable[..., Source]:
    """load(world, policy=, as_of=) -> Source, on the engine at hand."""
    return lambda world, policy=None, as_of=None: load_on(engine, world, policy, as_of)


@pytest.fixture
def ask_world(load: Callable[..., Source]) -> Callable[..., Answer]:
    """ask_world(world, metric, period, policy=, as_of=, where=, grain=, by=, ...) -> Answer, on the engine at hand."""

    def asker(world: World, metric: str, when: str | Period, **choices: Any) -> Answer:
        source = load(world, choices.pop("policy", None), choices.pop("as_of", None))
        return ask_source(source, metric, when, **choices)

    return asker
