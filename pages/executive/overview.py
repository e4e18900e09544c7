"""Executive overview: are we growing, why did it move, is it real or noise?"""

from metrics.kpis import NAMES
from ui.cards import cards
from ui.filter_bar import filter_bar
from ui.headline import findings_sentences, say, title
from ui.layout import columns
from ui.trends import trend_view
from ui.view import open_view

view = open_view("overview")
answer = title(view.spec, view.words)
filter_bar(view)
say(answer, lambda: findings_sentences(view), view.words)
cards(view, NAMES)
longer = trend_view(view)
longer.panel("revenue_trend", longer.ask("revenue", shape="trend"))
left, right = columns(2)
with left:
    view.panel("why_factors", view.ask("revenue_change", by="factors"))
with right:
    gaps = {"dimension": view.words(f"dimension.{view.option('why')}")}
    view.panel("why_group", view.ask("revenue_change", by=view.option("why")), title_gaps=gaps)
left, right = columns(2)
with left:
    view.panel("revenue_region", view.ask("revenue", by="region"))
with right:
    view.panel("revenue_channel", view.ask("revenue", by="channel"))
view.panel("revenue_category", view.ask("revenue", by="category"))
