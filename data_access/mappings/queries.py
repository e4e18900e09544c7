"""From a manifest to one SELECT per canonical table, in an engine family's own SQL.

`render` is the whole of it: the short form becomes a SELECT, names are checked against the columns that are really
there, template functions are written for the family, and every read is replaced by the relation that holds it (a
staged file here; a table of a live database by the same door).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlglot import exp

from data_access.errors import MappingError
from data_access.mappings.dialect import check_names, is_json_rows, nearest, parse_cell, parse_select, table_name
from data_access.mappings.functions import FUNCTIONS, name_literal, text_literal, write
from data_access.mappings.manifest import MANIFEST, Manifest, Read, TableMapping, closest
from data_access.mappings.review import MAP_FUNCTIONS, branches, local_moments, map_calls, map_name, outputs, section_of
from data_access.schema import TABLES

TRACE = ("_file", "_row")


@dataclass(frozen=True)
class Relation:
    """What holds a read: its SQL and the columns that it offers.

    `cells` are those columns where they are not the table's own: each written out, of the table `t` that `sql` is then.
    """

    sql: str
    columns: tuple[str, ...]
    cells: Mapping[str, str] = field(default_factory=dict)

    def with_columns(self, names: Container[str]) -> str:
        """Its SQL with those of its cells that are named (in small letters), so that a question stays readable."""
        if not self.cells:
            return self.sql
        wanted = [cell for name, cell in self.cells.items() if name.lower() in names] or list(self.cells.values())[:1]
        return f"(SELECT {', '.join(wanted)} FROM {self.sql} AS t)"


@dataclass(frozen=True)
class Reading:
    """A conversion of a column of a read: rows where `text` is there and `value` is not are faults."""

    table: str
    target: str
    read: str
    source: str
    value: str
    where: str
    call: str

    @property
    def is_map(self) -> bool:
        """True for a look-up in a value map, false for a conversion of text."""
        return self.call.split(":")[0] in MAP_FUNCTIONS


@dataclass(frozen=True)
class Rendered:
    """The SELECT of one canonical table, the canonical columns it gives, and the conversions in it.

    For each column in `unmapped`, beside which stands the section of its value map, the SELECT gives one more, named by
    `unmapped_mark`: what that map lacks.
    `local` are columns of moments that are read without an offset and without `to_utc`.
    """

    table: str
    sql: str
    columns: tuple[str, ...]
    readings: tuple[Reading, ...]
    place: str
    unmapped: Mapping[str, str] = field(default_factory=dict)
    local: tuple[str, ...] = ()
    counted_read: str = ""  # the read whose every row is either in the result or left out by `where`


def render(
    manifest: Manifest,
    table: TableMapping,
    relations: Mapping[str, Relation],
    family: str,
    is_live: bool = False,
    with_marks: bool = True,
    emptied: bool = False,
) -> Rendered:
    """The SELECT of `table` for an engine family. Raises MappingError where mapping and source do not fit.

    The rows of a live database have no place in a file, and what its value maps lack is counted apart (`with_marks`):
    of the columns that every row needs, or of those that are empty then (`emptied`).
    """
    table = replace(table, sql=_variant(table.sql, family))
    place = table.sql.name if table.sql else MANIFEST
    manifest = replace(manifest, value_maps={**manifest.value_maps, **_inline_maps(table)})
    query = _from_file(table) if table.sql else _short_form(table, relations, is_live)
    reads = {name: relation.columns for name, relation in relations.items()}
    if table.sql:
        check_names(query, reads, place, table.name)
    columns = _outputs(query, table.name, place, reads)
    writer = Writer(manifest, family)
    readings = () if is_live else tuple(_readings(query, table, relations, writer))
    local = local_moments(query, table.name)
    unmapped = _mark_unmapped(query, table.name, writer, emptied) if with_marks else {}
    sql = written(query, relations, writer, family)
    counted = table.source if not table.sql and not table.group_by else ""
    return Rendered(table.name, sql, columns, readings, place, unmapped, local, counted)


def render_read(manifest: Manifest, read: Read, relations: Mapping[str, Relation], family: str) -> Relation:
    """A read that is a SELECT over other reads, for several tables to share."""
    path = _variant(read.sql, family)
    assert path is not None
    query = _parsed(path, f"reads.{read.name}.sql")
    check_names(query, {name: relation.columns for name, relation in relations.items()}, path.name)
    if "*" in query.named_selects:
        raise MappingError(f"{path.name}: name the columns of `{read.name}` one by one instead of `*`.")
    sql = written(query, relations, Writer(manifest, family), family)
    return Relation(f"({sql})", tuple(query.named_selects))


def _variant(sql: Path | None, family: str) -> Path | None:
    """The file that says the same for this family alone (`history.mysql.sql`), where there is one."""
    own = sql.with_name(f"{sql.stem}.{family}{sql.suffix}") if sql else None
    return own if own is not None and own.is_file() else sql


def unmapped_mark(column: str) -> str:
    """The column that holds what the value map of another one lacks."""
    return f"_unmapped {column}"


def _mark_unmapped(query: exp.Query, table: str, writer: Writer, emptied: bool = False) -> dict[str, str]:
    """For each column that every row needs and that a value map fills: what the map lacks, as one more column.

    With `emptied`, for each other column that a value map fills.
    """
    canonical, marks = TABLES[table].columns, dict[str, dict[int, exp.Expr]]()
    sections: dict[str, str] = {}
    for select, column, cell in outputs(query):
        calls = [call for call in _givers(cell, emptied) if "*" not in writer.pairs(call)]
        if calls and column in canonical and canonical[column].nullable == emptied:
            marks.setdefault(column, {})[id(select)] = _mark(select, cell, calls, writer, emptied)
            sections[column] = section_of(map_name(calls[0]))
    for column, made in marks.items():
        for select in branches(query):
            cell = made.get(id(select), exp.cast(exp.null(), "text"))
            select.select(exp.alias_(cell, unmapped_mark(column), quoted=True), copy=False)
    return sections


def _givers(cell: exp.Expr, emptied: bool) -> Iterator[exp.Anonymous]:
    """The look-ups that give a cell its value; what is empty in the end may have gone through `coalesce`."""
    inner = cell.unalias()
    parts = [inner.this, *inner.expressions] if emptied and isinstance(inner, exp.Coalesce) else [cell]
    for part in parts:
        yield from map_calls(part)


def _mark(
    select: exp.Select, cell: exp.Expr, calls: Sequence[exp.Anonymous], writer: Writer, emptied: bool
) -> exp.Expr:
    """What the maps of a cell lack, where it is empty for that; of lines that are grouped, the last in the alphabet."""
    first, *others = [_lacking(call.expressions[0], writer.pairs(call)) for call in calls]
    lacking: exp.Expr = exp.Coalesce(this=first, expressions=others) if others else first
    if select.args.get("group") or cell.find(exp.Min, exp.Max):
        lacking = exp.Max(this=lacking)
    if cell.find(exp.Case) is None and not emptied:
        return lacking
    is_empty = exp.Is(this=exp.Paren(this=cell.unalias().copy()), expression=exp.null())
    return exp.Case(ifs=[exp.If(this=is_empty, true=lacking)])


def _lacking(value: exp.Expr, pairs: Mapping[str, str]) -> exp.Expr:
    """The value as text where it is there and its map has no entry for it."""
    text = exp.cast(value.copy(), "text")
    folded = exp.Lower(this=exp.Trim(this=text))
    known = exp.In(this=folded, expressions=[exp.Literal.string(key) for key in ("", *pairs)])
    return exp.Case(ifs=[exp.If(this=exp.not_(known), true=text.copy())])


def reads_used(table: TableMapping | Read) -> list[str]:
    """The names that the SELECT of a table, or of a read, reads from."""
    if table.sql is None:
        return [table.source] if isinstance(table, TableMapping) else []
    key = "tables" if isinstance(table, TableMapping) else "reads"
    return list(_tables_in(_text_of(table.sql, f"{key}.{table.name}.sql"), table.sql.name))


@lru_cache(maxsize=512)
def _tables_in(text: str, place: str) -> tuple[str, ...]:
    tables = [one for one in parse_select(text, place).find_all(exp.Table) if not is_json_rows(one)]
    return tuple(sorted({table_name(one) for one in tables if not _is_cte(one, table_name(one))}))


def render_condition(manifest: Manifest, text: str, relation: Relation, read: str, family: str) -> str:
    """A `leave_out` condition of a read, in the family's SQL."""
    place = f"{MANIFEST}: `reads.{read}.leave_out`"
    cell = _cell(text, relation.columns, place)
    _check_cell(cell, relation.columns, place)
    return Writer(manifest, family).sql(cell)


