"""Retention: do customers come back, and is it getting better?"""

from ui.filter_bar import filter_bar
from ui.headline import retention_sentences, say, title
from ui.triangle import triangle
from ui.view import open_view

view = open_view("retention")
answer = title(view.spec, view.words)
filter_bar(view)
say(answer, lambda: retention_sentences(view), view.words)
chosen = view.options()
what = {"what": view.words(f"page.retention.what.{view.option('measure')}")}
view.panel("triangle", view.ask("retention", **chosen), title_gaps=what, body=triangle, height=440)
by = view.option("by")
gaps = {"dimension": view.words(f"dimension.{by or 'none'}")}
view.panel("curves" if by else "averages", view.ask("retention", by=by, **chosen), title_gaps=gaps, height=320)
