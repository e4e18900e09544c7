"""What every test shares: reproducible random examples, one thread each, a browser, and no silent skips.

With CLIENTELE_REQUIRE=all (as CI sets it) a skipped test is a failed test: whatever a test needs has to be there.
The one exception is data that is not part of this repository: the fixture `real_data`.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from tools.chromium import ADVICE, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = ROOT.parent / "shared" / "data"
BROWSER_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip

# The machine is small and shared: an example that takes long is not a fault, and two test processes fill two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile(
    "brief", parent=settings.get_profile("dev"), max_examples=8, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _patience_with_a_cluster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster on a small machine, which is also at something else, may take longer than a viewer would wait."""
    if request.node.get_closest_marker("spark"):
        monkeypatch.setenv("CLIENTELE_QUERY_SECONDS", "600")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium to drive."""
    found = find_chromium()
    if not found:
        pytest.skip(f"no Chromium: {ADVICE}")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The one browser of a session; every test opens its own windows in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER_ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Gives the path of a real company's data beside the clone; skips, saying so, where it is not there."""

    def find(name: str) -> Path:
        path = REAL_DATA / name
        if not path.exists():
            pytest.skip(f"shared/data/{name} is not beside this clone")
        return path

    return find


def may_skip(reason: str) -> bool:
    """True for the one thing that a complete machine may lack."""
    return "shared/data" in reason and not REAL_DATA.exists()


def everything_is_required() -> bool:
    """True when nothing may be skipped."""
    return os.environ.get("CLIENTELE_REQUIRE") == "all"


def skip_becomes_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that names its reason; expected failures stay what they are."""
    if not (everything_is_required() and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not may_skip(reason):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: nothing may be skipped here, but: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge the outcome of each test."""
    report = yield
    skip_becomes_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge a module that skips itself while it is read."""
    report = yield
    skip_becomes_failure(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all browser tests in one process, so that they share one server and one browser; likewise one cluster."""
    for item, name in itertools.product(items, ("browser", "spark")):
        if item.get_closest_marker(name) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(name))
