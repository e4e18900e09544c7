"""The files of a folder: which one holds which table, what a CSV file looks like inside, what cannot be read.

Delimiter, line ends and a byte-order mark are found out from the head of the file; the encoding is UTF-8 unless
somebody names another. A file in another encoding, or with line ends of several kinds, is rewritten beside the target
before it is read, because the fast reader takes only the plain form.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Literal, cast

from data_access.errors import ImportRefusedError
from data_access.mappings.manifest import FileFormat

CSV_ENDINGS = (".csv", ".tsv", ".txt")
PARQUET_ENDINGS = (".parquet", ".pq")
WORKBOOKS = (".xlsx", ".xls", ".ods")
DELIMITERS = (",", ";", "\t", "|")
HEAD = 1 << 16
LONGEST_CELL = 1 << 26  # characters
GZIP_MAGIC, PARQUET_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True)
class Layout:
    """What the head of a CSV file tells: its delimiter and its header, in order."""

    delimiter: str
    header: tuple[str, ...]


def table_stem(path: Path) -> str:
    """`orders` for orders.csv, orders.CSV.gz and orders.parquet; empty for files of another kind."""
    name = path.name.lower()
    name = name.removesuffix(".gz")
    for ending in (*CSV_ENDINGS, *PARQUET_ENDINGS):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return ""


def is_parquet(path: Path) -> bool:
    """True by name."""
    return path.name.lower().endswith(PARQUET_ENDINGS)


def list_files(folder: Path) -> list[Path]:
    """Every visible file in the folder and the folders in it, sorted."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise ImportRefusedError(f"The folder {folder} {what}; name the folder that holds the CSV or Parquet files.")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def matching(files: Iterable[Path], folder: Path, patterns: Sequence[str]) -> list[Path]:
    """The files that one of the patterns names, in any case."""
    folded = [pattern.lower() for pattern in patterns]

    def fits(path: Path) -> bool:
        return any(fnmatch(path.relative_to(folder).as_posix().lower(), pattern) for pattern in folded)

    return [path for path in files if fits(path)]


def refuse_twice(files: Sequence[Path], what: str) -> None:
    """One table in two forms (orders.csv and orders.csv.gz) would be counted twice."""
    seen: dict[tuple[Path, str], Path] = {}
    for path in files:
        other = seen.setdefault((path.parent, table_stem(path)), path)
        if other is not path:
            raise ImportRefusedError(f"Both {other.name} and {path.name} hold {what}; leave one of them in the folder.")


def read_layout(path: Path, form: FileFormat, known: Iterable[str]) -> Layout:
    """Delimiter and header; of several possible delimiters the one that gives most of the `known` columns."""
    text = read_head(path, form.encoding)
    if not text.strip():
        raise ImportRefusedError(f"{path.name} is empty; it needs a first line with the names of its columns.")
    names = {name.lower() for name in known}
    tried = [form.delimiter] if form.delimiter else DELIMITERS
    headers = {delimiter: _header(text, delimiter, form.quote) for delimiter in tried}
    best = max(headers, key=lambda one: (len(names & {cell.lower() for cell in headers[one]}), len(headers[one])))
    header = headers[best]
    _refuse_header(path, header)
    return Layout(best, tuple(header))


def _header(text: str, delimiter: str, quote: str) -> list[str]:
    lines = io.StringIO(text, newline="")
    rows = csv.reader(lines, delimiter=delimiter, quotechar=quote or None, quoting=_quoting(quote))
    try:
        first = next((row for row in rows if row), [])
    except csv.Error:
        first = []
    return [cell.strip() for cell in first]


def _quoting(quote: str) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE


def _refuse_header(path: Path, header: Sequence[str]) -> None:
    folded = [name.lower() for name in header]
    for position, name in enumerate(header, start=1):
        if name and folded.count(name.lower()) > 1:
            raise ImportRefusedError(
                f"{path.name} has the column `{name}` twice (capitals do not count); rename or remove one of them."
            )
        if not name and position < len(header):
            raise ImportRefusedError(
                f"{path.name} has no name for column {position}; the first line must name them all."
            )


