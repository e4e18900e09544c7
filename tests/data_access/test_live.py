"""A database read through a mapping gives what the same rows give as canonical tables, and nothing takes its names amiss."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select

from data_access.doctor import as_text, examine
from data_access.errors import MappingError, NotHeldError, SourceError
from data_access.place import find_place
from data_access.schema import TABLES
from data_access.source import Source, open_source
from metrics.answers import ask
from metrics.command import as_dict, main
from metrics.metric import all_metrics
from tests.charts.test_every_answer import QUARTER, drawable
from tests.data_access.demo_company import made
from tests.mappings.native import reading
from tests.worlds import LENDERS, PARAMETERS, SPARK, World, ask_source, forget

READ = (
    "customers", "orders", "order_items", "products", "opportunities", "stage_history", "pipelines_stages", "users",
    "teams", "surveys", "survey_responses", "survey_answers", "targets", "fx_rates", "leads", "campaigns",
)  # fmt: skip


def identity(folder: Path, names: tuple[str, ...] = READ) -> Path:
    """A mapping whose source happens to be canonical: every table under the name that its own SELECT has."""
    folder.mkdir()
    lines = ['id = "same"', "[settings]", 'base_currency = "EUR"', 'timezone = "Europe/Berlin"']
    for name in names:
        columns = ", ".join(f"t.{column.name}" for column in TABLES[name].columns)
        (folder / f"{name}.sql").write_text(f"SELECT {columns} FROM {name} AS t\n")
        lines.append(f'[tables.{name}]\nsql = "{name}.sql"')
    (folder / "mapping.toml").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def company() -> World:
    """A small demo company as rows."""
    source = open_source(str(made(0.02)[0]))
    rows = {name: source.base.rows(select(TABLES[name])) for name in READ}
    settings = {"timezone": source.settings.timezone, "data_as_of": source.as_of, "base_currency": "EUR"}
    return World(settings, **rows)


OF_CUSTOMERS = ("new_customers", "repeat_rate", "churn_rate")
FEW = ("revenue", "churn_rate", "win_rate", "funnel", "retention", "nps")


def said(source: Source, name: str, options: dict[str, str]) -> dict[str, object]:
    """All that the command line prints of an answer but its SQL; amounts to the millionth."""
    answer = ask(name, source, QUARTER, options)
    assert answer.result is not None, answer.missing
    return {key: rounded(value) for key, value in as_dict(answer).items() if key != "sql"}


def rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("engine", [*PARAMETERS, SPARK])
def test_every_answer_is_the_same_through_a_mapping(engine, place, company, tmp_path):
    url = place.write(company)
    direct = open_source(url, as_of=company.settings["data_as_of"])
    settings = tmp_path / "clientele.toml"
    head = f'source = "{url}"\nmapping = "{identity(tmp_path / "same")}"\n[settings]\n'
    settings.write_text(head + f"data_as_of = {company.settings['data_as_of'].isoformat()}\n")
    mapped = open_source(str(settings))
    asked = [(name, {}) for name in (FEW if engine == "spark" else all_metrics())]
    asked += list(drawable()) if engine not in LENDERS else []  # the others take long
    for name, options in asked:
        assert said(mapped, name, options) == said(direct, name, options), (name, options)
    forget(str(settings))
    forget(url)


# A shop whose tables have names of canonical ones, and other columns.
SHOP = """
orders: id whole, customer whole, state text, at moment, sum decimal, money text, way text
customers: id whole, name text
"""
FILES = {
    "orders.sql": "SELECT text(o.id) AS order_id, text(c.id) AS customer_id, mapped(o.state, 'state') AS status, "
    "o.state AS status_raw, o.at AS ordered_at, o.sum AS net, o.money AS currency, "
    "coalesce(channel(o.way), CASE WHEN o.way = 'Web' THEN 'website' END) AS channel, "
    "CASE WHEN channel(o.way) = 'fair' THEN 'f1' END AS campaign_id FROM orders AS o "
    "JOIN customers AS c ON c.id = o.customer",
    "customers.sql": "SELECT text(id) AS customer_id, name AS name, (SELECT MIN(o.at) FROM orders AS o) "
    "AS first_seen_at FROM customers",
    "mapping.toml": """id = "shop"
