"""Every fault that a load can meet, and what becomes of it: one test for each rule, and each bad input."""

from __future__ import annotations

import contextlib
import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data_access.doctor import examine
from data_access.errors import ClienteleError, ImportRefusedError
from data_access.import_docs import lists
from data_access.loading.report import describe
from data_access.loading.rules import RULES, Action
from data_access.schema import TABLES
from tests.data_access import test_mapping
from tests.data_access.exports import CUSTOMERS, DEALS, ORDERS, PROVEN, STAGES, ask, found, load, one, proves, write

ROOT = Path(__file__).resolve().parents[2]
QUARANTINE = 'SELECT "table", file, "row", "column", rule, value FROM quarantine ORDER BY file, "row"'
REPAIRS = 'SELECT "table", file, "row", "column", rule, action, value, became FROM repairs ORDER BY file, "row"'


def refused(folder: Path, **options: Any) -> str:
    """The sentence with which a load refuses a folder."""
    with pytest.raises(ClienteleError) as fault:
        load(folder, **options)
    assert not (folder.parent / f"{folder.name}.duckdb").exists()
    return str(fault.value)


# Fatal


@proves("no_tables")
def test_a_folder_without_a_table_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    said = refused(write(tmp_path / "in", order_list=ORDERS))
    assert "order_list.csv" in said
    assert "write a mapping" in said


def test_a_folder_that_looks_like_a_known_mapping_is_told_so(tmp_path: Path) -> None:
    assert "--mapping online_retail" in refused(write(tmp_path / "in", online_retail="InvoiceNo\n1\n"))


def test_a_workbook_is_to_be_saved_as_csv_first(tmp_path: Path) -> None:
    assert "save the sheets of orders.xlsx as CSV" in refused(write(tmp_path / "in", orders__xlsx=b"PK\x03\x04"))


