"""What a page says changed: the planted changes are found, and where nothing changes it keeps quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_access.calendar import add_months
from data_access.demo import Truths, create_demo
from data_access.source import Source, open_source
from metrics.answers import Answer, ask
from metrics.periods import Comparison, Period
from metrics.question import Filters
from metrics.results import Breakdown, Bridge, Findings, Funnel, Kpis
from tests.worlds import World, shop

Ask = Callable[..., Answer]
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


# -- counted by eye -------------------------------------------------------------------------------------------------
def grown(before: dict[str, int], now: dict[str, int], often: int = 1, since: str = "") -> World:
    """A company with so many customers per region in January and in February, who then order `often` times."""
    months = (("2026-01-01", before, 1), ("2026-02-10", now, often))
    orders = [
        {"customer_id": f"{region}{i}", "ordered_at": day, "net": (90 + i % 20) * times}
        for day, regions, times in months
        for region, count in regions.items()
        for i in range(count)
        for _ in range(times)
    ] + ([{"customer_id": "A", "ordered_at": since, "net": 1}] if since else [])
    people = [{"customer_id": name, "region": name[0]} for name in sorted({order["customer_id"] for order in orders})]
    return World(orders=orders, customers=people)


def revenue_row(answer: Answer) -> dict[str, Any]:
    """The row of revenue's change."""
    assert isinstance(answer.result, Findings)
    (row,) = answer.result.frame[answer.result.frame["metric"] == "revenue"].to_dict("records")
    return row


ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@ON_SQLITE
def test_a_region_that_makes_most_of_the_change_is_named_with_its_part(ask_world: Ask) -> None:
    row = revenue_row(ask_world(grown({"A": 40, "B": 60}, {"A": 140, "B": 90}), "findings", "2026-02"))
    assert (row["dimension"], row["part"], row["verdict"]) == ("region", "A", "up")
    assert row["share"] == pytest.approx(100 / 130, abs=0.02)


@ON_SQLITE
def test_where_every_region_has_its_part_none_is_named(ask_world: Ask) -> None:
    row = revenue_row(ask_world(grown(dict.fromkeys("ABCD", 40), dict.fromkeys("ABCD", 140)), "findings", "2026-02"))
    assert (row["dimension"], row["part"]) == ("", "")


@ON_SQLITE
def test_what_was_chosen_is_no_finding(ask_world: Ask) -> None:
    """Asked about two regions, the reader is not told that it was one of them."""
    world, where = grown({"A": 40, "B": 60, "C": 9}, {"A": 140, "B": 90, "C": 9}), {"region": ("A", "B")}
    assert revenue_row(ask_world(world, "findings", "2026-02", where=where))["dimension"] == ""


@ON_SQLITE
def test_of_many_changes_five_are_told(ask_world: Ask) -> None:
    world = grown({"A": 100}, {"A": 400}, often=2, since="2025-09-01")
    result = ask_world(world, "findings", "2026-02").result
    assert isinstance(result, Findings)
    changed = {"revenue", "orders", "customers", "new_customers", "average_order_value", "repeat_rate"}
    totals = ask_world(world, "kpis", "2026-02").result.totals  # type: ignore[union-attr]
    assert changed == {n for n, total in totals.items() if total.compared(Comparison.PREVIOUS).change.verdict == "up"}
    assert len(result.frame) == 5
    assert set(result.frame["metric"]) < changed


@ON_SQLITE
def test_nothing_is_told_where_there_is_no_baseline_or_too_little(ask_world: Ask) -> None:
    for world, when in ((grown({"A": 100}, {"A": 400}), "2026-01"), (grown({"A": 5}, {"A": 9}), "2026-02")):
        result = ask_world(world, "findings", when).result
        assert isinstance(result, Findings)
        assert result.frame.empty
        assert not result.can_tell


@ON_SQLITE
@pytest.mark.parametrize(
    ("before", "now", "when", "note"),
    [
        pytest.param(100, 400, "2026-01", "findings_no_baseline", id="the-period-before-lies-before-the-data"),
        pytest.param(5, 9, "2026-02", "findings_too_few", id="too-few"),
        pytest.param(100, 100, "2026-02", "findings_no_change", id="noise"),
        pytest.param(100, 100, "2025-06", "period_before_data", id="the-period-lies-before-the-data"),
    ],
)
def test_no_finding_says_why(ask_world: Ask, before: int, now: int, when: str, note: str) -> None:
    result = ask_world(grown({"A": before}, {"A": now}), "findings", when).result
    assert isinstance(result, Findings)
    assert [item.key for item in result.notes] == [note]
    assert result.frame.empty


# -- February beside January ----------------------------------------------------------------------------------------
@ON_SQLITE
@pytest.mark.parametrize(
    ("when", "longer"), [("2026-02", 28 / 31 - 1), ("2026-03", 31 / 28 - 1)], ids=["shorter", "longer"]
)
def test_a_month_of_other_length_alone_is_no_finding_and_is_told(ask_world: Ask, when: str, longer: float) -> None:
    answer = ask_world(shop({}), "findings", when)
    assert isinstance(answer.result, Findings)
    assert answer.result.frame.empty
    assert [note.key for note in answer.result.notes] == ["findings_other_length"]
    total = ask_world(shop({}), "orders", when).result
    (note,) = [dict(note.gaps) for note in total.notes if note.key == "baseline_other_length"]  # type: ignore[union-attr]
    assert (note["days"], note["then_days"]) == ((28, 31) if longer < 0 else (31, 28))
    assert note["longer_by"] == pytest.approx(longer, abs=0.002)
    assert total.compared(Comparison.PREVIOUS).change.verdict == ("down" if longer < 0 else "up")  # type: ignore[union-attr]


@ON_SQLITE
@pytest.mark.parametrize(("per_day", "verdict"), [(40, "down"), (90, "up")])
def test_what_the_days_do_not_explain_is_told_with_the_days(ask_world: Ask, per_day: int, verdict: str) -> None:
    answer = ask_world(shop({2: per_day}), "findings", "2026-02")
    row = revenue_row(answer)
    assert row["verdict"] == verdict
    assert [note.key for note in answer.result.notes] == ["baseline_other_length"]  # type: ignore[union-attr]


@ON_SQLITE
def test_a_fall_that_is_a_rise_day_by_day_is_not_told(ask_world: Ask) -> None:
    """28 days of 315 orders are fewer than 31 of 300, and the shop sells more every day."""
    answer = ask_world(shop({12: 1, 1: 300, 2: 315, 3: 1, 4: 1}), "findings", "2026-02")
    assert isinstance(answer.result, Findings)
    assert "orders" not in set(answer.result.frame["metric"])
    assert answer.result.is_by_days


@ON_SQLITE
@pytest.mark.parametrize("when", ["2026-01", "2026-03"])
def test_months_of_nearly_one_length_are_not_told_apart(ask_world: Ask, when: str) -> None:
    kind = Comparison.PREVIOUS if when == "2026-01" else Comparison.YEAR
    answer = ask_world(shop({}), "orders", when, comparison=kind)
    assert "baseline_other_length" not in [note.key for note in answer.notes]
