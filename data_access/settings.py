"""The one-row settings: base currency, time zone, fiscal year, week and how far the data reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from data_access.calendar import Calendar


@dataclass(frozen=True)
class Settings:
    """What a company says about itself; `data_as_of` is a UTC moment, None until it is known."""

    base_currency: str = "EUR"
    timezone: str = "UTC"
    fiscal_year_start_month: int = 1
    week_start: int = 1
    data_as_of: datetime | None = None

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.timezone, self.week_start, self.fiscal_year_start_month)
