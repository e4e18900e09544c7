"""The filter bar: the period at hand, the rest one step away; what is chosen, as a sentence; reset, link and file.

Each control is drawn from the session's choices and changes them through its callback, so the same choice can stand in
the bar and in the sheet that replaces it on a phone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from i18n.words import Words
from metrics import dimensions
from metrics.filters import NONE
from metrics.metric import metric_named
from metrics.periods import Preset
from metrics.question import DIMENSIONS
from ui import state
from ui.choices import LANGUAGE, Control, PageSpec, Problem, custom_period
from ui.explain import answer_csv
from ui.faults import escape
from ui.names import Names, found_names, names_of, value_name
from ui.outage import how_long
from ui.view import Asked, View, covered
from ui.words_of import choices_sentence

# Pixels; the longest choice in either language.
BAR_WIDTH = {"period": 196, "dates": 268, "compare": 212, "grain": 116, "pipeline": 196}
LONGEST_SHOWN = 60  # characters of a value that the data does not have


def filter_bar(view: View) -> None:
    """Draw the bar and write the choices to the URL."""
    names = names_of(view)
    with st.container(key="filters", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="filter-row", gap="small"):
            _quick(view)
            with st.popover(_folded_label(view), icon=":material/tune:", key="filter-sheet", width="content"):
                _sheet(view, names)
        with st.container(horizontal=True, vertical_alignment="center", key="filter-said", gap="small"):
            st.html(f'<p class="choices">{escape(_sentence(view, names))}</p>')
            with st.container(horizontal=True, key="filter-tools", width="content", gap=None):
                _tools(view)
    _problems(view, names)
    state.save(view.spec)


def _folded_label(view: View) -> str:
    count = len(view.filters.where) + sum(view.option(c.name) != c.default for c in _folded(view.spec))
    return f"{view.words('filter.title')} ({count})" if count else view.words("filter.title")


def _folded(spec: PageSpec) -> list[Control]:
    """The single choices that stand in the sheet only."""
    in_bar = {control.name for control in spec.time_controls()}
    return [control for control in spec.all_controls() if control.name not in in_bar]


# -- controls -------------------------------------------------------------------------------------------------------
def _quick(view: View) -> None:
    """Period and comparison, at hand on a wide screen."""
    with st.container(horizontal=True, key="filter-quick", vertical_alignment="bottom", width="content", gap="small"):
        _time(view, "bar")


def _time(view: View, place: str) -> None:
    _period_select(view, place)
    for control in view.spec.time_controls():
        _select(view, control, place)
    for name in view.spec.found:
        _found(view, name, place)


def _sheet(view: View, names: Names) -> None:
    """Every control of the page: how to look, and at whom."""
    with st.container(key="filter-phone"):
        _time(view, "sheet")
    if _folded(view.spec):
        with st.container(key="sheet-how"):
            for control in view.spec.controls:
                _select(view, control, "sheet")
            if view.spec.has_complete:
                _complete(view)
    with st.container(key="sheet-whom"):
        st.html(f'<h3 class="part">{escape(view.words("filter.narrow"))}</h3>')
        for name in view.spec.dimensions:
            _many(view, name, names.get(name, {}))
    absent = [view.words(f"dimension.{name}") for name in DIMENSIONS if name not in view.spec.dimensions]
    if absent:
        st.html(f'<p class="notes">{escape(view.words("filter.not_applicable", filters=view.words.list(absent)))}</p>')


def _key(name: str, place: str, value: Any) -> str:
    """A widget's key; it is set before the widget is drawn, so that it always shows the present choice."""
    key = f"{name}@{place}"
    st.session_state[key] = value
    return key


def _changed(name: str, key: str) -> None:
    state.choose(name, st.session_state[key])


def _width(name: str, place: str) -> Any:
    return BAR_WIDTH.get(name, "stretch") if place == "bar" else "stretch"


def _help(view: View, key: str, place: str) -> str | None:
    """A few words more, in the sheet; what names itself has none."""
    return view.words(f"{key}.help") if place == "sheet" and view.words.has(f"{key}.help") else None


