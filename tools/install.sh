#!/bin/sh
# Makes .venv with the first Python that suits, and installs the pinned packages of the named files.
# A file that has not changed since it was installed costs nothing, and needs no network.
#   sh tools/install.sh requirements.txt [requirements-dev.txt ...]
set -eu
cd "$(dirname "$0")/.."

environment=.venv
python=$environment/bin/python
installed=$environment/installed # a copy of each file as it was installed

suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if suits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Clientele needs Python 3.11 to 3.14; found $(${PYTHON:-python3} --version 2>&1 | head -n 1)." \
        "Install one of them, or name it: make run PYTHON=/path/to/python3.12" >&2
    exit 1
}

make_environment() {
    found=$(find_python)
    echo "Making the environment in $environment with $("$found" --version)."
    rm -rf "$environment"
    if ! "$found" -m venv "$environment"; then
        rm -rf "$environment"
        echo "$found cannot make an environment; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
    mkdir "$installed"
}

# Prints one line that counts up on a terminal, and a plain start and end elsewhere.
show_progress() {
    terminal=0
    if [ -t 1 ]; then terminal=1; fi
    awk -v terminal="$terminal" -v total="$(grep -c '^[a-zA-Z]' "$1")" '
        /^(Collecting|Processing) / {
            count++
            sub(".*/", "", $2)
            if (terminal) { printf "\r  %d of at most %d: %-45.45s", count, total, $2; fflush() }
        }
        /^Installing collected/ { if (terminal) printf "\r%-75s\r", ""; print "  " count " packages fetched, unpacking"; fflush() }
        /^ERROR|^error/ { print; fflush() }'
}

install_file() {
    echo "Installing the packages of $1 (the first time takes one to three minutes)."
    log=$environment/install.log
    { "$python" -m pip install --no-input --disable-pip-version-check -r "$1" 2>&1 || echo "$?" >"$log.failed"; } |
        tee "$log" | show_progress "$1"
    if [ -e "$log.failed" ]; then
        rm -f "$log.failed"
        tail -n 5 "$log" >&2
        echo "The packages of $1 could not be installed; the whole story is in $log. Is there a network?" >&2
        exit 1
    fi
    cp "$1" "$installed/$1"
}

if ! { [ -d "$installed" ] && suits "$python"; }; then make_environment; fi
for file in "$@"; do
    if ! cmp -s "$file" "$installed/$file"; then install_file "$file"; fi
done
