"""Loading a company's exported files into a DuckDB file: `load_folder(Order(folder, target))`.

workspace.py    built beside the target, swapped in at the end
files.py        what a folder and a CSV file hold
staging.py      files into the staging database, as text
canonical.py    files named as tables; mapped.py: files of a foreign shape, through a mapping
company.py      the settings, given or concluded
cells.py        text into values; typed.py, derivations.py: rows of the canonical type
checks.py       faults within a table; links.py: between tables; rules.py: what is done about each
ledger.py       the record of it all: import_log, quarantine, repairs
results.py      the finished tables
load.py         the line through all of these
"""

from data_access.loading.load import Loaded, Order, load_folder

__all__ = ["Loaded", "Order", "load_folder"]
