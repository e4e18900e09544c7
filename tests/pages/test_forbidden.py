"""A page over a database of which the account may not read everything: the rest of it works."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from i18n.words import LANGUAGES, load_words
from tests import servers
from tests.pages.walk import open_page
from tests.servers import READER
from tests.worlds import Place, World, forget

COMPANY = World(
    customers=[{"customer_id": "ann", "region": "North"}],
    orders=[{"customer_id": "ann", "ordered_at": "2026-08-05", "net": 120}],
    opportunities=[{"outcome": "won", "created_at": "2026-07-02", "closed_at": "2026-08-09"}],
    settings={"data_as_of": "2026-12-01"},
)
MAY, MAY_NOT = f"GRANT SELECT ON opportunities TO {READER}", f"REVOKE SELECT ON opportunities FROM {READER}"


@pytest.fixture
def half(tmp_path):
    """URL of a database whose deals its account may not read."""
    url = Place("postgresql", tmp_path, tmp_path).write(COMPANY)
    engine = create_engine(servers.writer(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(MAY_NOT))
        yield url
        connection.execute(text(MAY))
    forget(url)
    engine.dispose()


@pytest.mark.engines
@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_panels_that_need_a_forbidden_table_say_so(half, language):
    words = load_words(language)
    grant = f'GRANT SELECT ON "opportunities" TO "{READER}";'
    overview = open_page("overview", language, half)
    assert not overview.app.exception
    assert "120" in overview.figures[words("metric.revenue.short")]
    assert [box for box in overview.boxes if grant in box]
    assert words("metric.win_rate.short") not in overview.figures
    assert overview.charts
    funnel = open_page("funnel", language, half)
    assert not funnel.app.exception
    assert len([box for box in funnel.boxes if grant in box]) == len(funnel.panels)
    assert (overview.faults.texts, funnel.faults.texts) == ([], [])
