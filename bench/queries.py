"""CPU of an answer beside that of the best SQL written by hand for it, on the same open database.

Ours is everything from the question to the answer: building the statement, running it, Arrow, pandas, intervals and
tests of change; every cache of answers and rows is emptied before each run, the cache of compiled statements is not,
as in a server that has been asked before. Theirs is `execute(...).to_arrow_table().to_pandas()` and nothing else.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.clock import Times, in_turn
from bench.questions import Case, cases
from bench.table import Line
from data_access.source import Source, open_source
from metrics import answers

RATIO, FIXED = 1.3, 3.0  # times the CPU of the hand-written SQL, and milliseconds more


def measure(path: Path, runs: int, only: str = "") -> Iterator[Line]:
    """One line per question; what is not equal to the hand-written SQL is not timed but missed."""
    source = open_source(str(path))
    _freeze()
    for case in cases():
        if only in case.name:
            yield _line(case, source, runs)


def _freeze() -> None:
    """Keep the garbage collector from the imports, as the app does when it starts (ui/start.py)."""
    gc.collect()
    gc.freeze()


def _line(case: Case, source: Source, runs: int) -> Line:
    native, values = native_connection(source), used_values(case.sql, case.values(source))
    difference = disagreement(case, source)
    if difference:
        return Line(case.name, {}, False, f"other figures than by hand: {difference}")
    ours, theirs = in_turn(lambda: fresh(case, source), lambda: by_hand(native, case.sql, values), runs)
    is_met = ours.least <= RATIO * theirs.least + FIXED
    return Line(case.name, _figures(ours, theirs), is_met)


def _figures(ours: Times, theirs: Times) -> dict[str, str]:
    return {
        "hand": f"{theirs.least:.1f}",
        "(median)": f"{theirs.median:.1f}",
        "ours": f"{ours.least:.1f}",
        "(median) ": f"{ours.median:.1f}",
        "ratio": f"{ours.least / theirs.least:.2f}",
        "wall": f"{min(ours.wall):.1f}",
    }


def fresh(case: Case, source: Source) -> Any:
    """Our answer with nothing remembered but compiled statements."""
    forget(source)
    return case.ours(source)


def forget(source: Source) -> None:
    """Empty the caches of answers and rows."""
    answers.forget()
    source.base.forget()


def native_connection(source: Source) -> Any:
    """A connection of DuckDB's own to the database that the source has open."""
    with source.base.reading() as (engine, _):
        return engine.raw_connection().driver_connection.cursor().cursor()  # type: ignore[union-attr]


def by_hand(native: Any, sql: str, values: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of a hand-written statement."""
    return native.execute(sql, values).to_arrow_table().to_pandas()


def used_values(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a statement names; DuckDB refuses others."""
    return {name: values[name] for name in set(re.findall(r"\$(\w+)", sql)) if name in values}


def disagreement(case: Case, source: Source) -> str:
    """In what our answer differs from the hand-written SQL; empty: in nothing."""
    mine = case.compared(case.shaped(fresh(case, source)))
    theirs = case.compared(by_hand(native_connection(source), case.sql, used_values(case.sql, case.values(source))))
    if len(mine) != len(theirs):
        return f"{len(mine)} rows, not {len(theirs)}"
    for name in mine.columns:
        if not _equal(mine[name], theirs[name]):
            return f"column {name}"
    return ""


def _equal(mine: pd.Series, theirs: pd.Series) -> bool:
    if mine.name in ("period", "cohort") or pd.api.types.is_datetime64_any_dtype(mine):
        return bool((pd.to_datetime(mine).to_numpy() == pd.to_datetime(theirs).to_numpy()).all())
    if pd.api.types.is_numeric_dtype(mine):
        left, right = (np.asarray(column, dtype=float) for column in (mine, theirs))
        return bool(np.allclose(left, right, rtol=1e-9, atol=1e-6, equal_nan=True))
    return [None if pd.isna(v) else v for v in mine] == [None if pd.isna(v) else v for v in theirs]
