"""A load, from a folder to a file: the line that every import follows.

    find files -> stage as text -> (run the mapping) -> settle the settings -> read cells, derive, fill in
    -> check rows -> check links -> write parents, then children -> write the record -> swap the file in

Nothing but the last step touches the target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from data_access.errors import ImportRefusedError
from data_access.loading.canonical import find_tables, note_unknown_files, stage_table
from data_access.loading.checks import Look, judge, look, refuse_too_many
from data_access.loading.company import (
    DEFAULTS,
    FLAGS,
    base_currency,
    last_moment,
    parse_as_of,
    read_settings_file,
    refuse_other_base,
    settings_given,
)
from data_access.loading.ledger import Entry, Ledger
from data_access.loading.links import check_links, parents_first, refuse_missing_tables, remaining_out
from data_access.loading.mapped import run_tables, stage_reads
from data_access.loading.offsets import note_local_times
from data_access.loading.progress import silent, step
from data_access.loading.results import (
    customers_from_references,
    note_unequal_lines,
    reconstruct_history,
    write_settings,
    write_table,
)
from data_access.loading.staging import Stager
from data_access.loading.state import Company, Load, Raw
from data_access.loading.typed import build
from data_access.loading.workspace import Workspace, open_workspace
from data_access.mappings.find import open_mapping
from data_access.mappings.manifest import FileFormat, Manifest

READ_FIRST = ("fx_rates", "pipelines_stages", "surveys", "survey_responses", "stage_history")
TOLERATE = 0.1


@dataclass(frozen=True)
class Order:
    """What is asked for: which folder, into which file, how. `settings` are those named on the command line."""

    folder: Path
    target: Path
    mapping: str = ""
    tolerate: float = TOLERATE
    settings: Mapping[str, Any] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class Loaded:
    """What a load has done: rows per table, the record, the settings."""

    target: Path
    rows: Mapping[str, int]
    entries: tuple[Entry, ...]
    settings: Mapping[str, Any]


def load_folder(order: Order, tell: Callable[[str], None] = silent, now: datetime | None = None) -> Loaded:
    """Load a folder into a file. Raises ClienteleError, and leaves the file as it was, when it cannot be done."""
    moment = now or datetime.now(UTC).replace(tzinfo=None)
    try:
        return _load(order, _mapping(order), tell, moment)
    except duckdb.Error as fault:
        why = str(fault).splitlines()[0]
        raise ImportRefusedError(f"The load of {order.folder} broke off ({why}); nothing was replaced.") from fault
    except OSError as fault:
        what, why = fault.filename or order.target, fault.strerror or str(fault)
        raise ImportRefusedError(f"{what} cannot be read or written ({why}); nothing was replaced.") from fault


def _load(order: Order, manifest: Manifest | None, tell: Callable[[str], None], now: datetime) -> Loaded:
    with open_workspace(order.target) as space:
        ledger = Ledger(space.connection)
        ledger.open()
        raws = _stage(order, _with_options(order, manifest), space, ledger, tell)
        settings_raw = raws.pop("settings", None)
        refuse_missing_tables(list(raws))
        in_file = read_settings_file(settings_raw, space.connection)
        given = settings_given(order.settings, manifest.settings if manifest else {}, in_file)
        settings = {**DEFAULTS, **given}
        _settle(settings, raws, space, ledger)
        stated = settings_given({}, manifest.settings if manifest else {}, in_file).get("base_currency")
        refuse_other_base(raws, stated, settings["base_currency"])
        company = replace(_company(settings, order, manifest), stated_base=stated or settings["base_currency"])
        load = Load(space.connection, ledger, company, order.tolerate)
        rows = _judge_and_write(load, raws, settings, now, space, tell)
        ledger.close()
        return Loaded(order.target, rows, tuple(ledger.entries), settings)


def _mapping(order: Order) -> Manifest | None:
    if not order.mapping:
        return None
    manifest = open_mapping(order.mapping)
    form = replace(manifest.format, decimal=order.decimal or manifest.format.decimal)
    return replace(manifest, format=form)


def _with_options(order: Order, manifest: Manifest | None) -> Manifest | None:
    """The mapping as its SELECTs see it: options of the command overrule its settings."""
    if manifest is None:
        return None
    return replace(manifest, settings=settings_given(order.settings, manifest.settings, {}))


def _stage(
    order: Order, manifest: Manifest | None, space: Workspace, ledger: Ledger, tell: Callable[[str], None]
) -> dict[str, Raw]:
    """The canonical tables as they came; after this no file can be read any more."""
    stager = Stager(space.connection, space.scratch)
    space.connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    if manifest:
        form = _form(order, manifest.format) if order.encoding or order.delimiter else None
        with step(tell, "reading", space.connection):
            reads = stage_reads(stager, ledger, manifest, order.folder, form, tell)
        space.lock()
        note_unknown_files(ledger, reads.unknown)
        with step(tell, f"mapping by {manifest.id}", space.connection):
            return {raw.name: raw for raw in run_tables(ledger, manifest, reads, order.tolerate)}
    found = find_tables(order.folder)
    raws = {}
    for name, path in found.tables.items():
        with step(tell, f"reading {path.name}", space.connection, is_one_statement=True) as say:
            raws[name] = stage_table(stager, ledger, name, path, _form(order, FileFormat()))
            say(f"{path.name}: {raws[name].rows + raws[name].rejected:,} records")
    space.lock()
    note_unknown_files(ledger, found.unknown)
    return raws


def _form(order: Order, below: FileFormat) -> FileFormat:
    return replace(
        below,
        encoding=order.encoding or below.encoding,
        delimiter=order.delimiter or below.delimiter,
        decimal=order.decimal or below.decimal,
    )


def _settle(settings: dict[str, Any], raws: Mapping[str, Raw], space: Workspace, ledger: Ledger) -> None:
    """Fill in the settings that the data decide, and note what was assumed."""
    if "base_currency" not in settings:
        settings["base_currency"], why = base_currency(raws, space.connection)
        _assumed(ledger, "base_currency", settings["base_currency"], why)
    note_local_times(raws, settings["timezone"], ledger, space.connection)


def _assumed(ledger: Ledger, name: str, value: Any, why: str) -> None:
    ledger.note("assumed", "settings", name, example=str(value), text=f"{why}; `{FLAGS[name]}` says otherwise")


def _company(settings: Mapping[str, Any], order: Order, manifest: Manifest | None) -> Company:
    decimal = "." if manifest else order.decimal or "."
    system = manifest.id if manifest else "import"
    return Company(settings["base_currency"], settings["timezone"], decimal, system)


def _judge_and_write(
    load: Load,
    raws: Mapping[str, Raw],
    settings: dict[str, Any],
    now: datetime,
    space: Workspace,
    tell: Callable[[str], None],
) -> dict[str, int]:
    first, looks = [name for name in READ_FIRST if name in raws], dict[str, Look]()
    for name in [*first, *(name for name in raws if name not in first)]:
        with step(tell, f"reading the cells of {name}", space.connection):
            looks[name] = look(load, raws[name], build(load, raws[name]))
    as_of = _as_of(load, settings, now, looks)
    settings["data_as_of"] = as_of
    _remember_turned_notes(load)
    with step(tell, "checking", space.connection):
        for raw in raws.values():
            judge(load, raw, looks[raw.name], as_of)
        _turn_lines(load)
        customers_from_references(load)
        check_links(load)
    _refuse_too_many(load)
    with step(tell, f"writing {space.result.name}", space.connection) as say:
        rows = _write(load, settings)
        say(f"written: {sum(rows.values()):,} rows in {len(rows)} tables")
    return rows


def _as_of(load: Load, settings: Mapping[str, Any], now: datetime, looks: Mapping[str, Look]) -> datetime | None:
    if settings.get("data_as_of"):
        return parse_as_of(settings["data_as_of"], load.company.timezone)
    moment = last_moment(load, now, {name: seen.last for name, seen in looks.items()})
    if moment is not None:
        _assumed(load.ledger, "data_as_of", moment, "the last moment at which something happened")
    return moment


def _remember_turned_notes(load: Load) -> None:
    """The credit notes with a positive amount, before their sign is turned."""
    load.connection.execute("CREATE OR REPLACE TABLE stage.typed._turned (order_id VARCHAR)")
    if "orders" in load.typed:
        load.connection.execute(
            f"INSERT INTO stage.typed._turned SELECT order_id FROM {load.typed['orders']} "
            "WHERE document = 'credit_note' AND net > 0"
        )


def _turn_lines(load: Load) -> None:
    """The lines of those credit notes follow their order."""
    if "order_items" in load.typed and load.count("SELECT count(*) FROM stage.typed._turned")[0]:
        turned = {column: f"-t.{column}" for column in ("quantity", "net", "discount", "net_base")}
        load.change("order_items", turned, "t.net > 0 AND t.order_id IN (SELECT order_id FROM stage.typed._turned)")


def _refuse_too_many(load: Load) -> None:
    hint = "Where the file has several rows for one of these, use `group_by` in a mapping. "
    faults = [text for raw in load.raws.values() if not raw.made_up and (text := refuse_too_many(load, raw, hint))]
    if faults:
        raise ImportRefusedError("\n".join(faults))


def _write(load: Load, settings: Mapping[str, Any]) -> dict[str, int]:
    names = parents_first(list(load.typed))
    last = [name for name in ("customers", "contacts") if name in names]
    rows = {name: write_table(load, name) for name in [*(n for n in names if n not in last), *last]}
    reconstruct_history(load)
    note_unequal_lines(load)
    write_settings(load, settings, settings["data_as_of"])
    for name, raw in load.raws.items():
        if raw.made_up:
            continue
        load.ledger.note("rows_read", name, count=raw.rows + raw.rejected, example=raw.origin)
        load.ledger.note("rows_quarantined", name, count=remaining_out(load, name) + raw.rejected)
    for name, count in rows.items():
        load.ledger.note("rows_loaded", name, count=count)
    return rows