def select_of(one: TableMapping | Read) -> exp.Query:
    """The SELECT in the file of a table, or of a read."""
    assert one.sql is not None
    return _parsed(one.sql, f"{'tables' if isinstance(one, TableMapping) else 'reads'}.{one.name}.sql")


def _from_file(table: TableMapping) -> exp.Query:
    assert table.sql is not None
    return _parsed(table.sql, f"tables.{table.name}.sql")


def _parsed(path: Path, key: str) -> exp.Query:
    """The SELECT in a file that the mapping names under `key`."""
    return parse_select(_text_of(path, key), path.name)


def _text_of(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingError(f"{MANIFEST}: `{key}` names {path}, which is not there.") from None
    except UnicodeDecodeError:
        raise MappingError(f"{path} is not written in UTF-8; save it as UTF-8.") from None


def _short_form(table: TableMapping, relations: Mapping[str, Relation], is_live: bool) -> exp.Query:
    """The SELECT that the short form stands for; every row of a file keeps its place there."""
    relation = relations.get(table.source)
    if relation is None:
        near = closest(table.source, relations)
        raise MappingError(f"{MANIFEST}: `tables.{table.name}.from` is `{table.source}`, which is no read; {near}")
    cells = {name: _short_cell(table, name, value, relation) for name, value in table.columns.items()}
    groups = [_checked(text, relation, f"{MANIFEST}: `{table.name}.group_by`") for text in table.group_by]
    for name in TRACE if not is_live else ():
        if name not in cells:
            place = exp.column(name)
            cells[name] = exp.Min(this=place) if groups else place
    query = exp.select(*(exp.alias_(cell, name, quoted=True) for name, cell in cells.items()))
    query = query.from_(exp.to_table(name_literal(table.source)))
    if table.where:
        query = query.where(_checked(table.where, relation, f"{MANIFEST}: `{table.name}.where`"))
    return query.group_by(*groups) if groups else query


def _short_cell(table: TableMapping, name: str, value: Any, relation: Relation) -> exp.Expr:
    place = f"{MANIFEST}: `{table.name}.{name}`"
    if isinstance(value, dict):
        inner = _checked(str(value.get("from", "")), relation, place)
        return exp.Anonymous(this="mapped", expressions=[inner, exp.Literal.string(f"{table.name}.{name}")])
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | float):
        return exp.Literal.number(value)
    return _checked(str(value), relation, place)


