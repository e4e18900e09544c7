"""What a family module must hold, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from data_access.calendar import Calendar
from data_access.errors import MappingError

Template = str | Callable[..., str]
OFFSETS_OF = datetime(2000, 1, 1), datetime(2038, 1, 1)  # earlier and later, the nearest offset of these years is used


@dataclass(frozen=True)
class Family:
    """How one family of engines writes the functions of a mapping (`written`) and the canonical types (`typed`)."""

    written: Mapping[str, Template]
    typed: Mapping[str, str]


def zone_changes(zone: str) -> tuple[tuple[datetime, int], ...]:
    """Local moments from which clocks in a zone are read with an offset (seconds east of UTC), in their order."""
    offsets = Calendar(zone).offsets(*OFFSETS_OF)
    changes = [(datetime.min, offsets[0][1])]
    for (until, _), (_, seconds) in pairwise(offsets):
        assert until is not None
        changes.append((until + timedelta(seconds=seconds), seconds))
    return tuple(changes)


def to_utc_by_offsets(moved: str) -> Callable[[str, str], str]:
    """`to_utc` for engines without a table of time zones: the offsets are written out.

    `moved` is a moment some seconds earlier, such as `TIMESTAMPADD(SECOND, -({seconds}), {moment})`.
    """

    def write(moment: str, zone: str) -> str:
        if not (zone.startswith("'") and zone.endswith("'")):
            raise MappingError(f"to_utc is given the zone {zone}; write its name as a text, or setting('timezone').")
        first, *later = zone_changes(zone[1:-1].replace("''", "'"))
        arms = " ".join(
            f"WHEN {moment} >= '{since:%Y-%m-%d %H:%M:%S}' THEN {seconds}" for since, seconds in reversed(later)
        )
        offset = f"CASE {arms} ELSE {first[1]} END" if arms else str(first[1])
        return moved.format(moment=moment, seconds=offset)

    return write
