"""Odoo's own demo company, and the histories that an Odoo wrote, against figures taken with native SQL.

The data lie beside the clone, not in it; without them these tests are skipped.
"""

import csv
import gzip
import json
import os
import subprocess

import pytest
from sqlalchemy import create_engine, make_url, text

from tests import servers
from tests.mappings.native import Native, settings_file
from tests.mappings.test_odoo16 import SCHEMA, crm, stays

__all__ = ["crm"]
pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    from tests.conftest import REAL_DATA

    folder = REAL_DATA / "crm_dbs" / "odoo16_demo"
    if not folder.exists():
        pytest.skip("shared/data/crm_dbs/odoo16_demo is not beside this clone")
    server = servers.server("postgresql")
    if isinstance(server, str):
        pytest.skip(server)
    url = server.bare()
    parts = make_url(url)
    where = ["-h", str(parts.host), "-p", str(parts.port or 5432), "-U", str(parts.username), str(parts.database)]
    environment = {**os.environ, "PGPASSWORD": str(parts.password or "")}
    dump = gzip.decompress((folder / "odoo16_demo.pg15.sql.gz").read_bytes())
    subprocess.run(["psql", "-q", *where], input=dump, env=environment, check=True, capture_output=True)
    native = Native(url, settings_file(tmp_path_factory.mktemp("demo"), servers.reading(url), "odoo16", ""))
    truths = json.loads((folder / "truths.json").read_text(encoding="utf-8"))["truths"]
    yield native, {name: one["value"] for name, one in truths.items()}
    native.close()


@pytest.fixture(scope="module")
def rows(demo):
    """Canonical tables, each read once."""
    held = {}
    return lambda table: held.setdefault(table, demo[0].rows(table))


def count(rows, **wanted):
    return str(sum(all(row[name] == value for name, value in wanted.items()) for row in rows))


def amount(rows, column):
    return float(sum(row[column] or 0 for row in rows))


def test_leads_and_deals(demo, rows):
    truth, deals, leads = demo[1], rows("opportunities"), rows("leads")
    assert (
        str(len({row["lead_id"] for row in leads} | {row["opportunity_id"] for row in deals}))
        == truth["leads_all_records"]
    )
    assert str(sum(row["status"] in ("new", "working") for row in leads)) == truth["leads_still_lead_active"]
    assert count(leads, status="disqualified") == truth["leads_lost"]
    assert count(leads, status="converted") == truth["leads_converted"]
    assert str(len(deals)) == truth["opps_all_incl_lost"]
    assert {one: count(deals, outcome=one) for one in ("open", "won", "lost")} == {
        one: truth[f"opps_{one}"] for one in ("open", "won", "lost")
    }
    won, still = ([row for row in deals if row["outcome"] == one] for one in ("won", "open"))
    assert amount(won, "amount_base") == float(truth["won_expected_revenue_company_ccy"])
    assert amount(still, "amount_base") == float(truth["open_pipeline_expected_revenue"])
    names = {row["stage_id"]: row["name"] for row in rows("pipelines_stages")}
    by_stage = [[name, count(still, stage_id=stage), str(amount([row for row in still if row["stage_id"] == stage], "amount_base"))]
                for stage, name in names.items() if any(row["stage_id"] == stage for row in still)]  # fmt: skip
    assert sorted(by_stage) == sorted(truth["open_by_stage"])
    assert [[names[row["stage_id"]], "1"] for row in deals if row["outcome"] == "lost"] == truth[
        "lost_by_stage_at_loss"
    ]
    years = {row["closed_at"].year for row in won}
    assert [[str(year), count(won), str(amount(won, "amount_base"))] for year in years] == truth[
        "won_by_year_date_closed"
    ]


def test_history_without_a_log(demo, rows):
    truth, history = demo[1], rows("stage_history")
    assert truth["stage_change_rows"] == "0"
    assert all(row["is_reconstructed"] for row in history)
    assert {row["opportunity_id"] for row in history} == {row["opportunity_id"] for row in rows("opportunities")}


