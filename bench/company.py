"""The company that is measured: the demo company at a scale, made once and kept while its generator stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from data_access.demo import DEFAULT_SEED, create_demo

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "data"
LINES_AT_SCALE_1 = 182_500
MADE_BY = ("data_access/demo", "data_access/schema.py")


def path_of(lines: int) -> Path:
    """Where the company of so many order lines is kept."""
    return FOLDER / f"bench-{lines}.duckdb"


def make(path: Path, lines: int, say: Callable[[str], None]) -> None:
    """Make the company, unless it is there and was made from the same seed, scale and generator."""
    recipe, written = path.with_suffix(".recipe"), _recipe(lines)
    if path.exists() and recipe.exists() and recipe.read_text("utf-8") == written:
        return
    say(f"Making a company of {lines:,} order lines, once: {path}")
    recipe.unlink(missing_ok=True)
    create_demo(path, scale=lines / LINES_AT_SCALE_1)
    recipe.write_text(written, "utf-8")


def _recipe(lines: int) -> str:
    digest = hashlib.sha256()
    for name in MADE_BY:
        place = ROOT / name
        for file in sorted(place.rglob("*.*")) if place.is_dir() else [place]:
            if file.suffix in (".py", ".sql"):
                digest.update(file.read_bytes())
    return f"lines {lines}, seed {DEFAULT_SEED}, generator {digest.hexdigest()}\n"
