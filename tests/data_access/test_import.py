"""Loading canonical files: what arrives, in which form, and what a failed load leaves behind."""

from __future__ import annotations

import gzip
import hashlib
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access.__main__ import main
from data_access.database import database
from data_access.errors import ImportRefusedError
from data_access.schema import TABLES
from tests.data_access.exports import CUSTOMERS, DEALS, NOW, ORDERS, STAGES, ask, found, load, one, write, write_rows


def test_orders_alone_make_a_company(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS))
    assert loaded.rows == {"orders": 3, "customers": 2}
    assert ask(loaded, "SELECT net_base, gross, status, document, currency FROM orders ORDER BY order_id")[1] == (
        Decimal("50.5"), Decimal("50.5"), "confirmed", "order", "EUR",
    )  # fmt: skip


def test_every_canonical_column_is_there_after_a_load(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS))
    columns = [row[0] for row in ask(loaded, "DESCRIBE orders")]
    assert columns == [column.name for column in TABLES["orders"].columns]


def test_a_table_that_no_file_gives_is_not_there(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS))
    assert "tickets" not in {row[0] for row in ask(loaded, "SELECT table_name FROM duckdb_tables()")}


def test_a_file_with_a_header_only_makes_an_empty_table(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", orders=ORDERS, tickets="ticket_id,opened_at\n"))
    assert one(loaded, "SELECT count(*) FROM tickets") == 0


@pytest.mark.parametrize(
    "content",
    [
        ORDERS.encode(),
        ORDERS.replace(",", ";").encode(),
        ORDERS.replace(",", "\t").encode(),
        ORDERS.replace(",", "|").encode(),
        ORDERS.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + ORDERS.encode(),
        ORDERS.rstrip("\n").encode(),
        ORDERS.replace("\n", "\r\n", 2).encode(),
        ORDERS.replace("\n", ",\n").encode(),
        ORDERS.replace("O2,", "\n\nO2,").encode(),
        ORDERS.replace("order_id", " Order_ID ").encode(),
    ],
    ids=["comma", "semicolon", "tab", "bar", "crlf", "bom", "no last line end", "mixed line ends", "trailing comma",
         "blank lines", "header in capitals with blanks"],
)  # fmt: skip
def test_the_form_of_a_csv_file_does_not_matter(tmp_path: Path, content: bytes) -> None:
    loaded = load(write(tmp_path / "in", orders=content))
    assert ask(loaded, "SELECT order_id, customer_id, net FROM orders ORDER BY 1") == [
        ("O1", "C1", Decimal(100)), ("O2", "C1", Decimal("50.5")), ("O3", "C2", Decimal(20)),
    ]  # fmt: skip
    assert not found(loaded, "malformed_record")


def test_a_gzip_file_is_read_with_and_without_gz_in_its_name(tmp_path: Path) -> None:
    packed = gzip.compress(ORDERS.encode())
    assert load(write(tmp_path / "a", orders__csv__gz=packed)).rows["orders"] == 3
    assert load(write(tmp_path / "b", orders=packed)).rows["orders"] == 3


def test_a_parquet_file_is_read_with_its_types(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    duckdb.execute(
        f"""COPY (SELECT 7.0::DOUBLE AS customer_id, 12 AS order_id, 1.25::DOUBLE AS net, 'EUR' AS currency,
        TIMESTAMPTZ '2026-01-05 12:00:00+02' AS ordered_at) TO '{folder}/orders.parquet'"""
    )
    loaded = load(folder)
    assert ask(loaded, "SELECT order_id, customer_id, net, ordered_at FROM orders") == [
        ("12", "7", Decimal("1.25"), datetime(2026, 1, 5, 10))
    ]


def test_line_breaks_inside_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers='customer_id,name\nC1,"two\nlines, ""quoted"""\nC2,b\n'))
    assert one(loaded, "SELECT name FROM customers WHERE customer_id = 'C1'") == 'two\nlines, "quoted"'


