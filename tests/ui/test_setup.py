"""The set-up page: only for a fresh install and whoever knows the code; it writes what the command writes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from data_access.place import find_place
from i18n.words import LANGUAGES, load_words
from tests.pages.walk import NO_SOURCE, ROOT, database
from ui import company, setup
from ui.site import FRESH

EN = load_words("en")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page of a fresh install, in English."""
    monkeypatch.setattr(company, "SETTINGS", tmp_path / "clientele.toml")
    monkeypatch.delenv("CLIENTELE_SOURCE", raising=False)
    setup.gate.cache_clear()
    yield opened("en")
    setup.gate.cache_clear()


def opened(language: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    with database(NO_SOURCE):
        app.run()
    app.query_params["lang"] = language
    return app.switch_page(FRESH.script).run()


def texts(app: AppTest) -> str:
    shown = [one.proto.body for one in app.get("html")] + [one.value for one in app.error]
    return " ".join(shown)


def go_on(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def let_in(app: AppTest) -> AppTest:
    app.text_input[0].set_value(setup.gate().code)
    return go_on(app, EN("page.setup.go_on"))


def look(app: AppTest, url: str) -> AppTest:
    app.text_input[0].set_value(url)
    return go_on(app, EN("page.setup.look"))


def canonical(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE orders AS SELECT 'o1' AS order_id, 'c1' AS customer_id, TIMESTAMP '2026-01-01' AS ordered_at, "
            "'EUR' AS currency, 10.0 AS gross, 10.0 AS net"
        )
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_opens_in_both_languages(fresh, language):
    app, words = opened(language), load_words(language)
    assert not app.exception
    assert words("page.setup.title") in texts(app)


def test_nothing_is_asked_without_the_code(fresh):
    fresh.text_input[0].set_value("00000000")
    app = go_on(fresh, EN("page.setup.go_on"))
    assert EN("page.setup.wrong_code") in texts(app)
    assert [one.label for one in app.text_input] == [EN("page.setup.code")]


def test_after_too_many_wrong_codes_the_right_one_opens_nothing():
    gate = setup.Gate()
    assert [gate.opens("x") for _ in range(setup.MOST_TRIES)] == [False] * setup.MOST_TRIES
    assert not gate.opens(gate.code)
    assert setup.Gate().opens(gate.code) is False, "every start has a code of its own"


def test_from_the_code_to_the_written_file(fresh, tmp_path):
    path = canonical(tmp_path / "own.duckdb")
    app = look(let_in(fresh), str(path))
    assert EN("page.setup.canonical") in texts(app)
    assert EN("page.setup.serves.orders") in texts(app)
    go_on(app, EN("page.setup.write"))
    assert tomllib.loads((tmp_path / "clientele.toml").read_text()) == {"source": "own.duckdb"}
    assert find_place(str(tmp_path / "clientele.toml")).url.database == str(path)
    assert not setup.is_fresh()


def test_a_database_that_cannot_be_read_is_one_sentence(fresh, tmp_path):
    app = look(let_in(fresh), str(tmp_path / "nowhere.duckdb"))
    assert "nowhere" in texts(app)
    assert not app.exception
    assert not (tmp_path / "clientele.toml").exists()


def test_a_connected_install_offers_nothing(fresh, tmp_path):
    (tmp_path / "clientele.toml").write_text('source = "x.duckdb"')
    app = opened("en")
    assert EN("page.setup.connected") in texts(app)
    assert not app.text_input
