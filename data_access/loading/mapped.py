"""Files of a foreign shape, through a mapping: reads are staged, SELECTs are run with every door to outside closed.

After this the rows are judged like those of canonical files. What a conversion in the mapping cannot read is listed
from the file, because in the result it would pass for something that was never there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data_access.errors import ImportRefusedError, MappingError
from data_access.loading.canonical import note_rejects
from data_access.loading.files import list_files, matching, refuse_twice
from data_access.loading.ledger import Ledger
from data_access.loading.staging import RAW, READ, Staged, Stager, columns_of, count_rows, quoted
from data_access.loading.state import FEW, Raw
from data_access.mappings.dialect import nearest
from data_access.mappings.functions import name_literal, text_literal
from data_access.mappings.manifest import MANIFEST, FileFormat, Manifest, Read, TableMapping
from data_access.mappings.queries import (
    Reading,
    Relation,
    Rendered,
    reads_used,
    render,
    render_condition,
    unmapped_mark,
)
from data_access.schema import TABLES

FAMILY = "duckdb"


@dataclass(frozen=True)
class Reads:
    """The staged reads of a mapping, and the files of the folder that none of them took."""

    relations: Mapping[str, Relation]
    files: Mapping[str, tuple[str, ...]]
    unknown: Sequence[Path]


def stage_reads(
    stager: Stager,
    ledger: Ledger,
    manifest: Manifest,
    folder: Path,
    form: FileFormat | None,
    tell: Callable[[str], None],
) -> Reads:
    """Every read of the mapping as a relation. Raises MappingError where a file or column is not there."""
    files = list_files(folder)
    relations: dict[str, Relation] = {}
    taken: dict[str, tuple[str, ...]] = {}
    used: list[Path] = []
    for read in manifest.reads.values():
        found = _files_of(read, files, folder)
        used += found
        if found:
            relations[read.name] = _stage_read(stager, ledger, manifest, read, found, form, tell)
            taken[read.name] = tuple(path.name for path in found)
    return Reads(relations, taken, [path for path in files if path not in used and path.parent == folder])


def _files_of(read: Read, files: Sequence[Path], folder: Path) -> list[Path]:
    found = matching(files, folder, read.files)
    refuse_twice(found, f"the read `{read.name}`")
    if not found and not read.optional:
        has = ", ".join(path.relative_to(folder).as_posix() for path in files[:8]) or "nothing"
        raise MappingError(
            f"{MANIFEST}: no file in {folder} fits `reads.{read.name}.files` ({', '.join(read.files)}); it holds {has}."
        )
    return found


def _stage_read(
    stager: Stager,
    ledger: Ledger,
    manifest: Manifest,
    read: Read,
    found: Sequence[Path],
    form: FileFormat | None,
    tell: Callable[[str], None],
) -> Relation:
    rename = {name.lower(): name for name in read.columns}
    rename |= {other.lower(): name for name, others in read.columns.items() for other in others}
    parts = []
    for number, path in enumerate(found):
        relation = quoted(READ, f"{read.name} file {number}")
        staged = stager.stage(path, relation, form or read.format, [*rename], rename)
        _check_columns(read, staged)
        note_rejects(ledger, read.name, staged)
        tell(f"  {path.name}: {staged.rows:,} records")
        parts.append(_select(read, staged))
    base = quoted(READ, f"{read.name} all")
    stager.connection.execute(f"CREATE OR REPLACE VIEW {base} AS {' UNION ALL BY NAME '.join(parts)}")
    columns = tuple(name for name in columns_of(stager.connection, base) if name not in ("_file", "_row"))
    return _without_left_out(stager.connection, ledger, manifest, read, Relation(base, columns))


def _check_columns(read: Read, staged: Staged) -> None:
    there = {name.lower() for name in staged.columns}
    for taken in {"_file", "_row"} & there:
        raise MappingError(f"{staged.file} has a column `{taken}`, a name that every read has already; rename it.")
    for name, others in read.columns.items():
        if name.lower() not in there and name not in read.optional_columns:
            also = f" (or {', '.join(others)})" if others else ""
            raise MappingError(
                f"{MANIFEST}: `reads.{read.name}` expects the column `{name}`{also}, which {staged.file} lacks; it has "
                f"{nearest(name, list(staged.columns))}."
            )


def _select(read: Read, staged: Staged) -> str:
    """The file's rows with their place in it; optional columns that it lacks are empty."""
    there = {name.lower() for name in staged.columns}
    cells = [f"t.{name_literal(name)}" for name in staged.columns]
    cells += [f"CAST(NULL AS VARCHAR) AS {name_literal(n)}" for n in read.optional_columns if n.lower() not in there]
    place = f"{text_literal(staged.file)} AS _file, CAST(t.{staged.row_sql} AS BIGINT) AS _row"
    return f"SELECT {', '.join(cells)}, {place} FROM {staged.relation} t"


