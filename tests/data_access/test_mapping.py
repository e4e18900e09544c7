"""Mappings: what a manifest may say, what a SELECT may hold, and what comes out of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlalchemy.dialects.mysql.reserved_words import RESERVED_WORDS_MYSQL
from sqlglot.tokens import TokenType

from data_access.__main__ import main
from data_access.doctor import as_text, examine
from data_access.errors import ClienteleError, ImportRefusedError, MappingError
from data_access.import_docs import lists, with_lists
from data_access.loading.report import describe
from data_access.mappings import Relation, known_mappings, open_mapping, render
from data_access.mappings.dialect import check_names, parse_select
from data_access.mappings.functions import FAMILIES, FUNCTIONS, PLAIN_FUNCTIONS, name_literal, write
from data_access.mappings.manifest import LEAVE_OUT_KEYS, READ_KEYS, TABLE_KEYS, TOP_KEYS
from data_access.mappings.queries import Writer, written
from tests.data_access import exports
from tests.data_access.exports import ask, found, load, one

ROOT = Path(__file__).resolve().parents[2]
SALES = (
    "Bill No;Buyer;Sold;Item;Pieces;Price;State\n"
    "1;17.0;05.01.2026 10:30;Tea;2;1.234,50;Paid\n"
    "1;17.0;05.01.2026 10:30;Pot;1;10,00;Paid\n"
    "2;18.0;06.07.2026 09:00;Tea;1;1.000,00;Void\n"
    "3;;07.01.2026 09:00;Tea;1;1,00;Paid\n"
)
MANIFEST = """
id = "shop"
title = "A shop"
[files]
decimal = ","
[settings]
base_currency = "EUR"
timezone = "Europe/Berlin"
[reads.sales]
files = ["sales*.csv"]
[value_maps.state]
"Paid" = "confirmed"
"Void" = "cancelled"
[[reads.sales.leave_out]]
rule = "no_buyer"
where = "Buyer IS NULL"
why = "nobody knows who bought"
[tables.orders]
from = "sales"
group_by = '"Bill No"'
[tables.orders.columns]
order_id = "Bill No"
customer_id = "min(key(Buyer))"
ordered_at = "min(to_utc(parse_time(Sold, '%d.%m.%Y %H:%M'), setting('timezone')))"
status_raw = "min(State)"
status = "min(mapped(State, 'state'))"
net = "sum(whole(Pieces) * money(Price))"
"""


def shop(folder: Path, manifest: str = MANIFEST, sales: str = SALES, **files: str) -> dict[str, Any]:
    """A shop's export and its mapping; gives what `load` needs."""
    exports.write(folder / "in", sales=sales)
    mapping = exports.write(folder / "shop", mapping__toml=manifest)
    for name, text in files.items():
        (mapping / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return {"folder": folder / "in", "mapping": str(mapping), "data_as_of": "2026-12-31"}


def refused(tmp_path: Path, *changes: tuple[str, str], **files: str) -> str:
    """The sentence with which a changed mapping is refused."""
    manifest = MANIFEST
    for old, new in changes:
        assert old in manifest
        manifest = manifest.replace(old, new)
    with pytest.raises(ClienteleError) as fault:
        load(**shop(tmp_path, manifest, **files))
    return str(fault.value)


# What comes out


def test_a_foreign_export_becomes_orders(tmp_path: Path) -> None:
    loaded = load(**shop(tmp_path))
    assert ask(loaded, "SELECT order_id, customer_id, ordered_at, status, net_base FROM orders ORDER BY 1") == [
        ("1", "17", datetime(2026, 1, 5, 9, 30), "confirmed", Decimal(2479)),
        ("2", "18", datetime(2026, 7, 6, 7), "cancelled", Decimal(1000)),
    ]
    assert ask(loaded, "SELECT DISTINCT source_system FROM orders") == [("shop",)]


def test_rows_set_aside_on_purpose_are_counted_under_their_name(tmp_path: Path) -> None:
    loaded = load(**shop(tmp_path))
    assert ask(loaded, 'SELECT "table", file, "row", rule FROM quarantine') == [("sales", "sales.csv", 4, "no_buyer")]
    assert found(loaded, "no_buyer") == [("sales", "", 1)]
    assert '"Price":"1,00"' in one(loaded, "SELECT content FROM quarantine")


def test_rows_that_where_passes_over_are_counted(tmp_path: Path) -> None:
    table = (
        '[tables.products]\nfrom = "sales"\nwhere = "Item = \'Pot\'"\ncolumns = {product_id = "Item", name = "Item"}\n'
    )
    loaded = load(**shop(tmp_path, MANIFEST + table))
    assert found(loaded, "passed_over") == [("products", "", 2)]
    assert ask(loaded, "SELECT product_id FROM products") == [("Pot",)]


NO_VOID = MANIFEST.replace('"Void" = "cancelled"\n', "")


@pytest.mark.parametrize("manifest", [NO_VOID, NO_VOID.replace('status_raw = "min(State)"\n', "")])
def test_a_word_that_its_map_lacks_takes_no_default_and_is_wrong(tmp_path: Path, manifest: str) -> None:
    loaded = load(**shop(tmp_path, manifest))
    assert ask(loaded, "SELECT order_id, status FROM orders") == [("1", "confirmed")]
    assert ask(loaded, 'SELECT "row", rule, value FROM quarantine WHERE "table" = \'orders\'') == [
        (3, "unmapped_value", "Void")
    ]
    entry = next(entry for entry in loaded.entries if entry.rule == "unmapped_value")
    assert (entry.table, entry.column, entry.text) == ("orders", "status", "no entry for 'Void' (1)")
    assert [(one.rule, one.count) for one in examine(str(loaded.target)).problems] == [("unmapped_value", 1)]


def test_a_missing_word_takes_the_default_as_before(tmp_path: Path) -> None:
    manifest = NO_VOID.replace('status_raw = "min(State)"\n', "")
    loaded = load(**shop(tmp_path, manifest, SALES.replace("Void", "")))
    assert ask(loaded, "SELECT status FROM orders") == [("confirmed",), ("confirmed",)]
    assert examine(str(loaded.target)).problems == ()


def test_a_word_that_a_map_lacks_is_emptied_where_nothing_is_needed(tmp_path: Path) -> None:
    manifest = MANIFEST + 'channel = "max(mapped(Item, \'channel\'))"\n[value_maps.channel]\nTea = "web"\n'
    loaded = load(**shop(tmp_path, manifest))
    assert ask(loaded, "SELECT channel FROM orders") == [("web",), ("web",)]
    assert found(loaded, "unmapped_cleared") == [("orders", "channel", 1)]
    assert [one.rule for one in examine(str(loaded.target)).problems] == ["unmapped_cleared"]


SELECT_ORDERS = """
SELECT "Bill No" AS order_id, 'C' AS customer_id, from_epoch(1767600000) AS ordered_at, 5 AS net,
       mapped(State, 'state') AS status
FROM sales WHERE Item = 'Tea' AND "Bill No" = '1'
UNION ALL
SELECT "Bill No", 'C', from_epoch(1767600000), 5, mapped(State, 'state') FROM sales WHERE "Bill No" = '2'
"""
HIDDEN = """
WITH named AS (SELECT "Bill No" AS bill, mapped(State, 'state') AS meant FROM sales WHERE Item = 'Tea')
SELECT bill AS order_id, 'C' AS customer_id, from_epoch(1767600000) AS ordered_at, 5 AS net, {status} AS status
FROM named
"""


def from_select(manifest: str) -> str:
    """The manifest with orders from a SELECT."""
    return manifest.split("[tables.orders]")[0] + '[tables.orders]\nsql = "orders.sql"\n'


def test_a_word_that_a_map_lacks_is_found_in_every_part_of_a_union(tmp_path: Path) -> None:
    loaded = load(**shop(tmp_path, from_select(NO_VOID), orders__sql=SELECT_ORDERS))
    assert ask(loaded, "SELECT order_id, status FROM orders") == [("1", "confirmed")]
    assert found(loaded, "unmapped_value") == [("orders", "status", 1)]


def test_a_look_up_in_an_inner_select_stops_the_load_unless_the_select_has_a_word_for_it(tmp_path: Path) -> None:
    asked = shop(tmp_path, from_select(NO_VOID), orders__sql=HIDDEN.format(status="meant"))
    with pytest.raises(MappingError, match=r"a value map has no entry for 'Void' \(1\); add what it lacks"):
        load(**asked)
    exports.write(tmp_path / "shop", orders__sql=HIDDEN.format(status="coalesce(meant, 'draft')"))
    assert ask(load(**asked), "SELECT order_id, status FROM orders ORDER BY 1") == [
        ("1", "confirmed"), ("2", "draft"),
    ]  # fmt: skip


def test_a_load_with_too_many_untranslated_words_says_which(tmp_path: Path) -> None:
    rows = "".join(f"{n};17;05.01.2026 10:30;Tea;1;1,00;{'Paid' if n % 5 else 'Void'}\n" for n in range(60))
    with pytest.raises(ImportRefusedError, match=r"The value map has no entry for 'Void' \(12\): add it"):
        load(**shop(tmp_path, NO_VOID, SALES.splitlines()[0] + "\n" + rows))


def test_local_times_that_are_taken_as_utc_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not found(load(**shop(tmp_path / "a")), "taken_as_utc")
    manifest = MANIFEST.replace("to_utc(parse_time(Sold, '%d.%m.%Y %H:%M'), setting('timezone'))",
                                "parse_time(Sold, '%d.%m.%Y %H:%M')")  # fmt: skip
    loaded = load(**shop(tmp_path / "b", manifest))
    assert found(loaded, "taken_as_utc") == [("orders", "ordered_at", 1)]
    for said in (describe(loaded), as_text(examine(str(loaded.target)))):
        line = next(line for line in said.splitlines() if "orders.ordered_at" in line and "no offset" in line)
        assert "clocks in Europe/Berlin" in line
        assert "2026-01-05 10:30:00" in line


def test_times_with_an_offset_are_utc_and_nothing_is_said(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("to_utc(parse_time(Sold, '%d.%m.%Y %H:%M'), setting('timezone'))",
                                "parse_time(Sold, '%d.%m.%Y %H:%M %z')")  # fmt: skip
    sales = SALES.replace(" 10:30", " 10:30 +0100").replace(" 09:00", " 09:00 +0200")
    loaded = load(**shop(tmp_path, manifest, sales))
    assert [row[0] for row in ask(loaded, "SELECT ordered_at FROM orders ORDER BY 1")] == [
        datetime(2026, 1, 5, 9, 30), datetime(2026, 7, 6, 7),
    ]  # fmt: skip
    assert not found(loaded, "taken_as_utc")


def test_a_star_in_a_value_map_stands_for_all_others_and_an_empty_code_for_none(tmp_path: Path) -> None:
    manifest = MANIFEST.replace('"Void" = "cancelled"', '"*" = "draft"')
    loaded = load(**shop(tmp_path, manifest))
    assert ask(loaded, "SELECT status FROM orders ORDER BY order_id") == [("confirmed",), ("draft",)]
    assert not found(loaded, "unmapped_value")


def test_a_value_map_can_stand_in_the_column_itself(tmp_path: Path) -> None:
    table = (
        '[tables.products]\nfrom = "sales"\ngroup_by = "Item"\n[tables.products.columns]\nproduct_id = "Item"\n'
        "is_active = true\nlist_price = 5\ncurrency = \"'EUR'\"\n"
        'is_service = {from = "Item", map = {Tea = "yes", Pot = "no"}}\n'
    )
    manifest = MANIFEST + table.replace('group_by = "Item"\n', "").replace(
        'from = "sales"', 'from = "sales"\nwhere = "\\"Bill No\\" = \'1\'"'
    )
    loaded = load(**shop(tmp_path, manifest))
    assert ask(loaded, "SELECT product_id, is_active, list_price, is_service FROM products ORDER BY 1") == [
        ("Pot", True, Decimal(5), False), ("Tea", True, Decimal(5), True),
    ]  # fmt: skip


def test_a_fault_is_traced_to_the_row_of_the_file(tmp_path: Path) -> None:
    loaded = load(**shop(tmp_path, sales=SALES.replace("06.07.2026 09:00", "sometime")))
    assert ask(loaded, 'SELECT "table", file, "row", "column", rule, value FROM repairs') == [
        ("orders", "sales.csv", 3, "ordered_at", "unreadable_cleared", "sometime")
    ]
    assert ask(loaded, """SELECT file, "row", "column", rule FROM quarantine WHERE "table" = 'orders'""") == [
        ("sales.csv", 3, "ordered_at", "missing_value")
    ]


def test_a_date_format_that_never_fits_stops_the_load_with_an_example(tmp_path: Path) -> None:
    said = refused(tmp_path, ("%d.%m.%Y %H:%M", "%Y-%m-%d"))
    assert "`orders.ordered_at`: 3 of 3 values of `Sold` cannot be read by parse_time: %Y-%m-%d" in said
    assert "(sales.csv row 1: '05.01.2026 10:30')" in said


def test_several_files_of_one_read_are_taken_together_and_told_apart(tmp_path: Path) -> None:
    asked = shop(tmp_path)
    exports.write(
        asked["folder"],
        sales_july="Bill No;Buyer;Sold;Item;Pieces;Price;State\n9;17;31.07.2026 09:00;Tea;x;1,00;Paid\n",
    )
    loaded = load(**asked)
    assert loaded.rows["orders"] == 3 - 1
    assert ask(loaded, 'SELECT file, "row" FROM quarantine WHERE "table" = \'orders\'') == [("sales_july.csv", 1)]


def test_a_column_may_have_another_name_in_another_edition(tmp_path: Path) -> None:
    manifest = MANIFEST.replace(
        'files = ["sales*.csv"]',
        'files = ["sales*.csv"]\noptional_columns = ["Note"]\n[reads.sales.columns]\nState = ["Status"]\nNote = []',
    )
    loaded = load(**shop(tmp_path, manifest, SALES.replace("State", "status")))
    assert loaded.rows["orders"] == 2


def test_a_select_in_a_file_makes_a_table_and_may_use_with_and_window_functions(tmp_path: Path) -> None:
    sql = """
    -- the first item of each bill
    WITH numbered AS (
        SELECT "Bill No" AS bill, Item, _file, _row,
               row_number() OVER (PARTITION BY "Bill No" ORDER BY _row) AS place
        FROM sales
    )
    SELECT concat(bill, '-', text(n.place)) AS product_id, n.Item AS name, n._file, n._row, 'x' AS x_color
    FROM numbered AS n
    WHERE n.place = 1
    UNION ALL
    SELECT 'extra', 'Extra', NULL, NULL, NULL
    """
    loaded = load(**shop(tmp_path, MANIFEST + '[tables.products]\nsql = "products.sql"\n', products__sql=sql))
    assert ask(loaded, "SELECT product_id, name, x_color FROM products ORDER BY 1") == [
        ("1-1", "Tea", "x"), ("2-1", "Tea", "x"), ("extra", "Extra", None),
    ]  # fmt: skip


def test_a_mapping_that_extends_another_changes_only_what_it_says(tmp_path: Path) -> None:
    shop(tmp_path)
    child = (
        'extends = "../shop"\nid = "ours"\n[settings]\nbase_currency = "CHF"\n[value_maps.state]\n"Void" = "draft"\n'
    )
    child += '[tables.orders.columns]\norder_no = "concat(\'B\', \\"Bill No\\")"\n'
    exports.write(tmp_path / "ours", mapping__toml=child)
    loaded = load(tmp_path / "in", mapping=str(tmp_path / "ours"), data_as_of="2026-12-31")
    assert ask(loaded, "SELECT order_no, status, currency, source_system FROM orders ORDER BY 1") == [
        ("B1", "confirmed", "CHF", "ours"), ("B2", "draft", "CHF", "ours"),
    ]  # fmt: skip


def test_a_child_may_bring_its_own_select_or_skip_a_table(tmp_path: Path) -> None:
    shop(tmp_path, MANIFEST + '[tables.products]\nfrom = "sales"\ngroup_by = "Item"\ncolumns = {product_id = "Item"}\n')
    select = 'SELECT "Bill No" AS order_id, key(Buyer) AS customer_id, from_epoch(86400000) AS ordered_at, 1 AS net FROM sales'
    child = 'extends = "../shop"\n[tables.orders]\nsql = "orders.sql"\n[tables.products]\nskip = true\n'
    exports.write(tmp_path / "ours", mapping__toml=child, orders__sql=select)
    loaded = load(tmp_path / "in", mapping=str(tmp_path / "ours"), tolerate=1.0)
    assert found(loaded, "duplicate_row") == [("orders", "order_id", 1)]
    assert "products" not in loaded.rows


def test_an_optional_read_without_a_file_leaves_its_tables_out(tmp_path: Path) -> None:
    more = '[reads.visits]\noptional = true\n[tables.touchpoints]\nfrom = "visits"\ncolumns = {touchpoint_id = "id"}\n'
    loaded = load(**shop(tmp_path, MANIFEST + more))
    assert "touchpoints" not in loaded.rows
    assert any("optional read `visits`" in entry.text for entry in loaded.entries)


# What is refused, and how it is said


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    assert refused(tmp_path, ("parse_time(Sold,", "parse_time(Wenn,")) == (
        "mapping.toml: `orders.ordered_at` reads `Wenn`, which is not there; the source has "
        "Bill No, Buyer, Sold, Item, Pieces, Price, State."
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('order_id = "Bill No"', 'order_di = "Bill No"',
         "`tables.orders.columns.order_di` is not known here; did you mean `order_id`?"),
        ('from = "sales"', 'from = "sale"', "`tables.orders.from` is `sale`, which is no read; did you mean `sales`?"),
        ("[tables.orders]", "[tables.order]\nskip = true\n[tables.orders]",
         "`tables.order` is not a canonical table; did you mean `orders`?"),
        ('title = "A shop"', 'titel = "A shop"', "`titel` is not known here; did you mean `title`?"),
        ('decimal = ","', 'decimal = ";"', "`files.decimal` is `;`; write `.` or `,`."),
        ('files = ["sales*.csv"]', 'files = ["bills*.csv"]', "no file in"),
        ('net = "sum(', 'net = "suum(', "a mapping may not use the function `suum`; did you mean `sum`?"),
        ('net = "sum(', 'net = "sum((', "cannot be read"),
        ("mapped(State, 'state')", "mapped(State, 'stat')", "[value_maps.stat] is used and not there"),
        ("setting('timezone')", "setting('zone')", "[settings] has no `zone`"),
        ("parse_time(Sold,", "parse_time(when,",
         'write ident("...") around names with blanks and names that are words'),
        ("key(Buyer)", "key(Buyer, 2)", "`key` is given 2 arguments; it is used as `key(x)`"),
        ('where = "Buyer IS NULL"', 'where = "Byer IS NULL"', "reads `Byer`, which is not there"),
        ('base_currency = "EUR"', 'currency = "EUR"', "`settings.currency` is not known here"),
        ('files = ["sales*.csv"]', 'files = ["sales*.csv"]\ncolumns = ["Total"]',
         "expects the column `Total`, which sales.csv lacks"),
        ('from = "sales"\ngroup_by', 'sql = "o.sql"\nfrom = "sales"\ngroup_by', "has both `sql` and the short form"),
        ('timezone = "Europe/Berlin"', 'timezone = "Berlin"', "The setting `timezone` is `Berlin`"),
        ("order_id = \"Bill No\"", 'order_id = "Bill No, 1"', "one expression is needed"),
        ('"Void" = "cancelled"', '"Void" = "void"', "[value_maps.state] makes `void` into `void`, which `orders.status` "
         "does not permit; it permits draft, confirmed, cancelled, refunded, partly_refunded."),
        ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M %z", "which is UTC already, and would move it twice; take to_utc away."),
        ("parse_time(Sold, '%d.%m.%Y %H:%M')", "from_epoch(whole(Sold))",
         "to_utc is given the moment that from_epoch gives, which is UTC already"),
        ('order_id = "Bill No"', 'order_id = "Bill No"\ntags = "Item"', "A column of your own begins with `x_`: `x_tags`."),
        ("whole(Pieces) * money(Price)", "money(Item)",
         'take signs away first, as in money(replace("Item", \'%\', \'\'))'),
    ],
)  # fmt: skip
def test_a_slip_in_a_manifest_is_said_with_the_nearest_right_word(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in refused(tmp_path, (old, new))


def test_what_no_file_could_make_right_is_refused_before_any_file_is_read(tmp_path: Path) -> None:
    shop(tmp_path, MANIFEST.replace('"Void" = "cancelled"', '"Void" = "gone"'))
    with pytest.raises(MappingError, match="makes `void` into `gone`"):
        open_mapping(str(tmp_path / "shop"))


def test_a_moment_that_an_inner_select_has_moved_is_not_moved_again(tmp_path: Path) -> None:
    sql = """WITH timed AS (SELECT "Bill No" AS bill, parse_time(Sold, '%d.%m.%Y %H:%M %z') AS at FROM sales)
             SELECT bill AS order_id, 'C' AS customer_id, to_utc(at, 'Europe/Berlin') AS ordered_at, 1 AS net FROM timed"""
    shop(tmp_path, from_select(MANIFEST), orders__sql=sql)
    with pytest.raises(MappingError, match=r"orders\.sql: `orders\.ordered_at`: to_utc is given"):
        open_mapping(str(tmp_path / "shop"))


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "/etc/passwd", "../in/orders.sql"])
def test_a_select_outside_the_folder_of_its_mapping_is_not_opened(tmp_path: Path, name: str) -> None:
    shop(tmp_path, from_select(MANIFEST).replace("orders.sql", name))
    with pytest.raises(MappingError, match=f"`tables.orders.sql` is `{name}`, which lies outside the mapping's folder"):
        open_mapping(str(tmp_path / "shop"))


