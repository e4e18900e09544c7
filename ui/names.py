"""What the values of dimensions are called: a country by its name, an owner or team by the name behind its number."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

from data_access.errors import AbandonedError, ClienteleError, UnreachableError
from data_access.source import Source
from i18n.words import Words
from metrics import dimensions
from metrics.filters import NONE
from metrics.pipelines import pipelines

if TYPE_CHECKING:
    from ui.view import View

PIPELINE = "pipeline"
Names = dict[str, dict[str, str]]
_KEPT: LRUCache[Any, Names] = LRUCache(64)  # by data, viewer, language and page
_LAST: LRUCache[Any, Names] = LRUCache(64)  # the same, whatever the version of the data
_LOCK = threading.Lock()


def names_of(view: View) -> Names:
    """For each dimension of the page that the data holds, its values and what they are called.

    While the database cannot be read these are the last that are known.
    """
    key = (view.source.key, view.words.language, view.spec.name)
    with _LOCK:
        kept = _KEPT.get(key)
    if kept is None:
        last = view.source.base.address, view.source.policy.scope, view.words.language, view.spec.name
        try:
            kept = _read(view)
        except UnreachableError:
            with _LOCK:
                return _LAST.get(last, {})
        with _LOCK:
            _KEPT[key] = _LAST[last] = kept
    return kept


def _read(view: View) -> Names:
    found: Names = {}
    for name in view.spec.dimensions:
        try:
            frame = dimensions.values(view.source, name)
        except (AbandonedError, UnreachableError):
            raise
        except ClienteleError:
            continue
        labels = dict(zip(frame["value"].astype(str), frame["label"].astype(str), strict=True))
        found[name] = {value: view.words.country(value) for value in labels} if name == "country" else labels
    return found


def found_names(source: Source, name: str) -> dict[str, str]:
    """What the data hold for a choice of a page, by its code, the one that stands for no choice first; {} for none."""
    try:
        return (
            {each.pipeline_id: each.name or each.pipeline_id for each in pipelines(source)} if name == PIPELINE else {}
        )
    except AbandonedError:
        raise
    except ClienteleError:
        return {}  # the panels say what is lacking


def value_name(value: str, labels: dict[str, str], words: Words) -> str:
    """What one value is called; a value that the data does not have stands as it is."""
    return words("dimension.unknown") if value == NONE else labels.get(value, value)
