"""The command line: the same answers without a browser. `python -m metrics --help` says how.

list                    every metric with its unit
describe NAME           definition, formula, unit, columns, options
run NAME --source ...   an answer as json, csv or a table
docs                    writes docs/metrics.md

What has to be said about an answer is in the JSON, under the table, and beside the CSV on stderr. What is asked and
cannot be honoured is refused (exit 2); nothing is left out in silence.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

import pandas as pd

from data_access.calendar import Calendar, Grain
from data_access.errors import ClienteleError, QuestionError
from data_access.source import Source, open_source
from i18n.words import LANGUAGES, load_words
from metrics import dimensions
from metrics.answers import Answer, ask
from metrics.columns import amounts_in, differs_by_row, frames, meaning, without_noise
from metrics.docs import without_words, write_docs
from metrics.filters import NONE
from metrics.metric import Metric, Unit, all_metrics, metric_named
from metrics.notes import sentence
from metrics.periods import FIRST_DAY, LAST_DAY, Comparison, Period
from metrics.question import DIMENSIONS, Filters
from metrics.results import Result
from metrics.table import as_text, span_compared

WORDS = load_words("en")
MOST_NAMED = 20
BY_GRAIN = ("retention",)  # besides key figures, what is cut into buckets


class OneLine(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    top = OneLine(prog="python -m metrics", description="Answers of Clientele without a browser.")
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="every metric with its unit")
    verbs.add_parser("docs", help="write docs/metrics.md")
    verbs.add_parser("describe", help="definition, formula, columns and options").add_argument("name")
    run = verbs.add_parser("run", help="an answer")
    run.add_argument("name")
    run.add_argument(
        "--source", required=True, help="a DuckDB or SQLite file, an SQLAlchemy URL, or a clientele.toml that names one"
    )
    run.add_argument("--mapping", default="", help="name or path of the mapping through which the source is read")
    run.add_argument(
        "--from", dest="start", metavar="D", help="first day, YYYY-MM-DD (default: the first day of the data)"
    )
    run.add_argument(
        "--to", dest="end", metavar="D", help="the day after the last one, YYYY-MM-DD (default: the end of the data)"
    )
    run.add_argument(
        "--as-of",
        metavar="D",
        help="count nothing after the end of this day (default: the settings); later cancellations and refunds stay",
    )
    run.add_argument("--compare", choices=[kind.value for kind in Comparison], help="compare with (default: previous)")
    run.add_argument("--grain", choices=[grain.value for grain in Grain], help="one value per bucket")
    run.add_argument(
        "--where", action="extend", nargs="+", default=[], metavar="DIMENSION=VALUE", help="filters; may be repeated"
    )
    run.add_argument(
        "--option", action="extend", nargs="+", default=[], metavar="KEY=VALUE", help="options; may be repeated"
    )
    run.add_argument("--format", choices=("json", "csv", "table"), default="table")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when it worked, 2 when the question or the source is wrong (one line on stderr)."""
    asked = parser().parse_args(arguments)
    try:
        print(VERBS[asked.verb](asked), flush=True)
    except ClienteleError as fault:
        print(str(fault), file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _need_words(*metrics: Metric) -> None:
    """Raises QuestionError for a metric whose words have not been written."""
    missing = without_words(metrics, LANGUAGES)
    if missing:
        raise QuestionError(f"Words are missing: {', '.join(missing)}; write them as CONTRIBUTING.md, step 2, shows.")


def _list(_: argparse.Namespace) -> str:
    _need_words(*all_metrics().values())
    rows = [(m.name, m.unit.value, WORDS(f"metric.{m.name}.name")) for m in all_metrics().values()]
    return "\n".join(f"{name:22} {unit:8} {title}" for name, unit, title in rows)


def _docs(_: argparse.Namespace) -> str:
    _need_words(*all_metrics().values())
    return f"wrote {write_docs()}"


def _describe(asked: argparse.Namespace) -> str:
    metric = metric_named(asked.name)
    _need_words(metric)
    lines = [
        f"{metric.name}: {WORDS(f'metric.{metric.name}.name')}",
        WORDS(f"metric.{metric.name}.definition"),
        f"formula: {WORDS(f'metric.{metric.name}.formula')}",
        f"unit: {metric.unit.value}; better: {metric.better.value}",
        f"reads: {', '.join(metric.needs) or 'other metrics'}",
        f"filters: {', '.join(metric.filters) or 'none'}",
    ]
    for name, option in metric.options.items():
        values = f"; one of {option.named_values}" if option.values else ""
        lines.append(f"option {name}: {option.meaning}{values}; default {option.default or '(empty)'}")
    named = frames(metric)
    for choice, columns in named.items():
        lines.append(f"columns{f' with {choice}' if choice else ''}: {', '.join(columns)}")
    for column in dict.fromkeys(column for columns in named.values() for column in columns):
        unit, text = meaning(metric, column)
        lines.append(f"  {column:22} {_unit_named(metric, unit):8} {text}")
    return "\n".join(lines)


def _unit_named(metric: Metric, unit: Unit | None) -> str:
    return "its own" if unit is None and metric.unit is Unit.TEXT else (unit or metric.unit).value


def _run(asked: argparse.Namespace) -> str:
    answer = answer_for(asked)
    if answer.missing is not None:
        raise answer.missing
    if asked.compare and _compared_to(answer) is None:
        raise QuestionError(
            f"--compare {asked.compare}: this answer of {answer.metric.name} is compared with nothing; leave it out"
            f"{', or ask for its total or its groups' if answer.metric.is_kpi else ''}."
        )
    return FORMATS[asked.format](answer)


def answer_for(asked: argparse.Namespace) -> Answer:
    """The answer that the arguments ask for."""
    metric = metric_named(asked.name)
    _need_words(metric)
    options = _options(asked, metric)
    source = open_source(asked.source, as_of=_as_of(asked), mapping=asked.mapping)
    filters = Filters(
        _period(asked, source),
        Comparison(asked.compare or "previous"),
        Grain(asked.grain or "month"),
    )
    for dimension, values in _pairs(asked.where, "--where").items():
        filters = filters.choose(dimension, *_known(source, dimension, values))
    return ask(metric.name, source, filters, options)


def _options(asked: argparse.Namespace, metric: Metric) -> dict[str, str]:
    """The options, each said once; a grain asks a key figure for its trend. Raises QuestionError for what clashes."""
    pairs = _pairs(asked.option, "--option")
    for key, values in pairs.items():
        if len(values) > 1:
            raise QuestionError(f"--option {key} is given {len(values)} times: {', '.join(values)}; give one value.")
    options = {key: values[0] for key, values in pairs.items()}
    if asked.grain and not (metric.is_kpi or metric.name in BY_GRAIN):
        able = ", ".join(name for name, other in all_metrics().items() if other.is_kpi or name in BY_GRAIN)
        raise QuestionError(f"--grain {asked.grain}: {metric.name} has no value per bucket; these have: {able}.")
    if metric.is_kpi:
        wanted = options.setdefault("shape", "trend" if asked.grain else "total")
        _check_shape(asked, metric, wanted, options.get("by", ""))
    return options


def _check_shape(asked: argparse.Namespace, metric: Metric, shape: str, by: str) -> None:
    """Raises QuestionError where a value per bucket and one per group, or one value, are asked for at once."""
    if by and shape == "trend":
        said = f"--grain {asked.grain}" if asked.grain else "--option shape=trend"
        raise QuestionError(
            f"{metric.name} has a value per bucket or one per {by}, not both: leave out {said} or by={by}, or choose "
            f"one {by} with --where {by}=VALUE."
        )
    if asked.grain and shape == "total":
        raise QuestionError(f"--grain {asked.grain} asks for a value per bucket and shape=total for one: choose.")


def _known(source: Source, dimension: str, values: list[str]) -> list[str]:
    """The values, if the data has them all; `(none)` asks for rows where nothing is recorded."""
    if dimension not in DIMENSIONS:
        return values
    held = {str(value) for value in dimensions.values(source, dimension)["value"]} | {NONE}
    strange = [value for value in values if value not in held]
    if strange:
        known = ", ".join(sorted(held)[:MOST_NAMED])
        raise QuestionError(f"--where {dimension}={strange[0]}: the data has no such {dimension}; it has {known}.")
    return values


def _pairs(texts: Sequence[str], flag: str) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise QuestionError(f"{flag} {text!r} has no '='; write {flag} name=value.")
        pairs.setdefault(key, []).append(value)
    return pairs


def _day(text: str, flag: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise QuestionError(f"{flag} {text!r} is not a day; write it as 2026-03-31.") from fault
    if not FIRST_DAY <= day <= LAST_DAY:
        raise QuestionError(f"{flag} {text!r} cannot be asked for; choose a day from {FIRST_DAY} to {LAST_DAY}.")
    return day


def _as_of(asked: argparse.Namespace) -> datetime | None:
    """The last moment of the as-of day in the company's zone."""
    if asked.as_of is None:
        return None
    calendar: Calendar = open_source(asked.source, mapping=asked.mapping).calendar
    return calendar.to_utc(_day(asked.as_of, "--as-of") + timedelta(days=1)) - timedelta(microseconds=1)


def _period(asked: argparse.Namespace, source: Source) -> Period:
    first = source.crm.facts.first
    begin = source.calendar.to_local(first).date() if first else source.as_of.date()
    last = source.calendar.to_local(source.as_of).date() + timedelta(days=1)
    start = _day(asked.start, "--from") if asked.start else min(begin, last - timedelta(days=1))
    end = _day(asked.end, "--to") if asked.end else max(last, start + timedelta(days=1))
    return Period(start, end)


# -- formats --------------------------------------------------------------------------------------------------------
def as_json(answer: Answer) -> str:
    """metric, unit, definition, period, compared_to, as_of, filters, columns, rows, tables, n, notes, sql."""
    return json.dumps(as_dict(answer), ensure_ascii=False, indent=2)


def as_dict(answer: Answer) -> dict[str, Any]:
    """The answer as plain values; moments and days as ISO text, unknown values as null."""
    metric, filters, result = answer.metric, answer.question.filters, answer.result
    assert result is not None
    return {
        "metric": metric.name,
        "unit": answer.currency if metric.unit is Unit.MONEY else metric.unit.value,
        "currency": answer.currency,
        "definition": WORDS(f"metric.{metric.name}.definition"),
        "period": {"from": filters.period.start.isoformat(), "to": filters.period.end.isoformat()},
        "compared_to": _compared_to(answer),
        "as_of": answer.as_of.isoformat(),
        "timezone": answer.timezone,
        "filters": {name: list(values) for name, values in filters.where},
        "options": dict(answer.question.options),
        **_columns_and_rows(metric, result, result.frame, answer.currency),
        "tables": {
            name: _columns_and_rows(metric, result, frame, answer.currency) for name, frame in result.tables.items()
        },
        "n": result.n,
        "notes": notes_of(answer),
        "sql": list(answer.sql),
    }


def notes_of(answer: Answer) -> list[str]:
    """What has to be said about an answer; one without rows or values says at least that nothing was counted."""
    said = [sentence(item, WORDS, answer.timezone) for item in answer.notes]
    frame = answer.result.frame if answer.result is not None else pd.DataFrame()
    is_empty = frame.empty or ("value" in frame and bool(frame["value"].isna().all()))
    return said or ([WORDS("panel.empty.no_rows")] if is_empty else [])


def _columns_and_rows(metric: Metric, result: Result, frame: pd.DataFrame, currency: str) -> dict[str, Any]:
    """What each column means, and a mapping per row."""
    return {
        "columns": [_column(metric, result, str(name), currency) for name in frame.columns],
        "rows": [{str(k): plain(v) for k, v in row.items()} for row in frame.to_dict("records")],
    }


def _column(metric: Metric, result: Result, name: str, currency: str) -> dict[str, str]:
    unit, text = meaning(metric, name)
    decides = differs_by_row(metric, result, name)
    if decides:
        return {"name": name, "unit": f"of the row's {decides}", "meaning": text}
    unit = unit or metric.unit
    return {"name": name, "unit": currency if unit is Unit.MONEY else unit.value, "meaning": text}


def _compared_to(answer: Answer) -> dict[str, str] | None:
    assert answer.result is not None
    kind = answer.question.filters.comparison
    then = span_compared(answer.result, kind)
    if then is None:
        return None
    dates = {"kind": kind.value, "from": then.period.start.isoformat(), "to": then.period.end.isoformat()}
    return dates | {"from_moment": then.start.isoformat(), "to_moment": then.end.isoformat()}


def plain(value: Any) -> Any:
    """A value as JSON knows it; no value is null."""
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    return value.item() if hasattr(value, "item") else value


def as_csv(answer: Answer) -> str:
    """The rows as CSV, values in full; the notes go to stderr, so that what is piped on stays data."""
    assert answer.result is not None
    for text in notes_of(answer):
        print(f"note: {text}", file=sys.stderr)
    frame = answer.result.frame
    amounts = amounts_in(answer.metric, frame)
    tidy = {str(n): [without_noise(v, n in amounts) for v in c] for n, c in frame.select_dtypes("float").items()}
    return frame.assign(**tidy).to_csv(index=False, date_format="%Y-%m-%d").rstrip("\n")


def as_table(answer: Answer) -> str:
    """The rows for reading, with a head and the notes."""
    return as_text(answer, notes_of(answer), WORDS)


FORMATS = {"json": as_json, "csv": as_csv, "table": as_table}
VERBS = {"list": _list, "docs": _docs, "describe": _describe, "run": _run}
