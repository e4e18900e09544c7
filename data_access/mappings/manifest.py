"""What a mapping says: the folder's `mapping.toml`, read, checked key by key and merged with what it extends.

A mapping turns somebody else's tables (`reads`) into canonical ones (`tables`). Every key is explained in
docs/mapping.md; a key that is not known is refused with the closest one that is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data_access.errors import MappingError
from data_access.schema import SETTINGS, TABLES

MANIFEST = "mapping.toml"
TOP_KEYS = {
    "id", "title", "description", "versions", "checked", "extends", "files", "reads", "settings", "value_maps",
    "stage_outcomes", "channel_map", "tables", "detect", "schema", "prefix", "rates", "text_keys",
}  # fmt: skip
FILE_KEYS = {"encoding", "delimiter", "quote", "decimal", "null"}
READ_KEYS = {
    "files", "table", "sql", "columns", "optional_columns", "optional", "empty_when_missing", "leave_out",
} | FILE_KEYS - {"decimal"}  # fmt: skip
LEAVE_OUT_KEYS = {"rule", "where", "why"}
TABLE_KEYS = {"from", "where", "group_by", "columns", "sql", "skip", "incremental"}
CELL_KEYS = {"from", "map"}
DETECT_KEYS = {"tables", "without"}
RATE_KEYS = {"currency", "valid_from", "rate_to_base"}
KINDS = ("text", "decimal", "float", "whole", "flag", "moment", "day")


@dataclass(frozen=True)
class FileFormat:
    """How CSV files are written; `delimiter` empty: found out. Texts in `null` mean that nothing is there."""

    encoding: str = "utf-8"
    delimiter: str = ""
    quote: str = '"'
    decimal: str = "."
    null: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class LeaveOut:
    """Rows of a read that are set aside on purpose, counted and kept in the quarantine under `rule`."""

    rule: str
    where: str
    why: str


@dataclass(frozen=True)
class Read:
    """A table of the source: its files by pattern or its name, the columns expected in it, other names they may have.

    `optional_columns` says of which kind the columns are that may be missing; `empty_when_missing` lets a table of a
    database that is not there count as one without rows. With `sql` it is no table but a SELECT over other reads.
    """

    name: str
    files: tuple[str, ...]
    table: str
    columns: Mapping[str, tuple[str, ...]]
    optional_columns: Mapping[str, str]
    optional: bool
    empty_when_missing: bool
    columns_when_missing: Mapping[str, str]
    leave_out: tuple[LeaveOut, ...]
    format: FileFormat
    sql: Path | None = None


@dataclass(frozen=True)
class Fingerprint:
    """How a database is recognised: tables with columns that must be there, and those that must not."""

    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rate:
    """Base currency for one unit of `currency`, from a day on."""

    currency: str
    valid_from: date
    rate_to_base: float


@dataclass(frozen=True)
class TableMapping:
    """How one canonical table is made: a SELECT in a file, or one expression per column (the short form).

    `incremental`: a row's `updated_at` is another one whenever anything in the row is, so that an extract may take
    only the rows whose `updated_at` is new to it.
    """

    name: str
    sql: Path | None
    source: str
    where: str
    group_by: tuple[str, ...]
    columns: Mapping[str, Any]
    incremental: bool = False


@dataclass(frozen=True)
class Manifest:
    """A whole mapping; `schema` and `prefix` say where a database keeps the tables that `reads` name."""

    id: str
    title: str
    description: str
    folder: Path
    versions: tuple[str, ...] = ()
    checked: str = ""
    format: FileFormat = field(default_factory=FileFormat)
    reads: Mapping[str, Read] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    value_maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    detect: Fingerprint = field(default_factory=Fingerprint)
    schema: str = ""
    prefix: str = ""
    text_keys: bool = False
    rates: tuple[Rate, ...] = ()


def closest(name: str, names: Iterable[str]) -> str:
    """` (did you mean `x`?)` for the closest of `names`, else the names themselves."""
    known = sorted(names)
    folded = {one.lower(): one for one in known}
    match = get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    if match:
        return f"did you mean `{folded[match[0]]}`?"
    return "there is " + ", ".join(known) + "." if len(known) <= 12 else f"there are {len(known)} others."


def read_manifest(folder: Path, find: Callable[[str, Path], Path]) -> Manifest:
    """The mapping in `folder`; `find` gives the folder of the mapping that it extends."""
    return _build(_read_raw(folder, find, ()), folder)


def read_own(raw: dict[str, Any], folder: Path, find: Callable[[str, Path], Path]) -> Manifest:
    """The mapping that a company's settings file extends, with what that file says; its paths start at `folder`."""
    below = find(str(raw["extends"]), folder)
    _known(raw, TOP_KEYS, "")
    merged = _merge(_read_raw(below, find, ()), _resolve_sql(raw, folder))
    return _build({key: value for key, value in merged.items() if key != "extends"}, below)


