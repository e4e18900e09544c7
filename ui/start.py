"""What is done once per process: threads, plotting defaults, and a heap that the garbage collector leaves alone.

Streamlit collects garbage after every run; freezing what the imports left behind halves the cost of a rerun.
"""

from __future__ import annotations

import gc
import logging
import os
from functools import cache
from pathlib import Path

from data_access import running
from ui import asking

ICON = str(Path(__file__).parent / "icon.svg")


@cache
def once() -> None:
    """Prepare the process; the second call does nothing."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    running.tell_who_asks(asking.who)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    _warm_up()
    gc.collect()
    gc.freeze()


def own_pages_only() -> None:
    """Keep Streamlit from taking the folder `pages/` for its own kind of pages, before the first visit.

    It would look there for the page of that visit, not find it, and say so over a page that is there.
    """
    from streamlit.runtime.pages_manager import PagesManager

    PagesManager.uses_pages_directory = False


def _warm_up() -> None:
    """Import what the first page would import, so that it is frozen too."""
    import charts.draw
    import metrics.metric
    import ui.cards
    import ui.panel

    metrics.metric.all_metrics()
    _ = (charts.draw, ui.cards, ui.panel)
