"""Set-up: from a fresh install to the company's own database, for whoever can read the server's console."""

from ui.headline import say, title
from ui.setup import connect_form, intro
from ui.view import open_page

page = open_page("setup")
answer = title(page.spec, page.words)
say(answer, lambda: [intro(page.words)], page.words)
connect_form(page.words)