[settings]
base_currency = "EUR"
[value_maps.state]
paid = "confirmed"
void = "cancelled"
[channel_map]
fair = "event"
[tables.orders]
sql = "orders.sql"
[tables.customers]
sql = "customers.sql"
""",
}
FOLDER = Path(tempfile.mkdtemp(prefix="clientele-shop-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for file, content in FILES.items():
    (FOLDER / file).write_text(content)
shop = reading(str(FOLDER), SHOP, "duckdb", "sqlite", "postgresql", "mariadb")
ANN = {"id": 1, "name": "Ann"}


def order(number: int, **columns: object) -> dict[str, object]:
    return {
        "id": number,
        "customer": 1,
        "state": "paid",
        "at": "2026-03-05 10:00",
        "sum": 10,
        "money": "EUR",
        **columns,
    }


def test_a_table_of_the_source_is_not_taken_for_the_canonical_one_of_its_name(shop):
    company = shop(customers=[ANN], orders=[order(1), order(2, sum=5.5), order(3, state="void", sum=100)])
    assert company.ask("revenue", "2026-03").result.value == 15.5
    assert company.ask("customers", "2026-03").result.value == 1
    assert company.problems("settings_missing") == []


def test_what_is_left_out_is_told_from_other_columns(shop):
    company = shop(customers=[ANN], orders=[order(1, sum=-3), order(2)])
    assert company.by_key("orders", "gross", "document", "fx_to_base", "net_base", "source_system") == {
        "1": (-3, "credit_note", 1, -3, "shop"),
        "2": (10, "order", 1, 10, "shop"),
    }


def test_stated_rates_convert_what_is_in_another_currency(shop):
    own = """
        [[rates]]
        currency = "USD"
        valid_from = 2026-01-01
        rate_to_base = 0.5
        [[rates]]
        currency = "USD"
        valid_from = 2026-03-05
        rate_to_base = 0.8
    """
    orders = [
        order(1, money="USD", at="2026-03-04 23:59"),
        order(2, money="USD"),
        order(3, money="USD", at="2025-12-31 10:00"),
        order(4, money="CHF"),
    ]
    company = shop(own=own, customers=[ANN], orders=orders)
    assert company.by_key("orders", "net_base") == {"1": 5, "2": 8, "3": None, "4": None}
    answer = company.ask("revenue", "2026-03")
    assert answer.result.value == 13
    assert any("1" in str(note) for note in answer.notes), "one order of the month has no rate, and that is said"


def test_a_word_that_no_map_knows_counts_nowhere_and_the_doctor_says_so(shop):
    company = shop(customers=[ANN], orders=[order(1), order(2, state="Offen"), order(3, state="Offen")])
    assert company.ask("revenue", "2026-03").result.value == 10
    assert [line for line in company.problems() if line.startswith("unmapped_value")] == [
        "unmapped_value orders.status: 2, Offen ([value_maps.state] has no entry for 'Offen' (2))"
    ]


def test_words_that_leave_a_cell_empty_are_told_below_their_table(shop):
    """A row with such a word counts; where another column takes its place, or it is only asked on the way, nothing lacks."""
    ways = {2: "Phone", 3: "Fax", 4: "Fair", 5: "Web", 6: None}
    company = shop(customers=[ANN], orders=[order(1, way="Phone"), *(order(i, way=way) for i, way in ways.items())])
    assert company.problems() == []
    (orders,) = [table for table in examine(str(company.file)).tables if table.name == "orders"]
    assert orders.emptied == ("channel: [channel_map] has no entry for 'Phone' (2), 'Fax' (1)",)
    assert "empty for want of a word: channel: [channel_map]" in as_text(examine(str(company.file)))


def test_rows_without_a_key_are_left_out(shop):
    company = shop(customers=[ANN, {"id": None, "name": "Nobody"}], orders=[order(1)])
    assert list(company.by_key("customers", "name")) == ["1"]


def test_a_dropped_column_takes_its_table_along_and_no_other(shop):
    company = shop(without=("customers.name",), customers=[{"id": 1}], orders=[order(1)])
    assert company.ask("revenue", "2026-03").result.value == 10
    missing = company.ask("revenue", "2026-03", by="region").missing
    assert isinstance(missing, NotHeldError)
    assert "reads `name`, which is not there" in str(missing.why)
    assert any("not_mapped customers" in line for line in company.problems())


def test_what_is_dated_in_the_future_does_not_move_the_present(shop):
    company = shop(customers=[ANN], orders=[order(1), order(2, at="2999-01-01 00:00")])
    assert company.source().as_of.isoformat() == "2026-03-05T10:00:00"


def test_the_sql_shown_runs_by_hand(shop, tmp_path):
    """As it stands, in the engine's own client: a raw cursor, no parameters, and every `%` one sign."""
    own = """
        [tables.customers]
        sql = "named.sql"
    """
    (tmp_path / "named.sql").write_text(
        "SELECT text(id) AS customer_id, CASE WHEN name LIKE 'A%' THEN '100% \\%s' ELSE name END AS name, "
        "CASE WHEN id % 2 = 1 THEN 'odd' END AS region, "
        "(SELECT MIN(o.at) FROM orders AS o) AS first_seen_at FROM customers\n"
    )
    company = shop(own=own, customers=[ANN], orders=[order(1), order(2)])
    answer = company.ask("revenue", "2026-03", where={"region": ("odd", "50%")})
    assert answer.result.value == 20
    (shown, *_) = answer.sql
    assert shown.lstrip().startswith("WITH")
    assert "%%" not in shown
    assert "'50%'" in shown
    with company.source().base.reading() as (engine, _), engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(shown)
        row = cursor.fetchone()
    assert 20 in [float(value) for value in row if isinstance(value, int | float | Decimal)]


