"""Files that are named as canonical tables, with columns named as canonical columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from data_access.errors import ImportRefusedError
from data_access.loading.files import list_files, matching, refuse_twice, table_stem, workbooks
from data_access.loading.ledger import Ledger
from data_access.loading.staging import RAW, Staged, Stager, quoted
from data_access.loading.state import Raw
from data_access.mappings.find import known_mappings
from data_access.mappings.functions import text_literal
from data_access.mappings.manifest import FileFormat, Manifest
from data_access.schema import TABLES


@dataclass(frozen=True)
class Found:
    """The files of a folder by table, and those that belong to none."""

    tables: Mapping[str, Path]
    unknown: Sequence[Path]


def find_tables(folder: Path) -> Found:
    """The canonical tables in a folder. Raises ImportRefusedError when there is none."""
    files = [path for path in list_files(folder) if path.parent == folder]
    tables: dict[str, Path] = {}
    for name in TABLES:
        named = [path for path in files if table_stem(path) == name]
        refuse_twice(named, f"`{name}`")
        if named:
            tables[name] = named[0]
    if not set(tables) - {"settings"}:
        raise ImportRefusedError(_nothing(folder))
    return Found(tables, [path for path in files if path not in tables.values()])


def _nothing(folder: Path) -> str:
    files = list_files(folder)
    has = ", ".join(path.name for path in files[:6]) + (" ..." if len(files) > 6 else "") or "nothing"
    books = workbooks(files)
    advice = "name them after tables (orders.csv, customers.csv), or write a mapping (docs/importing.md)"
    if books:
        advice = f"save the sheets of {books[0].name} as CSV (UTF-8) first"
    for manifest in _fitting(folder, files):
        advice = f"they look like the mapping `{manifest.id}`: add `--mapping {manifest.folder.name}`"
    return f"No file in {folder} is named like a table; it holds {has}: {advice}."


def _fitting(folder: Path, files: Sequence[Path]) -> list[Manifest]:
    def fits(manifest: Manifest) -> bool:
        needed = [read for read in manifest.reads.values() if not read.optional]
        return bool(needed) and all(matching(files, folder, read.files) for read in needed)

    return [manifest for manifest in known_mappings() if fits(manifest)]


def note_unknown_files(ledger: Ledger, files: Sequence[Path]) -> None:
    """Say which files were not read, and what they may have been meant to be."""
    for path in files:
        near = get_close_matches(table_stem(path) or path.name.lower(), TABLES, n=1, cutoff=0.7)
        text = f"did you mean {near[0]}.csv?" if near else "no table is named like it"
        if workbooks([path]):
            text = "a workbook; save its sheets as CSV (UTF-8)"
        ledger.note("unknown_file", example=path.name, text=text)


def stage_table(stager: Stager, ledger: Ledger, name: str, path: Path, form: FileFormat) -> Raw:
    """The file of one table in the staging database; unknown columns are reported, `x_` ones kept."""
    columns = [column.name for column in TABLES[name].columns]
    staged = stager.stage(path, quoted(RAW, name), form, columns, {column: column for column in columns})
    for column in staged.columns:
        if column not in columns and not column.startswith("x_"):
            near = get_close_matches(column.lower().replace(" ", "_"), columns, n=1, cutoff=0.6)
            text = f"did you mean `{near[0]}`?" if near else f"no column of `{name}` is named like it"
            ledger.note("unknown_column", name, column, example=path.name, text=text)
    note_rejects(ledger, name, staged)
    return Raw(
        name=name,
        relation=staged.relation,
        columns=staged.columns,
        file_sql=text_literal(path.name),
        row_sql=f"r.{staged.row_sql}",
        origin=path.name,
        rows=staged.rows - len(staged.rejects),
        rejected=len(staged.rejects),
    )


def note_rejects(ledger: Ledger, name: str, staged: Staged) -> None:
    """Quarantine the records of a file that are none."""
    if not staged.rejects:
        return
    ledger.connection.execute("CREATE OR REPLACE TABLE stage.raw._rejects (row BIGINT, value VARCHAR, content VARCHAR)")
    rows = [[one.record, one.why, one.text.rstrip("\r\n")] for one in staged.rejects]
    ledger.connection.executemany("INSERT INTO stage.raw._rejects VALUES (?, ?, ?)", rows)
    ledger.quarantine(
        f"SELECT {text_literal(staged.file)} AS file, row, value, CAST(to_json(content) AS VARCHAR) AS content "
        "FROM stage.raw._rejects",
        "malformed_record",
        name,
    )