def test_a_folder_that_is_not_there_or_is_a_file_is_refused(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    assert "is a file" in refused(tmp_path / "file")


@proves("unreadable_file")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders__csv__gz", b"not gzip", "it is called .gz and is not gzip"),
        ("orders__csv__gz", gzip.compress(ORDERS.encode() * 4000)[:300], "cannot be read"),
        ("orders__parquet", b"not parquet at all", "cannot be read"),
        ("orders", b"PAR1 something", "is not a CSV file but a Parquet file"),
        ("orders", b"PK\x03\x04 something", "is not a CSV file but a workbook"),
        ("orders", b"", "orders.csv is empty"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    assert said in refused(write(tmp_path / "in", **{name: content}))


@proves("not_utf8")
def test_a_file_that_is_not_utf8_is_refused_with_what_to_do(tmp_path: Path) -> None:
    said = refused(write(tmp_path / "in", customers="customer_id,name\nC1,Müller\n".encode("latin-1")))
    assert "customers.csv is not written in UTF-8 (line 2 has the byte 0xfc)" in said
    assert "--encoding latin-1" in said


def test_a_byte_that_is_not_utf8_far_down_in_a_file_is_found_too(tmp_path: Path) -> None:
    rows = [f"C{n},Name of a customer with number {n}" for n in range(5000)]
    content = "\n".join(["customer_id,name", *rows]).encode() + b"\nCX,M\xfcller\n"
    assert "record 5001" in refused(write(tmp_path / "in", customers=content))


def test_a_utf16_file_is_recognised(tmp_path: Path) -> None:
    assert "--encoding utf-16" in refused(write(tmp_path / "in", customers=CUSTOMERS.encode("utf-16")))


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "there is no encoding `klingon`" in refused(write(tmp_path / "in", customers=CUSTOMERS), encoding="klingon")


@proves("table_twice")
def test_one_table_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", orders=ORDERS, orders__csv__gz=gzip.compress(ORDERS.encode()))
    assert "Both orders.csv and orders.csv.gz hold `orders`" in refused(folder)


@proves("column_twice")
@pytest.mark.parametrize("header", ["customer_id,name,name", "customer_id,name,Name"])
def test_a_column_that_stands_twice_is_refused(tmp_path: Path, header: str) -> None:
    assert "twice" in refused(write(tmp_path / "in", customers=f"{header}\nC1,a,b\n"))


@proves("required_column_missing")
def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    said = refused(write(tmp_path / "in", orders="order_id,customer_id,total\nO1,C1,5\n"))
    assert "orders.csv lacks `ordered_at`" in said
    assert "it has order_id, customer_id, total" in said


@proves("needed_table_missing")
def test_lines_without_orders_and_deals_without_stages_are_refused(tmp_path: Path) -> None:
    assert "`order_items` needs `orders`" in refused(
        write(tmp_path / "a", order_items="order_id,quantity,unit_price\nO1,1,1\n"), base_currency="EUR"
    )
    assert "`opportunities` needs `pipelines_stages`" in refused(write(tmp_path / "b", opportunities=DEALS))


@proves("base_currency_unknown")
def test_amounts_in_two_currencies_need_a_base_currency(tmp_path: Path) -> None:
    said = refused(
        write(tmp_path / "in", orders=ORDERS.replace("O2,C1,2026-02-05 10:00:00,EUR", "O2,C1,2026-02-05,USD"))
    )
    assert "amounts in EUR, USD" in said
    assert "--base-currency" in said


def test_amounts_in_no_currency_need_a_base_currency(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", orders="order_id,customer_id,ordered_at,net\nO1,C1,2026-01-01,5\n")
    assert "amounts in no currency (orders)" in refused(folder)
    assert one(load(folder, base_currency="chf"), "SELECT currency FROM orders") == "CHF"


def test_the_base_currency_of_the_rates_decides(tmp_path: Path) -> None:
    orders = ORDERS.replace("O2,C1,2026-02-05 10:00:00,EUR", "O2,C1,2026-02-05,USD")
    rates = "currency,valid_from,base_currency,rate_to_base\nUSD,2026-01-01,EUR,0.9\n"
    assert (
        one(load(write(tmp_path / "in", orders=orders, fx_rates=rates)), "SELECT base_currency FROM settings") == "EUR"
    )


def test_a_company_without_amounts_needs_no_currency(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers=CUSTOMERS))
    assert one(loaded, "SELECT base_currency FROM settings") == "XXX"
    assert "no currency: there are no amounts in the data" in describe(loaded)


def test_a_currency_that_is_no_code_is_shown(tmp_path: Path) -> None:
    said = refused(write(tmp_path / "in", orders=ORDERS.replace("EUR", "euro")))
    assert "amounts whose currency cannot be read (`orders.currency` holds 'euro'; a currency is three letters" in said


SETTINGS_IN_GBP = "base_currency\nGBP\n"


def test_rates_to_one_currency_are_no_rates_to_another(tmp_path: Path) -> None:
    rates = "currency,valid_from,rate_to_base\nEUR,2026-01-01,0.85\n"
    folder = write(tmp_path / "in", orders=ORDERS, fx_rates=rates, settings=SETTINGS_IN_GBP)
    said = refused(folder, base_currency="USD")
    assert "most by `rate_not_usable`" in said
    assert "lead to USD; those without a base lead to GBP" in said
    assert one(load(folder), "SELECT net_base FROM orders WHERE order_id = 'O1'") == 85


def test_amounts_in_one_base_currency_are_none_in_another(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,net_base\n").replace("0\n", "0,7\n")
    folder = write(tmp_path / "in", orders=orders, settings=SETTINGS_IN_GBP)
    assert "The files give `orders.net_base` in GBP, and `--base-currency USD`" in refused(folder, base_currency="USD")
    assert load(folder).rows["orders"] == 3


def test_amounts_that_name_no_currency_stay_in_the_one_that_the_settings_state(tmp_path: Path) -> None:
    orders = ORDERS.replace(",currency", "").replace(",EUR", "")
    folder = write(tmp_path / "in", orders=orders, settings=SETTINGS_IN_GBP)
    loaded = load(folder, base_currency="USD")
    assert ask(loaded, "SELECT DISTINCT currency, net_base FROM orders") == [("GBP", None)]
    assert found(loaded, "rate_missing") == [("orders", "net_base", 3)]
    assert one(load(folder), "SELECT sum(net_base) FROM orders") == Decimal("170.5")


def test_a_rate_of_the_base_currency_to_itself_is_one(tmp_path: Path) -> None:
    rates = "currency,valid_from,rate_to_base\nEUR,2026-01-01,0.85\nEUR,2026-02-01,1\n"
    loaded = load(write(tmp_path / "in", orders=ORDERS, fx_rates=rates), base_currency="EUR")
    assert found(loaded, "rate_not_usable") == [("fx_rates", "rate_to_base", 1)]


@proves("setting_not_valid")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_currency": "Euro"}, "`base_currency` is `Euro`; it must be three letters"),
        ({"base_currency": "ZZZ"}, "`base_currency` is `ZZZ`; it must be three letters of ISO 4217"),
        ({"timezone": "Berlin"}, "`timezone` is `Berlin`; it must be an IANA name"),
        ({"data_as_of": "yesterday"}, "`data_as_of` is `yesterday`"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    assert said in refused(write(tmp_path / "in", orders=ORDERS), **settings)


@pytest.mark.parametrize("content", ["fiscal_year_start_month\n13\n", "week_start\nMonday\n", "week_start\n1\n2\n"])
def test_a_settings_file_that_cannot_be_is_refused(tmp_path: Path, content: str) -> None:
    assert "setting" in refused(write(tmp_path / "in", orders=ORDERS, settings=content))


@proves("too_many_quarantined")
def test_more_than_a_tenth_of_bad_rows_stops_the_load_unless_it_is_allowed(tmp_path: Path) -> None:
    bad = "".join(f"B{n},,2026-01-01,EUR,1\n" for n in range(12))
    good = "".join(f"G{n},C1,2026-01-01,EUR,1\n" for n in range(100))
    header = "order_id,customer_id,ordered_at,currency,net\n"
    folder = write(tmp_path / "in", orders=header + good + bad)
    said = refused(folder)
    assert "12 of 112 rows of `orders`" in said
    assert "--tolerate 0.11" in said
    assert load(folder, tolerate=0.11).rows["orders"] == 100


def test_fewer_than_ten_bad_rows_of_a_small_file_do_not_stop_it_but_all_of_them_do(tmp_path: Path) -> None:
    assert load(write(tmp_path / "a", orders=ORDERS.replace("O2,C1", "O2,"))).rows["orders"] == 2
    assert "3 of 3" in refused(write(tmp_path / "b", orders=ORDERS.replace("C1,", ",").replace("C2,", ",")))


@proves("column_unreadable")
def test_a_column_in_an_unreadable_form_stops_the_load_with_an_example(tmp_path: Path) -> None:
    rows = "".join(f"O{n},C1,31.01.2026,EUR,1\n" for n in range(20))
    said = refused(write(tmp_path / "in", orders="order_id,customer_id,ordered_at,currency,net\n" + rows))
    assert "orders.csv: 20 of 20 values of `orders.ordered_at` cannot be read (orders.csv row 1: '31.01.2026')" in said
    assert "parse_time" in said


def test_amounts_with_a_decimal_comma_are_refused_with_the_option_that_reads_them(tmp_path: Path) -> None:
    rows = "".join(f"O{n};C1;2026-01-01;EUR;12,5\n" for n in range(20))
    said = refused(write(tmp_path / "in", orders="order_id;customer_id;ordered_at;currency;net\n" + rows))
    assert "--decimal ," in said


# Quarantined


@proves("malformed_record")
def test_a_record_that_is_none_is_kept_out_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    orders = ORDERS.replace("O2,C1,", "O2,too,many,C1,") + "O4,C9\nO5,C2,2026-01-01,EUR,\n"
    loaded = load(write(tmp_path / "in", orders=orders))
    assert [(row, rule) for _, _, row, _, rule, _ in ask(loaded, QUARANTINE)] == [
        (2, "malformed_record"), (4, "malformed_record"), (5, "missing_value"),
    ]  # fmt: skip
    assert "O2,too,many" in one(loaded, "SELECT content FROM quarantine WHERE row = 2")
    assert loaded.rows["orders"] == 2


def test_an_open_quote_is_kept_out(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers='customer_id,name\nC1,Ada\nC2,"open\n'))
    assert found(loaded, "malformed_record") == [("customers", "", 1)]


@proves("missing_value")
def test_a_row_without_a_value_that_every_row_needs_is_kept_out(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS.replace("O2,C1", "O2, ")))
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 2, "customer_id", "missing_value", " ")]
    content = json.loads(one(loaded, "SELECT content FROM quarantine"))
    assert content == {"order_id": "O2", "customer_id": " ", "ordered_at": "2026-02-05 10:00:00", "currency": "EUR",
                       "net": "50.50"}  # fmt: skip


