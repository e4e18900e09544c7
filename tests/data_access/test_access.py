"""data_access/access.py: what a viewer may see, as it stood, once for every metric."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import func, select

from data_access.access import WHOLES, Policy
from data_access.schema import HAPPENED_AT, TABLES
from data_access.source import open_source
from metrics.metric import all_metrics
from tests.company import AS_OF, OWNERS, REGIONS, company, future, seen_by
from tests.worlds import World, ask_source, nps

METRICS = tuple(all_metrics())
KPIS = tuple(name for name, metric in all_metrics().items() if metric.is_kpi)
YEAR = "2025-07-01..2026-07-01"
NOBODY = Policy("no one", regions=())


def keys(source, table):
    """The keys that a viewer may see of a table, sorted."""
    rows = source.crm.table(table)
    key = next(iter(TABLES[table].primary_key)).name
    return sorted(source.fetch(select(rows.c[key].label("key")))["key"])


def owners_of(source, table="orders"):
    """Pairs of key and customer that a viewer may see of a table."""
    rows = source.crm.table(table)
    key = next(iter(TABLES[table].primary_key)).name
    frame = source.fetch(select(rows.c[key].label("key"), rows.c.customer_id).order_by(rows.c[key]))
    return dict(zip(frame["key"], frame["customer_id"], strict=True))


def same(left, right, what):
    """Two answers hold the same figures; sums may differ in the last digit, as parts are added in any order."""
    pd.testing.assert_frame_equal(left.result.frame, right.result.frame, rtol=1e-9, atol=1e-9, obj=what)
    assert left.result.n == right.result.n, what


# -- merged records -------------------------------------------------------------------------------------------------
def merged(**into):
    """A company whose customers were merged: a=b means that a was merged into b; everybody ordered once."""
    names = sorted({*into, *into.values()})
    return World(
        customers=[{"customer_id": n, "merged_into_id": into.get(n), "region": f"region {n}"} for n in names],
        orders=[{"order_id": f"order of {n}", "customer_id": n, "ordered_at": "2026-01-05"} for n in names],
    )


def test_orders_of_a_merged_customer_belong_to_the_one_that_is_left(load):
    source = load(merged(ann="bea"))
    assert owners_of(source) == {"order of ann": "bea", "order of bea": "bea"}
    assert keys(source, "customers") == ["bea"]


def test_a_chain_of_merged_customers_ends_at_the_last(load):
    source = load(merged(ann="bea", bea="cid", cid="dan", eve="cid"))
    assert set(owners_of(source).values()) == {"dan"}
    assert keys(source, "customers") == ["dan"]
    assert source.base.facts.merges == 3


def test_without_merged_customers_nothing_is_looked_up(load):
    source = load(World(orders=[{}]))
    source.fetch(select(func.count().label("n")).select_from(source.crm.orders))
    assert source.base.facts.merges == 0
    assert "merged" not in source.statements[0].sql


@pytest.mark.parametrize("into", [{"ann": "bea", "bea": "ann"}, {"ann": "ann"}])
def test_customers_merged_into_each_other_end_somewhere_and_count_nowhere(load, into):
    source = load(merged(**into))
    assert keys(source, "customers") == []
    assert len(owners_of(source)) == len(into)


def test_a_customer_merged_into_one_that_is_gone_is_not_counted(load):
    world = merged(ann="bea").only(customers=lambda row: row["customer_id"] == "ann")
    assert keys(load(world), "customers") == []
    assert owners_of(load(world)) == {"order of ann": "bea", "order of bea": "bea"}


def test_the_orders_of_merged_customers_are_one_customer_s_and_lie_in_its_region(load):
    source = load(merged(ann="bea", bea="cid"))
    assert ask_source(source, "customers", "2026-01").result.value == 1
    assert ask_source(source, "repeat_rate", "2026-01").result.value == 1
    frame = ask_source(source, "revenue", "2026-01", by="region").result.frame
    assert frame[["group", "value"]].values.tolist() == [["region cid", 300.0]]


def test_a_merged_customer_s_rows_follow_in_every_table(load):
    world = World(
        customers=[{"customer_id": "ann", "merged_into_id": "bea"}, {"customer_id": "bea"}],
        opportunities=[{"customer_id": "ann", "outcome": "won", "closed_at": "2026-01-05"}],
        tickets=[{"customer_id": "ann"}],
        leads=[{"customer_id": "ann"}],
        **nps(("ann", 9, "2026-01-05"), ("bea", 0, "2026-01-06")),
    )
    source = load(world)
    for table in ("opportunities", "tickets", "leads", "survey_responses"):
        assert set(owners_of(source, table).values()) == {"bea"}
    assert ask_source(source, "nps", "2026-01").result.n == 1


# -- the company itself, deleted deals ------------------------------------------------------------------------------
def test_the_company_itself_is_never_counted(load):
    world = World(
        customers=[{"customer_id": "us", "is_own_company": True}, {"customer_id": "ann"}],
        orders=[{"customer_id": "us", "lines": [("Bikes", 9)]}, {"customer_id": "ann", "lines": [("Bikes", 1)]}],
        opportunities=[
            {"opportunity_id": "ours", "customer_id": "us", "stages": [("lead", "2026-01-01"), ("won", "2026-01-02")]},
            {"opportunity_id": "hers", "customer_id": "ann", "stages": [("lead", "2026-01-01"), ("won", "2026-01-02")]},
            {"opportunity_id": "no one's", "stages": [("lead", "2026-01-01"), ("lost", "2026-01-02")]},
        ],
        **nps(("us", 10, "2026-01-05"), (None, 0, "2026-01-06")),
    )
    source = load(world)
    assert keys(source, "customers") == ["ann"]
    assert set(owners_of(source).values()) == {"ann"}
    assert keys(source, "opportunities") == ["hers", "no one's"]
    assert set(keys(source, "stage_history")) == {"hers", "no one's"}
    assert len(keys(source, "order_items")) == 1
    assert ask_source(source, "nps", "2026-01").result.value == -100


def test_a_deleted_deal_and_its_history_are_never_counted(load):
    path = [("lead", "2026-01-01"), ("lost", "2026-01-02")]
    deals = [
        {"opportunity_id": "gone", "stages": path, "is_deleted_in_source": True},
        {"opportunity_id": "here", "stages": path},
    ]
    source = load(World(opportunities=deals))
    assert keys(source, "opportunities") == ["here"]
    assert set(keys(source, "stage_history")) == {"here"}
    assert ask_source(source, "win_rate", "2026-01").result.n == 1


# -- as of a moment -------------------------------------------------------------------------------------------------
def test_every_table_in_which_things_happen_is_cut_at_the_as_of_moment(load):
    moment, later = datetime(2026, 3, 1, 12), datetime(2026, 3, 1, 12, 0, 0, 1)
    tables = {
        name: [_happening(name, column, at, i) for i, at in enumerate((moment, later))]
        for name, column in HAPPENED_AT.items()
    }
    source = load(World(**tables), as_of=moment)
    for name in HAPPENED_AT:
        assert len(keys(source, name)) == 1, name


def _happening(name, column, at, index):
    """A row of a table that happened at a moment; each part has a whole that is seen."""
    row = {column: at}
    for part in TABLES[name].primary_key:
        if str(part.type) in ("INTEGER", "VARCHAR"):
            row[part.name] = index if str(part.type) == "INTEGER" else f"{name} {index}"
    whole = {"stage_history": "opportunities", "ticket_history": "tickets", "loyalty_ledger": "loyalty_accounts"}.get(
        name
    )
    return row | ({WHOLES[name][1]: f"{whole} 0"} if whole else {})


def test_a_deal_that_closed_later_is_open(load):
    world = World(
        opportunities=[{"stages": [("lead", "2026-01-01"), ("proposal", "2026-02-01"), ("won", "2026-03-01")]}]
    )
    source = load(world, as_of="2026-02-10")
    deal = source.crm.opportunities.c
    row = source.fetch(select(deal.outcome, deal.closed_at)).iloc[0]
    assert row["outcome"] == "open"
    assert pd.isna(row["closed_at"])
    stay = source.crm.stage_history.c
    stays = source.fetch(select(stay.stage_id, stay.left_at).order_by(stay.seq))
    assert stays["stage_id"].tolist() == ["lead", "proposal"]
    assert stays["left_at"].isna().tolist() == [False, True]


def test_a_survey_answered_later_is_not_answered(load):
    world = World(**nps(("ann", 9, "2026-01-05"), ("bea", 0, "2026-01-31 23:59:45")))
    source = load(world, as_of="2026-01-31 23:59:30")
    assert ask_source(source, "nps", "2026-01").result.n == 1


@pytest.fixture
def source_of(engine, shelf):
    """source_of(label, function that makes the world, policy=, as_of=): a company that many tests share."""
    return lambda label, make, policy=None, as_of=None: open_source(shelf(engine, label, make), policy, as_of)


def test_what_happens_later_changes_no_metric(source_of):
    now, then = source_of("company", company), source_of("future", lambda: future(company()))
    for name in METRICS:
        same(ask_source(now, name, YEAR), ask_source(then, name, YEAR), name)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)  # both engines are held together elsewhere
def test_what_happens_later_changes_no_point_and_no_group(source_of):
    now, then = source_of("company", company), source_of("future", lambda: future(company()))
    for name in KPIS:
        for choice in ({"shape": "trend"}, {"by": all_metrics()[name].dimensions[-1]}):
            same(ask_source(now, name, YEAR, **choice), ask_source(then, name, YEAR, **choice), f"{name} {choice}")


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)  # both engines are held together elsewhere
def test_an_earlier_as_of_moment_gives_what_was_known_then(source_of):
    """Asked for the last month, a company as of March and the same company without anything after March are one."""
    earlier = datetime(2026, 3, 20, 11)

    def cut():
        tables = {table: list(rows) for table, rows in company().tables.items() if table != "settings"}
        for table, column in HAPPENED_AT.items():
            if table in tables:
                tables[table] = [row for row in tables[table] if row[column] <= earlier]
        deals = [dict(deal) for deal in tables["opportunities"]]
        for deal in deals:
            if deal["closed_at"] and deal["closed_at"] > earlier:
                deal |= {"outcome": "open", "closed_at": None}
        tables["opportunities"] = deals
        replies = tables["survey_responses"]
        late = {row["response_id"] for row in replies if row["responded_at"] and row["responded_at"] > earlier}
        tables["survey_responses"] = [row for row in replies if row["response_id"] not in late]
        tables["survey_answers"] = [row for row in tables["survey_answers"] if row["response_id"] not in late]
        return World(company().settings | {"data_as_of": earlier}, **tables)

    then, only = source_of("company", company, as_of=earlier), source_of("march", cut)
    for name in METRICS:
        same(ask_source(then, name, "2026-03"), ask_source(only, name, "2026-03"), name)


# -- who may see what -----------------------------------------------------------------------------------------------
POLICIES = {
    "a region": (Policy("nora", regions=("North",)), lambda row: row["region"] == "North"),
    "regions of owners": (
        Policy("both", regions=("South", "East"), owners=("omar", "otto")),
        lambda row: row["region"] in ("South", "East") and row["owner_id"] in ("omar", "otto"),
    ),
}


@pytest.mark.parametrize(
    ("engine", "who"), [("duckdb", "a region"), ("sqlite", "regions of owners")], indirect=["engine"]
)
def test_a_viewer_s_figures_are_those_of_a_company_with_only_their_customers(source_of, who):
    policy, may_see = POLICIES[who]
    narrowed = source_of("company", company, policy)
    alone = source_of(who, lambda: seen_by(company(), may_see))
    for name in METRICS:
        same(ask_source(narrowed, name, YEAR), ask_source(alone, name, YEAR), name)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # both engines are held together elsewhere
def test_who_may_see_nobody_sees_nothing(source_of):
    source = source_of("company", company, NOBODY)
    for name in KPIS:
        result = ask_source(source, name, YEAR).result
        assert result.n == 0, name
        assert result.value == 0 or pd.isna(result.value), name
        assert ask_source(source, name, YEAR, shape="trend").result.frame["n"].sum() == 0, name
        assert ask_source(source, name, YEAR, by=all_metrics()[name].dimensions[0]).result.frame.empty, name


@pytest.mark.parametrize("policy", [NOBODY, Policy("no one", owners=()), Policy("no one", regions=("Atlantis",))])
def test_no_row_of_any_customer_reaches_who_may_see_nobody(source_of, policy):
    source = source_of("company", company, policy)
    for name, table in TABLES.items():
        if "customer_id" in table.c or name in WHOLES:
            assert keys(source, name) == [], name


def test_every_table_that_names_a_customer_is_narrowed(source_of):
    source = source_of("company", company, Policy("nora", regions=("North",)))
    north = set(keys(source, "customers"))
    assert north
    for name, table in TABLES.items():
        if "customer_id" in table.c and name != "customers":
            assert set(owners_of(source, name).values()) <= north, name


def test_a_part_is_seen_only_with_its_whole(source_of):
    source = source_of("company", company, Policy("nora", regions=("North",)))
    for name, (whole, key) in WHOLES.items():
        parts, wholes = source.crm.table(name), source.crm.table(whole)
        seen = source.fetch(select(parts.c[key].label("key")))["key"]
        assert set(seen) <= set(source.fetch(select(wholes.c[key].label("key")))["key"]), name


def test_every_part_is_listed():
    """A table that neither names a customer nor is shared by all belongs to a table that does."""
    shared = {"users", "teams", "pipelines_stages", "products", "campaigns", "campaign_costs", "surveys", "targets"}
    shared |= {"fx_rates", "settings", "customers"}
    others = {name for name, table in TABLES.items() if "customer_id" not in table.c} - shared
    assert others == set(WHOLES)


def test_a_table_has_one_form_whoever_asks_at_once(load):
    """Two threads that met two forms of one table would multiply its rows by themselves."""
    source = load(World(orders=[{}]), Policy("nora", regions=("North",)))
    found, start = [], threading.Barrier(8)

    def look():
        start.wait(10)
        found.append(source.crm.orders)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len({id(table) for table in found}) == 1
    assert found[0] is source.crm.orders


def test_a_hostile_region_is_a_name_and_nothing_else(load):
    hostile = "x') OR 1=1 --"
    world = World(customers=[{"customer_id": "ann", "region": hostile}, {"customer_id": "bea", "region": "North"}])
    assert keys(load(world, Policy("x", regions=(hostile,))), "customers") == ["ann"]
    assert keys(load(world, Policy("x", regions=("' OR ''='",))), "customers") == []


def test_a_viewer_s_rights_are_no_part_of_the_question(source_of):
    """The same question by two viewers has two answers, whoever asks first."""
    north = Policy("nora", regions=("North",))
    figures = []
    for policy in (None, north, None, north):
        figures.append(ask_source(source_of("company", company, policy), "orders", YEAR).result.value)
    assert figures[0] == figures[2] > figures[1] == figures[3] > 0


def test_regions_add_up_to_the_whole(source_of):
    whole = ask_source(source_of("company", company), "orders", YEAR).result.value
    rest = ask_source(source_of("company", company), "orders", YEAR, where={"region": "(none)"}).result.value
    parts = [
        ask_source(source_of("company", company, Policy(region, regions=(region,))), "orders", YEAR).result.value
        for region in REGIONS
    ]
    assert sum(parts) + rest == whole


def test_the_made_up_company_is_not_too_small_to_prove_anything(source_of):
    """Every owner and region sells, and something lies after the earlier as-of moment."""
    source = source_of("company", company)
    by_owner = ask_source(source, "orders", YEAR, by="owner").result.frame
    assert len(by_owner.dropna(subset="group")) == len(OWNERS)
    assert ask_source(source, "orders", "2026-06").result.value > 3
    assert source.as_of == AS_OF
    assert AS_OF - timedelta(days=30) < source.base.facts.last <= AS_OF
