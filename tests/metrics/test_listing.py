"""metrics/listing.py: the list behind a figure holds exactly what the figure counted."""

from __future__ import annotations

import pandas as pd
import pytest
from sqlalchemy import column, create_engine, select, table

from data_access.access import Policy
from data_access.source import open_source
from metrics.filters import NONE
from metrics.listing import listing
from metrics.metric import all_metrics, metric_named
from tests.company import company
from tests.metrics.sold import YEAR
from tests.worlds import World, ask_source, nps

KPIS = [name for name, metric in all_metrics().items() if metric.is_kpi]
LISTED = [name for name in all_metrics() if listing(name)]
CREDITED = ("revenue", "orders", "average_order_value")  # their lists hold credit notes too, which are no orders
BY_PLAIN_MEANS = ("customers", "new_customers", "nps", "win_rate", "repeat_rate", "churn_rate")
NORTH = Policy("nora", regions=("North",))


def listed(source, answer, part=None, limit=100_000):
    """The rows behind an answer, and their number."""
    return listing(answer.metric.name)(source, answer.question, part or {}, limit)


def cases(name, frame):
    """How many cases of a figure its list holds."""
    if name in CREDITED:
        return int(frame["is_order"].sum())
    return len(frame) if name in BY_PLAIN_MEANS else counted_again(name, frame)["n"]


def counted_again(name, frame):
    """The figure's own measures over its list: for a figure that nobody has written out below."""
    parts = metric_named(name).parts
    list_of = table("list", *[column(head) for head in frame.columns])
    measures = [measure.label(key) for key, measure in parts.measures(list_of.c).items()]
    with create_engine("sqlite://").connect() as connection:
        frame.to_sql("list", connection)
        return connection.execute(select(*measures).select_from(list_of)).mappings().one()


def value_of(name, frame):
    """The figure itself, counted from its list by plain means."""
    if name in CREDITED:
        orders, money = frame["is_order"].sum(), frame["revenue"].sum() if "revenue" in frame else 0
        return {"revenue": money, "orders": orders, "average_order_value": money / orders if orders else None}[name]
    if name == "customers":
        return frame["customer_id"].nunique()
    if name == "new_customers":
        return len(frame)
    if name == "nps":
        return 100 * ((frame["score"] >= 9).mean() - (frame["score"] <= 6).mean())
    share = {"win_rate": lambda f: f["outcome"] == "won", "repeat_rate": lambda f: f["orders"] >= 2,
             "churn_rate": lambda f: f["lost"] == 1}  # fmt: skip
    return share[name](frame).mean() if name in share else counted_again(name, frame)["value"]


@pytest.mark.parametrize("name", KPIS)
def test_a_figure_can_be_counted_again_from_its_list(source, name):
    answer = ask_source(source, name, YEAR)
    frame, total = listed(source, answer)
    assert len(frame) == total > 10
    if name != "customers":
        assert cases(name, frame) == answer.result.n
    assert value_of(name, frame) == pytest.approx(answer.result.value)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", KPIS)
def test_the_list_of_a_narrowed_figure_is_narrowed_alike(source, name):
    where = {
        dim: value for dim, value in (("region", "North"), ("channel", "web")) if dim in metric_named(name).filters
    }
    answer = ask_source(source, name, YEAR, where=where)
    frame, _ = listed(source, answer)
    assert value_of(name, frame) == pytest.approx(answer.result.value)
    assert 0 < len(frame) < listed(source, ask_source(source, name, YEAR))[1]


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", KPIS)
def test_the_list_of_every_group_is_that_group_s_and_together_they_are_all(source, name):
    dimension = "region" if "region" in metric_named(name).dimensions else metric_named(name).dimensions[0]
    answer = ask_source(source, name, YEAR, by=dimension)
    whole = 0
    for row in answer.result.frame.to_dict("records"):
        frame, total = listed(source, answer, {"group": NONE if pd.isna(row["group"]) else row["group"]})
        whole += total
        if row["n"]:
            assert value_of(name, frame) == pytest.approx(row["value"]), row["group"]
    assert whole == listed(source, ask_source(source, name, YEAR))[1]


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", [name for name in KPIS if name != "churn_rate"])
def test_the_list_of_a_bucket_is_that_bucket_s(source, name):
    answer = ask_source(source, name, YEAR, shape="trend")
    for row in answer.result.frame.tail(3).to_dict("records"):
        part = {"from": row["period"].isoformat(), "to": row["period_end"].isoformat()}
        frame, _ = listed(source, answer, part)
        assert value_of(name, frame) == pytest.approx(row["value"]), row["period"]


def test_a_category_lists_the_orders_with_their_share(source):
    answer = ask_source(source, "revenue", YEAR, by="category")
    for row in answer.result.frame.to_dict("records"):
        frame, _ = listed(source, answer, {"group": NONE if pd.isna(row["group"]) else row["group"]})
        assert frame["revenue"].sum() == pytest.approx(row["value"])


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", LISTED)
def test_a_list_holds_only_what_its_reader_may_see(source, shelf, name):
    """Nobody: no row. North: rows of customers of the North only, fewer than there are."""
    path = shelf("duckdb", "company", company)
    everything = listed(source, ask_source(source, name, YEAR))[1]
    nobody, north = (open_source(path, policy) for policy in (Policy("no one", regions=()), NORTH))
    assert listed(nobody, ask_source(nobody, name, YEAR))[1] == 0
    frame, total = listed(north, ask_source(north, name, YEAR))
    assert 0 < total < everything
    people = {row["customer_id"] for row in company().tables["customers"] if row["region"] == "North"}
    assert set(frame["customer_id"].dropna()) <= people


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", LISTED)
def test_a_list_is_cut_to_its_first_rows_and_says_how_many_there_are(source, name):
    answer = ask_source(source, name, YEAR)
    frame, total = listed(source, answer)
    first, same = listed(source, answer, limit=3)
    assert (len(first), same) == (3, total)
    assert total == len(frame) > 3


def test_the_latest_comes_first_with_the_customer_s_name(load):
    people = [{"customer_id": "a", "name": "Ann"}, {"customer_id": "b", "name": "Bea"}]
    orders = [{"customer_id": who, "ordered_at": day} for who, day in (("a", "2026-01-05"), ("b", "2026-01-09"))]
    source = load(World(customers=people, orders=orders))
    frame, total = listed(source, ask_source(source, "orders", "2026-01"))
    assert frame["customer_id"].tolist() == ["b", "a"]
    assert frame["customer_name"].tolist() == ["Bea", "Ann"]
    assert total == 2


def test_without_a_table_of_customers_there_are_rows_without_names(load):
    source = load(World(orders=[{}], without=["customers"]))
    frame, total = listed(source, ask_source(source, "orders", "2026-01"))
    assert total == 1
    assert "customer_name" not in frame


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_answer_of_nobody_is_listed_though_nobody_gave_a_name(load):
    source = load(World(customers=[], **nps((None, 9, "2026-01-05"))))
    frame, total = listed(source, ask_source(source, "nps", "2026-01"))
    assert (total, frame["score"].tolist()) == (1, [9])


def test_what_is_made_of_other_figures_has_no_list():
    assert [name for name in all_metrics() if listing(name) is None] == ["findings", "kpis", "revenue_change"]
