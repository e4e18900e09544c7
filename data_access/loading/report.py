"""What a load says when it has ended: rows, what was assumed, and every rule that had something to do."""

from __future__ import annotations

from data_access.loading.ledger import QUARANTINE, REPAIRS, Entry
from data_access.loading.load import Loaded
from data_access.loading.rules import Action

HEADINGS = (
    (Action.ASSUMED, "Assumed"),
    (Action.DERIVED, "Filled in, because the files leave it out"),
    (Action.IGNORED, "Not read"),
    (Action.REPAIRED, f"Repaired (each cell is in the table `{REPAIRS}`)"),
    (Action.KEPT, f"Odd, and kept (each cell is in the table `{REPAIRS}`)"),
    (Action.QUARANTINED, f"Kept out (each row is in the table `{QUARANTINE}`)"),
)


def describe(loaded: Loaded) -> str:
    """The whole report."""
    lines = [f"{loaded.target} holds:"]
    read = {entry.table: entry.count for entry in loaded.entries if entry.rule == "rows_read"}
    out = {entry.table: entry.count for entry in loaded.entries if entry.rule == "rows_quarantined"}
    for name, count in loaded.rows.items():
        told = f" of {read[name]:,}" if name in read else ""
        away = f", {out[name]:,} quarantined" if name in out else ""
        lines.append(f"  {name}: {count:,}{told} rows{away}")
    for action, heading in HEADINGS:
        entries = [entry for entry in loaded.entries if entry.action is action]
        if entries:
            lines += ["", heading + ":"] + [f"  {line(entry)}" for entry in entries]
    lines += ["", f"Look closer with: python -m data_access check {loaded.target}"]
    return "\n".join(lines)


def wrong(loaded: Loaded) -> str:
    """What went wrong and nothing else: rows kept out, and cells that are odd; empty when all is well."""
    out = {entry.table: entry.count for entry in loaded.entries if entry.rule == "rows_quarantined"}
    lines = [f"{name}: {count:,} quarantined" for name, count in out.items()]
    wanted = (Action.QUARANTINED, Action.KEPT)
    entries = [entry for entry in loaded.entries if entry.action in wanted or entry.rule == "unmapped_cleared"]
    return "\n".join([*lines, *(f"  {line(entry)}" for entry in entries)])


def line(entry: Entry) -> str:
    """One line of the log."""
    place = ".".join(part for part in (entry.table, entry.column) if part and part != "*")
    if entry.action is Action.ASSUMED:
        if entry.table == "settings":
            return f"{entry.column} = {entry.example} ({entry.text})"
        return f"{place} = UTC, such as '{entry.example}' ({entry.text})"
    count = "" if entry.rule == "unknown_file" else f" {entry.count:,}"
    example = f", first {entry.example}" if entry.example and entry.rule != "unknown_file" else f" {entry.example}"
    text = f"; {entry.text}" if entry.text else ""
    return f"{entry.rule}{' ' + place if place else ''}:{count}{example.rstrip()}{text}"