def test_the_command_line_takes_the_settings_file(shop, capsys):
    company = shop(customers=[ANN], orders=[order(1)])
    asked = ["run", "revenue", "--source", str(company.file), "--from", "2026-03-01", "--to", "2026-03-31"]
    assert main([*asked, "--format", "csv"]) == 0
    assert "10" in capsys.readouterr().out


# Settings files


def written(folder: Path, text: str) -> str:
    path = folder / "clientele.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_secret_comes_from_the_environment_or_the_secrets_file(tmp_path, monkeypatch):
    file = written(tmp_path, 'source = "postgresql://reader:${CRM_WORD}@host/db"\nmapping = "odoo16"\n')
    with pytest.raises(SourceError, match="CRM_WORD, which is set neither"):
        find_place(file)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('CRM_WORD = "from the file"\n')
    assert find_place(file).url.password == "from the file"
    monkeypatch.setenv("CRM_WORD", "from outside")
    assert find_place(file).url.password == "from outside"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source = [", "cannot be read"),
        ('mapping = "odoo16"', "names no database"),
        ('source = "x.duckdb"\nmapping = "odo16"', "did you mean"),
        ('source = "x.duckdb"\nmapping = "odoo16"\nsettigns = 1', "did you mean `settings`"),
        ('source = "x.duckdb"\nmapping = "odoo16"\nrates = [{currency = "USD"}]', "rates"),
        ('source = "x.duckdb"\nmapping = "odoo16"\n[detect.tables]\nx = 1', "write a text or a list"),
    ],
)
def test_a_settings_file_that_is_wrong_is_one_sentence(tmp_path, text, said):
    duckdb.connect(str(tmp_path / "x.duckdb")).close()
    with pytest.raises((SourceError, MappingError), match=said):
        open_source(written(tmp_path, text))


ANONYMOUS = ("revenue", "orders", "customers", "average_order_value")


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"], indirect=True)
def test_orders_of_nobody_are_not_the_orders_of_one_customer(place, tmp_path):
    """A shop's sales over the counter: counted one by one they are orders, and nobody who came, came back or stayed."""
    known = [{"customer_id": f"C{i}", "ordered_at": f"2026-0{month}-0{day} 10:00:00", "net": 10 + i}
             for month in (1, 2) for i in range(35 + month) for day in ((1, 5) if i < 3 else (1,))]  # fmt: skip
    counter = [{"customer_id": f"nobody{month}-{i}", "ordered_at": f"2026-0{month}-{i % 20 + 2:02d} 11:00:00", "net": 5 + i}
               for month in (1, 2) for i in range(60 * month)]  # fmt: skip
    people = [{"customer_id": name} for name in {order["customer_id"] for order in known + counter}]
    url = place.write(World(orders=known + counter, customers=people))
    folder = identity(tmp_path / "same", ("orders", "customers"))
    orders = folder / "orders.sql"
    orders.write_text(orders.read_text().replace(
        "t.customer_id", "CASE WHEN t.customer_id LIKE 'nobody%' THEN NULL ELSE t.customer_id END AS customer_id"
    ))  # fmt: skip
    live, direct = open_source(written(tmp_path, f'source = "{url}"\nmapping = "{folder}"\n')), open_source(url)
    result = {name: ask_source(live, name, "2026-02").result for name in (*ANONYMOUS, *OF_CUSTOMERS)}
    for name in set(ANONYMOUS) - {"customers"}:  # told by customers: as if everybody at the counter had come once
        expected = ask_source(direct, name, "2026-02").result
        assert (result[name].low, result[name].high) == pytest.approx((expected.low, expected.high)), name
        assert result[name].value == pytest.approx(expected.value), name
    assert (result["customers"].value, result["new_customers"].value) == (37, 1)
    assert (result["repeat_rate"].value, result["repeat_rate"].n) == (pytest.approx(3 / 37), 37)
    assert result["churn_rate"].n == 36
    assert "churn_pause" in [note.key for note in result["churn_rate"].notes]
    assert dict(next(note.gaps for note in result["churn_rate"].notes if note.key == "churn_pause"))["days"] == 31


def test_a_base_currency_that_nobody_told_is_asked_for(tmp_path):
    folder = identity(tmp_path / "same", ("orders",))
    path = folder / "mapping.toml"
    path.write_text(path.read_text().replace('base_currency = "EUR"\n', ""))
    duckdb.connect(str(tmp_path / "x.duckdb")).close()
    with pytest.raises(SourceError, match=r"write `base_currency` under `\[settings\]`"):
        open_source(written(tmp_path, f'source = "x.duckdb"\nmapping = "{folder}"\n'))


def test_a_mapping_that_fits_nothing_says_so(tmp_path):
    duckdb.connect(str(tmp_path / "x.duckdb")).close()
    folder = identity(tmp_path / "same", ("orders",))
    with pytest.raises(MappingError, match="does not fit this database: the database has no table `orders`"):
        open_source(written(tmp_path, f'source = "x.duckdb"\nmapping = "{folder}"\n'))
