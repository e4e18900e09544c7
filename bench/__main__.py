"""`python -m bench`: prints one table; exits 0, or 1 with --check when a goal is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bench import company, extracts, imports, machine, pages, queries
from bench.table import Line, misses, say, show

PARTS = ("queries", "pages", "import", "extract")

EXTRACTS = 3  # times that each source is taken


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; gives the exit code."""
    choice = _parser().parse_args(arguments)
    lines: list[Line] = []
    path = company.path_of(choice.scale)
    company.make(path, choice.scale, say)
    say(machine.description(path, choice.scale))
    if "queries" in choice.only:
        lines += show(
            "Queries: CPU of the whole answer beside SQL written by hand (ms)", queries.measure(path, choice.runs)
        )
    if "pages" in choice.only and not sys.platform.startswith("linux"):
        say("\nPages are not measured here: the processor time of another process is read as Linux tells it.")
    elif "pages" in choice.only:
        lines += show(
            "Pages: a served page, everything cached but where it says cold", pages.measure(path, choice.runs)
        )
    if "import" in choice.only:
        lines += show(
            "Import of a CSV file beside DuckDB's read_csv", imports.measure(choice.import_rows or choice.scale)
        )
    if "extract" in choice.only:
        lines += show(
            "Extract of order lines beside SQLAlchemy's rows", extracts.measure(path, EXTRACTS, choice.postgres)
        )
    missed = misses(lines)
    say(f"\n{len(missed)} of {sum(line.has_goal for line in lines)} goals missed" + "".join(f"\n  {m}" for m in missed))
    say(machine.load())
    return 1 if choice.check and missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Time queries, pages, imports and extracts.")
    parser.add_argument("--scale", type=int, default=1_000_000, metavar="LINES", help="order lines of the company")
    parser.add_argument("--runs", type=int, default=9, help="times that each thing is measured")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    parser.add_argument(
        "--import-rows", type=int, default=0, metavar="ROWS", help="rows of the imported file (the scale)"
    )
    parser.add_argument(
        "--postgres", default="", metavar="URL", help="an empty PostgreSQL database, to measure an extract from it too"
    )
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is missed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
