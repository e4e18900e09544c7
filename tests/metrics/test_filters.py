"""metrics/filters.py: who is asked about; a filter can only take rows away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from data_access.errors import QuestionError
from data_access.source import open_source
from metrics.filters import category_shares, narrow
from metrics.metric import DEAL_FILTERS, SALES_FILTERS
from tests.company import OWNERS, REGIONS, company
from tests.worlds import Place, World, ask_source, filters, forget

YEAR = "2025-07-01..2026-07-01"
PEOPLE = [
    {"customer_id": "ann", "region": "North", "country": "DE", "segment": "Large"},
    {"customer_id": "bea", "region": "South", "country": "DE"},
    {"customer_id": "cid", "country": "FR", "segment": "Small"},
]
TEAMS = {
    "users": [{"user_id": "olga", "name": "Olga", "team_id": "red"}, {"user_id": "omar", "name": "Omar"}],
    "teams": [{"team_id": "red", "name": "Red"}, {"team_id": "blue", "name": "Blue"}],
}
SOLD = World(
    customers=PEOPLE,
    orders=[
        {"customer_id": "ann", "net": 1, "channel": "web", "owner_id": "olga", "lines": [("Bikes", 1)]},
        {"customer_id": "bea", "net": 10, "channel": "web", "lines": [("Bikes", 6), ("Parts", 4)]},
        {"customer_id": "cid", "net": 100, "channel": "shop", "owner_id": "omar", "lines": [(None, 60), ("Parts", 40)]},
        {"customer_id": "cid", "net": 1000},
    ],
    **TEAMS,
)  # fmt: skip


@pytest.mark.parametrize(
    ("where", "revenue", "orders"),
    [
        ({}, 1111, 4),
        ({"region": "North"}, 1, 1),
        ({"region": ("North", "South")}, 11, 2),
        ({"region": "(none)"}, 1100, 2),
        ({"region": ("(none)", "North")}, 1101, 3),
        ({"country": "DE", "region": "South"}, 10, 1),
        ({"segment": "(none)"}, 10, 1),
        ({"channel": "web"}, 11, 2),
        ({"channel": "(none)"}, 1000, 1),
        ({"owner": "olga"}, 1, 1),
        ({"owner": "(none)"}, 1010, 2),
        ({"team": "red"}, 1, 1),
        ({"team": "(none)"}, 1110, 3),
        ({"team": "blue"}, 0, 0),
        ({"category": "Bikes"}, 7, 2),
        ({"category": ("Bikes", "Parts")}, 51, 3),
        ({"category": "(none)"}, 1060, 2),
        ({"category": "Parts", "region": "South"}, 4, 1),
        ({"channel": "web", "category": "Parts"}, 4, 1),
        ({"region": "Atlantis"}, 0, 0),
        ({"category": "Atlantis"}, 0, 0),
    ],
)
def test_a_filter_leaves_what_was_asked_for(engine, shelf, where, revenue, orders):
    source = open_source(shelf(engine, "sold", lambda: SOLD))
    assert ask_source(source, "revenue", "2026-01", where=where).result.value == pytest.approx(revenue)
    assert ask_source(source, "orders", "2026-01", where=where).result.value == orders


@pytest.mark.parametrize(
    ("chosen", "groups"),
    [
        ("Bikes", {"Bikes": 7}),
        (("Bikes", "Parts"), {"Bikes": 7, "Parts": 44}),
        (("(none)", "Bikes"), {None: 1060, "Bikes": 7}),
    ],
)
def test_chosen_categories_are_the_same_parts_as_among_all(engine, shelf, chosen, groups):
    source = open_source(shelf(engine, "sold", lambda: SOLD))
    found = ask_source(source, "revenue", "2026-01", where={"category": chosen}, by="category").result.frame
    named = found["group"].astype(object).where(found["group"].notna(), None)
    assert dict(zip(named, found["value"], strict=True)) == pytest.approx(groups)


def test_chosen_categories_of_one_order_that_cancel_each_other_keep_their_parts(ask_world):
    world = World(orders=[{"lines": [("Bikes", 50), ("Parts", -50), ("Service", 100)]}])
    found = ask_world(world, "revenue", "2026-01", where={"category": ("Bikes", "Parts")}, by="category").result.frame
    assert dict(zip(found["group"], found["value"], strict=True)) == pytest.approx({"Bikes": 50, "Parts": -50})


def test_a_refund_is_cut_to_the_category_like_the_amount(ask_world):
    world = World(orders=[{"net": 100, "refunded": 20, "lines": [("Bikes", 75), ("Parts", 25)]}])
    assert ask_world(world, "revenue", "2026-01", where={"category": "Bikes"}).result.value == pytest.approx(60)


def test_an_amount_without_a_base_amount_is_cut_too(ask_world):
    order = {"currency": "USD", "fx_to_base": 0.5, "net_base": None, "lines": [("Bikes", 75), ("Parts", 25)]}
    world = World(orders=[order])
    assert ask_world(world, "revenue", "2026-01", where={"category": "Parts"}).result.value == pytest.approx(12.5)


def test_lines_that_do_not_add_up_to_their_order_share_all_of_it(ask_world):
    """One of three lines is missing: the order is split by the two that are there, and nothing of it is lost."""
    world = World(orders=[{"net": 200, "lines": [("Bikes", 75), ("Parts", 25)]}])
    values = [ask_world(world, "revenue", "2026-01", where={"category": c}).result.value for c in ("Bikes", "Parts")]
    assert values == pytest.approx([150, 50])


def test_lines_that_add_up_to_nothing_share_their_order_by_number(ask_world):
    world = World(orders=[{"net": 90, "lines": [("Bikes", 5), ("Bikes", -5), ("Parts", 0)]}])
    values = [ask_world(world, "revenue", "2026-01", where={"category": c}).result.value for c in ("Bikes", "Parts")]
    assert values == pytest.approx([60, 30])


def test_a_product_that_is_not_listed_has_no_category(ask_world):
    item = {"order_item_id": "i", "order_id": "o", "product_id": "gone", "net": 5, "quantity": 1, "unit_price": 5}
    world = World(orders=[{"order_id": "o", "net": 5}], order_items=[item], products=[])
    assert ask_world(world, "revenue", "2026-01", where={"category": "(none)"}).result.value == 5


def test_the_shares_of_an_order_add_up_to_one(engine, shelf):
    source = open_source(shelf(engine, "company", company))
    share = category_shares(source.crm)
    frame = source.fetch(select(share.c.order_id, func.sum(share.c.share).label("whole")).group_by(share.c.order_id))
    assert len(frame) > 100
    assert frame["whole"].tolist() == pytest.approx([1.0] * len(frame))


def test_a_deal_s_own_team_comes_before_its_owner_s(ask_world):
    deal = {"outcome": "won", "closed_at": "2026-01-20"}
    deals = [
        deal | {"owner_id": "olga"},
        deal | {"owner_id": "olga", "team_id": "blue"},
        deal | {"owner_id": "omar", "team_id": "red"},
        deal | {"owner_id": "omar"},
    ]
    world = World(opportunities=deals, **TEAMS)
    counts = [ask_world(world, "win_rate", "2026-01", where={"team": t}).result.n for t in ("red", "blue", "(none)")]
    assert counts == [2, 1, 1]


def test_a_filter_of_customers_reaches_deals_and_answers(engine, shelf):
    source = open_source(shelf(engine, "company", company))
    for name in ("win_rate", "nps"):
        whole = ask_source(source, name, YEAR).result.n
        parts = [ask_source(source, name, YEAR, where={"region": region}).result.n for region in REGIONS]
        assert 0 < sum(parts) < whole


@pytest.mark.parametrize(
    "hostile", ["'; DROP TABLE orders; --", "' OR 1=1 --", "%", "_", "\\", '"', "\x00", "北京", "{x}"]
)
def test_hostile_text_is_compared_and_nothing_else(load, hostile):
    world = World(
        customers=[{"customer_id": "ann", "region": "North"}], orders=[{"customer_id": "ann", "channel": "web"}]
    )
    source = load(world)
    for dimension in SALES_FILTERS:
        assert ask_source(source, "orders", "2026-01", where={dimension: hostile}).result.value == 0
    assert ask_source(source, "orders", "2026-01").result.value == 1


def test_a_filter_that_is_none_is_named_with_those_there_are():
    with pytest.raises(QuestionError, match=r"'colour'.*region, country"):
        filters("2026").choose("colour", "red")


def test_choosing_nothing_takes_a_filter_away():
    chosen = filters("2026", where={"region": "North", "channel": ("web", "shop", "web")})
    assert chosen.chosen("channel") == ("shop", "web")
    assert chosen.choose("region").where == (("channel", ("shop", "web")),)
    assert chosen.chosen("region") == ("North",)
    assert chosen.chosen("team") == ()


def test_filters_in_another_order_are_the_same_question():
    one = filters("2026", where={"region": ("A", "B"), "channel": "web"})
    assert filters("2026", where={"channel": "web", "region": ("B", "A")}) == one


def test_a_filter_without_a_meaning_for_a_metric_is_left_out_and_said(engine, shelf):
    source = open_source(shelf(engine, "company", company))
    plain = ask_source(source, "nps", YEAR)
    answer = ask_source(source, "nps", YEAR, where={"channel": "web", "category": "Bikes"})
    assert answer.result.value == plain.result.value
    assert [note.gaps for note in answer.notes if note.key == "filter_not_applicable"] == [
        (("dimension", "category"),), (("dimension", "channel"),),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("without", "where", "named"),
    [
        ("customers", {"region": "North"}, "customers"),
        ("customers.region", {"region": "North"}, "customers.region"),
        ("orders.channel", {"channel": "web"}, "orders.channel"),
        ("orders.owner_id", {"owner": "olga"}, "orders.owner_id"),
        ("users", {"team": "red"}, "users"),
        ("order_items", {"category": "Bikes"}, "order_items"),
        ("products", {"category": "Bikes"}, "products"),
    ],
)
def test_a_filter_by_what_is_not_held_is_no_zero_but_says_so(ask_world, without, where, named):
    answer = ask_world(World(orders=[{}], without=[without]), "revenue", "2026-01", where=where)
    assert answer.result is None
    assert f"`{named}`" in str(answer.missing)


def test_a_filter_that_was_not_chosen_needs_nothing(ask_world):
    without = ["customers", "users", "teams", "order_items", "products"]
    world = World(orders=[{"net": 5}], without=[*without, "orders.channel", "orders.owner_id"])
    assert ask_world(world, "revenue", "2026-01").result.value == 5


def test_narrowing_by_nothing_changes_nothing(engine, shelf):
    source = open_source(shelf(engine, "company", company))
    assert narrow(source.crm, filters(YEAR), SALES_FILTERS) is source.crm
    assert narrow(source.crm, filters(YEAR, where={"category": "Bikes"}), DEAL_FILTERS) is source.crm


# -- any filters of any kind ----------------------------------------------------------------------------------------
VALUES = {
    "region": (*REGIONS, "(none)"),
    "country": ("DE", "FR", "CN"),
    "segment": ("Large", "Small", "(none)"),
    "channel": ("web", "shop", "(none)"),
    "owner": (*OWNERS, "(none)"),
    "team": ("red", "blue", "(none)"),
    "category": ("Bikes", "Parts", "Service", "(none)"),
}
CHOSEN = st.fixed_dictionaries(
    {}, optional={name: st.sets(st.sampled_from(values), min_size=1).map(sorted) for name, values in VALUES.items()}
)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The company on SQLite, the quicker engine for many small questions; engines are held together elsewhere."""
    folder = tmp_path_factory.mktemp("filters")
    url = Place("sqlite", folder, folder).write(company())
    yield open_source(url)
    forget(url)