def _select(view: View, control: Control, place: str) -> None:
    key = _key(control.name, place, view.choices[control.name])
    st.selectbox(
        view.words(f"{control.words}.label"),
        control.values,
        key=key,
        on_change=_changed,
        args=(control.name, key),
        format_func=lambda code: view.words(control.choice_key(code)),
        help=_help(view, control.words, place),
        width=_width(control.name, place),
    )


def _found(view: View, name: str, place: str) -> None:
    """A choice among what the data hold, where there is more than one; the first is what no choice means."""
    known = found_names(view.source, name)
    if len(known) < 2:
        return
    first = next(iter(known))
    key = _key(name, place, view.option(name) or first)

    def changed() -> None:
        picked = st.session_state[key]
        state.choose(name, "" if picked == first else picked)

    st.selectbox(
        view.words(f"filter.{name}.label"),
        list(known),
        key=key,
        on_change=changed,
        format_func=lambda code: known.get(code, code),
        help=_help(view, f"filter.{name}", place),
        width=_width(name, place),
    )


def _complete(view: View) -> None:
    key = _key("complete", "sheet", view.choices["complete"] == "yes")

    def changed() -> None:
        state.choose("complete", "yes" if st.session_state[key] else "no")

    st.checkbox(
        view.words("filter.complete_only.label"),
        key=key,
        on_change=changed,
        help=view.words("filter.complete_only.help"),
    )


def _many(view: View, name: str, labels: dict[str, str]) -> None:
    chosen = list(view.choices[name])
    options = list(labels) + [value for value in chosen if value not in labels]
    key = _key(name, "sheet", chosen)

    def changed() -> None:
        state.choose(name, tuple(sorted(st.session_state[key])))

    st.multiselect(
        view.words(f"filter.{name}.label"),
        options,
        key=key,
        on_change=changed,
        format_func=lambda value: value_name(value, labels, view.words),
        disabled=not options,
        placeholder=view.words(f"filter.{name}.placeholder" if options else "filter.not_held"),
        help=_help(view, f"filter.{name}", "sheet"),
        select_all=False,  # all is what nothing chosen means
    )


def _period_select(view: View, place: str) -> None:
    code = str(view.choices["period"])
    own = custom_period(code)
    key = _key("period", place, Preset.CUSTOM.value if own else code)

    def changed() -> None:
        picked = st.session_state[key]
        period = view.filters.period
        state.choose("period", f"{period.start}..{period.end}" if picked == Preset.CUSTOM.value else picked)

    st.selectbox(
        view.words("filter.period.label"),
        _presets(view),
        key=key,
        on_change=changed,
        format_func=lambda preset: view.words(f"filter.period.choice.{preset}"),
        width=_width("period", place),
        help=_help(view, "filter.period", place),
    )
    if own:
        _dates(view, place, own)


def _presets(view: View) -> list[str]:
    fiscal = view.source.settings.fiscal_year_start_month != 1
    chosen = str(view.choices["period"])
    return [preset.value for preset in Preset if fiscal or "fiscal" not in preset.value or preset.value == chosen]


def _dates(view: View, place: str, own: tuple[date, date]) -> None:
    first, last = covered(view.source)
    key = _key("dates", place, (own[0], own[1] - timedelta(days=1)))

    def changed() -> None:
        picked = st.session_state[key]
        if len(picked) == 2:
            state.choose("period", f"{picked[0]}..{picked[1] + timedelta(days=1)}")

    st.date_input(
        view.words("filter.period.dates"),
        key=key,
        on_change=changed,
        format="YYYY-MM-DD",
        width=_width("dates", place),
        min_value=min(first, own[0]),
        max_value=max(last, own[1]),
    )


# -- what is chosen, and what can be done with it -------------------------------------------------------------------
def _tools(view: View) -> None:
    st.button(
        view.words("filter.reset"),
        on_click=state.reset,
        args=(view.spec,),
        key="reset",
        type="tertiary",
        disabled=not state.is_changed(view.spec),
        icon=":material/restart_alt:",
    )
    _link(view)
    _export(view)