@proves("unreadable_value")
@pytest.mark.parametrize(
    ("old", "new", "column", "value"),
    [
        ("50.50", "abc", "net", "abc"),
        ("50.50", "NaN", "net", "NaN"),
        ("50.50", "9" * 30, "net", "9" * 30),
        ("50.50", "12,50", "net", "12,50"),
        ("2026-02-05 10:00:00", "2026-02-30", "ordered_at", "2026-02-30"),
        ("2026-02-05 10:00:00", "infinity", "ordered_at", "infinity"),
        ("2026-02-05 10:00:00", "05/02/2026", "ordered_at", "05/02/2026"),
    ],
)
def test_a_value_that_cannot_be_read_keeps_its_row_out(
    tmp_path: Path, old: str, new: str, column: str, value: str
) -> None:
    cell = f'"{new}"' if "," in new else new
    loaded = load(write(tmp_path / "in", orders=ORDERS.replace(old, cell)))
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 2, column, "unreadable_value", value)]


def test_an_unreadable_value_is_never_replaced_by_a_default(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,tax\n").replace("100.00\n", "100.00,5\n").replace("50.50\n", "50.50,oops\n")
    loaded = load(write(tmp_path / "in", orders=orders.replace(",20\n", ",20,\n")))
    assert found(loaded, "unreadable_value") == [("orders", "tax", 1)]
    assert ask(loaded, "SELECT order_id, tax FROM orders ORDER BY 1") == [("O1", Decimal(5)), ("O3", Decimal(0))]


@proves("implausible_date")
@pytest.mark.parametrize(
    "moment", ["0001-01-01", "1899-12-30 00:00:00", "1900-01-01T00:00:00Z", "1970-01-01 00:00:00", "1970-01-01"]
)
def test_an_order_from_before_computers_is_kept_out_and_moves_no_date(tmp_path: Path, moment: str) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS.replace("2026-02-05 10:00:00", moment)), timezone="Asia/Tokyo")
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 2, "ordered_at", "implausible_date", moment)]
    assert one(loaded, "SELECT min(first_seen_at) FROM customers") == datetime(2026, 1, 5, 10)


