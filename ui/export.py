"""A table that leaves the app: CSV with everything that explains it, safe to open in a spreadsheet.

UTF-8 with a byte-order mark. Lines that begin with `#` say what the figures are; then the header and the rows, values
in full. A cell or header that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from metrics.columns import without_noise

DANGEROUS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "＝", "＋", "－", "＠")
BEFORE = "\ufeff\u200b'\""  # what a spreadsheet may take away before it looks, besides spaces and line breaks
NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")


def csv_bytes(frame: pd.DataFrame, explanation: Sequence[tuple[str, str]], amounts: Collection[str] = ()) -> bytes:
    """The file's bytes. `explanation` holds pairs of a label and its text; `amounts` names the columns of money."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for label, text in explanation:
        writer.writerow([f"# {label}: {' '.join(str(text).split())}"])
    writer.writerow([safe(str(name)) for name in frame.columns])
    is_amount = [name in amounts for name in frame.columns]
    for row in frame.itertuples(index=False):
        writer.writerow([safe(without_noise(value, money)) for value, money in zip(row, is_amount, strict=True)])
    return ("\ufeff" + out.getvalue()).encode("utf-8", "replace")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run the text; a plain number, also a negative one, is none."""
    bare, before = text, ""
    while bare != before:
        before, bare = bare, bare.lstrip().lstrip(BEFORE)
    return (bare.startswith(DANGEROUS) or text.startswith(DANGEROUS)) and not NUMBER.fullmatch(text)


def safe(value: Any) -> Any:
    """A cell as it may be written: text that looks like a formula is defused, days are ISO text, no value is empty."""
    if isinstance(value, str):
        return f"'{value}" if is_formula(value) else value
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)) or value is pd.NA:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat(sep=" ")
    return value
