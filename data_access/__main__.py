"""The command line of the data: `python -m data_access import | connect | extract | check | ready | mappings | demo`.

Exit codes: 0 done, 1 refused or problems found, 2 the command itself is wrong. A fault that somebody can mend is one
sentence on standard error, never a trace.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from data_access.connect.dialogue import add_arguments, connect
from data_access.errors import ClienteleError, SourceError
from data_access.loading.load import TOLERATE, Order, load_folder
from data_access.loading.report import describe, wrong


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m data_access", description="Load, make and check a company's data.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_import(commands.add_parser("import", help="load a folder of CSV or Parquet files into a DuckDB file"))
    _add_extract(commands.add_parser("extract", help="take a live database's tables into a DuckDB file"))
    check = commands.add_parser("check", help="say what a source supplies, lacks and has wrong")
    check.add_argument(
        "source", metavar="SOURCE", help="a DuckDB or SQLite file, an SQLAlchemy URL or a clientele.toml"
    )
    check.add_argument("--mapping", default="", metavar="NAME|PATH", help="mapping through which the source is read")
    check.add_argument("--format", choices=("text", "json"), default="text", help="form of the report")
    ready = commands.add_parser("ready", help="say whether a source can be read now, quickly: for a health check")
    ready.add_argument("source", metavar="SOURCE", help="as of `check`")
    ready.add_argument("--mapping", default="", metavar="NAME|PATH", help="mapping through which the source is read")
    listing = commands.add_parser("mappings", help="list the mappings that are there")
    listing.add_argument("--format", choices=("text", "json"), default="text", help="form of the list")
    connecting = commands.add_parser("connect", help="recognise a CRM's database and write clientele.toml")
    add_arguments(connecting)
    demo = commands.add_parser("demo", help="make the demo company")
    demo.add_argument("--into", required=True, type=Path, metavar="FILE", help="DuckDB file to write")
    demo.add_argument("--scale", type=float, default=1.0, help="size; 1 is about 50,000 orders")
    demo.add_argument("--seed", type=int, default=None, help="another company of the same kind")
    return parser


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with the files")
    parser.add_argument("--into", required=True, type=Path, metavar="FILE", help="DuckDB file to write")
    parser.add_argument("--mapping", default="", metavar="NAME|PATH", help="mapping for files of a foreign shape")
    tolerated = "share of a table's rows that may be quarantined (0.1)"
    parser.add_argument("--tolerate", type=_share, default=TOLERATE, metavar="SHARE", help=tolerated)
    parser.add_argument("--base-currency", metavar="EUR", help="currency that everything is reported in")
    parser.add_argument("--timezone", metavar="ZONE", help="the company's time zone, such as Europe/Berlin (UTC)")
    parser.add_argument("--fiscal-year-start", metavar="MONTH", help="first month of the fiscal year (1)")
    parser.add_argument("--week-start", metavar="DAY", help="first day of the week, 1 Monday to 7 Sunday (1)")
    parser.add_argument("--data-as-of", metavar="MOMENT", help="the data are complete up to this date or UTC moment")
    parser.add_argument("--encoding", default="", metavar="NAME", help="encoding of the CSV files (utf-8)")
    parser.add_argument("--delimiter", default="", metavar="SIGN", help="what separates the columns (found out)")
    parser.add_argument("--decimal", default="", choices=(".", ","), help="decimal mark (.)")
    parser.add_argument("--quiet", action="store_true", help="say only what went wrong: rows kept out, and odd ones")


def _add_extract(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="an SQLAlchemy URL, a database file or a clientele.toml")
    parser.add_argument("--into", type=Path, metavar="FILE", help="DuckDB file to write (`extract` in clientele.toml)")
    parser.add_argument("--mapping", default="", metavar="NAME|PATH", help="mapping through which the source is read")
    parser.add_argument("--full", action="store_true", help="take everything anew, whatever is there")
    schedule = "print text that runs this command every hour, and with --full once a week; nothing is run"
    parser.add_argument("--schedule", choices=("cron", "systemd"), help=schedule)
    parser.add_argument("--quiet", action="store_true", help="say only what went wrong")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"`{text}` is not a share from 0 to 1")
    return share


def _import(choice: argparse.Namespace) -> int:
    order = Order(
        folder=choice.folder,
        target=choice.into,
        mapping=choice.mapping,
        tolerate=choice.tolerate,
        settings={
            "base_currency": choice.base_currency,
            "timezone": choice.timezone,
            "fiscal_year_start_month": choice.fiscal_year_start,
            "week_start": choice.week_start,
            "data_as_of": choice.data_as_of,
        },
        encoding=choice.encoding,
        delimiter={"tab": "\t", "\\t": "\t"}.get(choice.delimiter, choice.delimiter),
        decimal=choice.decimal,
    )
    loaded = load_folder(order, _quiet if choice.quiet else _say)
    said = wrong(loaded) if choice.quiet else describe(loaded)
    if said:
        _say(said)
    return 0


def _extract(choice: argparse.Namespace) -> int:
    from data_access.extract.report import described
    from data_access.extract.run import Job, extract
    from data_access.extract.schedule import schedule
    from data_access.place import extract_of, find_place

    target = choice.into or extract_of(choice.source)
    if target is None:
        raise SourceError('Where to? Name the file with `--into`, or write `extract = "..."` into clientele.toml.')
    if choice.schedule:
        _say(schedule(choice.schedule, choice.source, choice.into, choice.mapping))
        return 0
    place = find_place(choice.source, choice.mapping, is_live=True)
    done = extract(Job(place, target, choice.full), _quiet if choice.quiet else _say)
    if not choice.quiet:
        _say(described(done))
    return 0


def _check(choice: argparse.Namespace) -> int:
    from data_access.doctor import as_json, as_text, examine

    report = examine(choice.source, choice.mapping)
    _say(as_json(report) if choice.format == "json" else as_text(report))
    return 1 if report.problems else 0


def _ready(choice: argparse.Namespace) -> int:
    from data_access.ready import readiness

    _say(readiness(choice.source, choice.mapping))
    return 0


def _mappings(choice: argparse.Namespace) -> int:
    from data_access.mappings.find import known_mappings

    found = known_mappings()
    if choice.format == "json":
        keys = ("id", "title", "description", "versions", "checked")
        _say(json.dumps([{k: getattr(m, k) for k in keys} | {"tables": [*m.tables]} for m in found], indent=2))
        return 0
    for manifest in found:
        _say(f"{manifest.folder.name}: {manifest.title}")
        _say(f"    gives {', '.join(manifest.tables)}")
    return 0


def _demo(choice: argparse.Namespace) -> int:
    from data_access.demo import create_demo

    chosen = {} if choice.seed is None else {"seed": choice.seed}
    create_demo(choice.into, scale=choice.scale, progress=_Steps(), **chosen)
    _say(f"{choice.into} is ready.")
    return 0


class _Steps:
    """Tells how far a long piece of work is, one line for each step and each further tenth."""

    def __init__(self) -> None:
        self.told = ("", -1)

    def __call__(self, step: str, share: float) -> None:
        """`share` is what is done, 0 to 1."""
        now = (step, int(share * 10))
        if now != self.told:
            self.told = now
            _say(f"  {share:4.0%} {step}")


def _say(text: object) -> None:
    print(text, flush=True)


def _quiet(_text: object) -> None:
    """Say nothing."""


def _connect(choice: argparse.Namespace) -> int:
    return connect(choice, _say)


COMMANDS = {
    "import": _import,
    "connect": _connect,
    "extract": _extract,
    "check": _check,
    "ready": _ready,
    "mappings": _mappings,
    "demo": _demo,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    choice = _parser().parse_args(arguments)
    try:
        return COMMANDS[choice.command](choice)
    except ClienteleError as fault:
        print(fault, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing was replaced.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
