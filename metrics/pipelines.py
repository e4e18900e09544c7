"""Pipelines and their stages: the steps that a sales funnel has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select

from data_access.access import Crm, Policy, open_crm
from data_access.database import Database
from data_access.errors import QuestionError
from data_access.source import Source

OPEN, WON, LOST, VOID = OUTCOMES = ("open", "won", "lost", "void")
OPPORTUNITY, LEAD = "opportunity", "lead"
LEAD_STEPS = ("lead_created", "marketing_qualified", "sales_qualified")


@dataclass(frozen=True)
class Step:
    """One step of a funnel. `place` counts from 1; `stage_id` is empty for steps that are no open stage."""

    code: str
    name: str
    place: int
    stage_id: str = ""


@dataclass(frozen=True)
class Pipeline:
    """One pipeline: its open stages (id, name) in order, and the stages of all the others."""

    pipeline_id: str
    name: str
    stages: tuple[tuple[str, str], ...]
    elsewhere: tuple[str, ...] = ()

    def steps(self, start: str = OPPORTUNITY) -> tuple[Step, ...]:
        """The steps of a funnel that starts with opportunities or with leads."""
        named = [(code, code, "") for code in (LEAD_STEPS if start == LEAD else ())]
        ours = {WON, *(code for code, _, _ in named)}
        named += [(f"stage {key}" if key in ours else key, name, key) for key, name in self.stages]
        named.append((WON, WON, ""))
        return tuple(Step(code, name, place, stage_id) for place, (code, name, stage_id) in enumerate(named, start=1))


def stages_query(crm: Crm) -> Select[Any]:
    """Columns: pipeline_id, pipeline_name, stage_id, name, outcome; every stage in its order."""
    stage = crm.pipelines_stages.c
    columns = (stage.pipeline_id, stage.pipeline_name, stage.stage_id, stage.name, stage.outcome)
    return select(*columns).order_by(stage.pipeline_id, stage.position, stage.stage_id)


def deals_query(crm: Crm) -> Select[Any]:
    """Columns: pipeline_id, n (opportunities)."""
    deal = crm.opportunities.c
    return select(deal.pipeline_id, func.count().label("n")).group_by(deal.pipeline_id)


def pipelines(source: Source) -> tuple[Pipeline, ...]:
    """Every pipeline that the viewer may see, the one with most opportunities first; filters play no part."""
    return _pipelines(source.base, source.policy, source.as_of, source.base.version)


@lru_cache(maxsize=64)
def _pipelines(base: Database, policy: Policy, as_of: datetime, _version: str) -> tuple[Pipeline, ...]:
    """Asked once for each version of the data: what pipelines there are is no figure that anybody is shown."""
    source = Source(base, policy, open_crm(base, policy, as_of))
    stages = source.fetch(stages_query(source.crm)).to_dict("records")
    deals = source.fetch(deals_query(source.crm))
    count = dict(zip(deals["pipeline_id"], deals["n"], strict=True))
    found = []
    for pipeline_id in dict.fromkeys(stage["pipeline_id"] for stage in stages):
        own = [stage for stage in stages if stage["pipeline_id"] == pipeline_id]
        others = tuple(stage["stage_id"] for stage in stages if stage["pipeline_id"] != pipeline_id)
        still_open = tuple((stage["stage_id"], stage["name"]) for stage in own if stage["outcome"] == OPEN)
        found.append(Pipeline(pipeline_id, own[0]["pipeline_name"], still_open, others))
    return tuple(sorted(found, key=lambda pipeline: (-count.get(pipeline.pipeline_id, 0), pipeline.name)))


def pipeline_named(source: Source, wanted: str) -> Pipeline | None:
    """The pipeline of an id or a name; the one with most opportunities for "", None when there is none at all.

    Raises QuestionError naming the valid ones.
    """
    known = pipelines(source)
    if not wanted:
        return known[0] if known else None
    for names in ("pipeline_id", "name"):
        for pipeline in known:
            if getattr(pipeline, names) == wanted:
                return pipeline
    names = ", ".join(pipeline.name for pipeline in known) or "none, as there is no pipeline"
    raise QuestionError(
        f"There is no pipeline {wanted!r}; choose one of {names}.", key="unknown_option_value", name=wanted
    )