def test_dates_that_stand_for_none_do_not_stop_a_load_where_cells_may_be_empty(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,cancelled_at\n").replace("0\n", "0,0001-01-01\n")
    loaded = load(write(tmp_path / "in", orders=orders))
    assert found(loaded, "implausible_cleared") == [("orders", "cancelled_at", 3)]
    assert one(loaded, "SELECT count(cancelled_at) FROM orders") == 0


def test_rates_and_targets_may_begin_long_ago(tmp_path: Path) -> None:
    orders = ORDERS.replace("O2,C1,2026-02-05 10:00:00,EUR", "O2,C1,2026-02-05 10:00:00,USD")
    rates = "currency,valid_from,rate_to_base\nUSD,1900-01-01,0.5\n"
    loaded = load(write(tmp_path / "in", orders=orders, fx_rates=rates), base_currency="EUR")
    assert one(loaded, "SELECT net_base FROM orders WHERE order_id = 'O2'") == Decimal("25.25")


@proves("unknown_code")
def test_a_code_that_is_not_permitted_keeps_its_row_out(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,status_raw\n").replace("100.00\n", "100.00,Confirmed\n")
    orders = orders.replace("50.50\n", "50.50,shipped\n").replace(",20\n", ",20,cancelled\n")
    loaded = load(write(tmp_path / "in", orders=orders))
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 2, "status", "unknown_code", "shipped")]
    assert ask(loaded, "SELECT status FROM orders ORDER BY order_id") == [("confirmed",), ("cancelled",)]


@proves("duplicate_row")
def test_a_row_that_stands_twice_is_counted_once(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS + "O1,C1,2026-01-05 10:00:00,EUR,100.00\n"))
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 4, "order_id", "duplicate_row", "O1")]
    assert one(loaded, "SELECT sum(net) FROM orders") == Decimal("170.5")


@proves("duplicate_key")
def test_of_two_rows_with_one_key_the_first_stays_or_the_later_updated(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "a", orders=ORDERS + "O1,C2,2026-01-06,EUR,7\n"))
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 4, "order_id", "duplicate_key", "O1")]
    assert one(loaded, "SELECT net FROM orders WHERE order_id = 'O1'") == 100
    customers = "customer_id,name,updated_at\nC1,Old,2026-01-01\nC1,New,2026-02-01\nC1,Oldest,\n"
    loaded = load(write(tmp_path / "b", customers=customers))
    assert ask(loaded, "SELECT name FROM customers") == [("New",)]


def test_one_deal_has_as_many_stays_as_rows_of_different_number(tmp_path: Path) -> None:
    history = (
        "opportunity_id,seq,stage_id,entered_at,left_at\nD1,1,S1,2026-01-01 09:00:00,2026-02-01 09:00:00\n"
        "D1,1,S2,2026-01-02,\nD1,2,S3,2026-02-01 09:00:00,\n"
    )
    folder = write(tmp_path / "in", opportunities=DEALS, pipelines_stages=STAGES, stage_history=history)
    assert found(load(folder, base_currency="EUR"), "duplicate_key") == [("stage_history", "opportunity_id", 1)]


@proves("unknown_reference")
def test_an_order_of_an_unknown_customer_is_kept_out_with_its_lines(tmp_path: Path) -> None:
    items = "order_id,quantity,unit_price\nO1,1,100\nO2,1,50.5\nO3,1,20\nO9,1,1\n"
    orders = ORDERS.replace("O2,C1", "O2,C7")
    loaded = load(write(tmp_path / "in", orders=orders, customers=CUSTOMERS, order_items=items))
    assert ask(loaded, QUARANTINE) == [
        ("order_items", "order_items.csv", 2, "order_id", "unknown_reference", "O2"),
        ("order_items", "order_items.csv", 4, "order_id", "unknown_reference", "O9"),
        ("orders", "orders.csv", 2, "customer_id", "unknown_reference", "C7"),
    ]
    assert loaded.rows["orders"] == loaded.rows["order_items"] == 2


def test_a_refusal_names_what_kept_the_parents_out(tmp_path: Path) -> None:
    customers = "customer_id,kind\n" + "".join(f"C{n},{'alien' if n == 1 else 'person'}\n" for n in range(30))
    header = "order_id,customer_id,ordered_at,currency,net\n"
    orders = header + "".join(f"O{n},C{n % 3},2026-01-01,EUR,1\n" for n in range(60))
    said = refused(write(tmp_path / "in", customers=customers, orders=orders))
    assert "20 of 60 rows of `orders` would be quarantined, most by `unknown_reference` in `customer_id`" in said
    assert "20 of them belong to rows of `customers` that were quarantined themselves" in said
    assert "most by `unknown_code` in `kind` (customers.csv row 2: 'alien')" in said


