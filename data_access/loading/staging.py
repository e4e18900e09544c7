"""Files into tables of the staging database, every CSV column as text, so that nothing is lost before it is judged.

A staged table keeps the order of its file: `rowid + 1` is the number of the data record. Records that are no records
(too many or too few fields, an open quote) are given back beside the table; where there are any, the numbers of the
others are shifted so that they still count from the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from data_access.errors import ImportRefusedError
from data_access.loading.files import (
    LONGEST_CELL,
    Layout,
    is_parquet,
    is_plain,
    not_in_encoding,
    read_layout,
    rewrite,
)
from data_access.mappings.functions import name_literal, text_literal
from data_access.mappings.manifest import FileFormat

READ, RAW, TYPED, OUT = "stage.read", "stage.raw", "stage.typed", "stage.out"
USUAL_LINE = 1 << 21  # bytes; the reader's buffers grow with it, and its threads fall idle
TOO_LONG = "SELECT 1 FROM reject_errors WHERE error_type = 'LINE SIZE OVER MAXIMUM' LIMIT 1"
REJECTED = "SELECT line - 1, error_type, error_message, csv_line FROM reject_errors ORDER BY line, column_idx"


@dataclass(frozen=True)
class Reject:
    """A record that is none: its number, why, and its text."""

    record: int
    why: str
    text: str


@dataclass(frozen=True)
class Staged:
    """A file in the staging database."""

    relation: str
    file: str
    columns: Mapping[str, str]  # name -> DuckDB type
    row_sql: str
    rows: int
    rejects: tuple[Reject, ...] = ()


def quoted(schema: str, name: str) -> str:
    """`schema."name"`."""
    return f"{schema}.{name_literal(name)}"


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """The columns of a relation and their DuckDB types."""
    return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}


def count_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Number of rows."""
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


@dataclass
class Stager:
    """Stages files one by one; `scratch` is a folder of our own for rewritten ones."""

    connection: duckdb.DuckDBPyConnection
    scratch: Path

    def stage(
        self, path: Path, relation: str, form: FileFormat, known: Sequence[str], rename: Mapping[str, str]
    ) -> Staged:
        """The file as a table; columns whose lower-cased name is in `rename` are called as it says."""
        if is_parquet(path):
            return self._parquet(path, relation, rename)
        layout = read_layout(path, form, known)
        source, form = self._plain(path, form)
        names = [rename.get(name.lower(), name) or f"column {n}" for n, name in enumerate(layout.header, start=1)]
        _refuse_same(path, layout.header, names)
        try:
            self._read_csv(source, relation, layout, form, names)
        except duckdb.Error as fault:
            if "state machine" not in str(fault):
                raise self._sentence(path, fault) from None
            plain = rewrite(path, form, self.scratch / "line-ends.csv")
            self._read_csv(plain, relation, layout, FileFormat(null=form.null), names)
        return self._numbered(path, relation, dict.fromkeys(names, "VARCHAR"), form)

    def _plain(self, path: Path, form: FileFormat) -> tuple[Path, FileFormat]:
        if is_plain(path, form):
            return path, form
        return rewrite(path, form, self.scratch / "encoding.csv"), FileFormat(null=form.null)

    def _read_csv(
        self,
        path: Path,
        relation: str,
        layout: Layout,
        form: FileFormat,
        names: Sequence[str],
        longest: int = USUAL_LINE,
    ) -> None:
        columns = ", ".join(f"{text_literal(name)}: 'VARCHAR'" for name in names)
        nulls = ", ".join(text_literal(one) for one in form.null)
        self.connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {relation} AS SELECT * FROM read_csv({self._place(path)}, "
            f"auto_detect = false, header = true, delim = {text_literal(layout.delimiter)}, "
            f"quote = {text_literal(form.quote)}, escape = {text_literal(form.quote)}, columns = {{{columns}}}, "
            f"nullstr = [{nulls}], max_line_size = {longest}, store_rejects = true)"
        )
        if longest < LONGEST_CELL and self.connection.execute(TOO_LONG).fetchone():
            self._read_csv(path, relation, layout, form, names, LONGEST_CELL)

    def _place(self, path: Path) -> str:
        """The path as SQL; DuckDB takes `*`, `?` and `[` for patterns, so such a path gets a plain name."""
        if not set(str(path)) & set("*?["):
            return text_literal(str(path))
        plain = self.scratch / f"plain{''.join(path.suffixes[-2:])}"
        plain.unlink(missing_ok=True)
        plain.symlink_to(path.resolve())
        return text_literal(str(plain))

    def _numbered(self, path: Path, relation: str, columns: dict[str, str], form: FileFormat) -> Staged:
        found = [tuple(row) for row in self.connection.execute(REJECTED).fetchall()]
        wrong = [record for record, kind, _, _ in found if kind == "INVALID ENCODING"]
        if wrong:
            raise not_in_encoding(path, form.encoding, f"record {wrong[0]} is not")
        rejects = {int(record): Reject(int(record), str(why), str(text)) for record, _, why, text in reversed(found)}
        row_sql = "rowid + 1"
        if rejects:
            self._shift(relation, sorted(rejects))
            row_sql = "_record"
        rows = count_rows(self.connection, relation) + len(rejects)
        ordered = tuple(rejects[record] for record in sorted(rejects))
        return Staged(relation, path.name, columns, row_sql, rows, ordered)

    def _shift(self, relation: str, records: Sequence[int]) -> None:
        """Write each row's own record number beside it, now that some records are missing from the table."""
        starts = ", ".join(f"({record - 1 - n}, {n + 1})" for n, record in enumerate(records))
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {relation} AS SELECT t.*, t.rowid + 1 + COALESCE(s.shift, 0) AS _record "
            f"FROM {relation} t ASOF LEFT JOIN (SELECT start, max(shift) AS shift FROM (VALUES {starts}) "
            "v(start, shift) GROUP BY start) s ON t.rowid >= s.start ORDER BY t.rowid"
        )

    def _parquet(self, path: Path, relation: str, rename: Mapping[str, str]) -> Staged:
        source = f"read_parquet({self._place(path)})"
        try:
            found = columns_of(self.connection, source)
            names = {name: rename.get(name.strip().lower(), name) for name in found}
            _refuse_same(path, list(found), list(names.values()))
            cells = ", ".join(f"{name_literal(name)} AS {name_literal(new)}" for name, new in names.items())
            self.connection.execute(f"CREATE OR REPLACE TABLE {relation} AS SELECT {cells} FROM {source}")
        except duckdb.Error as fault:
            raise self._sentence(path, fault) from None
        columns = {names[name]: kind for name, kind in found.items()}
        return Staged(relation, path.name, columns, "rowid + 1", count_rows(self.connection, relation))

    def _sentence(self, path: Path, fault: duckdb.Error) -> ImportRefusedError:
        why = str(fault).splitlines()[0].removeprefix("Invalid Input Error: ").removeprefix("IO Error: ")
        return ImportRefusedError(f"{path.name} cannot be read ({why}); write the file again and load it once more.")


def _refuse_same(path: Path, header: Sequence[str], names: Sequence[str]) -> None:
    folded = [name.lower() for name in names]
    for name, own in zip(names, header, strict=True):
        if folded.count(name.lower()) > 1:
            raise ImportRefusedError(f"{path.name}: two columns mean `{name}`, one of them `{own}`; remove one.")
