"""Systems in different databases, put together in an extract: the same figures as if their tables lay in one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from sqlalchemy import create_engine, make_url, text

from data_access.__main__ import main
from data_access.doctor import as_text, examine
from data_access.errors import SourceError
from data_access.extract.lines import Line
from data_access.extract.record import RECORD, written_origin, written_tables
from data_access.extract.report import described
from data_access.extract.run import Job, extract
from data_access.place import find_place
from data_access.schema import TABLES
from data_access.source import open_source
from tests import servers
from tests.data_access import corner_shop, test_composed
from tests.data_access.test_extract import assert_all_same
from tests.data_access.test_extract_runs import cut_off
from tests.mappings import test_odoo16, test_zendesk
from tests.mappings.native import Native, empty_database, fill, settings_file, tables_of
from tests.worlds import forget

SCHEMA = """
caller: id whole, mail text, called text, country text, since moment
purchase: id whole, caller whole, at moment, sum decimal, currency text, gone decimal, channel text
piece: id whole, purchase whole, what whole, pieces decimal, price decimal
ware: id whole, name text, sort text
opinion: id whole, caller whole, at moment, score whole
call: id whole, caller whole, at moment, ended moment
course: currency text, day day, value float
"""
MAPPING = """
id = "mart"

[tables.customers]
from = "caller"
columns = { customer_id = "text(id)", name = "called", email_key = "email_key(mail)", country = "country", first_seen_at = "since" }

[tables.fx_rates]
from = "course"
columns = { currency = "currency", valid_from = "day", rate_to_base = "value" }

[tables.orders]
from = "purchase"
columns = { order_id = "text(id)", customer_id = "text(caller)", status = "'confirmed'", ordered_at = "to_utc(at, setting('timezone'))", currency = "currency", net = "sum", refunded = "gone", channel = "channel" }

[tables.order_items]
from = "piece"
columns = { order_item_id = "text(id)", order_id = "text(purchase)", product_id = "text(what)", quantity = "pieces", unit_price = "price" }

[tables.products]
from = "ware"
columns = { product_id = "text(id)", name = "name", category = "sort", x_sort = "sort" }

[tables.surveys]
from = "opinion"
where = "id = 1"
columns = { survey_id = "'nps'", name = "'Would you?'", kind = "'nps'", scale_min = "0", scale_max = "10" }

[tables.survey_responses]
from = "opinion"
columns = { response_id = "text(id)", survey_id = "'nps'", customer_id = "text(caller)", responded_at = "at", is_complete = "score IS NOT NULL" }

[tables.survey_answers]
from = "opinion"
where = "score IS NOT NULL"
columns = { response_id = "text(id)", item_key = "'score'", score = "score" }

[tables.tickets]
from = "ident('call')"
columns = { ticket_id = "text(id)", customer_id = "text(caller)", opened_at = "at", closed_at = "ended", is_complaint = "FALSE", status = "CASE WHEN ended IS NULL THEN 'open' ELSE 'closed' END" }
"""
BOTH = ["./corner", "./mart"]


def rows() -> dict[str, list[dict[str, Any]]]:
    """The mart's tables; every third of its callers buys in the corner shop as well, under another spelling."""
    dice = random.Random(5)
    made: dict[str, list[dict[str, Any]]] = {"caller": [], "purchase": [], "piece": [], "opinion": [], "call": []}
    made["ware"] = [{"id": i, "name": f"Ware {i}", "sort": ("bikes", "小件")[i % 2]} for i in range(1, 9)]
    made["course"] = [{"currency": "USD", "day": "2024-01-01", "value": 0.5}]
    for i in range(1, 61):
        mail = {0: f" BUYER{i}@example.ORG", 1: f"caller{i}@example.org"}.get(i % 3)
        made["caller"].append(
            {"id": i, "mail": mail, "called": f"Çaller {i}", "country": "DE", "since": "2024-01-01 09:00:00"}
        )
    for i in range(1, 181):
        at = corner_shop.BEGAN + timedelta(seconds=dice.randrange(int(61e6)))
        bill = {"id": i, "caller": dice.randint(1, 60) if i % 9 else None, "at": at.isoformat(" ")}
        bill |= {"sum": dice.randrange(100, 50_000) / 100, "currency": ("EUR", "USD", "GBP")[i % 3]}
        made["purchase"].append(bill | {"gone": 1.5 if i % 12 == 0 else 0, "channel": ("web", "phone")[i % 2]})
        made["piece"].append({"id": i, "purchase": i, "what": dice.randint(1, 8), "pieces": 2, "price": 3.25})
        made["call"].append({"id": i, "caller": dice.randint(1, 60), "at": at.isoformat(" "), "ended": None})
        score = dice.randint(0, 10) if i % 5 else None
        made["opinion"].append({"id": i, "caller": dice.randint(1, 60), "at": at.isoformat(" "), "score": score})
    return made