@proves("date_order")
def test_a_deal_that_closed_before_it_was_opened_is_kept_out(tmp_path: Path) -> None:
    deals = DEALS.replace("2026-02-01", "2025-02-01")
    loaded = load(write(tmp_path / "in", opportunities=deals, pipelines_stages=STAGES), base_currency="EUR")
    assert ask(loaded, QUARANTINE) == [
        ("opportunities", "opportunities.csv", 1, "closed_at", "date_order", "2025-02-01 09:00:00")
    ]


@proves("after_as_of")
def test_an_order_from_after_the_end_of_the_data_is_kept_out(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS), data_as_of="2026-03-05 09:59:59")
    assert ask(loaded, QUARANTINE) == [("orders", "orders.csv", 3, "ordered_at", "after_as_of", "2026-03-05 10:00:00")]
    assert load(write(tmp_path / "in", orders=ORDERS), data_as_of="2026-03-05 10:00:00").rows["orders"] == 3


@proves("rate_not_usable")
def test_a_rate_that_is_not_positive_or_leads_elsewhere_is_kept_out(tmp_path: Path) -> None:
    rates = "currency,valid_from,base_currency,rate_to_base\nUSD,2026-01-01,EUR,0.9\n"
    rates += "USD,2026-02-01,EUR,0\nUSD,2026-03-01,GBP,2\n"
    loaded = load(write(tmp_path / "in", orders=ORDERS, fx_rates=rates), base_currency="EUR")
    assert found(loaded, "rate_not_usable") == [("fx_rates", "rate_to_base", 2)]


proves("left_out")(test_mapping.test_rows_set_aside_on_purpose_are_counted_under_their_name)
proves("passed_over")(test_mapping.test_rows_that_where_passes_over_are_counted)
proves("unmapped_value")(test_mapping.test_a_word_that_its_map_lacks_takes_no_default_and_is_wrong)
proves("unmapped_cleared")(test_mapping.test_a_word_that_a_map_lacks_is_emptied_where_nothing_is_needed)
proves("taken_as_utc")(test_mapping.test_local_times_that_are_taken_as_utc_are_said)


# Repaired


@proves("unreadable_cleared")
def test_an_unreadable_value_that_may_be_missing_is_emptied_and_listed(tmp_path: Path) -> None:
    customers = "customer_id,name,became_customer_at,consent_marketing\nC1,Ada,soon,maybe\nC2,Bo,2026-01-01,yes\n"
    loaded = load(write(tmp_path / "in", customers=customers))
    assert ask(loaded, REPAIRS) == [
        ("customers", "customers.csv", 1, "became_customer_at", "unreadable_cleared", "repaired", "soon", None),
        ("customers", "customers.csv", 1, "consent_marketing", "unreadable_cleared", "repaired", "maybe", None),
    ]
    assert ask(loaded, "SELECT consent_marketing FROM customers ORDER BY 1") == [(True,), (None,)]


def test_a_customer_whose_first_moment_cannot_be_read_keeps_his_orders(tmp_path: Path) -> None:
    customers = "customer_id,name,first_seen_at\nC1,Ada,soon\nC2,Bo,1900-01-01\nC3,Cy,2025-12-01\n"
    loaded = load(write(tmp_path / "in", customers=customers, orders=ORDERS))
    assert ask(loaded, "SELECT customer_id, first_seen_at FROM customers ORDER BY 1") == [
        ("C1", datetime(2026, 1, 5, 10)), ("C2", datetime(2026, 3, 5, 10)), ("C3", datetime(2025, 12, 1)),
    ]  # fmt: skip
    assert loaded.rows["orders"] == 3
    assert found(loaded, "unreadable_cleared") == [("customers", "first_seen_at", 1)]


@proves("implausible_cleared")
def test_a_date_of_the_year_9999_in_a_cell_that_may_be_empty_means_none(tmp_path: Path) -> None:
    history = (
        "opportunity_id,seq,stage_id,entered_at,left_at\nD1,1,S1,2026-01-01,2026-02-01\nD1,2,S3,2026-02-01,9999-12-31\n"
    )
    folder = write(tmp_path / "in", opportunities=DEALS, pipelines_stages=STAGES, stage_history=history)
    loaded = load(folder, base_currency="EUR")
    assert one(loaded, "SELECT left_at FROM stage_history WHERE opportunity_id = 'D1' AND seq = 2") is None
    assert found(loaded, "implausible_cleared") == [("stage_history", "left_at", 1)]


