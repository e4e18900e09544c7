"""A made-up shop with a schema of its own, its mapping, and two years of its life: for what is taken out of a database.

Every table but `orders_lines` and what is logged of deals has `changed`, the moment at which anything in a row changed.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests import servers
from tests.mappings.native import Native, empty_database, fill, settings_file, tables_of

SCHEMA = """
buyer: id whole, name text, mail text, is_firm flag, land text, part text, merged whole, created moment, changed moment
bill: id whole, buyer whole, state text, total decimal, refunded decimal, currency text, at moment, is_test flag, rebate decimal, way text, changed moment
line: id whole, bill whole, what whole, pieces decimal, price decimal, changed moment
thing: id whole, name text, sort text, changed moment
step: id text, place whole, means text
deal: id whole, title text, buyer whole, step text, seller text, amount decimal, currency text, opened moment, closed moment, changed moment
deal_log: id whole, deal whole, step text, at moment
rate: currency text, day day, value float
seller: id text, name text, team text
asked: id whole, which text, buyer whole, at moment, score whole, changed moment
query: id whole, buyer whole, at moment, state text, came_by text, changed moment
"""
MAPPING = """
id = "corner"
[settings]
timezone = "Europe/Berlin"
base_currency = "EUR"

[reads.lines]
table = "line"
[reads.things]
table = "thing"

[value_maps.state]
paid = "confirmed"
void = "cancelled"
back = "refunded"
partly = "partly_refunded"

[tables.customers]
from = "buyer"
incremental = true
columns = { customer_id = "text(id)", name = "name", email = "mail", email_key = "email_key(mail)", country = "land", region = "part", kind = "CASE WHEN is_firm THEN 'company' ELSE 'person' END", merged_into_id = "text(merged)", first_seen_at = "to_utc(created, setting('timezone'))", updated_at = "changed", x_note = "concat(name, ' ', land)" }

[tables.fx_rates]
from = "rate"
columns = { currency = "currency", valid_from = "day", rate_to_base = "value" }

[tables.orders]
from = "bill"
incremental = true
columns = { order_id = "text(id)", customer_id = "text(buyer)", status = "mapped(state, 'state')", ordered_at = "to_utc(at, setting('timezone'))", currency = "currency", net = "total", discount = "rebate", refunded = "refunded", is_test = "is_test", channel = "way", updated_at = "changed" }

[tables.order_items]
from = "lines"
incremental = true
columns = { order_item_id = "text(id)", order_id = "text(bill)", product_id = "text(what)", quantity = "pieces", unit_price = "price", updated_at = "changed" }

[tables.products]
from = "things"
columns = { product_id = "text(id)", name = "name", category = "sort", updated_at = "changed" }

[tables.pipelines_stages]
from = "step"
columns = { stage_id = "id", position = "place", outcome = "means" }

[tables.users]
from = "seller"
columns = { user_id = "id", name = "name", team_id = "team" }

[tables.opportunities]
from = "deal"
incremental = true
columns = { opportunity_id = "text(id)", name = "title", customer_id = "text(buyer)", stage_id = "step", owner_id = "seller", amount = "amount", currency = "currency", created_at = "opened", closed_at = "closed", updated_at = "changed" }

[tables.stage_history]
from = "deal_log"
incremental = true
columns = { opportunity_id = "text(deal)", stage_id = "step", entered_at = "at", updated_at = "at" }

[tables.leads]
from = "query"
incremental = true
columns = { lead_id = "text(id)", customer_id = "text(buyer)", created_at = "at", status = "state", channel = "came_by", updated_at = "changed" }

[tables.surveys]
from = "asked"
group_by = "which"
columns = { survey_id = "which", name = "'Would you recommend us?'", kind = "'nps'", scale_min = "min(0)", scale_max = "max(10)" }

[tables.survey_responses]
from = "asked"
incremental = true
columns = { response_id = "text(id)", survey_id = "which", customer_id = "text(buyer)", responded_at = "at", is_complete = "score IS NOT NULL", updated_at = "changed" }