def _inline_maps(table: TableMapping) -> dict[str, dict[str, str]]:
    """The value maps that stand in a column of the short form, under the name of that column."""
    return {
        f"{table.name}.{name}": {str(key).strip().lower(): str(code) for key, code in value.get("map", {}).items()}
        for name, value in table.columns.items()
        if isinstance(value, dict)
    }


def _checked(text: str, relation: Relation, place: str) -> exp.Expr:
    cell = _cell(text, relation.columns, place)
    _check_cell(cell, relation.columns, place)
    return cell


def _cell(text: str, columns: Sequence[str], place: str) -> exp.Expr:
    """The column of that name if there is one, blanks and all; else the expression."""
    same = [one for one in columns if one == text] or [one for one in columns if one.lower() == text.strip().lower()]
    if same:
        return exp.column(exp.to_identifier(same[0], quoted=True))
    return parse_cell(text, place)


def _check_cell(cell: exp.Expr, columns: Sequence[str], place: str) -> None:
    known = {one.lower() for one in columns} | set(TRACE)
    for column in cell.find_all(exp.Column):
        if column.name.lower() not in known:
            has = nearest(column.name, columns)
            is_near = get_close_matches(column.name.lower(), [one.lower() for one in columns], n=1)
            hint = "" if is_near or cell is not column else f" A fixed text has quotes of its own: \"'{column.name}'\"."
            raise MappingError(
                f"{place} reads `{column.name}`, which is not there; the source has {has}.{hint}",
                key="no_column_read",
                place=place,
                column=column.name,
            )


