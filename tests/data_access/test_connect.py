"""From a URL to `clientele.toml`: what is recognised, what is asked, what is written and what never is."""

from __future__ import annotations

import argparse
import stat
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import make_url

from data_access.__main__ import main
from data_access.connect import survey, write_settings
from data_access.connect.dialogue import READ_BY_THE_APP, Dialogue, add_arguments, closing
from data_access.connect.write import as_toml
from data_access.errors import ClienteleError, MappingError
from data_access.mappings.detect import compare
from data_access.mappings.find import known_mappings
from data_access.place import Place, find_place
from data_access.source import open_source
from ui import company

STATEMENTS = (
    "CREATE TABLE crm_lead (id INTEGER, type VARCHAR, active BOOLEAN, probability DOUBLE, date_closed TIMESTAMP)",
    "CREATE TABLE deals (id INTEGER, stage VARCHAR, sum DECIMAL(12, 2), opened TIMESTAMP)",
    "INSERT INTO deals VALUES (1, 'Angebot', 100, '2026-01-05'), (2, '赢', 50, '2026-02-05'), (3, 'Angebot', 1, '2026-02-06')",
)
MAPPING = """id = "deals"
title = "Deals"
[detect.tables]
deals = ["stage", "sum"]
[tables.pipelines_stages]
sql = "stages.sql"
[tables.opportunities]
sql = "deals.sql"
[stage_outcomes]
"Verloren" = "lost"
"""


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    """A database of deals with stages in free text, and the mapping that reads it."""
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
    folder = tmp_path / "mapping"
    folder.mkdir()
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "stages.sql").write_text(
        "SELECT d.stage AS stage_id, MIN(d.id) AS position, stage_outcome(d.stage) AS outcome FROM deals AS d "
        "GROUP BY d.stage"
    )
    (folder / "deals.sql").write_text(
        "SELECT text(d.id) AS opportunity_id, d.stage AS stage_id, stage_outcome(d.stage) AS outcome, "
        "d.sum AS amount, d.opened AS created_at FROM deals AS d"
    )
    return tmp_path


def talk(folder: Path, *arguments: str, answers: dict[str, str] | None = None) -> tuple[str, list[str]]:
    """Run the dialogue; what it said, and what it asked. Without answers nobody is there."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    said: list[str] = []
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return next((text for part, text in (answers or {}).items() if part in question), "")

    choice = parser.parse_args([*arguments, "--into", str(folder / "clientele.toml")])
    dialogue = Dialogue(choice, said.append, answer if answers is not None else None, lambda _: "")
    if answers is None:
        dialogue.ask = None
    assert dialogue.run() == 0
    return "\n".join(said), asked


def test_only_what_cannot_be_known_is_asked_and_all_of_it_is_written(deals):
    answers = {"Currency": "eur", "zone": "Asia/Shanghai", "Angebot": "open", "赢": "won", "fiscal": "4"}
    said, asked = talk(deals, str(deals / "crm.duckdb"), "--mapping", str(deals / "mapping"), answers=answers)
    assert len(asked) == 5 + 2, "the words of the stages are asked for stages and for deals"
    assert "opportunities" in said
    written = tomllib.loads((deals / "clientele.toml").read_text(encoding="utf-8"))
    assert written["settings"] == {"base_currency": "EUR", "timezone": "Asia/Shanghai", "fiscal_year_start_month": 4}
    assert written["stage_outcomes"] == {"Angebot": "open", "赢": "won"}
    source = open_source(str(deals / "clientele.toml"))
    assert source.settings.timezone == "Asia/Shanghai"
    assert not survey(find_place(str(deals / "clientele.toml"))).undecided


def test_a_zone_that_the_mapping_takes_for_want_of_another_is_asked(deals):
    """SuiteCRM keeps none, and in many an Odoo it is empty: UTC is where a month's edges lie then, which nobody said."""
    manifest = deals / "mapping" / "mapping.toml"
    manifest.write_text(f'{MAPPING}[settings]\ntimezone = "UTC"\nbase_currency = "EUR"\n', encoding="utf-8")
    answers = {"zone": "Europe/Berlin", "Angebot": "open", "赢": "won", "fiscal": "1"}
    said, asked = talk(deals, str(deals / "crm.duckdb"), "--mapping", str(deals / "mapping"), answers=answers)
    assert any("zone" in question for question in asked)
    assert "timezone = UTC" not in said
    written = tomllib.loads((deals / "clientele.toml").read_text(encoding="utf-8"))
    assert written["settings"]["timezone"] == "Europe/Berlin"


def test_a_zone_that_was_told_is_not_asked_again(deals):
    answers = {"Currency": "EUR", "Angebot": "open", "赢": "won", "fiscal": "1"}
    place = str(deals / "crm.duckdb"), "--mapping", str(deals / "mapping"), "--timezone", "UTC"
    _, asked = talk(deals, *place, answers=answers)
    assert not any("zone" in question for question in asked)


def test_what_is_taken_where_nobody_says_otherwise_is_shown(deals):
    place = str(deals / "crm.duckdb"), "--mapping", str(deals / "mapping")
    said, _ = talk(deals, *place, "--show")
    assert "base_currency (--base-currency has to say it), timezone (UTC unless --timezone says otherwise)" in said
    said, _ = talk(deals, *place, "--show", "--timezone", "Europe/Berlin")
    assert "timezone = Europe/Berlin" in said
    assert "UTC" not in said