@proves("code_cleared")
def test_an_unknown_code_that_may_be_missing_is_emptied(tmp_path: Path) -> None:
    deals = DEALS.replace("closed_at\n", "closed_at,type\n").replace("02-01 09:00:00\n", "02-01 09:00:00,upsell\n")
    deals = deals.replace("2026-03-01 09:00:00,\n", "2026-03-01 09:00:00,,New\n")
    loaded = load(write(tmp_path / "in", opportunities=deals, pipelines_stages=STAGES), base_currency="EUR")
    assert found(loaded, "code_cleared") == [("opportunities", "type", 1)]
    assert ask(loaded, "SELECT type FROM opportunities ORDER BY opportunity_id") == [(None,), ("new",)]


@proves("code_spelling")
def test_codes_and_currencies_in_another_case_are_written_as_the_schema_does(tmp_path: Path) -> None:
    stages = STAGES.replace("won", " Won ")
    loaded = load(write(tmp_path / "in", pipelines_stages=stages, orders=ORDERS.replace("EUR,20", "eur,20")))
    assert ask(loaded, REPAIRS) == [
        ("orders", "orders.csv", 3, "currency", "code_spelling", "repaired", "eur", "EUR"),
        ("pipelines_stages", "pipelines_stages.csv", 3, "outcome", "code_spelling", "repaired", " Won ", "won"),
    ]


@proves("reference_cleared")
def test_an_optional_reference_to_nothing_is_emptied_and_the_row_stays(tmp_path: Path) -> None:
    orders = (
        ORDERS.replace("net\n", "net,owner_id\n").replace("100.00\n", "100.00,U1\n").replace("50.50\n", "50.50,U9\n")
    )
    loaded = load(write(tmp_path / "in", orders=orders.replace(",20\n", ",20,\n"), users="user_id,name\nU1,Eva\n"))
    assert ask(loaded, "SELECT owner_id FROM orders ORDER BY order_id") == [("U1",), (None,), (None,)]
    assert found(loaded, "reference_cleared") == [("orders", "owner_id", 1)]


