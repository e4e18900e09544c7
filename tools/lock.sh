#!/bin/sh
# Writes the pins, with hashes, for every Python and system at once (docs/decisions/0003).
# requirements-dev.txt is the one resolution; the others are parts of it.
#   sh tools/lock.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."

uv=.venv/bin/uv
if [ ! -x "$uv" ]; then .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9; fi

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@" </dev/null
}

# A driver alone, as named in pyproject.toml: installed on top of requirements.txt.
compile_driver() {
    named=$(mktemp)
    .venv/bin/python -c "
import sys, tomllib
with open('pyproject.toml', 'rb') as file:
    print(*tomllib.load(file)['project']['optional-dependencies'][sys.argv[1]], sep='\n')" "$1" >"$named"
    compile "$named" --no-annotate --constraint requirements-dev.txt --output-file "requirements-$1.txt"
    rm -f "$named"
}

compile pyproject.toml --all-extras --group dev --group examples --output-file requirements-dev.txt "$@"
compile pyproject.toml --constraint requirements-dev.txt --output-file requirements.txt
compile_driver postgres
compile_driver mysql
compile_driver clickhouse
compile_driver spark
compile_driver trino
compile_driver extract
compile --group engines --no-annotate --constraint requirements-dev.txt --output-file requirements-engines.txt
