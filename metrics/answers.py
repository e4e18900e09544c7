"""One way to ask: pages, exports and the command line all go through `ask`, so they cannot disagree.

`ask` checks the question, narrows the tables, runs the metric, and returns an `Answer` that can explain itself: its
filters, the dates compared, as of when, n, what was left out and the SQL that was run. Answers are kept in memory by
question, viewer and data version. While the database cannot be read, the last good answer to the same question stands
in, and says so (`outage`, `read_at`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from cachetools import LRUCache

from data_access.errors import ChangedError, NotHeldError, SourceError, UnreachableError
from data_access.mapped import tables_read
from data_access.remarks import of_words
from data_access.source import Source, Statement
from metrics.filters import narrow
from metrics.metric import Metric, metric_named
from metrics.question import Filters, Question, question_for
from metrics.results import Note, Result, note
from metrics.total import Together, together

KEPT = 1024
ATTEMPTS = 5
Made = TypeVar("Made")


@dataclass(frozen=True)
class Answer:
    """A metric's result and everything that explains it. `result` is None when the source lacks what it needs.

    `read_at` is the moment (UTC) at which the database was asked; `outage` says why it could not be asked again now, by
    the key of the error, and is empty for an answer that is not old. `remarks` are those of the notes that are about
    the tables as such: what cannot be read of them, and words that nobody has translated.
    """

    metric: Metric
    question: Question
    result: Result | None
    missing: NotHeldError | None
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    as_of: datetime
    source_key: tuple[str, str, str]
    currency: str
    timezone: str
    read_at: datetime
    outage: str = ""
    remarks: tuple[Note, ...] = ()
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """Identity of the answer: equal keys, equal figures."""
        return (self.metric.name, self.question, self.source_key)

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What is made of this answer, such as a chart in a language and a theme: made once, gone with the answer."""
        if what not in self._made:
            self._made[what] = make()
        made: Made = self._made[what]
        return made

    @property
    def sql(self) -> tuple[str, ...]:
        """The statements as run, values written in."""
        return tuple(dict.fromkeys(statement.sql for statement in self.statements))


_ANSWERS: LRUCache[Any, Answer] = LRUCache(KEPT)
_LAST: LRUCache[Any, Answer] = LRUCache(KEPT)  # whatever the version of the data
_LOCK = threading.Lock()


def ask(name: str, source: Source, filters: Filters, options: Mapping[str, str] | None = None) -> Answer:
    """The answer of the metric `name`. Raises QuestionError (unknown metric, option or value) and SourceError.

    Every figure of an answer comes from one version of the data: when they change meanwhile, it is asked anew.
    """
    metric = metric_named(name)
    return _asked(metric, question_for(metric, filters, options or {}), source)


def ask_totals(names: Sequence[str], source: Source, filters: Filters) -> dict[str, Answer]:
    """What `ask` answers for each of these key figures; those that count the same rows are counted at once."""
    metrics = [metric_named(name) for name in names]
    beside = together(metrics)
    return {each.name: _asked(each, question_for(each, filters, {}), source, beside.get(each.name)) for each in metrics}


def _asked(metric: Metric, question: Question, source: Source, beside: Together | None = None) -> Answer:
    if source.is_narrowed:
        return _answer(metric, question, source, beside)
    try:
        return _current(metric, question, source, beside)
    except UnreachableError as fault:
        with _LOCK:
            last = _LAST.get(_last_key(metric, question, source))
        if last is None or not source.takes_old:
            raise
        return replace(last, outage=fault.key)


def _last_key(metric: Metric, question: Question, source: Source) -> tuple[Hashable, ...]:
    return metric.name, question, source.base.address, source.policy.scope, source.asked_as_of


def _current(metric: Metric, question: Question, source: Source, beside: Together | None) -> Answer:
    """The answer from the present data. Raises UnreachableError while they cannot be read."""
    for _ in range(ATTEMPTS):
        source = source.renewed()
        key = (metric.name, question, source.key)
        with _LOCK:
            kept = _ANSWERS.get(key)
        if kept is not None:
            return kept
        try:
            answer = _answer(metric, question, source, beside)
        except ChangedError:
            if source.renewed().crm.facts.columns == source.crm.facts.columns:
                raise  # looked at again, the tables are the same
            continue
        if source.is_current:
            with _LOCK:
                _ANSWERS[key] = _LAST[_last_key(metric, question, source)] = answer
            return answer
    raise SourceError(
        f"{source.base.name} changes faster than it can be read; try again.", key="source_locked", path=source.base.name
    )


def forget() -> None:
    """Drop every answer that is kept."""
    with _LOCK:
        _ANSWERS.clear()
        _LAST.clear()


def is_known(name: str, source: Source, filters: Filters, options: Mapping[str, str] | None = None) -> bool:
    """Whether `ask` would answer from memory."""
    metric = metric_named(name)
    with _LOCK:
        return (metric.name, question_for(metric, filters, options or {}), source.key) in _ANSWERS


def _answer(metric: Metric, question: Question, source: Source, beside: Together | None) -> Answer:
    result, missing = None, None
    seen = source.recording()
    try:
        for table in metric.needs:
            source.crm.table(table)
        crm = source.crm if metric.is_composite else narrow(source.crm, question.filters, metric.filters)
        narrowed = seen.with_crm(crm)
        result = beside.total(metric, narrowed, question) if beside else metric.answer(narrowed, question)
    except NotHeldError as fault:
        missing = fault
    remarks = _remarks(source, seen.statements)
    notes = (*_ignored(metric, question.filters), *(result.notes if result else ()), *remarks)
    return Answer(
        metric,
        question,
        result,
        missing,
        tuple(seen.statements),
        tuple(dict.fromkeys(notes)),
        source.as_of,
        source.key,
        source.settings.base_currency,
        source.settings.timezone,
        datetime.now(UTC).replace(tzinfo=None),
        remarks=remarks,
    )


def _remarks(source: Source, statements: Sequence[Statement]) -> tuple[Note, ...]:
    """What has to be said of the tables that were read."""
    facts = source.crm.facts
    if not facts.remarks and not facts.words and facts.mapped is None:
        return ()
    tables = {name for one in statements for name in tables_read(one.query)}
    words = of_words(source.base.unmapped(facts, tables), source.policy.sees_all)
    said = [remark for remark in facts.remarks if remark.is_about(tables)]
    return tuple(Note(remark.key, remark.gaps) for remark in (*said, *words))


def _ignored(metric: Metric, filters: Filters) -> tuple[Note, ...]:
    """A note for every chosen filter that has no meaning for the metric."""
    unused = [name for name, _ in filters.where if name not in metric.filters]
    return tuple(note("filter_not_applicable", dimension=name) for name in unused)