def _without_left_out(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, manifest: Manifest, read: Read, base: Relation
) -> Relation:
    """The read without the rows that the mapping sets aside, which go to the quarantine under their own name."""
    if not read.leave_out:
        return base
    flags = ", ".join(
        f"COALESCE({render_condition(manifest, one.where, base, read.name, FAMILY)}, FALSE) AS _out{n}"
        for n, one in enumerate(read.leave_out)
    )
    marked = quoted(READ, f"{read.name} marked")
    connection.execute(f"CREATE OR REPLACE TABLE {marked} AS SELECT *, {flags} FROM {base.sql}")
    content = ", ".join(f"{name_literal(c)} := t.{name_literal(c)}" for c in base.columns)
    earlier = "TRUE"
    for number, one in enumerate(read.leave_out):
        ledger.quarantine(
            f"SELECT t._file AS file, t._row AS row, NULL AS value, CAST(to_json(struct_pack({content})) AS VARCHAR) "
            f"AS content FROM {marked} t WHERE t._out{number} AND {earlier}",
            one.rule,
            read.name,
            text=one.why,
        )
        earlier += f" AND NOT t._out{number}"
    kept = quoted(READ, f"{read.name} kept")
    columns = ", ".join(name_literal(c) for c in (*base.columns, "_file", "_row"))
    connection.execute(f"CREATE OR REPLACE TABLE {kept} AS SELECT {columns} FROM {marked} t WHERE {earlier}")
    connection.execute(f"DROP TABLE {marked}")
    return Relation(kept, base.columns)


def run_tables(ledger: Ledger, manifest: Manifest, reads: Reads, tolerate: float) -> list[Raw]:
    """Every canonical table that the mapping makes, as it comes out of its SELECT."""
    made = []
    for table in manifest.tables.values():
        missing = [name for name in reads_used(table) if name in manifest.reads and name not in reads.relations]
        if missing:
            ledger.note("unknown_file", table.name, text=f"left out: the optional read `{missing[0]}` has no file")
            continue
        made.append(_run(ledger, manifest, table, reads, tolerate))
    return made


def _run(ledger: Ledger, manifest: Manifest, table: TableMapping, reads: Reads, tolerate: float) -> Raw:
    rendered = render(manifest, table, reads.relations, FAMILY)
    relation = quoted(RAW, table.name)
    try:
        lacking = {
            reading.target: said
            for reading in rendered.readings
            if (said := _check_reading(ledger, reading, reads, tolerate, rendered))
        }
        ledger.connection.execute(f"CREATE OR REPLACE TABLE {relation} AS {rendered.sql}")
    except duckdb.Error as fault:
        raise MappingError(
            f"{rendered.place}: the SELECT of `{table.name}` does not run: {_first_line(fault)}"
        ) from None
    columns = columns_of(ledger.connection, relation)
    _refuse_hidden_values(ledger, rendered, relation, lacking)
    marks = {unmapped_mark(column) for column in rendered.unmapped}
    rows = count_rows(ledger.connection, relation)
    if rendered.counted_read:
        there = count_rows(ledger.connection, reads.relations[rendered.counted_read].sql)
        ledger.note(
            "passed_over", table.name, count=there - rows, text=f"rows of {rendered.counted_read}: {table.where}"
        )
    return Raw(
        name=table.name,
        relation=relation,
        columns={name: kind for name, kind in columns.items() if name not in ("_file", "_row", *marks)},
        file_sql="CAST(r._file AS VARCHAR)" if "_file" in columns else _only_file(table, reads),
        row_sql="TRY_CAST(r._row AS BIGINT)" if "_row" in columns else "CAST(NULL AS BIGINT)",
        origin=rendered.place,
        rows=rows,
        unmapped={column: lacking.get(column, "") for column in rendered.unmapped},
        local=rendered.local,
        mapped=True,
    )


