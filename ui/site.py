"""The pages of the app: where their script lies, their address and what can be chosen on them.

Scripts lie one folder below `pages/`: a script directly in `pages/` could be opened by its address before `app.py` ran.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_access.calendar import Grain
from metrics.cohorts import MEASURES
from metrics.periods import Comparison, Preset
from metrics.question import DIMENSIONS
from metrics.revenue_change import METRIC as REVENUE_CHANGE
from ui.choices import Control, PageSpec

EXPLAINED_BY = REVENUE_CHANGE.dimensions


@dataclass(frozen=True)
class Site:
    """One page: its script, its address and its specification."""

    script: str
    path: str
    spec: PageSpec


OVERVIEW = PageSpec(
    "overview",
    Preset.LAST_QUARTER,
    comparison=Comparison.YEAR,
    export="kpis",
    controls=(Control("why", EXPLAINED_BY, "region", "page.overview.why", is_dimension=True),),
)
RETENTION = PageSpec(
    "retention",
    Preset.LAST_12_MONTHS,
    export="retention",
    grains=(Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER),
    has_comparison=False,
    has_complete=False,
    controls=(
        Control("measure", MEASURES, "customers", "page.retention.measure"),
        Control("cohort", ("first", "recurring"), "first", "page.retention.cohort"),
        Control("returning", ("on", "on_or_after"), "on", "page.retention.returning"),
        Control("ages", ("calendar", "rolling"), "calendar", "page.retention.ages"),
        Control(
            "by",
            ("", "region", "country", "segment", "acquired_channel", "first_channel"),
            "",
            "page.retention.by",
            is_dimension=True,
        ),
    ),
)
FUNNEL = PageSpec(
    "funnel",
    Preset.LAST_QUARTER,
    export="funnel",
    dimensions=tuple(name for name in DIMENSIONS if name != "category"),
    has_grain=False,
    has_complete=False,
    found=("pipeline",),
    controls=(
        Control("reading", ("reached", "in_order", "entered"), "reached", "page.funnel.reading"),
        Control("start", ("opportunity", "lead"), "opportunity", "page.funnel.start"),
        Control("window_days", ("", "30", "60", "90", "180"), "", "page.funnel.window"),
        Control(
            "by",
            ("", "channel", "owner", "team", "region", "country", "segment"),
            "",
            "page.funnel.by",
            is_dimension=True,
        ),
    ),
)
DEFINITIONS = PageSpec(
    "definitions",
    Preset.ALL_TIME,
    texts=("search",),
    dimensions=(),
    has_period=False,
    has_comparison=False,
    has_grain=False,
    has_complete=False,
)

SETUP = replace(DEFINITIONS, name="setup", texts=())

SITE = (
    Site("pages/executive/overview.py", "overview", OVERVIEW),
    Site("pages/customers/retention.py", "retention", RETENTION),
    Site("pages/sales/funnel.py", "funnel", FUNNEL),
    Site("pages/reference/definitions.py", "definitions", DEFINITIONS),
)
# Open by its address, and in the menu only as long as there is something to set up (ui/setup.py).
FRESH = Site("pages/reference/setup.py", "setup", SETUP)
