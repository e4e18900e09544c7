"""What was planted in a demo company: the answers that its pages ought to find.

Every effect is a field of `Truths`; in a null company (`null` is true) the effects are None.
`Truths.to_json` and `Truths.from_json` are inverse to each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class CampaignLift:
    """The effect of a campaign with a random held-out group.

    Conversion: a customer places a valid order in [first_sent_at, first_sent_at + conversion_days).
    `lift_points` is a ratio (0.06 = six percentage points): the mean over everybody in the campaign, held out or not,
    of (converts if sent) - (converts if held out). Both are known here, as only a generator can know them.
    """

    campaign_id: str
    name: str
    lift_points: float
    conversion_days: int
    members: int


@dataclass(frozen=True)
class ChurnCause:
    """After a ticket of this category a customer leaves with this additional probability (ratio)."""

    category: str
    extra_leave_rate: float


@dataclass(frozen=True)
class SatisfactionDriver:
    """The SERVQUAL dimension whose perception moves the item `overall`; `weights` sum to 1 over the dimensions."""

    dimension: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class FixedRootCause:
    """Tickets of this category per valid order, before and from the local day on which the cause was mended."""

    category: str
    fixed_on: date
    rate_before: float
    rate_after: float


@dataclass(frozen=True)
class ProductPair:
    """Two products that go into one basket: `pair_rate` of baskets get the first on purpose, and of those
    `both_rate` get the second as well."""

    product_id: str
    other_product_id: str
    pair_rate: float
    both_rate: float


@dataclass(frozen=True)
class Bottleneck:
    """The step from one stage to the next converts less for deals that enter the first from this local day on."""

    pipeline_id: str
    from_stage_id: str
    to_stage_id: str
    since: date
    rate_before: float
    rate_after: float


@dataclass(frozen=True)
class Truths:
    """Everything that is known about a demo company because it was made, not measured."""

    company_name: str
    seed: int
    scale: float
    null: bool
    data_as_of: datetime
    history_start: date
    """First local day with data."""
    stationary_from: date | None
    """Null company: from this day on nothing changes (before it, the customer base fills up)."""
    campaign_with_lift: CampaignLift | None
    campaign_without_lift: CampaignLift
    """A campaign with a held-out group, many clicks and attributed orders, and no effect."""
    campaign_lifts: tuple[CampaignLift, ...]
    """Every campaign with a held-out group, these two among them."""
    churn_cause: ChurnCause | None
    satisfaction_driver: SatisfactionDriver | None
    fixed_root_cause: FixedRootCause | None
    product_pair: ProductPair | None
    low_value_channel: str | None
    """`customers.acquired_channel` whose customers buy less, less often and for a shorter time."""
    growing_region: str | None
    shrinking_region: str | None
    bottleneck: Bottleneck | None
    dirt: Mapping[str, int]
    """Faulty rows by kind, exact; `docs/demo.md` says how to recognise each kind."""
    left_out: Mapping[str, int]
    """Sound rows that no metric counts (trial orders, drafts, the company's own orders ...), by kind, exact."""
    totals: Mapping[str, int]
    """Rows of every canonical table, dirt included."""

    def to_json(self) -> dict[str, str]:
        """Field name -> JSON text."""
        return {name: json.dumps(value, default=_written, sort_keys=True) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, fields: Mapping[str, str]) -> Truths:
        """The inverse of `to_json`."""
        return cls(**{name: _read(name, json.loads(text)) for name, text in fields.items()})


_RECORDS: dict[str, type[Any]] = {
    "campaign_with_lift": CampaignLift,
    "campaign_without_lift": CampaignLift,
    "churn_cause": ChurnCause,
    "satisfaction_driver": SatisfactionDriver,
    "fixed_root_cause": FixedRootCause,
    "product_pair": ProductPair,
    "bottleneck": Bottleneck,
}
_DAYS = ("history_start", "stationary_from", "fixed_on", "since")


def _written(value: object) -> str:
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()
    raise TypeError(f"A truth holds numbers, text, days and moments, not {type(value).__name__}.")


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _RECORDS:
        return _RECORDS[name](**{field: _read(field, inner) for field, inner in value.items()})
    if name == "campaign_lifts":
        return tuple(CampaignLift(**lift) for lift in value)
    if name == "data_as_of":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in _DAYS else value
