"""What a page says changed: the planted changes are found, and where nothing changes it keeps quiet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from data_access.calendar import add_months
from data_access.demo import Truths, create_demo
from data_access.source import Source, open_source
from metrics.answers import ask
from metrics.periods import Comparison, Period
from metrics.question import Filters
from metrics.results import Breakdown, Bridge, Findings, Funnel, Kpis

LAST = date(2026, 6, 1)


def months(count: int, length: int = 1) -> Iterator[Filters]:
    """The last `count` spans of finished months, compared with the ones before."""
    for back in range(count):
        end = add_months(LAST, -back)
        yield Filters(Period(add_months(end, -length), end), Comparison.PREVIOUS)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, Truths]:
    path: Path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    truths = create_demo(path, scale=0.5)
    return open_source(str(path)), truths


@pytest.mark.slow
def test_where_nothing_changes_at_most_one_page_in_twenty_says_that_something_did(tmp_path: Path) -> None:
    alarms = pages = verdicts = judged = 0
    for seed in (1, 2):
        path = tmp_path / f"{seed}.duckdb"
        create_demo(path, scale=0.3, seed=seed, null=True)
        source = open_source(str(path))
        for filters in months(12):
            found = ask("findings", source, filters).result
            kpis = ask("kpis", source, filters).result
            assert isinstance(found, Findings)
            assert isinstance(kpis, Kpis)
            pages += 1
            alarms += len(found.frame) > 0
            changes = [total.compared(Comparison.PREVIOUS) for total in kpis.totals.values()]
            judged += len(changes)
            verdicts += sum(item.change.verdict in ("up", "down") for item in changes if item)
    # 24 pages at 5 %: four or more alarms would turn up in fewer than one run in thirty; the seeds are fixed.
    assert alarms <= 3, f"{alarms} of {pages} pages"
    assert verdicts / judged <= 0.065


def test_the_shrinking_and_the_growing_region_are_found(demo: tuple[Source, Truths]) -> None:
    source, truths = demo
    year = Filters(Period(add_months(LAST, -12), LAST), Comparison.YEAR)
    by_region = ask("orders", source, year, {"by": "region"}).result
    assert isinstance(by_region, Breakdown)
    verdicts = dict(zip(by_region.frame["group"], by_region.frame["verdict"], strict=True))
    assert verdicts[truths.growing_region] == "up"
    assert verdicts[truths.shrinking_region] == "down"
    why = ask("revenue_change", source, year, {"by": "region"}).result
    assert isinstance(why, Bridge)
    changes = why.frame.set_index("part")["change"]
    assert changes.idxmax() == truths.growing_region
    assert changes.idxmin() == truths.shrinking_region


def test_the_stage_that_became_a_bottleneck_is_found(demo: tuple[Source, Truths]) -> None:
    source, truths = demo
    filters = Filters(Period(date(2025, 12, 1), date(2026, 3, 1)), Comparison.PREVIOUS)
    funnel = ask("funnel", source, filters, {"pipeline": truths.bottleneck.pipeline_id}).result
    assert isinstance(funnel, Funnel)
    assert funnel.bottleneck == truths.bottleneck.to_stage_id


def test_before_it_began_there_was_no_bottleneck(demo: tuple[Source, Truths]) -> None:
    source, truths = demo
    filters = Filters(Period(date(2025, 4, 1), date(2025, 7, 1)), Comparison.PREVIOUS)
    funnel = ask("funnel", source, filters, {"pipeline": truths.bottleneck.pipeline_id}).result
    assert isinstance(funnel, Funnel)
    assert funnel.bottleneck is None
