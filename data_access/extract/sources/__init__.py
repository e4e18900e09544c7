"""How rows leave a source: one consistent, read-only snapshot of it, a SELECT at a time, as Arrow batches.

    with open_snapshot(place) as snapshot:
        reader = snapshot.read(planned, where="")         # a pyarrow.RecordBatchReader
        cells = [snapshot.value(cell) for cell in planned.cells]   # DuckDB's SQL that gives each cell its type

One module per engine. Each says how it sends a kind of cell (`cell`) and what DuckDB makes of what arrives (`value`):
what Arrow cannot say exactly (a DECIMAL of 24 digits) travels as text.
"""

from data_access.extract.sources.snapshot import Snapshot, SourceBrokeOffError, open_snapshot

__all__ = ["Snapshot", "SourceBrokeOffError", "open_snapshot"]
