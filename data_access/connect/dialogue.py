"""`python -m data_access connect [URL]`: asks for what is not given and cannot be known, shows, writes.

Everything that is asked has a flag, so that the same runs without anybody there: what is still missing then is one
sentence that names the flag.
"""

from __future__ import annotations

import argparse
import getpass
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from data_access import engines
from data_access.connect.decide import Word, checked, decided, words_of
from data_access.connect.survey import Survey, survey, through
from data_access.connect.write import write_settings
from data_access.errors import MappingError, SourceError
from data_access.mappings.live import Unmapped
from data_access.place import OWN_KEYS, TOGETHER, Place, read_settings_file, with_secrets

ASKED = {
    "base_currency": ("Currency that everything is reported in (ISO 4217, such as EUR)", "", "--base-currency"),
    "timezone": ("The company's time zone (such as Europe/Berlin)", "UTC", "--timezone"),
    "fiscal_year_start_month": ("First month of the fiscal year, 1 to 12", "1", "--fiscal-year-start"),
}
READ_BY_THE_APP = Path(__file__).resolve().parents[2] / "clientele.toml"
SHOWN = 12  # words of a value map that are listed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("url", nargs="?", default="", metavar="URL", help="dialect://user@host/database, or a file")
    parser.add_argument("--into", type=Path, default=Path("clientele.toml"), metavar="FILE", help="settings file")
    parser.add_argument("--replace", action="store_true", help="write over a settings file that is there")
    parser.add_argument("--mapping", default="", metavar="NAME|PATH", help="mapping, where several or none fit")
    parser.add_argument("--schema", default="", metavar="NAME", help="schema in which the tables lie")
    parser.add_argument("--prefix", default="", metavar="TEXT", help="what every table's name begins with")
    parser.add_argument("--base-currency", metavar="EUR", help="currency that everything is reported in")
    parser.add_argument("--timezone", metavar="ZONE", help="the company's time zone, such as Europe/Berlin")
    parser.add_argument("--fiscal-year-start", metavar="MONTH", help="first month of the fiscal year")
    parser.add_argument(
        "--word", action="append", default=[], metavar="WORD=CODE", help="what a word of the CRM means, such as a stage"
    )
    parser.add_argument("--show", action="store_true", help="only show what is found; write nothing")


class Dialogue:
    """One conversation; `ask` and `ask_secretly` put a question and give the answer, `say` prints a line."""

    def __init__(
        self,
        choice: argparse.Namespace,
        say: Callable[[str], None] = print,
        ask: Callable[[str], str] | None = None,
        ask_secretly: Callable[[str], str] = getpass.getpass,
    ) -> None:
        self.choice, self.say, self.ask_secretly = choice, say, ask_secretly
        self.ask = ask or (input if sys.stdin.isatty() else None)

    def run(self) -> int:
        """Find, show, ask, write. Raises ClienteleError."""
        if self.choice.into.exists() and not (self.choice.replace or self.choice.show):
            raise SourceError(f"{self.choice.into} is there already; look at it, then say --replace.")
        found = survey(self._place())
        if not found.place.mapping and not found.is_canonical:
            found = survey(self._chosen(found))
        self.say(described(found))
        if self.choice.show:
            return 0
        place = self._decided(found)
        path, *beside = write_settings(place, self.choice.into.resolve(), self.choice.replace)
        self.say(closing(path, beside))
        return 0

    def _place(self) -> Place:
        typed = self.choice.url or self._answer("Database (dialect://user@host:port/database, or a file)", "", "URL")
        url = engines.locate(with_secrets(typed, Path.cwd()))
        if self.ask and not engines.is_file(url) and url.username and url.password is None:
            url = url.set(password=self.ask_secretly(f"Password of {url.username} (empty for none): ") or None)
        said = {"schema": self.choice.schema, "prefix": self.choice.prefix, "settings": self._settings()}
        own = {name: value for name, value in said.items() if value}
        return Place(url, self.choice.mapping, tuple(own.items()), self.choice.into.resolve().parent, self._allowed())

    def _allowed(self) -> str:
        """An account that may write, where the settings file that is replaced names it."""
        held = read_settings_file(self.choice.into) if self.choice.into.is_file() else {}
        return str(held.get(OWN_KEYS[2]) or "")

    def _settings(self) -> dict[str, Any]:
        given = {
            "base_currency": self.choice.base_currency,
            "timezone": self.choice.timezone,
            "fiscal_year_start_month": self.choice.fiscal_year_start,
        }
        return {name: checked(name, value) for name, value in given.items() if value}

    def _chosen(self, found: Survey) -> Place:
        """The place with the mappings to take where several fit. Raises MappingError where none does."""
        fitting = found.fitting
        if not fitting:
            raise none_fits(found)
        fits = {one.manifest.folder.name: one for one in fitting}
        listed = "; ".join(f"{name} ({one.manifest.title})" for name, one in fits.items())
        question = f"Several mappings fit: {listed}. Which ones, the leading one first, as in a{TOGETHER}b"
        named = self._answer(question, "", "--mapping").split(TOGETHER)
        unknown = [name for name in named if name.strip() not in fits]
        if unknown:
            raise MappingError(f"`{unknown[0]}` is none of them; those that fit are {', '.join(fits)}.")
        return through(found.place, [fits[name.strip()] for name in named])

    def _decided(self, found: Survey) -> Place:
        """The place with the settings and words that people have told."""
        settings = {}
        for name in found.needs:
            question, usual, flag = ASKED[name]
            settings[name] = self._answer(question, usual, flag)
            checked(name, settings[name])
        meanings: dict[Word, str] = {}
        for one in found.undecided:
            for word, rows in words_of(one).items():
                meanings[word] = self._meaning(one, word[-1], rows)
        return decided(found, settings, meanings)

    def _meaning(self, one: Unmapped, word: str, rows: int) -> str:
        told = dict(part.rsplit("=", 1) for part in self.choice.word if "=" in part)
        question = f"`{word}` ({rows:,} rows of {one.table}): which {one.column} ({', '.join(one.permitted)})"
        return told.get(word) or self._answer(question, "", f'--word "{word}=..."')

    def _answer(self, question: str, usual: str, flag: str) -> str:
        if self.ask is None:
            if usual:
                return usual
            raise SourceError(f"{question}: nobody is there to ask; say {flag}.")
        answer = self.ask(f"{question}{f' [{usual}]' if usual else ''}: ").strip() or usual
        if not answer:
            raise SourceError(f"{question}: an answer is needed.")
        return answer


