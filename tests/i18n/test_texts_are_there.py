"""What the code asks of the words is there: every note, error and fixed key, in every language, with its gaps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from i18n.texts import GAP, LANGUAGES, Texts, load_texts

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("pages", "ui", "charts", "metrics", "data_access")


@dataclass(frozen=True)
class Use:
    """One call that names a text: where, which key, and the gaps given (None: not to be seen in the call)."""

    where: str
    key: str
    gaps: frozenset[str] | None


def uses() -> Iterator[Use]:
    """Every `note("key", ...)`, `SomeError(..., key="key", ...)`, `words("key", ...)` and `words.count("key", ...)`."""
    files = [*(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")), *ROOT.glob("app.py")]
    for path in sorted(files):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (key := key_of(node)):
                yield Use(f"{path.relative_to(ROOT)}:{node.lineno}", key, gaps_of(node))


def key_of(call: ast.Call) -> str | None:
    """The whole key that a call names with a literal."""
    name = name_of(call.func)
    if name.endswith("Error"):
        literal = next((keyword.value for keyword in call.keywords if keyword.arg == "key"), None)
        return prefixed("error.", literal)
    if name in ("note", "Note") and isinstance(call.func, ast.Name):  # ledger.note is a line of the import's report
        return prefixed("note.", call.args[0] if call.args else None)
    if name in ("words", "words.count"):
        return prefixed("", call.args[0] if call.args else None)
    return None


def prefixed(section: str, node: ast.expr | None) -> str | None:
    """`section` and the text of a literal; None for anything else."""
    return section + node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_of(function: ast.expr) -> str:
    """`note`, `words`, `words.count`; `view.words` reads as `words`."""
    if isinstance(function, ast.Name):
        return function.id
    if not isinstance(function, ast.Attribute):
        return ""
    return "words.count" if function.attr == "count" and name_of(function.value) == "words" else function.attr


def gaps_of(call: ast.Call) -> frozenset[str] | None:
    """The gaps that a call fills by name; None when it passes on a mapping."""
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    n = {"n"} if name_of(call.func) == "words.count" else set()
    return frozenset({keyword.arg for keyword in call.keywords if keyword.arg} | n)


def needed(texts: Texts, key: str) -> set[str]:
    """The gaps of a text, in all its forms."""
    forms = texts.plurals[key].values() if key in texts.plurals else [texts.sentences[key]]
    return {name for text in forms for name in GAP.findall(text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_named_in_the_code_has_a_text(language):
    texts = load_texts(language)
    known = {*texts.sentences, *texts.plurals}
    assert [f"{use.where}: {use.key}" for use in uses() if use.key not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gap_of_a_text_is_given_where_it_is_used(language):
    texts = load_texts(language)
    known = {*texts.sentences, *texts.plurals}
    given = [use for use in uses() if use.key in known and use.gaps is not None]
    missing = {f"{use.where}: {use.key}": needed(texts, use.key) - use.gaps for use in given if use.gaps is not None}
    assert {where: gaps for where, gaps in missing.items() if gaps} == {}


@pytest.mark.parametrize(
    ("code", "key", "gaps"),
    [
        ('note("rows", n=3)', "note.rows", {"n"}),
        ('SourceError("There is none.", key="missing", path="x")', "error.missing", {"key", "path"}),
        ('words("app.name")', "app.name", set()),
        ('view.words("app.name", a=1)', "app.name", {"a"}),
        ('words.count("rows", 3, a=1)', "rows", {"n", "a"}),
        ('view.words.count("rows", 3)', "rows", {"n"}),
        ('words("app.name", **gaps)', "app.name", None),
        ('words(f"metric.{name}.name")', None, set()),
        ('names.count("a")', None, set()),
        ('KeyError("a")', None, set()),
    ],
)
def test_the_search_sees_what_a_call_asks_for(code, key, gaps):
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert key_of(call) == key
    assert key is None or gaps_of(call) == gaps


# -- and nobody is left without a caller ----------------------------------------------------------------------------
def named() -> tuple[set[str], list[re.Pattern[str]]]:
    """Texts of the code that may be keys, and what a key may look like that is put together there."""
    literals, patterns = set(), []
    files = [*(path for folder in (*FOLDERS, "i18n") for path in (ROOT / folder).rglob("*.py")), *ROOT.glob("app.py")]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                known = "".join(part or "" for part in parts)
                if re.fullmatch(r"[a-z_.]*", known) and re.search(r"\.[a-z]{2}|[a-z]{2}\.", known):
                    patterns.append(re.compile("".join(".+" if part is None else re.escape(part) for part in parts)))
    return literals, patterns


def test_every_text_is_asked_for():
    literals, patterns = named()
    texts = load_texts("en")
    unasked = {
        key
        for key in {*texts.sentences, *texts.plurals}
        if key not in literals
        and key.partition(".")[2] not in literals
        and not any(pattern.fullmatch(key) for pattern in patterns)
    }
    assert unasked == set()