def test_a_reference_into_a_table_that_is_not_loaded_stays(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,owner_id\n").replace("100.00\n", "100.00,U1\n").replace("50.50\n", "50.50,\n")
    loaded = load(write(tmp_path / "in", orders=orders.replace(",20\n", ",20,\n")))
    assert one(loaded, "SELECT owner_id FROM orders WHERE order_id = 'O1'") == "U1"


@proves("date_order_cleared")
def test_an_answer_before_the_question_is_emptied(tmp_path: Path) -> None:
    tickets = "ticket_id,opened_at,first_response_at\nT1,2026-01-02 10:00:00,2026-01-01 10:00:00\n"
    loaded = load(write(tmp_path / "in", tickets=tickets))
    assert ask(loaded, "SELECT first_response_at, status FROM tickets") == [(None, "open")]
    assert found(loaded, "date_order_cleared") == [("tickets", "first_response_at", 1)]


@proves("out_of_range")
def test_a_probability_above_one_is_emptied(tmp_path: Path) -> None:
    stages = "stage_id,name,probability\nS1,New,0.2\nS2,Offer,60\n"
    loaded = load(write(tmp_path / "in", pipelines_stages=stages))
    assert ask(loaded, "SELECT probability, position FROM pipelines_stages ORDER BY 2") == [(0.2, 1), (None, 2)]
    assert found(loaded, "out_of_range") == [("pipelines_stages", "probability", 1)]


@proves("open_deal_closed")
def test_an_open_deal_has_no_closing_moment(tmp_path: Path) -> None:
    deals = DEALS.replace("2026-03-01 09:00:00,\n", "2026-03-01 09:00:00,2026-09-01\n")
    loaded = load(write(tmp_path / "in", opportunities=deals, pipelines_stages=STAGES), base_currency="EUR")
    assert one(loaded, "SELECT closed_at FROM opportunities WHERE opportunity_id = 'D2'") is None
    assert found(loaded, "open_deal_closed") == [("opportunities", "closed_at", 1)]


@proves("negative_order")
def test_an_order_below_zero_is_a_credit_note(tmp_path: Path) -> None:
    orders = (
        ORDERS.replace("net\n", "net,document\n")
        .replace("100.00\n", "100.00,order\n")
        .replace("50.50\n", "-50.50,order\n")
    )
    loaded = load(write(tmp_path / "a", orders=orders.replace(",20\n", ",20,\n")))
    assert ask(loaded, "SELECT document FROM orders ORDER BY order_id") == [("order",), ("credit_note",), ("order",)]
    assert found(loaded, "negative_order") == [("orders", "document", 1)]
    without_the_column = load(write(tmp_path / "b", orders=ORDERS.replace("50.50", "-50.50")))
    assert one(without_the_column, "SELECT document FROM orders WHERE order_id = 'O2'") == "credit_note"
    assert not found(without_the_column, "negative_order")


@proves("credit_note_sign")
def test_a_credit_note_above_zero_is_turned_with_its_lines(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,document\n").replace("100.00\n", "100.00,credit_note\n")
    orders = orders.replace("50.50\n", "50.50,order\n").replace(",20\n", ",20,order\n")
    items = "order_id,quantity,unit_price\nO1,1,100\nO2,1,50.5\nO3,1,20\n"
    loaded = load(write(tmp_path / "in", orders=orders, order_items=items))
    assert one(loaded, "SELECT sum(net_base) FROM orders") == Decimal("-29.5")
    assert ask(loaded, "SELECT quantity, net_base FROM order_items WHERE order_id = 'O1'") == [
        (Decimal(-1), Decimal(-100))
    ]
    assert found(loaded, "credit_note_sign") == [("orders", "net", 1)]
    assert not found(loaded, "items_differ")


def with_refunds(*cells: str) -> str:
    """The three orders with these refunds, statuses and moments of cancellation."""
    header, *rows = ORDERS.splitlines()
    return "\n".join([f"{header},refunded,status,cancelled_at", *map(",".join, zip(rows, cells, strict=True)), ""])


@proves("refund_sign")
def test_a_refund_below_zero_lowers_revenue_like_any_other(tmp_path: Path) -> None:
    orders = with_refunds("-30,partly_refunded,", "-50.5,refunded,", ",confirmed,")
    loaded = load(write(tmp_path / "in", orders=orders))
    assert ask(loaded, "SELECT refunded, refunded_base FROM orders ORDER BY order_id") == [
        (Decimal(30), Decimal(30)), (Decimal("50.5"), Decimal("50.5")), (Decimal(0), Decimal(0)),
    ]  # fmt: skip
    assert found(loaded, "refund_sign") == [("orders", "refunded", 2)]
    assert examine(str(loaded.target)).problems == ()


@proves("credit_note_refunded")
def test_a_credit_note_is_not_refunded_once_more(tmp_path: Path) -> None:
    orders = with_refunds("100,confirmed,", "-50.5,confirmed,", "5,confirmed,").replace("EUR,100", "EUR,-100")
    loaded = load(write(tmp_path / "in", orders=orders.replace("EUR,50.50", "EUR,-50.50")))
    assert ask(loaded, "SELECT net_base - refunded_base FROM orders ORDER BY order_id") == [
        (Decimal(-100),), (Decimal("-50.5"),), (Decimal(15),),
    ]  # fmt: skip
    assert found(loaded, "credit_note_refunded") == [("orders", "refunded", 2)]


# Kept


@proves("refund_exceeds")
def test_a_refund_above_its_order_is_listed_and_wrong(tmp_path: Path) -> None:
    orders = with_refunds("100.01,refunded,", "50.52,partly_refunded,", "-21,partly_refunded,")
    loaded = load(write(tmp_path / "in", orders=orders))
    assert found(loaded, "refund_exceeds") == [("orders", "refunded", 2)]
    assert one(loaded, "SELECT refunded FROM orders WHERE order_id = 'O3'") == 21
    assert [(p.rule, p.count) for p in examine(str(loaded.target)).problems] == [("refund_exceeds", 2)]


@proves("cancelled_but_valid")
def test_an_order_that_was_cancelled_and_still_counts_is_listed_and_wrong(tmp_path: Path) -> None:
    orders = with_refunds(",confirmed,2026-01-06", ",cancelled,2026-02-06", ",partly_refunded,")
    loaded = load(write(tmp_path / "in", orders=orders))
    assert found(loaded, "cancelled_but_valid") == [("orders", "cancelled_at", 1)]
    assert [(p.rule, p.example) for p in examine(str(loaded.target)).problems] == [("cancelled_but_valid", "O1")]


@proves("later_than_as_of")
def test_a_later_step_after_the_end_of_the_data_stays_and_is_listed(tmp_path: Path) -> None:
    deals = DEALS.replace("2026-02-01", "2026-05-01")
    folder = write(tmp_path / "in", opportunities=deals, pipelines_stages=STAGES)
    loaded = load(folder, base_currency="EUR", data_as_of="2026-04-01")
    assert ask(loaded, REPAIRS) == [
        ("opportunities", "opportunities.csv", 1, "closed_at", "later_than_as_of", "kept", "2026-05-01 09:00:00",
         "2026-05-01 09:00:00")
    ]  # fmt: skip


@proves("items_differ")
def test_lines_that_do_not_add_up_to_their_order_are_listed(tmp_path: Path) -> None:
    items = "order_id,quantity,unit_price\nO1,1,100.01\nO2,1,40\nO3,1,20\n"
    loaded = load(write(tmp_path / "in", orders=ORDERS, order_items=items))
    assert found(loaded, "items_differ") == [("orders", "net", 1)]
    assert one(loaded, 'SELECT "row" FROM repairs') == 2


@proves("gross_differs")
def test_amounts_of_an_order_that_do_not_agree_are_listed(tmp_path: Path) -> None:
    orders = ORDERS.replace("net\n", "net,gross,discount\n").replace("100.00\n", "100.00,110,10\n")
    orders = orders.replace("50.50\n", "50.50,60,0\n").replace(",20\n", ",20,,\n")
    loaded = load(write(tmp_path / "in", orders=orders))
    assert found(loaded, "gross_differs") == [("orders", "gross", 1)]


@proves("rate_missing")
def test_an_amount_without_a_rate_is_listed_and_not_guessed(tmp_path: Path) -> None:
    orders = ORDERS.replace("O2,C1,2026-02-05 10:00:00,EUR", "O2,C1,2026-02-05,USD")
    loaded = load(write(tmp_path / "in", orders=orders), base_currency="EUR")
    assert found(loaded, "rate_missing") == [("orders", "net_base", 1)]
    assert one(loaded, "SELECT sum(net_base) FROM orders") == 120


@proves("country_not_iso")
def test_a_country_that_is_no_code_stays_as_written(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers=CUSTOMERS.replace("FR", "France")))
    assert found(loaded, "country_not_iso") == [("customers", "country", 1)]
    assert one(loaded, "SELECT country FROM customers WHERE customer_id = 'C2'") == "France"


# Said


@proves("derived", "assumed", "rows_read", "rows_quarantined", "rows_loaded")
def test_the_log_says_what_was_read_derived_assumed_kept_out_and_loaded(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS.replace("O2,C1", "O2,")))
    log = {
        (rule, table, column): (action, count)
        for rule, action, table, column, count in ask(
            loaded, 'SELECT rule, action, "table", "column", count FROM import_log'
        )
    }
    assert log["rows_read", "orders", ""] == ("counted", 3)
    assert log["rows_quarantined", "orders", ""] == ("counted", 1)
    assert log["rows_loaded", "orders", ""] == ("counted", 2)
    assert log["derived", "orders", "gross"] == ("derived", 3)
    assert log["derived", "customers", "*"] == ("derived", 2)
    assert log["assumed", "settings", "base_currency"] == ("assumed", 1)
    assert log["assumed", "settings", "data_as_of"] == ("assumed", 1)


