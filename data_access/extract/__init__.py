"""The canonical tables of a live database, taken into a DuckDB file: `extract(Job(place, target))` in run.py.

plan.py       what is taken: one SELECT per canonical table, as live questions see it, and what tells a plan apart
sources/      how rows leave an engine: one consistent read-only snapshot, as Arrow batches
file.py       the file under construction, gone on with after a break, swapped in at the end
tables.py     a table as a whole
together.py   the tables of several databases as one
changes.py    only what has changed in a table since the last time
record.py     where the file came from: written here, read by the app and by `check`
schedule.py   text for a crontab or a systemd timer
run.py        the line through all of these
"""
