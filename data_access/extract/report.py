"""What an extract has done, as text for people."""

from __future__ import annotations

from collections.abc import Iterator

from data_access.extract.file import CHANGES
from data_access.extract.plan import NOT_SAID
from data_access.extract.run import Extracted


def described(done: Extracted) -> str:
    """A few lines: how many rows, which tables were taken whole although they need not be, and what is lacking."""
    return "\n".join(_lines(done))


def _lines(done: Extracted) -> Iterator[str]:
    seconds = sum(one.seconds or 0 for one in (*done.drawn, *done.tables) if one.name not in done.kept)
    by_changes = [one for one in done.tables if one.mode == CHANGES]
    yield (
        f"{done.target}: {done.rows:,} rows in {len(done.tables)} tables ({done.way}, {seconds:.1f} s), "
        f"the state of {done.origin.read_at:%Y-%m-%d %H:%M} UTC."
    )
    for part in done.origin.parts:
        yield f"  {part.name} from {part.source}: the state of {part.read_at:%Y-%m-%d %H:%M} UTC ({part.way})."
    if by_changes:
        changed = sum(one.changed or 0 for one in by_changes)
        yield f"  {changed:,} rows had changed in {', '.join(one.name for one in by_changes)}."
    for one in done.tables:
        if one.mode != CHANGES and done.origin.mode == CHANGES and one.text not in ("", NOT_SAID):
            yield f"  {one.name} was taken whole: {one.text}."
    for name, why in done.lacking.items():
        yield f"  {name} is not there: {why}."
