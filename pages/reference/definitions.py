"""Definitions: every metric as it is computed on every page, drawn from the metrics themselves."""

from ui.definitions import dictionary, search
from ui.headline import say, title
from ui.view import open_page

page = open_page("definitions")
answer = title(page.spec, page.words)
say(answer, lambda: [page.words("page.definitions.intro")], page.words)
dictionary(page.words, search(page))