def test_a_name_that_is_near_to_none_is_answered_with_the_first_of_many(tmp_path: Path) -> None:
    header = ";".join(f"Spalte {n}" for n in range(30))
    manifest = 'id = "s"\n[reads.sales]\n[tables.customers]\nfrom = "sales"\n[tables.customers.columns]\n'
    manifest += 'customer_id = "Spalte 1"\nkind = "person"\n'
    with pytest.raises(
        MappingError, match=r"reads `person`, .* the source has Spalte 0, .* and 24 more\. A fixed text has .*'person'"
    ):
        load(**shop(tmp_path, manifest, f"{header}\n{header}\n"))


def test_a_manifest_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    assert "is not TOML" in refused(tmp_path, ('id = "shop"', "id = shop"))


def test_rows_that_repeat_their_key_are_told_to_be_grouped(tmp_path: Path) -> None:
    rows = "".join(f"{n // 3};17;05.01.2026 10:30;Tea;{n};1,00;Paid\n" for n in range(60))
    manifest = (
        'id = "s"\n[settings]\nbase_currency = "EUR"\n[reads.sales]\n[tables.orders]\nfrom = "sales"\n'
        'columns = {order_id = "Bill No", customer_id = "Buyer", ordered_at = "from_epoch(86400000)", net = "whole(Pieces)"}\n'
    )
    asked = shop(tmp_path, manifest, SALES.splitlines()[0] + "\n" + rows)
    with pytest.raises(ImportRefusedError, match="use `group_by`"):
        load(**asked)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1 AS product_id; SELECT 2", "holds exactly one SELECT; this one holds 2 statements"),
        ("", "holds 0 statements"),
        ("DELETE FROM sales", "line 1: only a SELECT is allowed here, this is DELETE"),
        ("CREATE TABLE x AS SELECT 1", "this is CREATE"),
        ("ATTACH 'x.db'", "products.sql line 1"),
        ("COPY sales TO 'x'", "this is COPY"),
        ("SET memory_limit = '1GB'", "this is SET"),
        ("WITH a AS (DELETE FROM sales RETURNING 1) SELECT * FROM a", "because it writes"),
        ("SELECT 1 AS product_id INTO x FROM sales", "SELECT INTO writes"),
        ("SELECT Item AS product_id\nFROM read_csv('/etc/passwd')",
         "line 2: the table function `READ_CSV('/etc/passwd')` is refused"),
        ("SELECT Item AS product_id\nFROM glob('*')", "line 2"),
        ("SELECT Item AS product_id FROM '/etc/passwd'", "`/etc/passwd` is no read of this mapping"),
        ("SELECT Item AS product_id FROM stage.read.sales", "`stage.read.sales` is refused"),
        ("SELECT Item AS product_id FROM information_schema.tables", "is refused"),
        ("SELECT Item AS product_id FROM duckdb_settings()", "refused"),
        ("SELECT Item AS product_id FROM sale", "`sale` is no read of this mapping; it has sales"),
        ("SELECT getenv('HOME') AS product_id", "may not use the function `getenv`"),
        ("SELECT current_setting('x') AS product_id", "may not use the function `current_setting`"),
        ("SELECT read_text('/etc/passwd') AS product_id", "may not use the function `read_text`"),
        ("SELECT\n  Item AS product_id,\n  Itme AS name\nFROM sales",
         "line 3: `products.name` reads `Itme`, which is not there; `sales` has"),
        ("SELECT Item AS product_id, Item AS nme FROM sales",
         "`nme` is not a column of `products`; did you mean `name`?"),
        ("SELECT Item AS product_id, Item AS product_id FROM sales", "is given twice"),
        ("SELECT * FROM sales", "name the columns of `products` one by one"),
        ("SELECT Item AS\nFROM sales", "this is not SQL that can be read"),
        ("WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a) SELECT n AS product_id FROM a",
         "WITH RECURSIVE"),
        ("SELECT b.Item AS product_id FROM sales AS s", "`b.Item` reads from `b`, which FROM lacks"),
        ("SELECT CAST(Item AS INTEGER) AS product_id FROM sales", "the SELECT of `products` does not run"),
        ("SELECT current_date AS product_id FROM sales", "may not use the function `current_date`"),
        ("SELECT Item[1] AS product_id FROM sales", "lists differ from engine to engine"),
    ],
)  # fmt: skip
def test_a_select_that_is_more_than_a_select_is_refused_with_its_place(tmp_path: Path, sql: str, said: str) -> None:
    manifest = MANIFEST + '[tables.products]\nsql = "products.sql"\n'
    with pytest.raises(MappingError) as fault:
        load(**shop(tmp_path, manifest, products__sql=sql))
    assert said in str(fault.value)
    assert "products.sql" in str(fault.value)


