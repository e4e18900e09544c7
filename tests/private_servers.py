"""PostgreSQL and MariaDB of our own, started from what is installed, in a folder that goes when the tests end.

They listen on this machine only, write nothing to be kept (no fsync), and belong to one test process.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LONGEST_START = 60.0


def start(name: str) -> str | None:
    """URL of a new server of this kind; None where it is not installed or does not start."""
    try:
        return STARTS[name]()
    except (OSError, subprocess.SubprocessError, TimeoutError):
        return None


def _postgresql() -> str | None:
    programs = _programs("initdb", "postgres", also=sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    if programs is None:
        return None
    initdb, postgres = programs
    folder, user, port = _folder("postgres"), _user("postgres"), _free_port()
    _run([initdb, "-D", folder, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"], user)
    quick = [f"-c{setting}" for setting in ("fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1")]
    _serve([postgres, "-D", folder, "-p", str(port), "-k", folder, *quick], user, port)
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def _mariadb() -> str | None:
    programs = _programs("mariadb-install-db", "mariadbd", also=[Path("/usr/sbin")])
    if programs is None:
        return None
    install, mariadbd = programs
    folder, user, port = _folder("mysql"), _user("mysql"), _free_port()
    where = ["--no-defaults", f"--datadir={folder}"]
    _run([install, *where, "--auth-root-authentication-method=normal", "--skip-test-db"], user)
    quick = ["--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--skip-log-bin"]
    usual = ["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]
    listen = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]
    _serve([mariadbd, *where, *listen, *quick, *usual], user, port)
    return f"mysql+pymysql://root@127.0.0.1:{port}/?charset=utf8mb4"


STARTS: dict[str, Callable[[], str | None]] = {"postgresql": _postgresql, "mariadb": _mariadb}


def _programs(*names: str, also: Sequence[Path]) -> list[str] | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, also)])
    found = [shutil.which(name, path=path) for name in names]
    return None if None in found else [str(program) for program in found]


def _user(name: str) -> str | None:
    """Whom a server runs as: servers refuse to be root, so root lends them their own account."""
    if os.geteuid() != 0:
        return None
    return name if any(entry.pw_name == name for entry in pwd.getpwall()) else None


def _folder(name: str) -> str:
    folder = tempfile.mkdtemp(prefix=f"clientele-{name}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if user := _user(name):
        shutil.chown(folder, user)
    return folder


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _run(command: list[str], user: str | None) -> None:
    subprocess.run(command, user=user, cwd="/", check=True, capture_output=True, timeout=LONGEST_START)


def _serve(command: list[str], user: str | None, port: int) -> None:
    """Start a server, wait until it listens, and stop it when the tests end."""
    process = subprocess.Popen(
        command, user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    atexit.register(_stop, process)
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{command[0]} does not listen at port {port}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT if "postgres" in str(process.args) else signal.SIGTERM)  # not waiting for clients
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