@settings(max_examples=8)
@given(where=CHOSEN, more=CHOSEN)
def test_one_filter_more_only_takes_away(source, where, more):
    both = where | {name: values for name, values in more.items() if name not in where}
    for name in ("orders", "customers", "win_rate", "nps"):
        less = ask_source(source, name, YEAR, where=both).result.n
        assert less <= ask_source(source, name, YEAR, where=where).result.n


@settings(max_examples=3)
@given(where=CHOSEN)
def test_the_values_of_one_filter_add_up_to_all(source, where):
    for dimension, name in (("region", "orders"), ("channel", "orders"), ("category", "revenue"), ("owner", "revenue")):
        rest = {key: values for key, values in where.items() if key != dimension}
        whole = ask_source(source, name, YEAR, where=rest).result.value
        parts = [ask_source(source, name, YEAR, where=rest | {dimension: v}).result.value for v in VALUES[dimension]]
        assert np.nansum(parts) == pytest.approx(whole, abs=1e-6)  # orders without a rate have no value


def test_names_that_differ_by_a_capital_an_accent_or_a_blank_are_different_groups(engine, shelf):
    """Servers may take them for equal; a figure must not depend on where the data lie."""
    names = ("North", "north", "Nörth", "North ", "NORTH")
    world = World(
        customers=[{"customer_id": f"c{i}", "region": name} for i, name in enumerate(names)],
        orders=[{"customer_id": f"c{i}", "net": 10**i} for i in range(len(names))],
    )
    source = open_source(shelf(engine, "alike", lambda: world))
    found = ask_source(source, "revenue", "2026-01", by="region").result.frame
    assert dict(zip(found["group"], found["value"], strict=True)) == {name: 10**i for i, name in enumerate(names)}
    values = [ask_source(source, "revenue", "2026-01", where={"region": name}).result.value for name in names]
    assert values == [1, 10, 100, 1000, 10000]
