"""The published test schemas of Fivetran's packages, where they lie beside this repository: real columns, scrambled values."""

import gzip
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests import servers
from tests.mappings.native import Native

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "crm_dbs" / "fivetran_seeds"
OWN = """
[settings]
base_currency = "USD"
"""


def company_of(connector: str, kind: str, folder: Path, own: str = OWN, mapping: str = "") -> Native:
    """The schema of one connector, from its SQLite file or the PostgreSQL dump, read through its mapping."""
    if not FOLDER.is_dir():
        pytest.skip(f"the published schemas are not at {FOLDER}")
    url, place = (_file(connector, folder), "") if kind == "sqlite" else (_dump(), f'schema = "{connector}"')
    place += f'\nallow_writing_account = "{make_url(url).username}"' if place else ""  # the owner of what was loaded
    file = folder / f"{connector}.toml"
    file.write_text(f'source = "{url}"\nmapping = "{mapping or connector}"\n{place}\n{own}', encoding="utf-8")
    return Native(url, file)


def truths() -> dict[str, Any]:
    """Figures taken with native SQL."""
    found: dict[str, Any] = json.loads((FOLDER / "truths.json").read_text(encoding="utf-8"))["truths"]
    return found


def _file(connector: str, folder: Path) -> str:
    path = folder / f"{connector}.sqlite"
    with gzip.open(FOLDER / f"{connector}.sqlite.gz") as packed, path.open("wb") as out:
        shutil.copyfileobj(packed, out)
    return str(path)


@cache
def _dump() -> str:
    """URL of a database with a schema for each connector, filled once."""
    server = servers.server("postgresql")
    if isinstance(server, str):
        pytest.skip(server)
    url = server.bare()
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("psql is not installed")
    text = gzip.decompress((FOLDER / "fivetran_seeds.pg15.sql.gz").read_bytes())
    home = make_url(url)
    place = ["-h", str(home.host), "-p", str(home.port), "-U", str(home.username), "-d", str(home.database)]
    subprocess.run([psql, "-q", *place], input=text, env=_environment(home.password), capture_output=True, check=True)
    return url


def _environment(password: Any) -> dict[str, str]:
    return {**os.environ, "PGPASSWORD": str(password)} if password else dict(os.environ)
