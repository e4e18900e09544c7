"""Where a company's data are, and through which mapping they are read: a path, a URL, or the file `clientele.toml`.

source    "postgresql://reader:${CRM_PASSWORD}@host/odoo": a path or a URL; ${NAME} stands in the environment or in
          .streamlit/secrets.toml
mapping   "odoo16": name or path, or a list of them; without one the tables are canonical
extract   "data/company.duckdb": read in the source's place once it is there
schema, prefix, settings, stage_outcomes, channel_map, value_maps, reads, tables, rates
          what differs from the mapping, written as in a mapping.toml; [of.NAME] for one of several
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from data_access import engines
from data_access.errors import SourceError

OWN_KEYS = ("source", "mapping", "extract", "allow_writing_account")
SECRETS = Path(".streamlit") / "secrets.toml"
TOGETHER = "+"  # between the names of several mappings of one database
NAMED = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Place:
    """A database, and the mapping through which it is read: its name or path, and what the company says otherwise."""

    url: URL
    mapping: str = ""
    own: tuple[tuple[str, Any], ...] = ()
    folder: Path | None = None
    allow_writing_account: str = ""

    @property
    def is_mapped(self) -> bool:
        return bool(self.mapping)

    @property
    def mappings(self) -> list[str]:
        """The mappings by name or path, the leading one first."""
        return [name.strip() for name in self.mapping.split(TOGETHER)]

    @property
    def key(self) -> str:
        """What tells two places apart."""
        return repr((self.url.render_as_string(hide_password=False), self.mapping, self.own))


def find_place(source: str, mapping: str = "", *, is_live: bool = False) -> Place:
    """The place that a path, a URL or a settings file names; `is_live`: never its extract. Raises SourceError."""
    if source.endswith(".toml"):
        path = Path(source).expanduser().resolve()
        extract = None if is_live else _extract_there(path, mapping)
        return Place(engines.locate(str(extract))) if extract else _from_file(path, mapping)
    return Place(engines.locate(with_secrets(source, Path.cwd())), mapping)


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
    source = str(said.get("source") or "")
    if not source:
        raise SourceError(
            f'{path.name} names no database; write `source = "..."` into it, or run `python -m data_access connect`.',
            key="settings_unreadable",
        )
    source = with_secrets(source, path.parent)
    url = engines.locate(source if "://" in source else str(path.parent / Path(source).expanduser()))
    own = {key: value for key, value in said.items() if key not in OWN_KEYS}
    return Place(
        url,
        mapping or _names(said.get("mapping") or ""),
        tuple(own.items()),
        path.parent,
        str(said.get("allow_writing_account") or ""),
    )


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