def test_a_name_of_ten_thousand_characters_a_flag_and_hebrew_survive(tmp_path: Path) -> None:
    names = ["x" * 10_000, "🇪🇺 ☕", "שלום עולם", "=1+1", "<script>"]
    folder = write(tmp_path / "in")
    write_rows(folder / "customers.csv", [{"customer_id": n, "name": name} for n, name in enumerate(names)])
    loaded = load(folder)
    assert [row[0] for row in ask(loaded, "SELECT name FROM customers ORDER BY customer_id")] == names


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=8))
def test_any_text_survives_from_the_file_to_the_cell(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any") / "in"
    folder.mkdir()
    write_rows(folder / "customers.csv", [{"customer_id": f"K{n}", "name": name} for n, name in enumerate(names)])
    loaded = load(folder)
    assert dict(ask(loaded, "SELECT customer_id, name FROM customers")) == {
        f"K{n}": name for n, name in enumerate(names)
    }


def test_moments_with_an_offset_become_utc(tmp_path: Path) -> None:
    moments = ["2026-01-05T12:00:00+02:00", "2026-01-05T10:00:00Z", "2026-01-05 10:00", "2026-01-05 12:00+02",
               "2026-01-05 10:00:00.000", "2026-01-05 15:30:00+0530"]  # fmt: skip
    folder = write(tmp_path / "in")
    write_rows(
        folder / "orders.csv",
        [
            {"order_id": n, "customer_id": "C", "ordered_at": m, "currency": "EUR", "net": 1}
            for n, m in enumerate(moments)
        ],
    )
    loaded = load(folder, timezone="Asia/Shanghai")
    assert {row[0] for row in ask(loaded, "SELECT ordered_at FROM orders")} == {datetime(2026, 1, 5, 10)}


def test_a_moment_that_is_only_a_date_is_that_days_start_where_the_company_is(tmp_path: Path) -> None:
    orders = "order_id,customer_id,ordered_at,currency,net\nO1,C1,2026-03-01,USD,1\n"
    loaded = load(write(tmp_path / "in", orders=orders), timezone="America/New_York")
    assert one(loaded, "SELECT ordered_at FROM orders") == datetime(2026, 3, 1, 5)


def test_data_of_dates_only_are_complete_to_the_end_of_the_last_day(tmp_path: Path) -> None:
    orders = "order_id,customer_id,ordered_at,currency,net\nO1,C1,2026-03-01,USD,1\nO2,C1,2026-03-02,USD,1\n"
    loaded = load(write(tmp_path / "in", orders=orders), timezone="America/New_York")
    assert one(loaded, "SELECT data_as_of FROM settings") == datetime(2026, 3, 3, 4, 59, 59, 999999)


def test_the_data_are_complete_up_to_the_last_moment_that_is_not_in_the_future(tmp_path: Path) -> None:
    orders = ORDERS + "O9,C1,2999-01-01 00:00:00,EUR,1\n"
    loaded = load(write(tmp_path / "in", orders=orders))
    assert one(loaded, "SELECT data_as_of FROM settings") == datetime(2026, 3, 5, 10)
    assert found(loaded, "after_as_of") == [("orders", "ordered_at", 1)]


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("survey_responses", "response_id,survey_id,responded_at\nR1,N,2026-04-07 08:00:00\nR2,N,\n"),
        ("tickets", "ticket_id,opened_at,resolved_at\nT1,2026-03-01,2026-04-07 08:00:00\n"),
        ("touchpoints", "channel,kind,occurred_at\nweb,visit,2026-04-07 08:00:00\n"),
        ("campaign_members", "campaign_id,customer_id,sent_at,opened_at\nK,C1,2026-03-09,2026-04-07 08:00:00\n"),
        ("orders", ORDERS.replace("net\n", "net,cancelled_at\n").replace("20\n", "20,2026-04-07 08:00:00\n")),
    ],
)
def test_whatever_happened_last_ends_the_data(tmp_path: Path, table: str, content: str) -> None:
    surveys = "survey_id,kind,scale_min,scale_max,asked_at\nN,nps,0,10,2026-06-01\n"
    tables = {"orders": ORDERS, "surveys": surveys, "campaigns": "campaign_id\nK\n", table: content}
    if table == "orders":
        tables["orders"] = "\n".join(line if line.count(",") == 5 else f"{line}," for line in content.splitlines())
    loaded = load(write(tmp_path / "in", **tables))
    assert one(loaded, "SELECT data_as_of FROM settings") == datetime(2026, 4, 7, 8)
    assert database(str(loaded.target)).facts.last == datetime(2026, 4, 7, 8)


