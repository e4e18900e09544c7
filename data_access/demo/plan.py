"""What the demo company is meant to be: its dates, its size, the effects planted in it and its dirt.

Every constant becomes a SQL macro without arguments (`as_of()`, `late_delivery_rate()`), so that the SQL files stay
plain text that can be read and run by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

COMPANY_NAME = "Brightwater & Co. / 清川商贸"
COMPANY_ZONE = "Europe/Berlin"
BASE_CURRENCY = "EUR"
AS_OF = datetime(2026, 6, 18, 16)
WINDOW_START = date(2023, 6, 1)  # 36 full months and a part of the 37th
NULL_HISTORY_START = date(2021, 6, 1)  # two years before: the customer base has filled up by WINDOW_START

CUSTOMERS_AT_SCALE_ONE = 8_000
# Rows to make at scale 1; the counts grow with the scale and are at least two.
DIRT_AT_SCALE_ONE = {
    "duplicate_customers": 40,
    "merged_customers": 12,
    "orphan_orders": 15,
    "future_orders": 10,
    "orders_without_rate": 12,
    "opportunities_closed_before_created": 8,
    "leads_without_owner": 25,
    "contacts_without_customer": 10,
    "tickets_without_customer": 9,
}

GROWING_REGION = "China"
SHRINKING_REGION = "South"
LOW_VALUE_CHANNEL = "social"
CHURN_CAUSE = "late_delivery"
FIXED_CAUSE = "damaged_goods"
FIXED_ON = date(2025, 9, 15)
DRIVER = "responsiveness"
DRIVER_WEIGHTS = {
    "tangibles": 0.04,
    "reliability": 0.14,
    "responsiveness": 0.70,
    "assurance": 0.07,
    "empathy": 0.05,
}
BOTTLENECK_SINCE = date(2025, 11, 3)
PAIR = ("PR-066", "PR-191")
CONVERSION_DAYS = 14
# Months (0 = June 2023) whose e-mail campaign has a random held-out group -> extra orders among those sent to.
EXPERIMENTS = {16: 0.06, 22: 0.0, 28: 0.13, 33: 0.0}
LIFT_MONTH, NO_LIFT_MONTH = 28, 33


@dataclass(frozen=True)
class Plan:
    """One demo company to be made."""

    scale: float
    seed: int
    null: bool

    @property
    def customers(self) -> int:
        return max(40, round(CUSTOMERS_AT_SCALE_ONE * self.scale))

    @property
    def history_start(self) -> date:
        return NULL_HISTORY_START if self.null else WINDOW_START

    @property
    def dirt(self) -> dict[str, int]:
        return {kind: max(2, round(rows * self.scale)) for kind, rows in DIRT_AT_SCALE_ONE.items()}

    def planted(self, value: float, otherwise: float = 0.0) -> float:
        """An effect: what it is in the demo company, what it is where there is none."""
        return otherwise if self.null else value

    @property
    def rates(self) -> dict[str, float]:
        """The strength of every planted effect, as the SQL files and the truths read it."""
        return {
            "late_delivery_rate": 0.045,
            "late_leave_rate": self.planted(0.45),
            "damaged_rate_before": self.planted(0.040, 0.025),
            "damaged_rate_after": self.planted(0.008, 0.025),
            "proposal_rate_before": self.planted(0.70, 0.65),
            "proposal_rate_after": self.planted(0.42, 0.65),
            "pair_rate": self.planted(0.035),
            "pair_both_rate": self.planted(0.65),
        }

    @property
    def driver_weights(self) -> dict[str, float]:
        return dict.fromkeys(DRIVER_WEIGHTS, 0.2) if self.null else DRIVER_WEIGHTS

    @property
    def experiments(self) -> dict[int, float]:
        """Number of an e-mail campaign with a held-out group -> share of those sent to who order because of it."""
        first = (WINDOW_START.year - self.history_start.year) * 12
        return {first + month: self.planted(effect) for month, effect in EXPERIMENTS.items()}

    @property
    def constants(self) -> dict[str, object]:
        """Name of a SQL macro -> its value."""
        return {
            "seed": self.seed,
            "scale": self.scale,
            "is_null": self.null,
            "as_of": AS_OF,
            "history_start": self.history_start,
            "window_start": WINDOW_START,
            "company_zone": COMPANY_ZONE,
            "base_currency": BASE_CURRENCY,
            "company_name": COMPANY_NAME,
            "low_value_channel": "" if self.null else LOW_VALUE_CHANNEL,
            "fixed_on": FIXED_ON,
            "bottleneck_since": BOTTLENECK_SINCE,
            "conversion_days": CONVERSION_DAYS,
            "pair_product": PAIR[0],
            "pair_other_product": PAIR[1],
            **self.rates,
            **{f"weight_{dimension}": weight for dimension, weight in self.driver_weights.items()},
            **{f"{kind}_wanted": rows for kind, rows in self.dirt.items()},
        }