def test_after_staging_no_sql_can_reach_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a text slip through the parser, the connection itself refuses."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    tried: list[str] = []

    def attack(ledger: Any, *_: Any) -> list[Any]:
        for sql in (f"SELECT * FROM read_csv('{secret}')", f"ATTACH '{tmp_path}/other.duckdb'",
                    "SET enable_external_access = true", f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
                    "INSTALL httpfs", "SET lock_configuration = false"):  # fmt: skip
            with pytest.raises(duckdb.Error):
                ledger.connection.execute(sql)
            tried.append(sql)
        return []

    monkeypatch.setattr("data_access.loading.load.run_tables", attack)
    load(**shop(tmp_path))
    assert len(tried) == 6


def test_mappings_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    exports.write(tmp_path / "a", mapping__toml='extends = "../b"\n')
    exports.write(tmp_path / "b", mapping__toml='extends = "../a"\n')
    with pytest.raises(MappingError, match="in a circle"):
        open_mapping(str(tmp_path / "a"))


def test_a_mapping_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(MappingError, match="did you mean `online_retail`"):
        open_mapping("online-retail")
    with pytest.raises(MappingError, match=r"`zzz`; there .*\. A path to a folder"):
        open_mapping("zzz")


# The functions


def evaluate(sql: str, types: dict[str, str], cells: list[Any], decimal: str = ".") -> Any:
    """What an expression of the mapping language gives in DuckDB, over one row of a read."""
    from data_access.mappings.manifest import FileFormat, Manifest, TableMapping

    manifest = Manifest("m", "m", "", ROOT, format=FileFormat(decimal=decimal), settings={"timezone": "Asia/Tokyo"},
                        value_maps={"m": {"a": "b"}, "channel": {"*": "other"},
                                    "stage_outcome": {"yes": "won"}})  # fmt: skip
    table = TableMapping("products", None, "r", "", (), {"product_id": sql})
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = ", ".join(f"{name_literal(name)} {kind}" for name, kind in types.items())
        connection.execute(f"CREATE TABLE r ({names}, _file VARCHAR, _row BIGINT)")
        connection.execute(f"INSERT INTO r VALUES ({', '.join('?' * len(cells))}, 'f', 1)", cells)
        rendered = render(manifest, table, {"r": Relation("r", tuple(types))}, "duckdb")
        return connection.execute(rendered.sql).fetchall()[0][0]


