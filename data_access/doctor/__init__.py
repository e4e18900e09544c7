"""The doctor: what a source supplies, what it lacks, and what is wrong in it, on any engine.

    examine.py      looks at one source and gives a `Report`
    invariants.py   what must hold within and between tables, each as one select that finds the rows where it does not
    report.py       the report, as a value, as text and as JSON

Read-only, like everything else: the source is opened by `data_access.engines`.
"""

from data_access.doctor.examine import examine
from data_access.doctor.report import Problem, Report, as_json, as_text

__all__ = ["Problem", "Report", "as_json", "as_text", "examine"]
