"""A made-up company of a few hundred rows in which everything happens that a metric has to get right.

`company()` is the same on every run. It has three regions and a customer without one, owners in two teams, three
currencies (one without a rate), refunds, cancellations, test orders, credit notes, merged records in a chain, the
company itself, deleted and void deals, open ones, answers given twice, and targets. Its zone is Berlin and its fiscal
year begins in April; data reach from January 2025 to 18 June 2026, 16:00 UTC.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from tests.worlds import World

FIRST = datetime(2025, 1, 2)
AS_OF = datetime(2026, 6, 18, 16)
REGIONS = ("North", "South", "East")
OWNERS = ("olga", "omar", "otto")
SETTINGS = {"timezone": "Europe/Berlin", "fiscal_year_start_month": 4, "data_as_of": AS_OF}
USERS = [
    {"user_id": "olga", "name": "Olga", "team_id": "red"},
    {"user_id": "omar", "name": "Omar", "team_id": "blue"},
    {"user_id": "otto", "name": "Otto", "team_id": None},
]
TEAMS = [{"team_id": "red", "name": "Red"}, {"team_id": "blue", "name": "Blue"}]


@cache
def company() -> World:
    """The company as it stands at the as-of moment."""
    draw = random.Random(20260618)
    people = [_customer(draw, i) for i in range(70)]
    orders = [row for person in people for row in _orders(draw, person)]
    deals = [_deal(draw, i, _person(draw, i, people)) for i in range(150)]
    leads = [_lead(draw, i, _person(draw, i, people)) for i in range(60)]
    people += [
        {"customer_id": "old_1", "region": "South", "merged_into_id": "old_2"},
        {"customer_id": "old_2", "region": "South", "merged_into_id": "c01"},
        {"customer_id": "us", "region": "North", "is_own_company": True},
    ]
    return World(
        SETTINGS, customers=people, users=USERS, teams=TEAMS, orders=orders, opportunities=deals, leads=leads,
        targets=_targets(), **_answers(draw, people),
    )  # fmt: skip


def _moment(draw: random.Random, first: datetime = FIRST, last: datetime = AS_OF) -> datetime:
    return first + timedelta(seconds=draw.randrange(int((last - first).total_seconds())))


def _person(draw: random.Random, index: int, people: list[dict[str, Any]]) -> dict[str, Any]:
    """Whose a row is; the first rows of each table belong to customers of every region and owner, on the first day."""
    return people[index] if index < 6 else draw.choice(people)


def _customer(draw: random.Random, index: int) -> dict[str, Any]:
    return {
        "customer_id": f"c{index:02}",
        "region": None if index == 7 else REGIONS[index % 3],
        "country": draw.choice(("DE", "FR", "CN")),
        "segment": draw.choice(("Large", "Small", None)),
        "owner_id": (*OWNERS, None)[index % 4],
        "acquired_channel": draw.choice(("web", "fair")),
        "first_seen_at": FIRST,
    }


def _orders(draw: random.Random, person: dict[str, Any]) -> list[dict[str, Any]]:
    """The orders of a customer, some of whom stopped long ago; the first customers begin on the first day."""
    index = int(person["customer_id"][1:])
    begin = FIRST if index < 6 else _moment(draw, last=datetime(2026, 4, 1))
    end = AS_OF if draw.random() < 0.7 else min(AS_OF, begin + timedelta(days=120))
    moments = [begin, *(_moment(draw, begin, end) for _ in range(draw.choice((0, 1, 3, 6, 9))))]
    return [_order(draw, f"o{index:02}_{i:02}", person, moment) for i, moment in enumerate(sorted(moments))]


def _order(draw: random.Random, key: str, person: dict[str, Any], moment: datetime) -> dict[str, Any]:
    currency = draw.choice(("EUR", "EUR", "EUR", "USD", "CNY"))
    net = draw.randrange(1000, 90000) / 100
    row: dict[str, Any] = {
        "order_id": key, "customer_id": draw.choice(("old_1", "c01")) if person["customer_id"] == "c01" else
        person["customer_id"], "ordered_at": moment, "currency": currency, "net": net,
        "channel": draw.choice(("web", "shop", None)), "owner_id": draw.choice((*OWNERS, None)),
        "is_test": draw.random() < 0.04,
    }  # fmt: skip
    row["fx_to_base"] = {"EUR": 1, "USD": 0.9, "CNY": None}[currency]
    row["status"] = draw.choice(("confirmed",) * 7 + ("cancelled", "refunded", "partly_refunded", "draft"))
    if row["status"] == "partly_refunded":
        row["refunded"] = round(net / 4, 2)
    if draw.random() < 0.05:
        row |= {"document": "credit_note", "net": -net}
    if draw.random() < 0.8:
        row["lines"] = _lines(draw, row["net"])
    return row


def _lines(draw: random.Random, net: float) -> list[tuple[str | None, float]]:
    categories = draw.sample(("Bikes", "Parts", "Service", None), draw.choice((1, 2, 3)))
    first = round(net * 0.6, 2)
    rest = [round((net - first) / len(categories), 2) for _ in categories[1:]]
    return list(zip(categories, [first, *rest], strict=True))


def _deal(draw: random.Random, index: int, person: dict[str, Any]) -> dict[str, Any]:
    moment = FIRST if index < 6 else _moment(draw)
    path = ["lead"]
    path += [stage for stage in ("qualified", "proposal") if draw.random() < 0.7]
    path += draw.choice(([], ["won"], ["lost"], ["lost", "proposal", "won"], ["lead"] if len(path) > 1 else []))
    stages = []
    for stage in path:
        if moment <= AS_OF:
            stages.append((stage, moment))
        moment += timedelta(hours=draw.randrange(5, 700))
    deal = {
        "opportunity_id": f"d{index:03}", "customer_id": person["customer_id"],
        "owner_id": draw.choice((*OWNERS, None)),
        "channel": draw.choice(("web", "fair", None)), "stages": stages, "amount_base": draw.randrange(100, 9000),
        "is_deleted_in_source": draw.random() < 0.05,
        "team_id": draw.choice(("red", None)),
    }  # fmt: skip
    return deal | ({"outcome": "void"} if draw.random() < 0.04 else {})


def _lead(draw: random.Random, index: int, person: dict[str, Any]) -> dict[str, Any]:
    created = FIRST if index < 6 else _moment(draw)
    qualified = created + timedelta(days=3) if draw.random() < 0.5 else None
    return {
        "lead_id": f"l{index:02}", "customer_id": person["customer_id"], "status": "qualified" if qualified else "new",
        "created_at": created, "qualified_at": qualified if qualified and qualified <= AS_OF else None,
    }  # fmt: skip


def _answers(draw: random.Random, people: list[dict[str, Any]]) -> dict[str, Any]:
    responses, answers = [], []
    for i in range(220):
        who = None if i > 6 and draw.random() < 0.1 else _person(draw, i, people)["customer_id"]
        at = FIRST if i < 6 else _moment(draw) if draw.random() < 0.8 else None
        row = {"response_id": f"r{i:03}", "survey_id": draw.choice(("nps", "csat")), "customer_id": who}
        responses.append(row | {"sent_at": FIRST, "responded_at": at, "is_complete": at is not None})
        if at is not None:
            score = draw.choice((0, 3, 6, 7, 8, 9, 10, 10, None))
            answers.append({"response_id": f"r{i:03}", "item_key": "score", "score": score})
    surveys = [
        {"survey_id": "nps", "kind": "nps", "scale_min": 0, "scale_max": 10},
        {"survey_id": "csat", "kind": "csat", "scale_min": 1, "scale_max": 5},
    ]
    return {"surveys": surveys, "survey_responses": responses, "survey_answers": answers}


def _targets() -> list[dict[str, Any]]:
    months = [datetime(2026, month, 1) for month in range(1, 7)]
    return [
        {
            "scope_type": "company", "scope_id": "company", "metric": "revenue", "period_start": month.date(),
            "period_end": ((month + timedelta(days=32)).replace(day=1) - timedelta(days=1)).date(), "value": 10_000,
        }
        for month in months
    ]  # fmt: skip


# -- the same company for other eyes --------------------------------------------------------------------------------
PARTS = {
    "order_items": ("orders", "order_id"),
    "stage_history": ("opportunities", "opportunity_id"),
    "survey_answers": ("survey_responses", "response_id"),
}


def seen_by(world: World, may_see: Callable[[dict[str, Any]], bool]) -> World:
    """Only the customers for whom `may_see` is true, and only what belongs to them."""
    survivor = {row["customer_id"]: row["merged_into_id"] for row in world.tables["customers"]}

    def end(key: str) -> str:
        while survivor.get(key):
            key = survivor[key]
        return key

    people = {row["customer_id"]: row for row in world.tables["customers"]}
    kept = {key for key in people if may_see(people[end(key)])}
    tables = {name: rows for name, rows in world.tables.items() if name not in ("settings", "targets")}
    for name, rows in tables.items():
        if rows and "customer_id" in rows[0]:
            tables[name] = [row for row in rows if row["customer_id"] in kept]
    for name, (whole, key) in PARTS.items():
        keys = {row[key] for row in tables[whole]}
        tables[name] = [row for row in tables[name] if row[key] in keys]
    return World(world.settings, **tables)


def future(world: World) -> World:
    """The same company a week later, its as-of moment left where it was: everything new lies after it."""
    later = AS_OF + timedelta(microseconds=1)
    tables: dict[str, Any] = {name: [dict(row) for row in rows] for name, rows in world.tables.items()}
    tables.pop("settings")
    _close_deals(tables, later)
    people = [{"customer_id": "c99", "region": "North", "first_seen_at": later}]
    moments = [later, later + timedelta(hours=7), later + timedelta(days=400)]
    orders = [
        {"order_id": f"f{i}", "customer_id": who, "ordered_at": at, "net": 5000, "lines": [("Bikes", 5000)]}
        for i, (who, at) in enumerate((who, at) for who in ("c00", "c99") for at in moments)
    ]
    deals = [{"opportunity_id": f"f{i}", "customer_id": "c00", "stages": [("lead", at), ("won", at)]}
             for i, at in enumerate(moments)]  # fmt: skip
    leads = [
        {"lead_id": f"f{i}", "customer_id": "c00", "status": "new", "created_at": at} for i, at in enumerate(moments)
    ]
    replies = [
        {"response_id": f"f{i}", "survey_id": "nps", "customer_id": f"c0{i}", "responded_at": at}
        for i, at in enumerate(moments)
    ]
    scores = [{"response_id": f"f{i}", "item_key": "score", "score": 0} for i in range(len(moments))]
    return World(world.settings, **tables).with_rows(
        customers=people,
        orders=orders,
        opportunities=deals,
        leads=leads,
        survey_responses=replies,
        survey_answers=scores,
    )


def _close_deals(tables: dict[str, Any], later: datetime) -> None:
    """Deals that were open are won after the as-of moment, as their history says."""
    present = {row["opportunity_id"]: row for row in tables["stage_history"] if row["left_at"] is None}
    for deal in tables["opportunities"]:
        if deal["outcome"] == "open":
            deal |= {"outcome": "won", "closed_at": later, "stage_id": "won"}
            stay = present[deal["opportunity_id"]]
            stay["left_at"] = later
            tables["stage_history"].append({
                "opportunity_id": deal["opportunity_id"], "seq": stay["seq"] + 1, "stage_id": "won", "outcome": "won",
                "entered_at": later,
            })  # fmt: skip
