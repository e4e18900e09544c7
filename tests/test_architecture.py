"""Which file may know what: the same rules as the import contracts of pyproject.toml, for every file.

Import contracts see packages only; app.py and the page scripts are not packages. These tests read every file.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("app", "pages", "ui", "charts", "metrics", "data_access", "i18n")

# What each layer may know of ours, besides itself.
MAY_KNOW = {
    "app": {"ui", "charts", "metrics", "data_access", "i18n"},
    "pages": {"ui", "charts", "metrics", "data_access", "i18n"},
    "ui": {"charts", "metrics", "data_access", "i18n"},
    "charts": {"metrics", "data_access", "i18n"},
    "metrics": {"data_access", "i18n"},
    "data_access": {"i18n"},
    "i18n": set(),
}
# Who may know a library.
KNOWN_ONLY_TO = {
    "streamlit": {"app", "pages", "ui"},
    "plotly": {"app", "pages", "ui", "charts"},
    "sqlalchemy": {"metrics", "data_access"},
    "duckdb": {"metrics", "data_access"},
    "sqlite3": {"data_access"},
}


def our_files() -> list[Path]:
    """Every Python file of the product, tests, bench and tools left out."""
    found = [path for name in OURS for path in (ROOT / name).rglob("*.py")]
    return sorted([*found, *(path for path in [ROOT / "app.py"] if path.exists())])


def layer_of(path: Path) -> str:
    """First part of the path: the layer a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Top-level names of everything the file imports, wherever in the file it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.fixture(params=our_files(), ids=lambda path: str(path.relative_to(ROOT)))
def file(request: pytest.FixtureRequest) -> Path:
    """Each of our files in turn."""
    path: Path = request.param
    return path


def test_a_file_imports_only_layers_below_its_own(file: Path) -> None:
    layer = layer_of(file)
    assert imported(file) & set(OURS) <= MAY_KNOW[layer] | {layer}


def test_a_library_is_known_only_where_it_belongs(file: Path) -> None:
    layer = layer_of(file)
    foreign = {library for library, layers in KNOWN_ONLY_TO.items() if layer not in layers}
    assert not imported(file) & foreign


def test_a_module_says_what_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "a module begins with a docstring"


def test_no_script_lies_directly_in_pages() -> None:
    """Streamlit serves such a script by its URL before app.py has asked who is there."""
    assert not list((ROOT / "pages").glob("*.py"))


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "core", "common", "misc"}
    assert not [path for path in our_files() if {path.stem, path.parent.name} & empty]