[tables.survey_answers]
from = "asked"
where = "score IS NOT NULL"
incremental = true
columns = { response_id = "text(id)", item_key = "'score'", score = "score", updated_at = "changed" }
"""
BEGAN = datetime(2024, 1, 1, 9)
ENDS = datetime(2025, 12, 20)
STEPS = (("first", 1, "open"), ("talk", 2, "open"), ("offer", 3, "open"), ("won", 4, "won"), ("lost", 5, "lost"))


def write_mapping(folder: Path) -> None:
    """The mapping, as `./corner` beside the settings file."""
    (folder / "corner").mkdir(exist_ok=True)
    (folder / "corner" / "mapping.toml").write_text(MAPPING, encoding="utf-8")


def open_shop(engine: str, folder: Path, own: str = "") -> Native:
    """The shop in a database of its own, which `close` takes away."""
    write_mapping(folder)
    url = empty_database(engine, folder)
    fill(url, tables_of(SCHEMA), rows())
    return Native(url, settings_file(folder, servers.reading(url), "./corner", own))


def rows(bills: int = 240) -> dict[str, list[dict[str, Any]]]:
    """The shop's tables: the same rows each time."""
    dice = random.Random(11)
    made: dict[str, list[dict[str, Any]]] = {
        "step": [{"id": name, "place": place, "means": means} for name, place, means in STEPS],
        "rate": [
            {"currency": "USD", "day": f"{year}-{month:02}-01", "value": 0.9 + month / 100}
            for year in (2024, 2025)
            for month in (1, 4, 7, 10)
        ],
        "seller": [{"id": f"s{i}", "name": f"Seller {i}", "team": f"t{i % 2}"} for i in range(4)],
        "thing": [
            {"id": i, "name": f"Thing {i}", "sort": ("bikes", "parts", "小件")[i % 3], "changed": "2024-01-01"}
            for i in range(1, 13)
        ],
    }
    made["buyer"] = [_buyer(dice, i) for i in range(1, 61)]
    made["bill"], made["line"] = [], []
    for i in range(1, bills + 1):
        bill = _bill(dice, i)
        made["bill"].append(bill)
        for part in range(dice.randint(1, 3)):
            line = {"bill": i, "what": dice.randint(1, 12), "pieces": dice.randint(1, 4), "price": 2.5 + part}
            made["line"].append(line | {"id": len(made["line"]) + 1, "changed": bill["changed"]})
    made["deal"], made["deal_log"] = [], []
    for i in range(1, 91):
        _deal(dice, i, made)
    made["asked"] = [_answer(dice, i) for i in range(1, 81)]
    made["query"] = [_query(dice, i) for i in range(1, 71)]
    return made


def _some_time(dice: random.Random) -> datetime:
    return BEGAN + timedelta(seconds=dice.randrange(int((ENDS - BEGAN).total_seconds())))


def _buyer(dice: random.Random, i: int) -> dict[str, Any]:
    created = _some_time(dice) if i > 20 else BEGAN
    mail = {0: "", 1: None}.get(i % 9, f"Buyer{i}@Example.org ")
    return {
        "id": i, "name": f"Bûyer {i} 'O\\n\"", "mail": mail, "is_firm": i % 2 == 0, "land": ("DE", "FR", "CN")[i % 3],
        "part": None if i % 10 == 0 else ("North", "South")[i % 2], "merged": {58: 57, 59: 58}.get(i),
        "created": created.isoformat(" "), "changed": created.isoformat(" "),
    }  # fmt: skip


def _bill(dice: random.Random, i: int) -> dict[str, Any]:
    at = _some_time(dice)
    total = dice.randrange(100, 90_000) / 100 + 0.000_001 * (i % 3)
    state = dice.choices(("paid", "void", "back", "partly"), (85, 5, 5, 5))[0]
    return {
        "id": i, "buyer": dice.randint(1, 60) if i % 15 else None, "state": state, "total": total,
        "refunded": {"back": total, "partly": round(total / 2, 2)}.get(state, 0), "currency": "USD" if i % 4 == 0 else "EUR",
        "at": at.isoformat(" "), "is_test": i % 40 == 0, "rebate": round(total / 20, 2) if i % 5 == 0 else None,
        "way": ("web", "shop", None)[i % 3], "changed": (at + timedelta(hours=2)).isoformat(" "),
    }  # fmt: skip


def _deal(dice: random.Random, i: int, made: dict[str, list[dict[str, Any]]]) -> None:
    at = _some_time(dice)
    opened, path = at, ["first", "talk", "offer", ("won", "lost")[dice.randint(0, 1)]][: dice.randint(1, 4)]
    for step in path:
        made["deal_log"].append({"id": len(made["deal_log"]) + 1, "deal": i, "step": step, "at": at.isoformat(" ")})
        at += timedelta(hours=dice.randint(5, 500))
    last = made["deal_log"][-1]["at"]
    made["deal"].append({
        "id": i, "title": f"Deal {i}", "buyer": dice.randint(1, 60), "step": path[-1], "seller": f"s{i % 4}",
        "amount": dice.randrange(100, 9_000) if i % 7 else None, "currency": "USD" if i % 3 == 0 else "EUR",
        "opened": opened.isoformat(" "), "closed": last if path[-1] in ("won", "lost") else None, "changed": last,
    })  # fmt: skip


def _answer(dice: random.Random, i: int) -> dict[str, Any]:
    at = _some_time(dice).isoformat(" ")
    score = dice.randint(0, 10) if i % 8 else None
    return {"id": i, "which": "nps", "buyer": dice.randint(1, 60), "at": at, "score": score, "changed": at}


def _query(dice: random.Random, i: int) -> dict[str, Any]:
    at = _some_time(dice).isoformat(" ")
    state = dice.choice(("new", "working", "qualified", "disqualified"))
    return {"id": i, "buyer": dice.randint(1, 60), "at": at, "state": state, "came_by": "web", "changed": at}