@dataclass
class Company:
    """The shop and the mart, in one database or in two; `urls` are those of the accounts that fill them."""

    urls: list[str]
    file: Path

    @property
    def target(self) -> Path:
        return self.file.with_suffix(".duckdb")

    @property
    def live(self) -> Native:
        return Native(self.urls[0], self.file)

    def job(self, is_full: bool = False) -> Job:
        return Job(find_place(str(self.file), is_live=True), self.target, is_full)

    def close(self) -> None:
        for path in [self.file] if len(self.urls) == 1 else [self.target]:
            forget(str(path))
        for url in self.urls:
            servers.take_away(url)


def write_mappings(folder: Path) -> None:
    corner_shop.write_mapping(folder)
    (folder / "mart").mkdir(exist_ok=True)
    (folder / "mart" / "mapping.toml").write_text(MAPPING, encoding="utf-8")


# The mart's clock is not the company's.
OWN = '[of."./mart".settings]\ntimezone = "America/New_York"\n'


def together(engine: str, folder: Path) -> Company:
    """Both in one database."""
    write_mappings(folder)
    url = empty_database(engine, folder)
    fill(url, tables_of(corner_shop.SCHEMA), corner_shop.rows())
    fill(url, tables_of(SCHEMA), rows())
    return Company([url], settings_file(folder, servers.reading(url), BOTH, OWN))


def apart(engines: tuple[str, str], folder: Path) -> Company:
    """Each in a database of its own."""
    write_mappings(folder)
    (folder / "corner_data").mkdir()
    (folder / "mart_data").mkdir()
    urls = [empty_database(engines[0], folder / "corner_data"), empty_database(engines[1], folder / "mart_data")]
    fill(urls[0], tables_of(corner_shop.SCHEMA), corner_shop.rows())
    fill(urls[1], tables_of(SCHEMA), rows())
    file = settings_file(folder, servers.reading(urls[0]), BOTH, "")
    own = f'extract = "{file.with_suffix(".duckdb").name}"\n[of."./mart"]\nsource = "{servers.reading(urls[1])}"\n'
    file.write_text(f"{file.read_text()}{own}{OWN}")
    return Company(urls, file)


SERVERS = [
    pytest.param(("postgresql", "mariadb"), marks=pytest.mark.engines),
    pytest.param(("sqlite", "postgresql"), marks=pytest.mark.engines),
]


@pytest.fixture(scope="module", params=SERVERS, ids="+".join)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company in two databases, with its extract."""
    made = apart(request.param, tmp_path_factory.mktemp("apart"))
    extract(made.job())
    yield made
    made.close()


@pytest.fixture(scope="module", params=[pytest.param(n, marks=pytest.mark.engines) for n in ("postgresql", "mariadb")])
def in_one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The same company in one database."""
    made = together(request.param, tmp_path_factory.mktemp("together"))
    yield made
    made.close()


def test_every_figure_is_the_one_of_the_same_tables_in_one_database(company, in_one):
    assert_all_same(in_one.live.source(), open_source(str(company.file)))


def test_a_person_whom_both_know_is_one_customer(company, tmp_path):
    with duckdb.connect(shutil.copy(company.target, tmp_path)) as file:
        ids = {row[0] for row in file.execute("SELECT customer_id FROM customers").fetchall()}
        mine = dict(file.execute("SELECT order_id, customer_id FROM orders").fetchall())
    known = [f"corner:{i}" for i in range(3, 61, 3) if i % 9]
    assert set(known) < ids
    assert {f"mart:{i}" for i in range(3, 61, 3) if i % 9}.isdisjoint(ids)
    assert {"mart:1", "mart:2", "mart:9", "corner:1"} < ids
    bought = {mine[f"mart:{row['id']}"] for row in rows()["purchase"] if row["caller"] == 3}
    assert bought == {"corner:3"}