def _refuse_hidden_values(ledger: Ledger, rendered: Rendered, relation: str, lacking: Mapping[str, str]) -> None:
    """A value that a map lacks must not take a default, where its rows cannot be told from those without a value."""
    columns = TABLES[rendered.table].columns
    for target, said in lacking.items():
        if target in rendered.unmapped or (target in columns and columns[target].nullable):
            continue
        codes = [target] if target in columns else [c.name for c in columns if "values" in c.info and not c.nullable]
        cells = [f"count(*) FILTER (WHERE {name_literal(c)} IS NULL)" for c in codes if c in rendered.columns]
        row = ledger.connection.execute(f"SELECT {' + '.join(cells) or '0'} FROM {relation}").fetchone()
        if row and row[0]:
            raise MappingError(
                f"{rendered.place}: `{rendered.table}.{target}`: a value map has {said}; add what it lacks, or `*` for "
                "all others."
            )


def _only_file(table: TableMapping, reads: Reads) -> str:
    files = {file for name in reads_used(table) for file in reads.files.get(name, ())}
    return text_literal(next(iter(files))) if len(files) == 1 else "CAST(NULL AS VARCHAR)"


def _first_line(fault: duckdb.Error) -> str:
    text = str(fault).split("\n\nLINE ")[0].splitlines()[0].split("! ")[0]
    for prefix in ("Binder Error: ", "Conversion Error: ", "Invalid Input Error: ", "Parser Error: "):
        text = text.removeprefix(prefix)
    if "onversion" in str(fault) or "onvert" in text:
        text += "; `money`, `number`, `whole`, `bool`, `parse_time` read text and list what they cannot read"
    return text.rstrip(".") + "."


def _check_reading(ledger: Ledger, reading: Reading, reads: Reads, tolerate: float, rendered: Rendered) -> str:
    """List the cells that a conversion cannot read; too many of them mean that the conversion is wrong.

    Gives what a value map lacks. Where every row needs the column, the rows are kept out later, one by one.
    """
    source = f"CAST({name_literal(reading.source)} AS VARCHAR)"
    there = f"TRIM({source}) <> '' AND ({reading.where})"
    relation = reads.relations[reading.read].sql
    wrong = f"{there} AND ({reading.value}) IS NULL"
    row = ledger.connection.execute(
        f"SELECT count(*) FILTER (WHERE {there}), count(*) FILTER (WHERE {wrong}) FROM {relation}"
    ).fetchone()
    given, count = (int(value) for value in row or (0, 0))
    if not count:
        return ""
    rule = "unmapped_cleared" if reading.is_map else "unreadable_cleared"
    text = f"`{reading.source}` by {reading.call}"
    if reading.is_map:
        values = ledger.connection.execute(
            f"SELECT {source}, count(*) FROM {relation} WHERE {wrong} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"
        ).fetchall()
        text = "no entry for " + ", ".join(f"'{value}' ({number:,})" for value, number in values)
        if reading.target in rendered.unmapped:
            return text
    ledger.cells(
        f"SELECT _file AS file, _row AS row, {source} AS value, NULL AS became FROM {relation} WHERE {wrong}",
        rule,
        reading.table,
        reading.target,
        text,
    )
    if reading.is_map:
        return text
    if count > tolerate * given and (count >= FEW or count == given):
        example = ledger.entries[-1].example
        raise ImportRefusedError(
            f"{rendered.place}: `{reading.table}.{reading.target}`: {count:,} of {given:,} values of "
            f"`{reading.source}` cannot be read by {reading.call} ({example}); {_remedy(reading)}"
        )
    return ""


def _remedy(reading: Reading) -> str:
    """What helps where a conversion does not fit the whole column."""
    name, column = reading.call.split(":")[0], name_literal(reading.source)
    if name in ("parse_time", "parse_date"):
        return "correct the format."
    if name == "bool":
        return "translate the words with a value map."
    cut = f"{name}(replace({column}, '%', ''))"
    return f"take signs away first, as in {cut}, or name the decimal mark with `decimal`."
