"""Where a company's data are, and through which mapping they are read: a path, a URL, or the file `clientele.toml`.

source    "postgresql://reader:${CRM_PASSWORD}@host/odoo": a path or a URL; ${NAME} stands in the environment or in
          .streamlit/secrets.toml
mapping   "odoo16": name or path, or a list of them; without one the tables are canonical
extract   "data/company.duckdb": read in the source's place once it is there
schema, prefix, settings, stage_outcomes, channel_map, value_maps, reads, tables, rates
          what differs from the mapping, written as in a mapping.toml; [of.NAME] for one of several
join_companies_by_domain  true: companies of several mappings are one not by e-mail alone but by domain too
[of.NAME] also `source` and `allow_writing_account`, where one of several lies in a database of its own: such systems
          are put together in an extract
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from data_access import engines
from data_access.errors import SourceError

OWN_KEYS = ("source", "mapping", "extract", "allow_writing_account")
OF_OWN = ("source", "allow_writing_account")  # what [of.NAME] says besides
BY_DOMAIN = "join_companies_by_domain"  # true: companies of several systems are joined by their domains as well
SHARED = ("settings", "rates")  # what a company says about all of several mappings at once
SECRETS = Path(".streamlit") / "secrets.toml"
TOGETHER = "+"  # between the names of several mappings of one database
NOT_TAKEN = "extract_not_taken"  # key of the error where only an extract could be read and it is not there yet
NAMED = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Place:
    """A database, and the mapping through which it is read: its name or path, and what the company says otherwise.

    `elsewhere` are those of several mappings that name a database of their own, with it and its writing account.
    """

    url: URL
    mapping: str = ""
    own: tuple[tuple[str, Any], ...] = ()
    folder: Path | None = None
    allow_writing_account: str = ""
    elsewhere: tuple[tuple[str, URL, str], ...] = ()

    @property
    def is_mapped(self) -> bool:
        return bool(self.mapping)

    @property
    def mappings(self) -> list[str]:
        """The mappings by name or path, the leading one first."""
        return [name.strip() for name in self.mapping.split(TOGETHER)]

    @property
    def parts(self) -> list[Place]:
        """Each of its mappings as a place of its own, in its own database, the leading one first."""
        if len(self.mappings) == 1:
            return [self]
        own = dict(self.own)
        each = own.pop("of", {})
        shared = {key: value for key, value in own.items() if key in SHARED}
        databases = {name: (url, allowed) for name, url, allowed in self.elsewhere}
        parts = []
        for name in self.mappings:
            url, allowed = databases.get(name, (self.url, self.allow_writing_account))
            said = _with_shared(shared, each.get(name, {}))
            parts.append(Place(url, name, tuple(said.items()), self.folder, allowed))
        return parts

    @property
    def is_by_domain(self) -> bool:
        """Whether companies of several mappings are joined by their domains as well. Raises SourceError."""
        said = dict(self.own).get(BY_DOMAIN, False)
        if not isinstance(said, bool):
            raise SourceError(f"`{BY_DOMAIN}` is {said!r}; write true or false.", key="settings_unreadable")
        return said

    @property
    def is_apart(self) -> bool:
        """True where its mappings lie in different databases, which no question can be put to at once."""
        return bool(self.elsewhere) and len({part.url for part in self.parts}) > 1

    @property
    def key(self) -> str:
        """What tells two places apart."""
        return repr((self.url.render_as_string(hide_password=False), self.mapping, self.own))


def _with_shared(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of one of several mappings, setting by setting before what is said of all."""
    settings = {**shared.get("settings", {}), **own.get("settings", {})}
    return {**shared, **own, **({"settings": settings} if settings else {})}


def find_place(source: str, mapping: str = "", *, is_live: bool = False) -> Place:
    """The place that a path, a URL or a settings file names; `is_live`: never its extract.

    Raises SourceError, also where only an extract could be read and none has been taken.
    """
    if not source.endswith(".toml"):
        return Place(engines.locate(with_secrets(source, Path.cwd())), mapping)
    path = Path(source).expanduser().resolve()
    extract = None if is_live else _extract_there(path, mapping)
    if extract:
        return Place(engines.locate(str(extract)))
    place = _from_file(path, mapping)
    if place.is_apart and not is_live:
        raise _extract_needed(place, path)
    return place


def _extract_needed(place: Place, path: Path) -> SourceError:
    """What to do where systems lie in different databases."""
    names, extract = ", ".join(place.mappings), extract_of(str(path))
    command = f"python -m data_access extract {path.name}"
    if extract is None:
        example = 'extract = "data/company.duckdb"'
        return SourceError(
            f"{names} lie in different databases and are put together in an extract: name its file in {path.name}, "
            f"such as `{example}`, and run `{command}`.",
            key="extract_needed",
            names=names,
            file=path.name,
            example=example,
            command=command,
        )
    return SourceError(
        f"{names} lie in different databases and are put together in {extract.name}, which is not there yet: "
        f"run `{command}`.",
        key=NOT_TAKEN,
        names=names,
        extract=extract.name,
        command=command,
    )