def test_the_file_holds_the_canonical_tables_alone_and_says_of_which_moment_each_part_is(company, tmp_path):
    with duckdb.connect(shutil.copy(company.target, tmp_path)) as file:
        names = {row[0] for row in file.execute("SHOW TABLES").fetchall()}
        origin, taken = written_origin(file), written_tables(file)
    assert names <= {*TABLES, *RECORD}
    assert [part.name for part in origin.parts] == ["corner", "mart"]
    assert origin.read_at == min(part.read_at for part in origin.parts) <= origin.finished_at
    assert (taken["orders"].rows, taken["orders of corner"].rows, taken["orders of mart"].rows) == (420, 240, 180)
    facts = open_source(str(company.file)).crm.facts
    assert facts.origin == origin
    assert "mart from" in as_text(examine(str(company.file)))


def test_passwords_are_neither_in_the_file_nor_in_what_is_told(two, tmp_path):
    told: list[str] = []
    done = extract(two.job(), lambda line: told.append(str(line)))
    said = "\n".join([*told, described(done), repr(done.origin), as_text(examine(str(two.file)))])
    assert servers.PASSWORD not in said
    assert servers.PASSWORD.encode() not in two.target.read_bytes()
    assert any(line.startswith("From ") and line.endswith("(mart):") for line in told)
    assert any("orders of mart: 180 rows" in line for line in told)
    assert told[0] == "Taking everything: rows of several databases are put together, which takes them whole."


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Company]:
    """The company on PostgreSQL and MariaDB, not yet extracted."""
    made = apart(("postgresql", "mariadb"), tmp_path)
    yield made
    made.close()


@pytest.mark.engines
def test_without_an_extract_one_sentence_says_that_one_is_needed(two, capsys):
    for command in ("check", "ready"):
        assert main([command, str(two.file)]) == 1
        assert capsys.readouterr().err.strip() == (
            f"./corner, ./mart lie in different databases and are put together in {two.target.name}, which is not there "
            f"yet: run `python -m data_access extract {two.file.name}`."
        )
    two.file.write_text(two.file.read_text().replace("extract = ", "# extract = "))
    with pytest.raises(SourceError, match=r'name its file in .*, such as `extract = "data/company.duckdb"`') as refused:
        open_source(str(two.file))
    assert refused.value.key == "extract_needed"


def test_a_system_that_the_list_of_mappings_leaves_out_is_not_left_out_in_silence(tmp_path):
    file = settings_file(tmp_path, "x.duckdb", "./corner", '[of."./mart"]\nsource = "y.duckdb"\n')
    with pytest.raises(SourceError, match=r"says something of \[of\../mart\], and `mapping` names ./corner alone"):
        find_place(str(file))


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ('[of]\n"./mart" = "mysql://reader:secret@other/desk"\n', "of../mart"),
        ('of = "./mart"\n', "of"),
        ('settings = "EUR"\n', "settings"),
        ('[of."./mart"]\nsettings = "EUR"\n', "of../mart.settings"),
    ],
)
def test_a_word_where_a_section_belongs_is_refused_in_a_sentence(tmp_path, said, what):
    (tmp_path / "clientele.toml").write_text(f'source = "x.duckdb"\nmapping = ["./corner", "./mart"]\n{said}')
    with pytest.raises(SourceError, match="is no section") as refused:
        find_place(str(tmp_path / "clientele.toml"))
    assert f"`{what}`" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.engines
def test_one_of_the_mappings_can_be_asked_in_its_own_database(two):
    report = examine(str(two.file), "./corner")
    assert {table.name: table.rows for table in report.tables}["orders"] == 240
    two.file.write_text(
        two.file.read_text().replace("extract = ", '[settings]\nbase_currency = "EUR"\ntimezone = "UTC"\n#', 1)
    )
    report = examine(str(two.file), "./mart")
    assert {table.name: table.rows for table in report.tables}["orders"] == 180


