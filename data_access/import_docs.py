"""Writes the lists in docs/importing.md and docs/mapping.md anew from the code: rules, what is filled in, functions.

Each list stands between `<!-- NAME -->` and `<!-- end of NAME -->`; the text around it is written by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

from data_access.loading import derivations, rules
from data_access.mappings.completions import COMPLETIONS, JOINS
from data_access.mappings.functions import FUNCTIONS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def functions_table() -> str:
    """The template functions and what they give."""
    lines = ["| function | gives |", "|---|---|"]
    lines += [f"| `{one.usage}` | {one.meaning} |" for one in FUNCTIONS.values()]
    return "\n".join(lines)


def completions_table() -> str:
    """What a mapping of a live database may leave out."""
    lines = ["| column left out | is |", "|---|---|"]
    for table, parts in COMPLETIONS.items():
        lines += [f"| `{table}.{column}` | `{ways[0]}` |" for column, ways in parts.items()]
    looked = ", ".join(f"`{name}` (of `{join.table}` by `{join.by}`)" for name, join in JOINS.items())
    return "\n".join([*lines, "", f"Looked up: {looked}; `rate` is the last one in `fx_rates` valid on the row's day."])


def lists() -> dict[str, dict[str, str]]:
    """Every list by document and name."""
    return {
        "importing.md": {"rules": rules.markdown(), "derivations": derivations.markdown()},
        "mapping.md": {"functions": functions_table(), "completions": completions_table()},
    }


def with_lists(text: str, parts: dict[str, str]) -> str:
    """The document with its lists as they are in the code."""
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, part=part: found[1] + part + "\n" + found[2], text)  # type: ignore[misc]
    return text


def main() -> None:
    """Write the documents."""
    for name, parts in lists().items():
        path = DOCS / name
        path.write_text(with_lists(path.read_text(encoding="utf-8"), parts), encoding="utf-8")


if __name__ == "__main__":
    main()
