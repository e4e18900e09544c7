"""Trino through its own driver: `trino://user@host:8080/catalog/schema`, with floats in 53 bits.

No server of it is tested: its SQL is only read by a grammar (docs/engines.md).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import functions
from trino.sqlalchemy import compiler
from trino.sqlalchemy.dialect import TrinoDialect as Driver

# What the driver makes of these functions would hold for every engine of the process.
for _name in ("first_value", "last_value", "nth_value", "lead", "lag"):
    functions._registry["_default"].pop(_name, None)


class Types(compiler.TrinoTypeCompiler):
    """Types as Trino names them; what SQLAlchemy calls a float has 24 bits there unless it is told otherwise."""

    def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: N802  (SQLAlchemy's name for it)
        return "DOUBLE"


class TrinoDialect(Driver):
    """Trino's own dialect with these types."""

    type_compiler = Types
    supports_statement_cache = False  # as its own