@pytest.mark.parametrize(
    ("call", "kind", "cell", "expected"),
    [
        ("text(x)", "INTEGER", 5, "5"),
        ("key(x)", "VARCHAR", " 17850.0 ", "17850"),
        ("key(x)", "DOUBLE", 17850.0, "17850"),
        ("key(x)", "VARCHAR", "A.0", "A.0"),
        ("key(x)", "VARCHAR", "  ", None),
        ("money(x)", "VARCHAR", "1,234.50", Decimal("1234.5")),
        ("money(x)", "VARCHAR", "£ -12.5", Decimal("-12.5")),
        ("money(x)", "VARCHAR", "12,50", None),
        ("money(x)", "VARCHAR", "1 234.5", Decimal("1234.5")),
        ("money(x)", "VARCHAR", "9999999999999.5", Decimal("9999999999999.5")),
        ("money(x)", "VARCHAR", "abc", None),
        ("money(x)", "DOUBLE", 2.5, Decimal("2.5")),
        ("number(x)", "VARCHAR", "1e3", 1000.0),
        ("whole(x)", "VARCHAR", "3.0", 3),
        ("whole(x)", "VARCHAR", "3.5", None),
        ("bool(x)", "VARCHAR", " Yes", True),
        ("bool(x)", "INTEGER", 0, False),
        ("bool(x)", "VARCHAR", "perhaps", None),
        ("parse_time(x, '%d.%m.%Y', '%m/%d/%Y %H:%M')", "VARCHAR", "12/1/2010 8:26", datetime(2010, 12, 1, 8, 26)),
        ("parse_time(x, '%d.%m.%Y')", "VARCHAR", " 31.12.2010 ", datetime(2010, 12, 31)),
        ("parse_date(x, '%d.%m.%Y')", "VARCHAR", "31.12.2010", date(2010, 12, 31)),
        ("to_utc(x, 'Europe/London')", "TIMESTAMP", datetime(2011, 7, 1), datetime(2011, 6, 30, 23)),
        ("to_utc(x, setting('timezone'))", "TIMESTAMP", datetime(2011, 7, 1), datetime(2011, 6, 30, 15)),
        ("to_utc(x, 'Europe/London')", "TIMESTAMP", datetime(2011, 10, 30, 1, 30), datetime(2011, 10, 30, 1, 30)),
        ("to_utc(x, 'Europe/London')", "TIMESTAMP", datetime(2011, 3, 27, 1, 30), datetime(2011, 3, 27, 1, 30)),
        ("month(x)", "TIMESTAMP", datetime(2011, 7, 31, 23), date(2011, 7, 1)),
        ("day(x)", "TIMESTAMP", datetime(2011, 7, 31, 23), date(2011, 7, 31)),
        ("days_between(x, add_days(x, 1))", "TIMESTAMP", datetime(2011, 7, 31, 23), 1),
        ("epoch(x)", "TIMESTAMP", datetime(1970, 1, 2), 86400.0),
        ("from_epoch(x)", "BIGINT", 86400, datetime(1970, 1, 2)),
        ("json_text(x, '$.a.b')", "VARCHAR", '{"a": {"b": "c"}}', "c"),
        ("concat(x, '-', x)", "VARCHAR", None, "-"),
        ("sha256(x)", "VARCHAR", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("email_key(x)", "VARCHAR", " ABC ", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("email_key(x)", "VARCHAR", " ", None),
        ("mapped(x, 'm')", "VARCHAR", " A ", "b"),
        ("mapped(x, 'm')", "VARCHAR", "z", None),
        ("channel(x)", "VARCHAR", "z", "other"),
        ("stage_outcome(x)", "VARCHAR", "Yes", "won"),
        ('ident("x")', "VARCHAR", "v", "v"),
        ("setting('timezone')", "VARCHAR", "v", "Asia/Tokyo"),
        ("CASE WHEN x LIKE 'C%' THEN upper(trim(x)) END", "VARCHAR", "Ca", "CA"),
        ("coalesce(nullif(x, ''), 'none') || '!'", "VARCHAR", "", "none!"),
    ],
)  # fmt: skip
def test_a_function_gives_what_its_description_says(call: str, kind: str, cell: Any, expected: Any) -> None:
    assert evaluate(call, {"x": kind}, [cell]) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("1.234,50", Decimal("1234.5")), ("12,5", Decimal("12.5")), ("12.50", None), ("12.500", Decimal(12500)),
     (",5", Decimal("0.5"))],
)  # fmt: skip
def test_with_a_decimal_comma_a_point_separates_thousands(cell: str, expected: Decimal | None) -> None:
    assert evaluate("money(x)", {"x": "VARCHAR"}, [cell], ",") == expected