def _link(view: View) -> None:
    """The address of exactly this view, to copy."""
    with st.popover(view.words("filter.share"), icon=":material/link:", key="share", type="tertiary"):
        st.html(f'<p class="notes">{escape(view.words("filter.share_help"))}</p>')
        st.code(_address(view), language=None, wrap_lines=True)


def _address(view: View) -> str:
    """The whole address of this view; the part before the page is the one in the viewer's own browser."""
    params = urlencode(state.written(view.spec), doseq=True)
    place = str(st.context.url or "").split("?")[0].rstrip("/")
    return f"{place}/?{params}" if not place.endswith(f"/{view.spec.name}") else f"{place}?{params}"


def exported(view: View) -> Asked:
    """The question whose answer leaves the page as a file, with what is chosen of it."""
    known = metric_named(view.spec.export).options
    chosen = view.options() | {"by": str(view.choices.get("by", ""))}
    return view.ask(view.spec.export, **{name: value for name, value in chosen.items() if name in known})


def _export(view: View) -> None:
    """The page's main table as a file, built when it is asked for."""
    if not view.spec.export:
        return
    asked = exported(view)
    period = view.filters.period
    st.download_button(
        view.words("filter.export"),
        data=lambda: answer_csv(view, asked.answer()),
        mime="text/csv",
        type="tertiary",
        file_name=f"{view.spec.name}_{period.start}_{period.end}.csv",
        icon=":material/download:",
        on_click="ignore",
        key="export",
    )


def _sentence(view: View, names: Names) -> str:
    text = choices_sentence(
        view.filters, view.words, names, has_comparison=view.spec.has_comparison, has_grain=view.spec.has_grain
    )
    as_of = view.words(
        "filter.as_of", moment=view.words.numbers.moment(view.source.as_of, view.source.settings.timezone)
    )
    return " · ".join([text, as_of, *_read_from(view), view.source.settings.timezone])


def _read_from(view: View) -> list[str]:
    """When an extract was read from its database, and how long ago that is."""
    origin = view.source.crm.facts.origin
    if origin is None:
        return []
    age = how_long(datetime.now(UTC).replace(tzinfo=None) - origin.read_at, view.words)
    moment = view.words.numbers.moment(origin.read_at, view.source.settings.timezone)
    return [view.words("filter.read_from", moment=moment, age=age)]


# -- what could not be had ------------------------------------------------------------------------------------------
def _problems(view: View, names: Names) -> None:
    """What the URL asked for and could not have."""
    texts = [problem_sentence(problem, view.spec, view.words) for problem in view.problems]
    for name, values in view.filters.where:
        texts += [_unknown(name, value, view.words) for value in values if _is_unknown(value, names.get(name, {}))]
    for text in dict.fromkeys(texts):
        st.html(f'<p class="problem" role="status">{escape(text)}</p>')


def _is_unknown(value: str, known: dict[str, str]) -> bool:
    return value not in known and value != NONE and len(known) < dimensions.MAX_VALUES


def _unknown(name: str, value: str, words: Words) -> str:
    return words("filter.unknown_choice", filter=words(f"dimension.{name}"), value=value[:LONGEST_SHOWN])


def problem_sentence(problem: Problem, spec: PageSpec, words: Words) -> str:
    """What could not be used, in the words of the control in question."""
    gaps = dict(problem.gaps)
    if "used" in gaps:
        gaps["used"] = choice_name(str(gaps["name"]), str(gaps["used"]), spec, words)
    if "name" in gaps:
        gaps["name"] = control_name(str(gaps["name"]), spec, words)
    return words(f"filter.problem.{problem.key}", **gaps)


def control_name(name: str, spec: PageSpec, words: Words) -> str:
    """What a control is called on the page."""
    control = spec.control(name)
    if control is not None:
        return words(f"{control.words}.label")
    return words("app.language.label" if name == LANGUAGE else f"filter.{name}.label")


def choice_name(name: str, code: str, spec: PageSpec, words: Words) -> str:
    """What a choice is called on the page."""
    control = spec.control(name)
    if name == "complete":
        return words(f"app.{code}")
    if control is not None:
        return words(control.choice_key(code))
    return words(f"app.language.{code}" if name == LANGUAGE else f"filter.{name}.choice.{code or 'none'}")