def read_settings_file(path: Path) -> dict[str, Any]:
    """What a settings file says. Raises SourceError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise SourceError(
            f"There is no file {path}; write it with `python -m data_access connect`.",
            key="source_missing",
            path=str(path),
        ) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SourceError(
            f"{path.name} cannot be read ({fault}); mend it or remove it.", key="settings_unreadable"
        ) from fault


def extract_of(source: str) -> Path | None:
    """The file that a settings file names for its extract; None where it names none. Raises SourceError."""
    if not source.endswith(".toml"):
        return None
    path = Path(source).expanduser().resolve()
    named = read_settings_file(path).get("extract")
    if named is not None and not (isinstance(named, str) and named):
        raise SourceError(
            f"{path.name}: `extract` is {named!r}; write the path of the DuckDB file that is to be made.",
            key="settings_unreadable",
        )
    return path.parent / Path(named).expanduser() if named else None


def _extract_there(path: Path, mapping: str) -> Path | None:
    """The extract, once it has been made; another mapping than the file's own is asked of the source itself."""
    extract = extract_of(str(path))
    if extract is None or not extract.is_file():
        return None
    own = _names(read_settings_file(path).get("mapping") or "")
    return extract if mapping in ("", own) else None


def _from_file(path: Path, mapping: str) -> Place:
    said = read_settings_file(path)
    if not said.get("source"):
        raise SourceError(
            f'{path.name} names no database; write `source = "..."` into it, or run `python -m data_access connect`.',
            key="settings_unreadable",
        )
    _refuse_no_sections(said, path.name)
    own = {key: value for key, value in said.items() if key not in OWN_KEYS}
    names = _names(said.get("mapping") or "")
    place = Place(
        _located(str(said["source"]), path.parent),
        mapping or names,
        tuple(own.items()),
        path.parent,
        str(said.get("allow_writing_account") or ""),
    )
    several = names.split(TOGETHER)
    if len(several) == 1 and own.get("of") and not mapping:
        raise SourceError(
            f"{path.name} says something of [of.{next(iter(own['of']))}], and `mapping` names {names or 'none'} alone; "
            'name every system there, the leading one first: mapping = ["...", "..."].',
            key="settings_unreadable",
        )
    if len(several) == 1 or mapping not in ("", names, *several):
        return place
    whole = replace(place, mapping=names)
    whole = replace(whole, own=tuple(_without_databases(own).items()), elsewhere=tuple(_elsewhere(whole, own)))
    return next((part for part in whole.parts if part.mapping == mapping), whole)


def _refuse_no_sections(said: Mapping[str, Any], file: str) -> None:
    """Raises SourceError for a value where the settings, or what is said of one of several systems, belong."""
    sections = {name: said.get(name, {}) for name in ("settings", "of")}
    if isinstance(sections["of"], dict):
        for name, own in sections["of"].items():
            sections[f"of.{name}"] = own
            sections[f"of.{name}.settings"] = own.get("settings", {}) if isinstance(own, dict) else {}
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise SourceError(
                f"{file}: `{name}` is no section; write [{name}] and what belongs to it below.",
                key="settings_unreadable",
            )


def _elsewhere(place: Place, own: Mapping[str, Any]) -> Iterator[tuple[str, URL, str]]:
    """The mappings of a place that name a database of their own."""
    for name in place.mappings:
        said = own.get("of", {}).get(name, {})
        if said.get("source"):
            assert place.folder is not None
            yield name, _located(str(said["source"]), place.folder), str(said.get("allow_writing_account") or "")


def _without_databases(own: Mapping[str, Any]) -> dict[str, Any]:
    """What a company says otherwise, without where its parts lie."""
    each = {
        name: {key: value for key, value in said.items() if key not in OF_OWN}
        for name, said in own.get("of", {}).items()
    }
    return {**own, **({"of": each} if each else {})}


def _located(source: str, folder: Path) -> URL:
    """The URL of what a settings file in a folder names."""
    source = with_secrets(source, folder)
    return engines.locate(source if "://" in source else str(folder / Path(source).expanduser()))


def _names(said: Any) -> str:
    return TOGETHER.join(map(str, said)) if isinstance(said, list) else str(said)


def with_secrets(text: str, folder: Path) -> str:
    """The text with every `${NAME}` replaced by what the environment, or the folder's secrets file, holds."""

    def found(match: re.Match[str]) -> str:
        name = match.group(1)
        value = os.environ.get(name)
        if value is None:
            value = _secrets(folder).get(name)
        if value is None:
            raise SourceError(
                f"The source names the secret {name}, which is set neither in the environment nor in {SECRETS}.",
                key="secret_missing",
                name=name,
            )
        return str(value)

    return NAMED.sub(found, text)


def _secrets(folder: Path) -> dict[str, Any]:
    path = folder / SECRETS
    return read_settings_file(path) if path.is_file() else {}