def test_a_column_with_blanks_quotes_or_chinese_in_its_name_can_be_named_as_it_is() -> None:
    for name in ("Customer ID", 'a"b', "客户", "select"):
        assert evaluate(name, {name: "VARCHAR"}, ["v"]) == "v"


OURS = {"mapped", "stage_outcome", "channel", "setting", "ident"}
OF_FILES = {"parse_time", "parse_date"}  # a database has moments and days; text is read when a file is loaded


def test_every_function_is_written_for_every_family() -> None:
    for family in FAMILIES:
        lacking = {*(OF_FILES if family != "duckdb" else ()), *(("json_rows",) if family == "clickhouse" else ())}
        for name in set(FUNCTIONS) - OURS - lacking:
            arguments = ["a", "'UTC'"][: 1 if FUNCTIONS[name].most == 1 and name != "json_rows" else 2]
            assert write(name, arguments, family)


# Of MySQL 8.4: what SQLAlchemy lists, but for two that are free again, and what 8.4 has brought.
RESERVED = (RESERVED_WORDS_MYSQL - {"member", "role"}) | {"manual", "parallel", "qualify", "tablesample"}
OF_ONE = tuple(f".{family}.sql" for family in FAMILIES if family != "mysql")  # written for another family alone


@pytest.mark.parametrize("manifest", known_mappings(), ids=lambda manifest: manifest.folder.name)
def test_no_name_in_a_select_is_a_word_of_mysql(manifest) -> None:
    """A test run on MariaDB would not notice: it reserves other words."""
    manifest = replace(manifest, settings={"base_currency": "EUR", "timezone": "UTC", **manifest.settings})
    for path in manifest.folder.rglob("*.sql"):
        if path.name.endswith(OF_ONE):
            continue
        sql = written(parse_select(path.read_text(), path.name), {}, Writer(manifest, "mysql"), "mysql")
        words = sqlglot.tokenize(sql, read="mysql")
        names = [
            one.text.lower()
            for one, after in zip(words, [*words[1:], None], strict=True)
            if one.token_type is TokenType.VAR and (after is None or after.text != "(")
        ]
        assert not {*names} & RESERVED, path
        assert sqlglot.parse_one(sql, read="mysql")