@pytest.mark.parametrize(
    ("given_moment", "kept"),
    [("2026-02-05", datetime(2026, 2, 5, 22, 59, 59, 999999)), ("2026-02-05T12:00:00+02:00", datetime(2026, 2, 5, 10)),
     ("2026-02-05 11:30:00", datetime(2026, 2, 5, 11, 30))],
)  # fmt: skip
def test_the_as_of_moment_can_be_given_as_a_local_day_or_a_moment(
    tmp_path: Path, given_moment: str, kept: datetime
) -> None:
    folder = write(tmp_path / "in", orders=ORDERS)
    loaded = load(folder, data_as_of=given_moment, timezone="Europe/Berlin", tolerate=1.0)
    assert one(loaded, "SELECT data_as_of FROM settings") == kept


def test_a_settings_file_gives_the_settings_and_an_option_overrules_it(tmp_path: Path) -> None:
    settings = (
        "base_currency,timezone,fiscal_year_start_month,week_start,data_as_of\nusd,Asia/Shanghai,4,7,2026-06-01\n"
    )
    folder = write(tmp_path / "in", orders=ORDERS, settings=settings)
    loaded = load(folder, timezone="Europe/Berlin")
    assert ask(loaded, "SELECT base_currency, timezone, fiscal_year_start_month, week_start FROM settings") == [
        ("USD", "Europe/Berlin", 4, 7)
    ]


def test_an_amount_is_converted_at_the_rate_of_its_local_day(tmp_path: Path) -> None:
    orders = (
        "order_id,customer_id,ordered_at,currency,net,refunded\n"
        "O1,C1,2026-01-31 22:59:59,USD,100,\n"
        "O2,C1,2026-01-31 23:00:00,USD,100,10\n"
        "O3,C1,2025-12-31 12:00:00,USD,100,\n"
        "O4,C1,2026-02-01 12:00:00,EUR,100,5\n"
    )
    rates = "currency,valid_from,rate_to_base\nUSD,2026-01-01,0.9\nUSD,2026-02-01,0.8\n"
    loaded = load(write(tmp_path / "in", orders=orders, fx_rates=rates), base_currency="EUR", timezone="Europe/Berlin")
    assert ask(loaded, "SELECT net_base, refunded_base, fx_to_base FROM orders ORDER BY order_id") == [
        (Decimal(90), Decimal(0), Decimal("0.9")),
        (Decimal(80), Decimal(8), Decimal("0.8")),
        (None, None, None),
        (Decimal(100), Decimal(5), Decimal(1)),
    ]
    assert found(loaded, "rate_missing") == [("orders", "net_base", 1)]


def test_lines_take_the_rate_of_their_order_and_a_number_of_their_own(tmp_path: Path) -> None:
    orders = "order_id,customer_id,ordered_at,currency,net,fx_to_base\n"
    orders += "O1,C1,2026-01-31,USD,30,0.5\nO2,C1,2026-01-31,EUR,5,\n"
    items = "order_id,quantity,unit_price\nO1,2,10\nO2,1,5\nO1,1,10\n"
    loaded = load(write(tmp_path / "in", orders=orders, order_items=items), base_currency="EUR")
    assert ask(loaded, "SELECT order_item_id, net, net_base FROM order_items ORDER BY 1") == [
        ("O1-1", Decimal(20), Decimal(10)), ("O1-2", Decimal(10), Decimal(5)), ("O2-1", Decimal(5), Decimal(5)),
    ]  # fmt: skip