def test_orders(demo, rows):
    truth, orders = demo[1], [row for row in rows("orders") if row["document"] == "order"]
    confirmed = [row for row in orders if row["status"] == "confirmed"]
    assert str(len(confirmed)) == truth["orders_confirmed"]
    assert [[one, count(orders, status_raw=one)] for one in ("draft", "sale", "sent")] == truth["orders_by_state"]
    assert amount(confirmed, "net_base") == float(truth["orders_untaxed_company_ccy"])
    taxed = sum((row["net"] + row["tax"]) * row["fx_to_base"] for row in confirmed)
    assert float(taxed) == float(truth["orders_total_company_ccy"])
    assert len({row["customer_id"] for row in confirmed}) == int(truth["customers_with_confirmed_order"])
    mine = {row["order_id"] for row in confirmed}
    assert str(sum(row["order_id"] in mine for row in rows("order_items"))) == truth["order_lines_confirmed"]
    assert demo[0].ask("revenue", "2026").result.value == float(truth["orders_untaxed_company_ccy"])


def test_mailings_ratings_tasks_and_companies(demo, rows):
    truth, members = demo[1], rows("campaign_members")
    for column, name in (
        ("sent_at", "mail_sent_rows"),
        ("opened_at", "mail_opened"),
        ("clicked_at", "mail_clicked"),
        ("bounced_at", "mail_bounced"),
    ):
        assert str(sum(row[column] is not None for row in members)) == truth[name], name
    scores = [row["score"] for row in rows("survey_answers") if row["response_id"].startswith("rating-")]
    assert [[str(len(scores)), f"{sum(scores) / len(scores):.4f}"]] == truth["ratings_consumed_avg"]
    assert str(len(rows("tickets"))) == truth["project_tasks"]
    assert count(rows("customers"), kind="company", is_active=True) == truth["companies_active"]


def test_nothing_is_wrong_with_it(demo):
    assert demo[0].problems() == []


@pytest.fixture
def samples(crm, real_data):
    """The histories that an Odoo wrote."""
    folder = real_data("crm_dbs/history_samples")
    tables = {
        name: _read(folder / f"odoo16_{name}.csv", name)
        for name in ("crm_lead", "crm_stage", "ir_model_fields", "mail_message", "mail_tracking_value")
    }
    return crm(res_company=[{"id": 1, "currency_id": 1}], res_currency=[{"id": 1, "name": "EUR"}], **tables), tables


def _read(path, name):
    line = next(one for one in SCHEMA.splitlines() if one.startswith(f"{name}:"))
    known = dict(one.strip().rsplit(" ", 1) for one in line.partition(":")[2].split(","))
    with path.open(encoding="utf-8") as file:
        return [
            {key: _cell(value, known[key]) for key, value in row.items() if key in known}
            for row in csv.DictReader(file)
        ]


def _cell(value, kind):
    if value == "":
        return None
    if kind == "flag":
        return value == "t"
    return int(value) if kind == "whole" else float(value) if kind in ("float", "decimal") else value


def test_every_history_ends_where_the_deal_is_and_has_every_change_that_was_logged(samples):
    company, tables = samples
    assert company.problems("unknown_reference") == []  # partners and users are not among the samples
    for lead in tables["crm_lead"]:
        if lead["type"] == "opportunity":
            told = stays(company, lead["id"])
            assert told[-1][0] == str(lead["stage_id"])
            closed = company.by_key("opportunities", "closed_at", "outcome")[str(lead["id"])]
            last = [row for row in company.rows("stage_history") if row["opportunity_id"] == str(lead["id"])][-1]
            assert closed == ((last["entered_at"] if last["outcome"] != "open" else None), last["outcome"])
    assert [one[:2] for one in stays(company, 139)] == [
        ("1", "open"), ("2", "open"), ("3", "open"), ("4", "won"), ("3", "open"),
    ]  # fmt: skip
    assert [one[:2] for one in stays(company, 424)][-2:] == [("2", "lost"), ("2", "open")]
    assert stays(company, 613)[0][3] is False
    assert [one[3] for one in stays(company, 28)] == [True, True]


def test_a_native_count_of_moves_agrees(samples):
    company, _ = samples
    sql = """SELECT count(*) FROM mail_tracking_value v JOIN ir_model_fields f ON f.id = v.field JOIN mail_message m ON m.id = v.mail_message_id
        JOIN crm_lead l ON l.id = m.res_id WHERE f.name IN ('stage_id', 'active') AND l.type = 'opportunity'
        AND m.date > coalesce(l.date_conversion, l.create_date)"""
    engine = create_engine(company.url)
    with engine.connect() as connection:
        moves = connection.execute(text(sql)).scalar()
    engine.dispose()
    logged = [row for row in company.rows("stage_history") if not row["is_initial"] and not row["is_reconstructed"]]
    assert len(logged) == moves