@pytest.mark.engines
@pytest.mark.parametrize("away", [0, 1])
def test_a_database_that_is_away_is_named_and_nothing_is_replaced(two, away):
    extract(two.job())
    before = two.target.read_bytes()
    name = make_url(two.urls[away]).database
    two.file.write_text(two.file.read_text().replace(f"/{name}", "/no_such_database"))
    with pytest.raises(SourceError, match="no_such_database") as refused:
        extract(two.job())
    assert "\n" not in str(refused.value)
    assert two.target.read_bytes() == before


@pytest.mark.engines
@pytest.mark.parametrize("away", [0, 1])
def test_a_database_that_goes_away_is_named_and_the_run_is_gone_on_with(two, away):
    told: list[str] = []

    def tell(line: Line) -> None:
        told.append(line.key)
        if told.count("drawn_from") == away + 1 and told[-2:] == ["taken", "taken"] and "cut" not in told:
            told.append("cut")
            cut_off(two.urls[away])

    with pytest.raises(SourceError) as refused:
        extract(two.job(), tell)
    assert str(make_url(two.urls[away]).database) in str(refused.value)
    assert "nothing was replaced, and the same command goes on" in str(refused.value)
    assert not two.target.exists()
    done = extract(two.job())
    assert len(done.kept) >= 1
    assert done.rows == extract(two.job(is_full=True)).rows


@pytest.mark.engines
def test_a_run_that_ends_while_tables_are_put_together_has_nothing_to_draw_again(two):
    def tell(line: Line) -> None:
        if line.key == "taken" and line.gaps["table"] == "orders":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(two.job(), tell)
    assert not two.target.exists()
    done = extract(two.job())
    assert len(done.kept) == len(done.drawn)
    assert not list(two.file.parent.glob(".extract-*"))


@pytest.mark.engines
def test_an_account_of_any_part_that_can_write_is_refused(two):
    filling = two.file.read_text().replace(servers.reading(two.urls[1]), two.urls[1])
    two.file.write_text(filling)
    with pytest.raises(SourceError) as refused:
        extract(two.job())
    assert refused.value.key == "source_account_writes"
    allowed = f'allow_writing_account = "{make_url(two.urls[1]).username}"'
    two.file.write_text(filling.replace('[of."./mart"]', f'[of."./mart"]\n{allowed}'))
    assert extract(two.job()).rows > 0


@pytest.mark.engines
def test_check_compares_each_part_with_its_own_database(two):
    extract(two.job())
    assert examine(str(two.file)).beside.others == {}
    engine = create_engine(two.urls[1])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM purchase WHERE id <= 7"))
    engine.dispose()
    report = examine(str(two.file))
    (problem,) = [one for one in report.problems if one.rule == "extract_differs"]
    assert (problem.table, problem.count) == ("orders of mart", 7)
    two.file.write_text(two.file.read_text().replace("New_York", "Chicago"))
    assert "extract_outdated" in {one.rule for one in examine(str(two.file)).problems}


@pytest.mark.engines
def test_words_that_no_value_map_knows_are_said_of_the_mapping_that_lacks_them(two):
    engine = create_engine(two.urls[0])
    with engine.begin() as connection:
        connection.execute(text("UPDATE bill SET state = 'owed' WHERE id <= 3"))
    engine.dispose()
    extract(two.job())
    (problem,) = [one for one in examine(str(two.file)).problems if one.rule == "unmapped_value"]
    assert (problem.table, problem.count) == ("orders", 3)
    assert "of../corner." in problem.text


@pytest.mark.engines
def test_the_clock_of_a_part_is_what_is_said_of_it(two):
    extract(two.job())
    with duckdb.connect(str(two.target)) as file:
        (at,) = file.execute("SELECT ordered_at FROM orders WHERE order_id = 'mart:1'").fetchone()
    shown = datetime.fromisoformat(rows()["purchase"][0]["at"])
    assert at == shown.replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC).replace(tzinfo=None)