def test_customers_begin_with_their_first_order_and_become_customers_by_a_valid_one(tmp_path: Path) -> None:
    orders = ORDERS.replace("customer_id,ordered_at", "customer_id,ordered_at").replace("net\n", "net,status\n")
    orders = (
        orders.replace("100.00\n", "100.00,cancelled\n")
        .replace("50.50\n", "50.50,confirmed\n")
        .replace("20\n", "20,\n")
    )
    loaded = load(write(tmp_path / "in", orders=orders, customers=CUSTOMERS))
    assert ask(loaded, "SELECT customer_id, first_seen_at, became_customer_at FROM customers ORDER BY 1") == [
        ("C1", datetime(2026, 1, 5, 10), datetime(2026, 2, 5, 10)),
        ("C2", datetime(2026, 3, 5, 10), datetime(2026, 3, 5, 10)),
        ("C3", datetime(2026, 1, 5, 10), None),
    ]


def test_the_email_key_is_the_hash_of_the_trimmed_lower_cased_address(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers="customer_id,name,email\nC1,Ada, Ada@Example.COM \nC2,Bo,\n"))
    expected = hashlib.sha256(b"ada@example.com").hexdigest()
    assert ask(loaded, "SELECT email_key FROM customers ORDER BY customer_id") == [(expected,), (None,)]