def closing(path: Path, beside: Sequence[Path]) -> str:
    """What was written, and the command to type next."""
    written = f"{path} is written{', the password to ' + str(beside[0]) if beside else ''}."
    file = shlex.quote(str(path))
    run = "make run" if path == READ_BY_THE_APP else f"make run SOURCE={file}"
    return f"{written} Next: `{run}` opens the app; `python -m data_access check {file}` looks at the data first."


def described(found: Survey) -> str:
    """What was found, as text."""
    name = found.place.url.render_as_string(hide_password=True)
    lines = [f"{name}: {_recognised(found)}", "", "What it gives"]
    lines += [_line(one.name, f"{one.rows:,}", one.serves) for one in found.given]
    if found.lacking:
        lines += ["", "What the mapping looks for and does not find"]
        lines += [_line(table, "", str(why)) for table, why in found.lacking.items()]
    if found.unserved:
        lines += ["", "What will say that your data do not hold it"]
        lines += [_line(table, "", serves) for table, serves in found.unserved.items()]
    if found.settings:
        lines += ["", "Settings: " + ", ".join(f"{name} = {value}" for name, value in found.settings.items())]
    if found.needs:
        lines += ["", "What the database does not say: " + ", ".join(map(_unsaid, found.needs))]
    for one in found.undecided:
        words = ", ".join(f"{word} ({rows:,})" for word, rows in [*one.values.items()][:SHOWN])
        lines += ["", f"Still to be told, in [{one.section}]: which `{one.table}.{one.column}` is meant by {words}"]
    return "\n".join([*lines, ""])


def _unsaid(setting: str) -> str:
    _, usual, flag = ASKED[setting]
    return f"{setting} ({usual} unless {flag} says otherwise)" if usual else f"{setting} ({flag} has to say it)"


def _line(name: str, count: str, text: str) -> str:
    return f"  {name:<18} {count:>10}   {text}".rstrip()


def _recognised(found: Survey) -> str:
    if found.is_canonical:
        return "its tables are the canonical ones; no mapping is needed."
    match = next((one for one in found.matches if one.manifest.folder.name == found.place.mapping), None)
    if match is None:
        return f"read through {found.place.mapping}."
    where = f" in the schema {match.schema}" if match.schema else ""
    by = ", ".join(match.manifest.detect.tables)
    return f"{match.manifest.title}{where} ({found.place.mapping}), recognised by {by}. {match.manifest.checked}"


def none_fits(found: Survey) -> MappingError:
    """What to say of a database that no mapping recognises."""
    advice = "docs/mapping.md says how to write one (A live database); then `--mapping PATH`."
    if not found.matches:
        return MappingError(f"No mapping recognises this database. {advice}", key="no_mapping")
    near = found.matches[0]
    lacks = [f"it lacks {_few(near.missing)}"] if near.missing else []
    lacks += [f"it has {_few(near.unwanted)}"] if near.unwanted else []
    name, why = near.manifest.folder.name, " and ".join(lacks)
    said = f"No mapping recognises this database; the nearest is {name}, but {why}. {advice}"
    return MappingError(said, key="no_mapping_but_near", name=name, why=_few((*near.missing, *near.unwanted)))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def connect(choice: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Run the command."""
    return Dialogue(choice, say).run()


__all__ = ["Dialogue", "add_arguments", "connect", "described"]