@pytest.mark.engines
def test_a_part_whose_books_are_in_another_currency_is_refused_until_it_is_said_to_be_no_matter(two):
    mapping = two.file.parent / "mart" / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('id = "mart"', 'id = "mart"\n[settings]\nbase_currency = "USD"'))
    with pytest.raises(SourceError, match="keeps its books in USD and the company reports in EUR"):
        extract(two.job())
    two.file.write_text(two.file.read_text() + 'base_currency = "EUR"\n')
    assert extract(two.job()).rows > 0


def test_a_part_on_an_engine_that_no_extract_can_be_taken_from_is_one_sentence(tmp_path):
    own = 'extract = "x.duckdb"\n[of.zendesk]\nsource = "spark://ann@127.0.0.1:1/default"\n'
    file = settings_file(tmp_path, "x.sqlite", ["odoo16", "zendesk"], own)
    with pytest.raises(
        SourceError, match="`zendesk` cannot be put together with systems in other databases"
    ) as refused:
        extract(Job(find_place(str(file), is_live=True), tmp_path / "x.duckdb"))
    assert "live" not in str(refused.value)


def test_two_systems_beside_each_other_and_apart_from_a_third_are_taken_in_one_snapshot(tmp_path):
    (tmp_path / "other").mkdir()
    urls = [empty_database("duckdb", tmp_path), empty_database("sqlite", tmp_path / "other")]
    for url in urls:
        fill(url, tables_of(test_composed.SCHEMA), test_composed.ROWS)
    crm, *others = test_composed.TOGETHER.split("+")
    own = "".join(f"[of.'{name}']\nsource = '{urls[1]}'\n" for name in others)
    file = settings_file(tmp_path, urls[0], [crm, *others], test_composed.OWN + own)
    done = extract(Job(find_place(str(file), is_live=True), tmp_path / "company.duckdb"))
    assert [part.name for part in done.origin.parts] == ["crm", "shop, desk"]
    with duckdb.connect(str(tmp_path / "company.duckdb")) as made:
        ids = sorted(row[0] for row in made.execute("SELECT customer_id FROM customers").fetchall())
        asked = dict(made.execute("SELECT ticket_id, customer_id FROM tickets").fetchall())
    assert ids == ["crm:1", "crm:2", "desk:3", "shop:2", "shop:3"]
    assert asked == {"desk:1": "shop:2", "desk:2": "crm:1", "desk:3": "desk:3"}


@pytest.mark.engines
def test_odoo_on_postgresql_and_zendesk_on_mariadb_are_one_company(tmp_path):
    home, desk = empty_database("postgresql", tmp_path), empty_database("mariadb", tmp_path)
    acme = {"id": 20, "name": "Acme", "is_company": True, "website": "HTTPS://www.Acme.com/"}
    ann = {"id": 21, "name": "Ann", "email": "ann@WEB.de"}
    plain = {"create_date": "2024-01-01", "active": True, "partner_share": True}
    partners = test_odoo16.partners(acme, ann | plain)
    fill(home, tables_of(test_odoo16.SCHEMA), test_odoo16.COMPANY | {"res_partner": partners})
    tickets = [test_zendesk.ticket(1), test_zendesk.ticket(2, requester_id=2, organization_id=7)]
    organisations = {
        "organization": test_zendesk.ACME,
        "domain_name": [{"organization_id": 7, "domain_name": "acme.com"}],
    }
    fill(desk, tables_of(test_zendesk.SCHEMA), organisations | {"user": test_zendesk.PEOPLE, "ticket": tickets})
    file = settings_file(tmp_path, servers.reading(home), ["odoo16", "zendesk"], "join_companies_by_domain = true")
    file.write_text(f'{file.read_text()}[of.zendesk]\nsource = "{servers.reading(desk)}"\n')
    extract(Job(find_place(str(file), is_live=True), tmp_path / "company.duckdb"))
    with duckdb.connect(str(tmp_path / "company.duckdb")) as made:
        asked = dict(made.execute("SELECT ticket_id, customer_id FROM tickets").fetchall())
        settings = made.execute("SELECT base_currency, timezone FROM settings").fetchone()
    assert asked == {"zendesk:1": "odoo16:21", "zendesk:2": "odoo16:20"}
    assert settings == ("EUR", "Europe/Brussels")
    for url in (home, desk):
        servers.take_away(url)
