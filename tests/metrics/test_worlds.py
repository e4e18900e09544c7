"""The made-up companies themselves: a world arrives in the database as it was written."""

from tests.worlds import World, nps


def test_a_world_can_be_asked_on_every_engine(ask_world):
    world = World(orders=[{"customer_id": "ann", "ordered_at": "2026-01-05", "net": 120}, {"customer_id": "bob"}])
    answer = ask_world(world, "revenue", "2026-01")
    assert answer.result.value == 220
    assert answer.result.n == 2


def test_lines_make_items_and_products(ask_world):
    world = World(orders=[{"lines": [("Bikes", 80), ("Parts", 20)]}])
    frame = ask_world(world, "revenue", "2026", by="category").result.frame
    assert dict(zip(frame["group"], frame["value"], strict=True)) == {"Bikes": 80, "Parts": 20}


def test_stages_make_a_history_and_close_the_deal(ask_world, load):
    world = World(
        opportunities=[{"stages": [("lead", "2026-01-01"), ("proposal", "2026-01-03"), ("won", "2026-01-09")]}]
    )
    assert [row["seq"] for row in world.tables["stage_history"]] == [1, 2, 3]
    assert ask_world(world, "win_rate", "2026-01").result.value == 1


def test_answers_make_a_survey(ask_world):
    answer = ask_world(World(**nps(("ann", 9, "2026-01-05"), ("bob", 3, "2026-01-06"))), "nps", "2026-01")
    assert (answer.result.value, answer.result.n) == (0, 2)


def test_a_world_can_lack_a_table(ask_world):
    assert ask_world(World(without=["orders"]), "revenue", "2026-01").missing.table == "orders"
