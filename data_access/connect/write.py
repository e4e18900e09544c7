"""Writes `clientele.toml`: whole or not at all, and never a password; secrets go to `.streamlit/secrets.toml`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from data_access import engines
from data_access.errors import SourceError
from data_access.place import SECRETS, Place, read_settings_file

SECRET = "CLIENTELE_PASSWORD"
HEAD = """# Where the company's data are, and how they are read; docs/connecting.md explains every key.
# A password is never here: ${NAME} stands in the environment or in .streamlit/secrets.toml.
"""


def write_settings(place: Place, path: Path, replaces: bool = False) -> list[Path]:
    """Write the place to `path`, its password beside it; the files written. Raises SourceError where one is there."""
    if path.exists() and not replaces:
        raise SourceError(f"{path} is there already; look at it, then say --replace.", key="settings_unreadable")
    folder = path.parent
    url, written = place.url, [path]
    if url.password and os.environ.get(SECRET) != str(url.password):
        _keep_secret(folder / SECRETS, str(url.password))
        written.append(folder / SECRETS)
    said: dict[str, Any] = {"source": _without_password(url, folder)}
    if place.mapping:
        said["mapping"] = place.mappings if len(place.mappings) > 1 else place.mapping
    if place.allow_writing_account:
        said["allow_writing_account"] = place.allow_writing_account
    _write_whole(path, HEAD + "\n" + as_toml({**said, **dict(place.own)}), 0o644)
    return written


def _without_password(url: URL, folder: Path) -> str:
    if engines.is_file(url):
        path = Path(url.database or "")
        return str(path.relative_to(folder.resolve())) if path.is_relative_to(folder.resolve()) else str(path)
    text = url.render_as_string(hide_password=True)
    return text.replace(":***@", f":${{{SECRET}}}@") if url.password else text


def _keep_secret(path: Path, password: str) -> None:
    """The secrets file with this password in it; what else it holds stays."""
    held = read_settings_file(path) if path.is_file() else {}
    _write_whole(path, as_toml({**held, SECRET: password}), 0o600)


def _write_whole(path: Path, text: str, mode: int) -> None:
    """Write beside the target, then swap."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(name, mode)
    os.replace(name, path)


def as_toml(values: Mapping[str, Any], section: str = "") -> str:
    """Texts, numbers, days, lists and sections as TOML; plain values first, as TOML wants them."""
    plain = {key: value for key, value in values.items() if not _is_section(value)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in values.items():
        name = f"{section}.{_key(key)}" if section else _key(key)
        if isinstance(value, Mapping):
            inner = as_toml(value, name)
            has_plain = any(not _is_section(one) for one in value.values())
            lines += ["", f"[{name}]\n{inner}".rstrip() if has_plain or not value else inner.strip()]
        elif _is_section(value):
            lines += [f"\n[[{name}]]\n{as_toml(one, name)}".rstrip() for one in value]
    return "\n".join(lines).strip("\n") + "\n"


def _is_section(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping) or is_list


def _key(key: str) -> str:
    is_bare = bool(key) and all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in key)
    return key if is_bare else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(str(value), ensure_ascii=False)