def _outputs(query: exp.Query, table: str, place: str, reads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    names: list[str] = []
    for name in query.named_selects:
        names.extend(sorted({c for r in reads.values() for c in r}) if name == "*" else [name])
    known = [column.name for column in TABLES[table].columns]
    for name in names if "*" not in query.named_selects else []:
        if name not in known and name not in TRACE and not name.startswith("x_"):
            raise MappingError(f"{place}: `{name}` is not a column of `{table}`; {closest(name, known)}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise MappingError(f"{place}: `{table}.{twice[0]}` is given twice; keep one.")
    if "*" in query.named_selects:
        raise MappingError(f"{place}: name the columns of `{table}` one by one instead of `*`.")
    return tuple(names)


class Writer:
    """Writes parsed expressions in one family's SQL, template functions included."""

    def __init__(self, manifest: Manifest, family: str) -> None:
        self.manifest = manifest
        self.family = family

    def sql(self, node: exp.Expr) -> str:
        """The expression as SQL text; the tree given is left as it is."""
        return str(self.written(node.copy()).sql(dialect=self.family))

    def written(self, node: exp.Expr) -> exp.Expr:
        """The tree with every template function written out, innermost first."""
        calls = [one for one in node.find_all(exp.Anonymous) if str(one.name).lower() in FUNCTIONS]
        for call in sorted(calls, key=lambda one: -one.depth):
            text = exp.Var(this=self._call(call))
            if call is node:
                return text
            call.replace(text)
        return node

    def _call(self, call: exp.Anonymous) -> str:
        name = str(call.name).lower()
        if name == "setting":
            return self._setting(str(call.expressions[0].name))
        if name in MAP_FUNCTIONS:
            return self._mapped(name, call)
        arguments = [str(one.sql(dialect=self.family)) for one in call.expressions]
        return write(name, arguments, self.family, self.manifest.format.decimal)

    def _setting(self, name: str) -> str:
        if name not in self.manifest.settings:
            raise MappingError(f"{MANIFEST}: `setting('{name}')` is used, and [settings] has no `{name}`.")
        return self.text(str(self.manifest.settings[name]))

    def text(self, value: str) -> str:
        """`value` as a text of the family's SQL; null for an empty one."""
        return exp.Literal.string(value).sql(dialect=self.family) if value else "NULL"

    def pairs(self, call: exp.Anonymous) -> Mapping[str, str]:
        """The value map that a call of mapped, stage_outcome or channel means."""
        name = map_name(call)
        if name not in self.manifest.value_maps:
            section = section_of(name)
            raise MappingError(f"{MANIFEST}: [{section}] is used and not there; write it.")
        return self.manifest.value_maps[name]

    def _mapped(self, name: str, call: exp.Anonymous) -> str:
        value = str(call.expressions[0].sql(dialect=self.family))
        pairs = self.pairs(call)
        known = [(exp.Literal.string(key).sql(dialect=self.family), code) for key, code in pairs.items() if key != "*"]
        cases = [f"WHEN {key} THEN {self.text(code)}" for key, code in known]
        other = f" ELSE {self.text(pairs['*'])}" if "*" in pairs else ""
        if not cases:
            return self.text(pairs.get("*", ""))
        return f"CASE LOWER(TRIM({write('text', [value], self.family)})) {' '.join(cases)}{other} END"


def written(query: exp.Query, relations: Mapping[str, Relation], writer: Writer, family: str) -> str:
    """The query with its reads replaced by what holds them."""
    query = query.copy()
    named = {column.name.lower() for column in query.find_all(exp.Column)}
    for scope_table in list(query.find_all(exp.Table)):
        if is_json_rows(scope_table):
            _write_json_rows(query, scope_table, writer)
            continue
        name = table_name(scope_table)
        found = next((one for key, one in relations.items() if key.lower() == name.lower()), None)
        if found is None or _is_cte(scope_table, name):
            continue
        alias = scope_table.alias or name
        scope_table.set("this", exp.Var(this=found.with_columns(named)))
        scope_table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return str(writer.written(query).sql(dialect=family))


def _write_json_rows(query: exp.Query, table: exp.Table, writer: Writer) -> None:
    """The elements of a JSON list as a table with `value` and `position`."""
    alias = table.alias
    if writer.family == "sqlite":  # its own table has `key`, from 0
        for column in query.find_all(exp.Column):
            if column.table == alias and column.name.lower() == "position":
                column.replace(exp.Var(this=f"({alias}.key + 1)"))
    table.replace(exp.Var(this=write("json_rows", [writer.sql(table.this.expressions[0]), alias], writer.family)))


def _is_cte(table: exp.Table, name: str) -> bool:
    node: exp.Expr | None = table
    while node is not None:
        with_ = node.args.get("with_")
        if with_ is not None and name.lower() in {cte.alias.lower() for cte in with_.expressions}:
            return True
        node = node.parent
    return False


def _readings(
    query: exp.Query, table: TableMapping, relations: Mapping[str, Relation], writer: Writer
) -> Sequence[Reading]:
    """The conversions of a plain column of a read: what they cannot read must not pass for something missing."""
    found: dict[tuple[str, str, str], Reading] = {}
    named = {id(node): name for _, name, cell in outputs(query) for node in cell.find_all(exp.Anonymous)}
    condition = writer.sql(query.args["where"].this) if table.where else "TRUE"
    for call in query.find_all(exp.Anonymous):
        name = str(call.name).lower()
        mapped = name in MAP_FUNCTIONS
        if not mapped and not (name in FUNCTIONS and FUNCTIONS[name].reads_text):
            continue
        column = call.expressions[0]
        read = _owner(column, call, relations) if isinstance(column, exp.Column) else ""
        if not read:
            continue
        value = writer.sql(call) if not mapped else _known_key(call, writer)
        if value:
            target, value = named.get(id(call)) or _target(call), _unqualified(value, column)
            reading = Reading(table.name, target, read, column.name, value, condition, _usage(name, call))
            found.setdefault((read, value, target if mapped else ""), reading)
    return tuple(found.values())


def _unqualified(value: str, column: exp.Column) -> str:
    return value.replace(f"{column.table}.", "") if column.table else value


def _known_key(call: exp.Anonymous, writer: Writer) -> str:
    pairs = writer.pairs(call)
    if "*" in pairs:
        return ""
    keys = ", ".join(text_literal(key) for key in pairs)
    value = writer.sql(call.expressions[0])
    return f"CASE WHEN LOWER(TRIM(CAST({value} AS VARCHAR))) IN ({keys}) THEN 1 END" if keys else ""


def _owner(column: exp.Column, call: exp.Expr, relations: Mapping[str, Relation]) -> str:
    """The read that a column comes from, when its SELECT reads from that one alone or names it."""
    select = call.find_ancestor(exp.Select)
    if select is None:
        return ""
    tables = [one for one in select.find_all(exp.Table) if one.find_ancestor(exp.Select) is select]
    names = {(one.alias or table_name(one)).lower(): one for one in tables}
    owner = names.get(column.table.lower()) if column.table else (tables[0] if len(tables) == 1 else None)
    if owner is None or _is_cte(owner, table_name(owner)):
        return ""
    wanted = table_name(owner).lower()
    match = next((key for key in relations if key.lower() == wanted), "")
    if match and column.name.lower() in {one.lower() for one in relations[match].columns}:
        return match
    return ""


def _target(call: exp.Expr) -> str:
    alias = call.find_ancestor(exp.Alias)
    return alias.alias if alias is not None else ""


def _usage(name: str, call: exp.Anonymous) -> str:
    texts = [one.name for one in call.expressions[1:] if isinstance(one, exp.Literal)]
    return f"{name}: {', '.join(texts)}" if texts else name
