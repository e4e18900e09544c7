"""From a URL to `clientele.toml`: recognise the CRM, show what it gives, ask what cannot be known, write it down.

survey.py     what is in a database: which mapping fits, what it gives and lacks, what is still to be decided
write.py      the settings file, and the secrets apart from it
dialogue.py   `python -m data_access connect`
"""

from data_access.connect.survey import Survey, survey
from data_access.connect.write import write_settings

__all__ = ["Survey", "survey", "write_settings"]