def read_head(path: Path, encoding: str) -> str:
    """The first characters of a CSV file, byte-order mark removed."""
    try:
        with open_bytes(path) as file:
            head = file.read(HEAD)
    except (OSError, EOFError, zlib.error) as fault:
        raise _unreadable(path, str(fault)) from None
    if head.startswith((PARQUET_MAGIC, ZIP_MAGIC)):
        kind = "Parquet file; call it .parquet" if head.startswith(PARQUET_MAGIC) else "workbook or archive; unpack it"
        raise ImportRefusedError(f"{path.name} is not a CSV file but a {kind}.")
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8") and head.startswith(
        (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    ):
        raise not_in_encoding(path, "utf-8", "its first bytes say UTF-16", "utf-16")
    decoder = codecs.getincrementaldecoder(_codec(encoding, path))()
    try:
        text = decoder.decode(head)
    except UnicodeDecodeError as fault:
        line = head[: fault.start].count(b"\n") + 1
        raise not_in_encoding(path, encoding, f"line {line} has the byte 0x{head[fault.start]:02x}") from None
    return text.removeprefix("\ufeff")


def not_in_encoding(path: Path, encoding: str, found: str, guess: str = "latin-1") -> ImportRefusedError:
    """The sentence for text that is not in the encoding it should be in."""
    return ImportRefusedError(
        f"{path.name} is not written in {encoding.upper()} ({found}); save it as UTF-8, or name its encoding with "
        f"`--encoding {guess}` (Western), `--encoding gb18030` (Chinese) or the mapping's `encoding`."
    )


def _unreadable(path: Path, why: str) -> ImportRefusedError:
    return ImportRefusedError(f"{path.name} cannot be read ({why}); write the file again and load it once more.")


def _codec(encoding: str, path: Path) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ImportRefusedError(
            f"{path.name}: there is no encoding `{encoding}`; write utf-8, latin-1, cp1252, utf-16, gb18030 or another."
        ) from None
    return "utf-8" if name == "utf-8-sig" else name


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked when it is gzip, whatever its name says."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    if packed:
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.name.lower().endswith(".gz"):
        raise _unreadable(path, "it is called .gz and is not gzip")
    return path.open("rb")


def is_plain(path: Path, form: FileFormat) -> bool:
    """True when the fast reader can take the file as it lies there."""
    return _codec(form.encoding, path) == "utf-8" and path.name.lower().endswith(".gz") == _is_gzip(path)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


def rewrite(path: Path, form: FileFormat, into: Path) -> Path:
    """The same records as UTF-8 with one kind of line end, in a file of our own."""
    encoding = _codec(form.encoding, path)
    try:
        with open_bytes(path) as raw, into.open("w", encoding="utf-8", newline="") as out:
            text = io.TextIOWrapper(raw, encoding=encoding, newline="")
            _copy_records(text, out, read_layout(path, form, ()).delimiter, form.quote)
    except UnicodeDecodeError as fault:
        raise not_in_encoding(path, form.encoding, f"a byte 0x{fault.object[fault.start]:02x} in it") from None
    except (OSError, EOFError, zlib.error, csv.Error) as fault:
        raise _unreadable(path, str(fault)) from None
    return into


def _copy_records(text: Iterable[str], out: IO[str], delimiter: str, quote: str) -> None:
    previous = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = csv.reader(text, delimiter=delimiter, quotechar=quote or None, quoting=_quoting(quote), strict=True)
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerows(_without_mark(rows))
    finally:
        csv.field_size_limit(previous)


def _without_mark(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number == 0 and row:
            row[0] = row[0].removeprefix("\ufeff").strip('"')
        yield row


def workbooks(files: Iterable[Path]) -> list[Path]:
    """Files that a spreadsheet wrote and that must be saved as CSV first."""
    return [path for path in files if path.name.lower().endswith(WORKBOOKS)]