def test_a_family_that_lacks_a_function_is_named() -> None:
    with pytest.raises(MappingError, match="`month` cannot be written for oracle"):
        write("month", ["a"], "oracle")


def test_correlated_subqueries_aliases_and_stars_inside_are_understood() -> None:
    sql = """SELECT a.k AS product_id, (SELECT max(s2.Item) FROM sales AS s2 WHERE s2.Item = a.k) AS name
             FROM (SELECT *, Item AS k FROM sales) AS a ORDER BY name"""
    check_names(parse_select(sql, "x.sql"), {"sales": ["Item"]}, "x.sql", "products")


# The documents


def test_the_document_explains_every_key_and_function() -> None:
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    words = {*TOP_KEYS, *READ_KEYS, *TABLE_KEYS, *LEAVE_OUT_KEYS, *PLAIN_FUNCTIONS}
    assert sorted(word for word in words if f"`{word}`" not in text) == []
    assert text == with_lists(text, lists()["mapping.md"]), "write it anew with python -m data_access.import_docs"


def test_the_document_shows_messages_as_they_are_said(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    assert "reads `InvoiceDat`, which is not there; the source has InvoiceNo, InvoiceDate." in text
    columns = dict.fromkeys(("InvoiceNo", "InvoiceDate"), "VARCHAR")
    with pytest.raises(MappingError) as fault:
        evaluate("InvoiceDat", columns, [None, None])
    assert str(fault.value).split("reads ")[1] in text


def test_the_mappings_that_can_be_named_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings"]) == 0
    assert "online_retail: Online Retail (UCI)" in capsys.readouterr().out
    assert all(manifest.title and manifest.description and manifest.checked for manifest in known_mappings())