def test_a_row_says_where_it_came_from(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", opportunities=DEALS, pipelines_stages=STAGES), base_currency="EUR")
    assert ask(loaded, "SELECT DISTINCT source_system FROM opportunities") == [("import",)]
    assert one(loaded, "SELECT source_id FROM opportunities WHERE opportunity_id = 'D1'") == "D1"
    assert one(loaded, "SELECT source_id FROM stage_history WHERE opportunity_id = 'D1'") == "D1|1"


def test_deals_without_a_history_get_one_reconstructed_stay(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", opportunities=DEALS, pipelines_stages=STAGES), base_currency="EUR")
    columns = "opportunity_id, seq, stage_id, outcome, entered_at, left_at, is_initial, is_reconstructed"
    assert ask(loaded, f"SELECT {columns} FROM stage_history ORDER BY 1") == [
        ("D1", 1, "S3", "won", datetime(2026, 1, 1, 9), None, True, True),
        ("D2", 1, "S1", "open", datetime(2026, 3, 1, 9), None, True, True),
    ]


def test_a_history_is_numbered_linked_and_read_against_the_stages(tmp_path: Path) -> None:
    history = (
        "opportunity_id,stage_id,entered_at\nD1,S2,2026-01-10 09:00:00\nD1,S1,2026-01-01 09:00:00\n"
        "D1,S1,2026-01-20 09:00:00\nD1,S3,2026-02-01 09:00:00\n"
    )
    folder = write(tmp_path / "in", opportunities=DEALS, pipelines_stages=STAGES, stage_history=history)
    loaded = load(folder, base_currency="EUR")
    columns = "seq, stage_id, outcome, left_at IS NULL, is_initial, is_backward, is_reconstructed"
    assert ask(loaded, f"SELECT {columns} FROM stage_history WHERE opportunity_id = 'D1' ORDER BY seq") == [
        (1, "S1", "open", False, True, False, False), (2, "S2", "open", False, False, False, False),
        (3, "S1", "open", False, False, True, False), (4, "S3", "won", True, False, False, False),
    ]  # fmt: skip
    assert one(loaded, "SELECT is_reconstructed FROM stage_history WHERE opportunity_id = 'D2'") is True


def test_a_deal_that_lacks_its_closing_moment_takes_it_from_the_history(tmp_path: Path) -> None:
    deals = DEALS.replace("2026-02-01 09:00:00", "")
    history = "opportunity_id,stage_id,entered_at\nD1,S1,2026-01-01 09:00:00\nD1,S3,2026-02-03 09:00:00\n"
    folder = write(tmp_path / "in", opportunities=deals, pipelines_stages=STAGES, stage_history=history)
    loaded = load(folder, base_currency="EUR")
    assert ask(loaded, "SELECT closed_at FROM opportunities ORDER BY opportunity_id") == [
        (datetime(2026, 2, 3, 9),),
        (None,),
    ]


def test_outcome_and_pipeline_of_a_deal_come_from_its_stage(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", opportunities=DEALS, pipelines_stages=STAGES), base_currency="EUR")
    assert ask(loaded, "SELECT outcome, pipeline_id FROM opportunities ORDER BY opportunity_id") == [
        ("won", "default"), ("open", "default"),
    ]  # fmt: skip


def test_an_answer_is_placed_on_its_surveys_scale(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        surveys="survey_id,name,kind,scale_min,scale_max\nN,NPS,nps,0,10\nE,Ease,ces,1,7\n",
        survey_responses="response_id,survey_id\nR1,N\nR2,E\n",
        survey_answers="response_id,item_key,score\nR1,nps,9\nR2,ces,4\n",
    )
    assert ask(load(folder), "SELECT score_0_1 FROM survey_answers ORDER BY response_id") == [(0.9,), (0.5,)]


def test_columns_of_the_companys_own_are_kept_as_text(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "in", customers="customer_id,name,x_tier\nC1,Ada,gold\n"))
    assert one(loaded, "SELECT x_tier FROM customers") == "gold"


def test_a_decimal_comma_is_understood_when_it_is_said(tmp_path: Path) -> None:
    orders = "order_id;customer_id;ordered_at;currency;net\nO1;C1;2026-01-01;EUR;1.234,50\nO2;C1;2026-01-01;EUR;-,5\n"
    loaded = load(write(tmp_path / "in", orders=orders), decimal=",")
    assert ask(loaded, "SELECT net FROM orders ORDER BY order_id") == [(Decimal("1234.5"),), (Decimal("-0.5"),)]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gb18030", "utf-16"])
def test_another_encoding_is_read_when_it_is_named(tmp_path: Path, encoding: str) -> None:
    name = "清川" if encoding == "gb18030" else "Müller & Söhne"
    content = f"customer_id,name\nC1,{name}\n".encode(encoding)
    loaded = load(write(tmp_path / "in", customers=content), encoding=encoding)
    assert one(loaded, "SELECT name FROM customers") == name


def test_a_failed_load_leaves_the_old_file_byte_for_byte(tmp_path: Path) -> None:
    target = tmp_path / "company.duckdb"
    load(write(tmp_path / "good", orders=ORDERS), target)
    before = target.read_bytes()
    with pytest.raises(ImportRefusedError):
        load(write(tmp_path / "bad", orders="order_id,customer_id\nO1,C1\n"), target)
    assert target.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["bad", "company.duckdb", "good"]


def test_a_load_that_breaks_off_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "company.duckdb"
    folder = write(tmp_path / "in", orders=ORDERS)
    load(folder, target)
    before = target.read_bytes()
    monkeypatch.setattr("data_access.loading.load.write_settings", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        load(folder, target)
    assert target.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["company.duckdb", "in"]


def test_what_a_killed_load_has_left_is_taken_away_and_what_is_running_is_not(tmp_path: Path) -> None:
    dead, alive = tmp_path / ".import-x.duckdb-999999999-a", tmp_path / f".import-x.duckdb-{os.getpid()}-a"
    dead.mkdir()
    alive.mkdir()
    load(write(tmp_path / "in", orders=ORDERS), tmp_path / "x.duckdb")
    assert not dead.exists()
    assert alive.exists()


def test_a_target_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "x.duckdb"
    load(write(tmp_path / "in", orders=ORDERS), target)
    (tmp_path / "x.duckdb.wal").write_bytes(b"half")
    with pytest.raises(ImportRefusedError, match="is being written, or was not closed well"):
        load(tmp_path / "in", target)


def test_a_full_disk_or_any_other_fault_of_the_engine_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    monkeypatch.setattr("data_access.loading.load.write_settings", full)
    with pytest.raises(
        ImportRefusedError, match=r"broke off \(IO Error: .*No space left on device\); nothing was replaced"
    ):
        load(write(tmp_path / "in", orders=ORDERS))


def test_a_folder_whose_name_looks_like_a_pattern_is_read(tmp_path: Path) -> None:
    assert load(write(tmp_path / "exports [2026] * it's", orders=ORDERS)).rows["orders"] == 3


def test_a_good_load_replaces_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "company.duckdb"
    load(write(tmp_path / "a", orders=ORDERS), target)
    load(write(tmp_path / "b", orders=ORDERS + "O4,C9,2026-03-06,EUR,1\n"), target)
    assert one(target, "SELECT count(*) FROM orders") == 4


def test_a_file_that_no_load_has_made_is_not_overwritten(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("mine, and long enough")
    with pytest.raises(ImportRefusedError, match="will not be overwritten"):
        load(write(tmp_path / "in", orders=ORDERS), notes)
    assert notes.read_text() == "mine, and long enough"


def test_the_same_files_give_the_same_rows(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", orders=ORDERS, customers=CUSTOMERS)
    first, second = load(folder, tmp_path / "a.duckdb"), load(folder, tmp_path / "b.duckdb")
    for table in ("orders", "customers", "settings", "import_log"):
        assert ask(first, f"SELECT * FROM {table}") == ask(second, f"SELECT * FROM {table}")


def test_the_command_loads_says_what_it_assumed_and_ends_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "in", orders=ORDERS)
    assert main(["import", str(folder), "--into", str(tmp_path / "new" / "company.duckdb")]) == 0
    said = capsys.readouterr().out
    assert "orders.csv: 3 records" in said
    assert "base_currency = EUR" in said
    assert "data_as_of = 2026-03-05 10:00:00" in said


def test_a_quiet_load_says_only_what_went_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = ["--into", str(tmp_path / "x.duckdb"), "--quiet"]
    assert main(["import", str(write(tmp_path / "good", orders=ORDERS)), *into]) == 0
    assert capsys.readouterr().out == ""
    assert main(["import", str(write(tmp_path / "bad", orders=ORDERS.replace("O2,C1", "O2,"))), *into]) == 0
    said = capsys.readouterr().out
    assert "orders: 1 quarantined" in said
    assert "missing_value orders.customer_id: 1, first orders.csv row 2" in said


@pytest.mark.parametrize(
    ("moment", "is_said"),
    [("2026-01-05 10:00", True), ("2026-01-05T10:00:00", True), ("2026-01-05T10:00:00Z", False), ("2026-01-05", False),
     ("2026-01-05 10:00:00+0100", False), ("2026-01-05 10:00:00-03", False)],
)  # fmt: skip
def test_moments_without_an_offset_are_said_where_the_company_is_not_in_utc(
    tmp_path: Path, moment: str, is_said: bool
) -> None:
    folder = write(tmp_path / "in", orders=f"order_id,customer_id,ordered_at,currency,net\nO1,C1,{moment},EUR,1\n")
    assert bool(found(load(folder, timezone="Europe/Berlin"), "taken_as_utc")) is is_said
    assert not found(load(folder), "taken_as_utc")


@pytest.mark.parametrize(
    "arguments",
    [["import"], ["import", "x"], ["load"], [], ["import", "x", "--into", "y", "--tolerate", "2"],
     ["import", "x", "--into", "y", "--decimal", ";"], ["demo"], ["check"]],
)  # fmt: skip
def test_a_wrong_command_is_one_line_and_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_refused_load_is_one_sentence_on_standard_error_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(tmp_path / "none"), "--into", str(tmp_path / "x.duckdb")]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("The folder ")
    assert "Traceback" not in captured.err


def test_a_load_reports_its_progress(tmp_path: Path) -> None:
    from data_access.loading import Order, load_folder

    said: list[str] = []
    folder = write(tmp_path / "in", orders=ORDERS)
    load_folder(Order(folder, tmp_path / "x.duckdb"), said.append, NOW)
    assert any("orders.csv: 3 records" in line for line in said)
    assert any("written" in line for line in said)