def test_everything_that_is_asked_can_be_said_before(deals):
    words = ("--word", "Angebot=open", "--word", "赢=won")
    talk(deals, str(deals / "crm.duckdb"), "--mapping", str(deals / "mapping"), "--base-currency", "CNY", *words)
    assert 'base_currency = "CNY"' in (deals / "clientele.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--base-currency"),
        (("--base-currency", "EUR"), '--word "Angebot=...'),
        (("--base-currency", "Euros"), "three letters"),
        (("--base-currency", "EUR", "--timezone", "Berlin"), "IANA name"),
        (("--base-currency", "EUR", "--fiscal-year-start", "13"), "from 1 to 12"),
        (("--base-currency", "EUR", "--word", "Angebot=maybe", "--word", "赢=won"), "is one of open, won, lost, void"),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence_and_nothing_is_written(deals, arguments, said):
    with pytest.raises(ClienteleError, match=said.replace("...", r"\.\.\.")):
        talk(deals, str(deals / "crm.duckdb"), "--mapping", str(deals / "mapping"), *arguments)
    assert not (deals / "clientele.toml").exists()


def test_a_settings_file_that_is_there_is_kept(deals, capsys):
    (deals / "clientele.toml").write_text("# mine\n")
    assert main(["connect", str(deals / "crm.duckdb"), "--into", str(deals / "clientele.toml")]) == 1
    assert "--replace" in capsys.readouterr().err
    assert (deals / "clientele.toml").read_text() == "# mine\n"


def test_no_mapping_fits_and_the_nearest_is_told_with_what_it_lacks(deals):
    with pytest.raises(MappingError, match="No mapping recognises this database") as fault:
        talk(deals, str(deals / "crm.duckdb"))
    assert "docs/mapping.md" in str(fault.value)


def test_a_database_with_canonical_tables_needs_no_mapping(tmp_path):
    with duckdb.connect(str(tmp_path / "own.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE orders AS SELECT 'o1' AS order_id, 'c1' AS customer_id, TIMESTAMP '2026-01-01' AS ordered_at, "
            "'EUR' AS currency, 10.0 AS gross, 10.0 AS net"
        )
    said, _ = talk(tmp_path, str(tmp_path / "own.duckdb"))
    assert "no mapping is needed" in said
    assert tomllib.loads((tmp_path / "clientele.toml").read_text()) == {"source": "own.duckdb"}
    file = tmp_path / "clientele.toml"
    *_, last = said.splitlines()
    assert last.startswith(f"{file} is written.")
    assert f"`make run SOURCE={file}`" in last
    assert main(["check", str(file)]) in (0, 1), "the second command that it names runs"
    assert f"`python -m data_access check {file}`" in last


def test_the_next_command_is_the_shortest_that_does(tmp_path):
    odd = tmp_path / "our company" / "clientele.toml"
    assert f"`make run SOURCE='{odd}'`" in closing(odd, [])
    assert "`make run` opens the app" in closing(READ_BY_THE_APP, [])
    assert READ_BY_THE_APP == company.SETTINGS
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    assert f"the password to {secrets}" in closing(odd, [secrets])


def test_every_shipped_mapping_for_databases_recognises_its_own_fingerprint_and_no_other_whole():
    manifests = [one for one in known_mappings() if one.detect.tables]
    assert manifests
    for one in manifests:
        columns = {
            f"{one.prefix}{name}".lower(): frozenset(c.lower() for c in names)
            for name, names in one.detect.tables.items()
        }
        assert compare(one, columns).fits
        others = [other.id for other in manifests if other.id != one.id and compare(other, columns).fits]
        assert others == [], f"{one.id} and {others} cannot be told apart"


def test_a_password_goes_to_the_secrets_file_alone(tmp_path):
    place = Place(make_url("postgresql+psycopg://reader:s3cret@host:5433/db"), "odoo16")
    files = write_settings(place, tmp_path / "clientele.toml")
    assert "s3cret" not in (tmp_path / "clientele.toml").read_text()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    assert files == [tmp_path / "clientele.toml", secrets]
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert find_place(str(tmp_path / "clientele.toml")).url == place.url


def test_other_secrets_stay(tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('other = "x"\n[auth]\ncookie = "y"\n')
    write_settings(Place(make_url("mysql://a:b@host/db"), "m"), tmp_path / "clientele.toml")
    held = tomllib.loads((tmp_path / ".streamlit" / "secrets.toml").read_text())
    assert held["other"] == "x"
    assert held["auth"] == {"cookie": "y"}


@pytest.mark.parametrize(
    "values",
    [
        {"a": 1, "b": {"c d": 'q"uote\\ 新', "e": [1, "x"]}, "f": {"g": {"h": True}}},
        {"rates": [{"currency": "USD", "rate_to_base": 0.5}, {"currency": "CHF", "rate_to_base": 1.0}], "z": "last"},
        {"reads": {"sale_order": {"columns": {"a": ["b"]}}}, "value_maps": {"x y": {"": "nothing"}}},
    ],
)
def test_what_is_written_is_read_back(values: dict[str, Any]):
    assert tomllib.loads(as_toml(values)) == values


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("not a url://", "not a URL that can be read"),
        ("oracle://host/db", "No driver for `oracle`"),
        ("postgresql://reader:s3cret@127.0.0.1:1/db", "127.0.0.1"),
    ],
)
def test_a_url_that_leads_nowhere_is_one_sentence(url, said, capsys, tmp_path):
    assert main(["connect", url, "--show", "--into", str(tmp_path / "x.toml")]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "s3cret" not in error
    assert len(error.strip().splitlines()) == 1
