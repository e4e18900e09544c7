"""When something cannot be shown: a sentence with what to do; the trace goes to the log under a reference."""

from __future__ import annotations

import logging
import re
import uuid
from html import escape as html_escape
from typing import Any, NoReturn

import streamlit as st

from data_access.errors import AbandonedError, ClienteleError, ForbiddenError, NotHeldError
from i18n.words import Words
from metrics.notes import reason
from ui.choices import PageSpec

LOG = logging.getLogger("clientele")
MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@/])")
LOOK_EVERY = 5  # seconds between looks whether a fault of the whole page has gone


def sentence(fault: Exception, words: Words) -> str:
    """What happened, in the viewer's language; ends a run whose viewer has gone on."""
    if isinstance(fault, AbandonedError):
        st.stop()
    if isinstance(fault, NotHeldError) and not isinstance(fault, ForbiddenError):
        if fault.why is None:
            return words("panel.empty.not_held", table=fault.table)
        return words("panel.empty.not_mapped", table=fault.table, why=reason(fault.why, words))
    if isinstance(fault, ClienteleError):
        if fault.key and words.has(f"error.{fault.key}"):
            return words(f"error.{fault.key}", **fault.gaps)
        LOG.warning("%s", fault)
    reference = uuid.uuid4().hex[:8]
    LOG.error("reference %s", reference, exc_info=fault)
    return words("error.unexpected", reference=reference)


def box(text: str, height: int = 120) -> None:
    """A quiet box of the panel's own size that says why there is no figure."""
    st.html(f'<div class="empty" style="min-height:{height}px"><p>{escape(text)}</p></div>')


def escape(text: Any) -> str:
    """Text as HTML shows it."""
    return html_escape(str(text), quote=True)


def as_label(text: Any) -> str:
    """Text for a place where Streamlit reads Markdown, such as the title of a dialog: every sign stands for itself."""
    return MARKS.sub(r"\\\1", str(text))


def whole_page(spec: PageSpec, fault: Exception, words: Words) -> NoReturn:
    """The page's title and the fault; looks again by itself until the fault has gone."""
    st.html(f"<h1>{escape(words(f'page.{spec.name}.title'))}</h1>")
    box(sentence(fault, words), 200)
    look_again(words)
    st.stop()


@st.fragment(run_every=LOOK_EVERY)
def look_again(words: Words) -> None:
    """Reruns the page once the database can be read."""
    from ui.company import company

    if st.button(words("error.retry")):
        st.rerun()
    try:
        source = company(words)
        source.base.knock()
        usable = not source.crm.facts.is_empty
    except ClienteleError:
        return
    if usable:
        st.rerun()
