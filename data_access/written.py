"""Types whose values are written into a statement, for engines whose protocol takes no values beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def literal_type(base: type[Any], written: Callable[[Any], str]) -> type[Any]:
    """`base`, whose values `written` writes also where a whole statement is written out, to be run by hand."""

    def literal_processor(self: Any, dialect: Any) -> Any:
        double = dialect.identifier_preparer._double_percents
        return lambda value: written(value).replace("%", "%%") if double else written(value)

    return type(f"Written{base.__name__}", (base,), {"literal_processor": literal_processor, "cache_ok": True})
