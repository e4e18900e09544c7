"""What can go wrong between a question and its answer.

    ClienteleError              what a person can mend; its text says what was asked, what was found, what to do
    +- SourceError              the database cannot be opened or read
    |  +- UnreachableError      not at this moment: it is down, full or locked; what was read before may stand in
    |  +- ChangedError          a table or column is gone that was there when the tables were last looked at
    +- AbandonedError           nobody waits for the answer any more; no viewer ever reads this
    +- NotHeldError             the source does not hold a table or column that the metric needs
    |  +- ForbiddenError        it holds it, and its account may not read it
    +- MappingError             a mapping does not fit its files or database
    +- ImportRefusedError       a load found faults that no rule repairs; the old file is untouched
    +- QuestionError            the question itself is wrong: an unknown metric, option, dimension or date

Texts are one sentence in English for logs and the command line. `key` and `gaps` let a page say the same in the
viewer's language: `error.<key>` in `i18n/*.toml`.
"""

from __future__ import annotations


class ClienteleError(Exception):
    """A fault that somebody can mend."""

    def __init__(self, text: str, key: str = "", **gaps: object) -> None:
        super().__init__(text)
        self.key = key
        self.gaps = gaps


class SourceError(ClienteleError):
    """The database cannot be opened or read."""


class UnreachableError(SourceError):
    """The database cannot be read at this moment; it will be again."""


class ChangedError(SourceError):
    """A table or column is not there any more."""


class AbandonedError(ClienteleError):
    """Nobody waits for the answer any more."""


class NotHeldError(ClienteleError):
    """The source does not hold `table` (or `table.column`); `why` is what hinders its mapping from giving it."""

    def __init__(self, table: str, column: str = "", why: ClienteleError | None = None) -> None:
        name = f"{table}.{column}" if column else table
        advice = f"the mapping cannot give it: {why}" if why else f"import or map a table `{table}` to fill it."
        super().__init__(
            f"The source does not hold `{name}`; {advice}",
            key="not_mapped" if why else "not_held",
            name=name,
            table=table,
            why=why,
        )
        self.table = table
        self.column = column
        self.why = why


class ForbiddenError(NotHeldError):
    """The account may not read what `table` is made of; `fault` says so, with the statement that lets it."""

    def __init__(self, table: str, fault: SourceError) -> None:
        super().__init__(table)
        self.args = fault.args
        self.key, self.gaps = fault.key, fault.gaps


class MappingError(ClienteleError):
    """A mapping does not fit its files or database."""


class ImportRefusedError(ClienteleError):
    """A load found faults that no rule repairs."""


class QuestionError(ClienteleError):
    """The question itself is wrong."""
