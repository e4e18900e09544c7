"""PostgreSQL and MariaDB of our own, started from what is installed, in a folder that goes when the tests end.

They listen on this machine only, write nothing to be kept (no fsync), and belong to one test process. Most tests share
one of a kind (`start`); a test that stops a server has one to itself (`own`).
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
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

LONGEST_START = 180.0


@dataclass
class PrivateServer:
    """A server that can be stopped and started again."""

    url: str
    command: list[str]
    user: str | None
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it lets somebody in: it listens a moment before it does."""
        self.process = _serve(self.command, self.user, self.port)
        engine, until = create_engine(self.url), time.monotonic() + LONGEST_START
        while True:
            try:
                engine.connect().close()
                break
            except OperationalError:
                if time.monotonic() > until:
                    self.stop()
                    raise TimeoutError(f"{self.command[0]} lets nobody in") from None
                time.sleep(0.05)
        engine.dispose()

    def stop(self) -> None:
        """Stop it without waiting for its clients."""
        if self.process is not None:
            _stop(self.process)
            self.process = None


def start(name: str) -> str | None:
    """URL of a new server of this kind; None where it is not installed or does not start."""
    found = own(name)
    return found.url if found else None


def own(name: str) -> PrivateServer | None:
    """A new server of this kind, running; None where it is not installed or does not start."""
    try:
        made = MAKES[name]()
        if made is not None:
            made.start()
            atexit.register(made.stop)
    except (OSError, subprocess.SubprocessError, TimeoutError):
        return None
    return made


def _postgresql() -> PrivateServer | None:
    programs = _programs("initdb", "postgres", also=sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    if programs is None:
        return None
    initdb, postgres = programs
    folder, user, port = _folder("postgres"), _user("postgres"), _free_port()
    _run([initdb, "-D", folder, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"], user)
    quick = [f"-c{setting}" for setting in ("fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1")]
    command = [postgres, "-D", folder, "-p", str(port), "-k", folder, *quick]
    return PrivateServer(f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", command, user, port)


def _mariadb() -> PrivateServer | None:
    programs = _programs("mariadb-install-db", "mariadbd", also=[Path("/usr/sbin")])
    if programs is None:
        return None
    install, mariadbd = programs
    folder, user, port = _folder("mysql"), _user("mysql"), _free_port()
    where = ["--no-defaults", f"--datadir={folder}"]
    _run([install, *where, "--auth-root-authentication-method=normal", "--skip-test-db"], user)
    quick = ["--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--skip-log-bin"]
    usual = ["--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]
    usual.append(f"--tmpdir={_folder('mysql')}")  # a server that starts clears the one that it has
    listen = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]
    command = [mariadbd, *where, *listen, *quick, *usual]
    return PrivateServer(f"mysql+pymysql://root@127.0.0.1:{port}/?charset=utf8mb4", command, user, port)


MAKES: dict[str, Callable[[], PrivateServer | None]] = {"postgresql": _postgresql, "mariadb": _mariadb}


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


def _serve(command: list[str], user: str | None, port: int) -> subprocess.Popen[bytes]:
    """Start a server and wait until it listens."""
    process = subprocess.Popen(
        command, user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    _stop(process)
    raise TimeoutError(f"{command[0]} does not listen at port {port}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT if "postgres" in str(process.args) else signal.SIGTERM)  # not waiting for clients
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
