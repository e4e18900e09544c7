"""Sales funnel: where do opportunities get stuck or lost, and is it worse than it was?"""

from ui.filter_bar import filter_bar
from ui.headline import funnel_sentences, say, title
from ui.view import open_view

view = open_view("funnel")
answer = title(view.spec, view.words)
filter_bar(view)
say(answer, lambda: funnel_sentences(view), view.words)
chosen = view.options()
view.panel("funnel", view.ask("funnel", **chosen), height=380)
if by := view.option("by"):
    gaps = {"dimension": view.words(f"dimension.{by}")}
    view.panel("groups", view.ask("funnel", by=by, **chosen), title_gaps=gaps, height=380)
view.panel("times", view.ask("time_in_stage", pipeline=view.option("pipeline")), height=320)