def _read_raw(folder: Path, find: Callable[[str, Path], Path], seen: tuple[Path, ...]) -> dict[str, Any]:
    """The keys of the mapping in `folder` with everything that it extends merged in."""
    if folder in seen:
        raise MappingError(f"{folder / MANIFEST}: mappings extend each other in a circle; take one `extends` out.")
    raw = _parse(folder / MANIFEST)
    _known(raw, TOP_KEYS, "")
    own = _resolve_sql(raw, folder)
    if not raw.get("extends"):
        return own
    below = _read_raw(find(str(raw["extends"]), folder), find, (*seen, folder))
    if "detect" in own:  # how one is recognised is no part of how the other is
        below.pop("detect", None)
    return _merge(below, own)


def _parse(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise MappingError(f"There is no {path}; a mapping is a folder with a `{MANIFEST}` in it.") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path} is not written in UTF-8; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as fault:
        raise MappingError(f"{path} is not TOML: {fault}.") from None


def _resolve_sql(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    for key in ("tables", "reads"):
        for name, section in _section(raw, key).items():
            if isinstance(section, dict) and isinstance(section.get("sql"), str):
                section["sql"] = _inside(folder, section["sql"], f"{key}.{name}.sql")
            elif not isinstance(section, dict):
                raise _fault(f"`{key}.{name}` is not a section; write [{key}.{name}].")
    return raw


def _inside(folder: Path, name: str, where: str) -> Path:
    """The file of that name in the mapping's folder, and nowhere else: a mapping may come from anybody."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _fault(f"`{where}` is `{name}`, which lies outside the mapping's folder; put the file into the folder.")
    return path


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` over `below`, section by section; a table that is made another way replaces the one below."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and not _made_otherwise(old, value):
            merged[key] = _merge(old, value)
        else:
            merged[key] = value
    return merged


def _made_otherwise(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return isinstance(new.get("sql"), Path) or (isinstance(old.get("sql"), Path) and "columns" in new)


def _build(raw: dict[str, Any], folder: Path) -> Manifest:
    ident = str(raw.get("id") or folder.name)
    maps = {name: _text_map(pairs, f"value_maps.{name}") for name, pairs in _section(raw, "value_maps").items()}
    for name, section in (("stage_outcome", "stage_outcomes"), ("channel", "channel_map")):
        if section in raw:
            maps[name] = _text_map(raw[section], section)
    form = _format(_section(raw, "files"), FileFormat(), "files")
    return Manifest(
        id=ident,
        title=str(raw.get("title") or ident),
        description=str(raw.get("description") or "").strip(),
        folder=folder,
        versions=_texts(raw.get("versions", ()), "versions"),
        checked=str(raw.get("checked") or ""),
        format=form,
        reads={name: _read(name, section, form) for name, section in _section(raw, "reads").items()},
        settings=_settings(_section(raw, "settings")),
        value_maps=maps,
        tables=_tables(_section(raw, "tables")),
        detect=_fingerprint(_section(raw, "detect")),
        schema=str(raw.get("schema") or ""),
        prefix=str(raw.get("prefix") or ""),
        text_keys=bool(raw.get("text_keys", False)),
        rates=tuple(_rate(one) for one in raw.get("rates", ())),
    )


def _fingerprint(raw: dict[str, Any]) -> Fingerprint:
    _known(raw, DETECT_KEYS, "detect")
    found = {
        key: {name: _texts(columns, f"detect.{key}.{name}") for name, columns in _section(raw, key).items()}
        for key in DETECT_KEYS
    }
    return Fingerprint(**found)


def _rate(raw: Any) -> Rate:
    if not isinstance(raw, dict) or set(raw) != RATE_KEYS:
        raise _fault("`rates` is a list of sections [[rates]] with `currency`, `valid_from` and `rate_to_base`.")
    try:
        day, value = date.fromisoformat(str(raw["valid_from"])), float(raw["rate_to_base"])
    except (TypeError, ValueError):
        day, value = date.min, 0.0
    if value <= 0:
        raise _fault(f"`rates` has {raw!r}; write a day (2026-01-31) and a rate above 0.")
    return Rate(str(raw["currency"]).upper(), day, value)


def _read(name: str, raw: Any, form: FileFormat) -> Read:
    where = f"reads.{name}"
    if not isinstance(raw, dict):
        raise _fault(f"`{where}` is not a section; write [{where}] with `files = [...]`.")
    _known(raw, READ_KEYS, where)
    columns = raw.get("columns", {})
    if isinstance(columns, dict):
        names = {key: _texts(value, f"{where}.columns.{key}") for key, value in columns.items()}
    else:
        names = dict.fromkeys(_texts(columns, f"{where}.columns"), ())
    own = {key: value for key, value in raw.items() if key in FILE_KEYS}
    return Read(
        name=name,
        files=_texts(raw.get("files", [f"{name}.csv", f"{name}.csv.gz", f"{name}.parquet"]), f"{where}.files"),
        columns=names,
        table=str(raw.get("table") or ""),
        optional_columns=_kinds(raw.get("optional_columns", ()), f"{where}.optional_columns"),
        optional=bool(raw.get("optional", False)),
        empty_when_missing=bool(raw.get("empty_when_missing", False)),
        columns_when_missing=_when_missing(raw.get("empty_when_missing"), f"{where}.empty_when_missing"),
        leave_out=tuple(_leave_out(one, where) for one in raw.get("leave_out", ())),
        format=_format(own, form, where),
        sql=raw.get("sql"),
    )


def _when_missing(raw: Any, where: str) -> dict[str, str]:
    """The columns of a table that is not there, with their kinds; `true` says no more than that it may be missing."""
    return {} if isinstance(raw, bool | None) else _kinds(raw, where)


def _kinds(raw: Any, where: str) -> dict[str, str]:
    """Columns that may be missing, with their kind: a list of names means text."""
    if not isinstance(raw, dict):
        return dict.fromkeys(_texts(raw, where), "text")
    for name, kind in raw.items():
        if kind not in KINDS:
            raise _fault(f"`{where}.{name}` is `{kind}`; it is one of {', '.join(KINDS)}.")
    return dict(raw)


def _leave_out(raw: Any, where: str) -> LeaveOut:
    if not isinstance(raw, dict) or not {"rule", "where"} <= set(raw):
        raise _fault(f"`{where}.leave_out` needs `rule` (a name), `where` (a condition) and `why` (a sentence).")
    _known(raw, LEAVE_OUT_KEYS, f"{where}.leave_out")
    return LeaveOut(str(raw["rule"]), str(raw["where"]), str(raw.get("why", "")))


def _tables(raw: dict[str, Any]) -> dict[str, TableMapping]:
    made: dict[str, TableMapping] = {}
    for name, section in raw.items():
        if name not in TABLES:
            raise _fault(f"`tables.{name}` is not a canonical table; {closest(name, TABLES)}")
        _known(section, TABLE_KEYS, f"tables.{name}")
        if not section.get("skip"):
            made[name] = _table(name, section)
    return made


def _table(name: str, raw: dict[str, Any]) -> TableMapping:
    columns = raw.get("columns", {})
    if "sql" in raw and (columns or "from" in raw):
        raise _fault(f"`tables.{name}` has both `sql` and the short form (`from`, `columns`); keep one.")
    if "sql" not in raw and not (columns and raw.get("from")):
        raise _fault(f'`tables.{name}` needs `sql = "file.sql"`, or `from = "a read"` and `columns = {{...}}`.')
    _known(columns, {column.name for column in TABLES[name].columns} | {"_row", "_file"}, f"tables.{name}.columns")
    for column, value in columns.items():
        if isinstance(value, dict):
            _known(value, CELL_KEYS, f"tables.{name}.columns.{column}")
    return TableMapping(
        name=name,
        sql=raw.get("sql"),
        source=str(raw.get("from", "")),
        where=str(raw.get("where", "")),
        group_by=_texts(raw.get("group_by", ()), f"tables.{name}.group_by"),
        columns=columns,
        incremental=_flag(raw.get("incremental", False), f"tables.{name}.incremental"),
    )


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _fault(f"`{where}` is {value!r}; write true or false.")
    return value


def _settings(raw: dict[str, Any]) -> dict[str, Any]:
    _known(raw, {column.name for column in SETTINGS.columns}, "settings")
    return raw


def _format(raw: dict[str, Any], above: FileFormat, where: str) -> FileFormat:
    _known(raw, FILE_KEYS, where)
    decimal = str(raw.get("decimal", above.decimal))
    if decimal not in (".", ","):
        raise _fault(f"`{where}.decimal` is `{decimal}`; write `.` or `,`.")
    return FileFormat(
        encoding=str(raw.get("encoding", above.encoding)),
        delimiter=str(raw.get("delimiter", above.delimiter)),
        quote=str(raw.get("quote", above.quote)),
        decimal=decimal,
        null=_texts(raw.get("null", above.null), f"{where}.null"),
    )


def _section(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise _fault(f"`{key}` is not a section; write [{key}].")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise _fault(f"`{where}` is {value!r}; write a text or a list of texts.")


def _text_map(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _fault(f'`{where}` is not a section; write [{where}] with lines like "as written" = "code".')
    return {str(key).strip().lower(): str(code) for key, code in value.items()}


def _known(raw: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    names = set(keys)
    for key in raw:
        if key not in names and not (key.startswith("x_") and where.endswith(".columns")):
            place = f"`{where}.{key}`" if where else f"`{key}`"
            own = f" A column of your own begins with `x_`: `x_{key}`." if where.endswith(".columns") else ""
            raise _fault(f"{place} is not known here; {closest(key, names)}{own}")


def _fault(text: str) -> MappingError:
    return MappingError(f"{MANIFEST}: {text}")
