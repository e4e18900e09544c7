"""The two commands and the files around them: what they promise is written down once and kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import streamlit

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-postgres.txt",
    "requirements-mysql.txt",
    "requirements-clickhouse.txt",
    "requirements-trino.txt",
    "requirements-spark.txt",
    "requirements-extract.txt",
)


def read(name: str) -> dict[str, Any]:
    """A parsed TOML file of the repository."""
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, str]:
    """Package to version of one lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", text, re.MULTILINE))


def named(requirements: list[str]) -> dict[str, str]:
    """Package to version of exact requirements, names written as in a lock file."""
    pairs = [re.sub(r"\[.*]", "", requirement).split("==") for requirement in requirements]
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def test_the_lock_holds_what_the_project_names() -> None:
    metadata = read("pyproject.toml")["project"]
    assert named(metadata["dependencies"]).items() <= pins("requirements.txt").items()
    for extra, requirements in metadata["optional-dependencies"].items():
        assert named(requirements).items() <= pins(f"requirements-{extra}.txt").items()


@pytest.mark.parametrize("name", LOCKS)
def test_all_locks_are_parts_of_one_resolution(name: str) -> None:
    assert pins(name)
    assert pins(name).items() <= pins("requirements-dev.txt").items()


def test_what_tests_of_engines_need_agrees_with_the_one_resolution() -> None:
    every = pins("requirements-dev.txt")
    assert all(every.get(name, version) == version for name, version in pins("requirements-engines.txt").items())
    assert (
        named(read("pyproject.toml")["dependency-groups"]["engines"]).items()
        <= pins("requirements-engines.txt").items()
    )


@pytest.mark.parametrize("name", [*LOCKS, "requirements-engines.txt"])
def test_a_lock_pins_every_package_by_hash_and_names_no_place_to_fetch_it(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z])", re.sub(r"(?m)^ *#.*\n", "", text), flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|^/|\s/", text)


def test_every_target_that_can_be_typed_says_what_it_does() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "engines", "lint", "bench", "demo", "docs", "lock", "clean"):
        assert re.search(rf"^  {target} +\S", listed, re.MULTILINE), target


def test_every_setting_of_the_app_is_known_to_the_installed_streamlit() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show"], cwd=ROOT, capture_output=True, text=True
    )
    assert shown.returncode == 0
    assert "not a valid config option" not in shown.stdout + shown.stderr
    config = read(".streamlit/config.toml")
    for section, options in config.items():
        for option in options:
            listed = re.search(rf"^(# )?{option} ?=|^\[{section}\.{option}]", shown.stdout, re.MULTILINE)
            assert listed or is_an_unlisted_option(f"{section}.{option}"), f"{section}.{option}"


def is_an_unlisted_option(name: str) -> bool:
    """Streamlit knows the option, though it does not list it."""
    try:
        streamlit.get_option(name)
    except RuntimeError:
        return False
    return True


def test_the_app_keeps_its_traces_and_its_usage_to_itself() -> None:
    config = read(".streamlit/config.toml")
    assert config["server"]["address"] == "127.0.0.1"
    assert config["client"]["showErrorDetails"] == "none"
    assert config["browser"]["gatherUsageStats"] is False
    assert "cookieSecret" not in config["server"]


def test_a_python_that_is_too_old_is_named_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "install.sh").write_text((ROOT / "tools" / "install.sh").read_text())
    made = subprocess.run(
        ["sh", "tools/install.sh"], cwd=tmp_path, env={**os.environ, "PYTHON": str(old)}, capture_output=True, text=True
    )
    assert made.returncode == 1
    assert made.stderr.startswith("Clientele needs Python 3.11 to 3.14; found Python 3.9.2.")


def test_nothing_is_skipped_in_silence_where_everything_is_required(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "test_one.py").write_text("import pytest\n\ndef test_one():\n    pytest.skip('no database here')\n")
    (tmp_path / "test_two.py").write_text("import pytest\n\npytest.importorskip('nothing_of_this_name')\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--continue-on-collection-errors",
        "-c",
        "/dev/null",
        f"--rootdir={tmp_path}",
        str(tmp_path),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CLIENTELE_REQUIRE": "all"}
    strict = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert "1 failed, 1 error" in strict.stdout
    assert strict.returncode != 0
    lenient = subprocess.run(command, env={**environment, "CLIENTELE_REQUIRE": ""}, capture_output=True, text=True)
    assert "2 skipped" in lenient.stdout
    assert lenient.returncode == 0