@proves("unknown_file")
def test_a_file_of_no_table_is_reported_with_the_nearest_name(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS, custmers=CUSTOMERS, notes__txt="hello"))
    said = {entry.example: entry.text for entry in loaded.entries if entry.rule == "unknown_file"}
    assert said == {"custmers.csv": "did you mean customers.csv?", "notes.txt": "no table is named like it"}


@proves("unknown_column")
def test_a_column_of_no_name_is_reported_with_the_nearest(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers="customer_id,name,contry,weight\nC1,Ada,DE,80\n"))
    said = {entry.column: entry.text for entry in loaded.entries if entry.rule == "unknown_column"}
    assert said == {"contry": "did you mean `country`?", "weight": "no column of `customers` is named like it"}


# The list itself


def test_every_rule_has_a_test() -> None:
    assert set(RULES) - set(PROVEN) == set()


def test_every_row_that_was_read_is_loaded_or_in_the_quarantine(tmp_path: Path) -> None:
    orders = (
        ORDERS
        + "O4,,2026-01-01,EUR,1\nO5,C9,bad,EUR,x\nO1,C1,2026-01-05 10:00:00,EUR,100.00\nO6,C1\nO7,C8,2026-01-01,EUR,1\n"
    )
    loaded = load(write(tmp_path / "in", orders=orders, customers=CUSTOMERS))
    kept_out = one(loaded, 'SELECT count(DISTINCT "row") FROM quarantine WHERE "table" = \'orders\'')
    assert (loaded.rows["orders"], kept_out) == (3, 5)


def test_the_document_shows_the_lists_as_they_are_in_the_code() -> None:
    text = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    for name, part in lists()["importing.md"].items():
        assert f"<!-- {name} -->\n{part}\n<!-- end of {name} -->" in text, "python -m data_access.import_docs"


def test_a_rule_that_repairs_or_keeps_out_says_how() -> None:
    for rule in RULES.values():
        assert rule.fault.endswith(".")
        assert rule.treatment.endswith(".") or rule.action is Action.COUNTED


def test_every_fault_of_every_table_ends_as_a_sentence_never_as_a_trace(tmp_path: Path) -> None:
    """Rubbish in every column of every table: rows go to the quarantine or the load is refused, nothing else."""
    rubbish = ["'; DROP", '"a""b"', "-", "\u0000", "∞"]
    for name, table in TABLES.items():
        width = len(table.columns)
        lines = [",".join(column.name for column in table.columns)]
        lines += [",".join(rubbish[(row + column) % 5] for column in range(width)) for row in range(3)]
        tables = {"customers": CUSTOMERS, name: "\n".join(lines) + "\n"}
        with contextlib.suppress(ImportRefusedError):
            load(write(tmp_path / name, **tables), base_currency="EUR")
