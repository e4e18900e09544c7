"""An extract that takes only what has changed is, after anything that can happen to a CRM, what a full one would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import create_engine, text

from data_access.extract.record import RECORD
from data_access.extract.run import Extracted, Job, extract
from data_access.place import find_place
from tests.data_access import corner_shop
from tests.mappings.native import Native
from tests.worlds import ENGINES, forget

WRITTEN = tuple(name for name in ENGINES if name in ("sqlite", "postgresql", "mariadb"))
PARAMETERS = [pytest.param(name, marks=pytest.mark.engines) for name in WRITTEN]


@dataclass
class Shop:
    """The shop, its extract, and what may happen to it."""

    native: Native
    folder: Path

    def happens(self, *statements: str, **values: Any) -> None:
        """Something that the CRM does."""
        engine = create_engine(self.native.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), values)
        engine.dispose()

    def take(self, is_full: bool = False, name: str = "company") -> Extracted:
        """Take it into a file."""
        return extract(Job(find_place(str(self.native.file)), self.folder / f"{name}.duckdb", is_full))

    def took(self) -> dict[str, str]:
        """Bring the file up to date, see that it is what a full extract is, and say how each table was taken."""
        done = self.take()
        whole = self.take(is_full=True, name="whole")
        assert {one.name: one.rows for one in done.tables} == {one.name: one.rows for one in whole.tables}
        assert contents(self.folder / "company.duckdb") == contents(self.folder / "whole.duckdb")
        return {one.name: one.mode if one.mode == "changes" else one.text or one.mode for one in done.tables}


@pytest.fixture(scope="module", params=PARAMETERS)
def shop(request, tmp_path_factory):
    """The shop on each engine in turn, and its first extract; what one test does, the next one finds."""
    folder = tmp_path_factory.mktemp("shop")
    made = Shop(corner_shop.open_shop(request.param, folder), folder)
    assert made.take().origin.mode == "full"
    yield made
    made.native.close()
    forget(str(folder / "company.duckdb"))


def contents(path: Path) -> dict[str, list[Any]]:
    """Every row of every table but the record, in the order of its key."""
    with duckdb.connect(str(path), read_only=True) as file:
        names = [row[0] for row in file.execute("SHOW TABLES").fetchall() if row[0] not in RECORD]
        return {name: file.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in names}


def test_nothing_has_happened(shop):
    took = shop.took()
    incremental = ("customers", "orders", "order_items", "opportunities", "leads", "survey_responses", "survey_answers")
    assert {name: took[name] for name in incremental} == dict.fromkeys(incremental, "changes")
    assert took["products"] == "the mapping does not say `incremental = true`"
    assert took["stage_history"] == "a window function makes a row depend on others"


def test_a_bill_is_written_one_is_paid_back_and_one_goes(shop):
    shop.happens(
        "INSERT INTO bill (id, buyer, state, total, refunded, currency, at, is_test, way, changed) "
        "VALUES (901, 3, 'paid', 12.5, 0, 'USD', :at, :no, 'web', :at)",
        "UPDATE bill SET state = 'back', refunded = total, changed = :at WHERE id = 17",
        "DELETE FROM line WHERE bill = 20",
        "DELETE FROM bill WHERE id = 20",
        at=datetime(2025, 12, 21, 10),
        no=False,
    )
    took = shop.took()
    assert took["orders"] == took["order_items"] == "changes"
    held = {row[0]: row for row in contents(shop.folder / "company.duckdb")["orders"]}
    assert "901" in held
    assert "20" not in held
    assert "refunded" in held["17"]


def test_a_deal_that_was_lost_is_open_again(shop):
    shop.happens(
        "UPDATE deal SET step = 'talk', closed = NULL, changed = :at WHERE id IN (SELECT deal FROM deal_log WHERE step = 'lost')",
        "INSERT INTO deal_log (id, deal, step, at) SELECT 5000 + deal, deal, 'talk', :at FROM deal_log WHERE step = 'lost'",
        at=datetime(2025, 12, 21, 11),
    )
    took = shop.took()
    assert took["opportunities"] == "changes"


def test_a_stage_means_something_else_from_now_on(shop):
    shop.happens("UPDATE step SET means = 'won' WHERE id = 'offer'")
    assert shop.took()["opportunities"] == "cells that come from `pipelines_stages` have changed"


def test_two_customers_are_one(shop):
    shop.happens(
        "UPDATE buyer SET merged = 2, changed = :at WHERE id = 4",
        "UPDATE bill SET buyer = 2, changed = :at WHERE buyer = 4",
        at=datetime(2025, 12, 21, 12),
    )
    took = shop.took()
    assert took["customers"] == took["orders"] == "changes"


def test_a_row_arrives_late_with_an_old_moment(shop):
    shop.happens(
        "INSERT INTO bill (id, buyer, state, total, refunded, currency, at, is_test, changed) "
        "VALUES (902, 5, 'paid', 99, 0, 'EUR', :at, :no, :at)",
        at=datetime(2024, 2, 3, 4, 5, 6),
        no=False,
    )
    assert shop.took()["orders"] == "changes"


def test_the_clock_of_the_source_is_set_back(shop):
    shop.happens("UPDATE bill SET total = total + 1, changed = :at WHERE id = 33", at=datetime(2024, 6, 1, 2, 30))
    shop.happens("UPDATE buyer SET part = 'West', changed = :at WHERE id = 6", at=datetime(2024, 6, 1, 2, 30))
    took = shop.took()
    assert took["orders"] == took["customers"] == "changes"


def test_two_changes_within_the_same_second(shop):
    at = datetime(2025, 12, 21, 13)
    shop.happens("UPDATE bill SET total = 5, changed = :at WHERE id = 40", at=at)
    assert shop.took()["orders"] == "changes"
    shop.happens("UPDATE bill SET total = 6, changed = :at WHERE id = 40", at=at)
    assert shop.took()["orders"] == "changes"


def test_a_row_without_a_moment_is_always_asked_for(shop):
    shop.happens("UPDATE query SET changed = NULL WHERE id = 3")
    assert shop.took()["leads"] == "changes"
    shop.happens("UPDATE query SET state = 'converted' WHERE id = 3")
    assert shop.took()["leads"] == "changes"


def test_the_currency_of_a_bill_changes_the_lines_that_stay_the_same(shop):
    shop.happens("UPDATE bill SET currency = 'USD', changed = :at WHERE id = 50", at=datetime(2025, 12, 21, 14))
    assert shop.took()["order_items"] == "cells that come from `orders` have changed"


def test_a_rate_changes_what_every_bill_is_worth(shop):
    shop.happens("UPDATE rate SET value = 0.8 WHERE day = '2025-04-01'")
    assert shop.took()["orders"] == "cells that come from `fx_rates` have changed"


def test_many_changes_are_taken_whole(shop):
    shop.happens("UPDATE query SET state = 'working', changed = :at", at=datetime(2025, 12, 21, 15))
    assert shop.took()["leads"] == "70 of 70 rows have changed"


def test_a_table_is_emptied_and_filled_again(shop):
    shop.happens("DELETE FROM asked")
    assert shop.took()["survey_answers"] == "changes"
    shop.happens(
        "INSERT INTO asked (id, which, buyer, at, score, changed) VALUES (1, 'nps', 3, :at, 9, :at)",
        at=datetime(2025, 12, 21, 16),
    )
    assert "rows have changed" in shop.took()["survey_answers"]


def test_other_settings_are_another_company(shop):
    path = shop.native.file
    written = path.read_text(encoding="utf-8")
    path.write_text(written + '[settings]\nbase_currency = "USD"\n', encoding="utf-8")
    try:
        assert shop.take().origin.mode == "full"
    finally:
        path.write_text(written, encoding="utf-8")
    assert shop.take().origin.mode == "full"
    assert shop.take().origin.mode == "changes"
