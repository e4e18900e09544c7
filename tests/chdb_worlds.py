"""Worlds in a ClickHouse of our own: the real engine inside this process (chDB), a database for each world.

It is one process, so that it shows what ClickHouse makes of our statements and nothing about a cluster.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column

from data_access.schema import loose

NUMBERS = itertools.count(1)


class Chdb:
    """The one engine of this process; `lend` gives a new database with a world's rows."""

    def __init__(self) -> None:
        from clickhouse_connect.driver import create_client

        self.folder = tempfile.mkdtemp(prefix="clientele-chdb-")
        self.client: Any = create_client(interface="chdb", path=self.folder)
        atexit.register(self.stop)

    def lend(self, filled: Mapping[str, Sequence[Mapping[str, Any]]], without: Iterable[str]) -> str:
        """URL of a new database with these rows."""
        from data_access.clickhouse import ClickHouseDialect, written

        name, taken, dialect = f"world{next(NUMBERS)}", set(without), ClickHouseDialect()
        self.client.command(f"CREATE DATABASE {name} ENGINE = Memory")
        for table in loose().sorted_tables:
            if table.name in taken:
                continue
            columns = [column for column in table.columns if f"{table.name}.{column.name}" not in taken]
            types = ", ".join(f"{column.name} {_type(column, dialect)}" for column in columns)
            self.client.command(f"CREATE TABLE {name}.{table.name} ({types}) ENGINE = Memory")
            rows = [f"({', '.join(written(row[c.name]) for c in columns)})" for row in filled.get(table.name, ())]
            if rows:
                self.client.command(f"INSERT INTO {name}.{table.name} VALUES {', '.join(rows)}")
        return f"clickhouse:///{name}?interface=chdb&path={self.folder}"

    def give_back(self, url: str) -> None:
        """Forget a world."""
        if self.folder in url:
            self.client.command(f"DROP DATABASE IF EXISTS {url.partition('///')[2].partition('?')[0]}")

    def stop(self) -> None:
        self.client.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _type(column: Column[Any], dialect: Any) -> str:
    """What may be missing is Nullable; what may not is not, as in tables that are made for ClickHouse."""
    told = str(column.type.compile(dialect=dialect))
    return f"Nullable({told})" if column.nullable else told


@cache
def chdb() -> Chdb | str:
    """The engine, or why there is none."""
    if importlib.util.find_spec("chdb") is None:
        return "no chdb; fetch it with `make engines`"
    if importlib.util.find_spec("clickhouse_connect") is None:
        return "no driver for ClickHouse; install requirements-clickhouse.txt"
    return Chdb()
