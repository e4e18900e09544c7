"""An Apache Spark cluster of our own: a master, two workers and the Thrift Server, as processes of this machine.

They come from the pip package pyspark and need Java. They listen on the loopback address at free ports, keep everything
in one folder, and go with it when the tests end.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.util
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from sqlalchemy import Boolean, Date, DateTime, Float, Integer, Numeric

from data_access.schema import loose

NUMBERS = itertools.count(1)
LONGEST_START = 240.0
WORKERS = 2
# Small questions to a small cluster: what is compiled and shuffled less begins sooner.
QUICK = {
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.ui.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


def lacking() -> str | None:
    """What a cluster needs and this machine has not; None where there is everything."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "no Java; install one (on Debian: apt-get install default-jre-headless)"
    if importlib.util.find_spec("pyspark") is None:
        return "no pyspark; fetch it with `make engines`"
    return None


@dataclass
class Cluster:
    """The running processes; `url` is where the Thrift Server is asked."""

    folder: Path
    master: int = 0
    page: int = 0
    thrift: int = 0
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"spark://tests@127.0.0.1:{self.thrift}/default"

    def start(self) -> None:
        """Master first, then the workers, then the Thrift Server, which takes one core of each."""
        self.master, self.page, self.thrift = _free_ports(3)
        where = ["--host", "127.0.0.1", "--port", str(self.master), "--webui-port", str(self.page)]
        self._run("master", "spark-class", "org.apache.spark.deploy.master.Master", *where)
        self._wait(lambda: _listens(self.page), "master")
        for _ in range(WORKERS):
            self.add_worker()
        self._wait(lambda: self.alive() == WORKERS, "worker0")
        self._run("thrift", "spark-submit", *self._thrift_server())
        self._wait(lambda: _listens(self.thrift), "thrift")

    def add_worker(self) -> None:
        """One worker more, with one core."""
        size = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(self.folder / "work")]
        to = ["--host", "127.0.0.1", *size, f"spark://127.0.0.1:{self.master}"]
        name = f"worker{len(self.workers)}"
        self.workers.append(self._run(name, "spark-class", "org.apache.spark.deploy.worker.Worker", *to))

    def _thrift_server(self) -> list[str]:
        size = ["--executor-cores", "1", "--total-executor-cores", str(WORKERS), "--driver-memory", "1g"]
        settings = {
            **QUICK,
            "spark.executor.memory": "800m",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
        }
        conf = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        listen = {"hive.server2.thrift.port": self.thrift, "hive.server2.thrift.bind.host": "127.0.0.1"}
        hive = [part for name, value in listen.items() for part in ("--hiveconf", f"{name}={value}")]
        what = ["--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"]
        return [*what, "--master", f"spark://127.0.0.1:{self.master}", *size, *conf, "spark-internal", *hive]

    def _run(self, name: str, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        home = _home()
        said = (self.folder / f"{name}.log").open("wb")
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_DAEMON_MEMORY": "256m" if program == "spark-class" else "1g",
            "TZ": "America/New_York",  # what a session's zone is must not follow from the server's
        }
        process = subprocess.Popen(
            [str(home / "bin" / program), *arguments], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=said, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_ends_with_us,
        )  # fmt: skip
        said.close()
        self.processes.append(process)
        return process

    def _wait(self, is_ready: Callable[[], bool], name: str) -> None:
        """Wait until it is ready; what the process said is the reason why it never was."""
        until = time.monotonic() + LONGEST_START
        while time.monotonic() < until and all(process.poll() is None for process in self.processes):
            if is_ready():
                return
            time.sleep(0.1)
        said = (self.folder / f"{name}.log").read_text("utf-8", "replace")
        raise TimeoutError(f"Spark did not start ({name}): {said[-2000:]}")

    def state(self) -> dict[str, Any]:
        """What the master says of its cluster."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page}/json/", timeout=10) as page:
            return json.load(page)

    def alive(self) -> int:
        """How many workers the master counts as alive; 0 while it does not answer yet."""
        try:
            return int(self.state()["aliveworkers"])
        except (OSError, HTTPException, ValueError):
            return 0

    def kill_worker(self) -> None:
        """End a worker and its executors at once, as a machine that fails."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.processes.remove(worker)

    def lend(self, filled: Mapping[str, Sequence[Mapping[str, Any]]], without: Iterable[str]) -> str:
        """URL of a new database with these rows: a folder of Parquet, named to Spark table by table."""
        name = f"world{next(NUMBERS)}"
        taken = set(without)
        statements = [f"CREATE DATABASE {name}"]
        for table in loose().sorted_tables:
            if table.name in taken:
                continue
            columns = [column for column in table.columns if f"{table.name}.{column.name}" not in taken]
            folder = self.folder / name / table.name
            folder.mkdir(parents=True)
            rows = filled.get(table.name, ())
            schema = pyarrow.schema([(column.name, _arrow_type(column.type)) for column in columns])
            if rows:
                pyarrow.parquet.write_table(_in_arrow(rows, schema), folder / "rows.parquet")
            named = ", ".join(f"{column.name} {_spark_type(column.type)}" for column in columns)
            statements.append(f"CREATE TABLE {name}.{table.name} ({named}) USING parquet LOCATION '{folder}'")
        self.write(*statements)
        return f"spark://tests@127.0.0.1:{self.thrift}/{name}"

    def write(self, *statements: str) -> None:
        """Run statements that change something, past the product's door."""
        from pyhive import hive

        with closing(hive.connect("127.0.0.1", self.thrift, username="tests")) as session:
            for statement in statements:
                with closing(session.cursor()) as cursor:
                    cursor.execute(statement)

    def stop(self) -> None:
        """End every process, executors included, and remove the folder."""
        for process in reversed(self.processes):
            _end_group(process)
        self.processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def cluster() -> Cluster | str:
    """The one cluster of this test process, or why there is none."""
    if reason := lacking():
        return reason
    made = Cluster(Path(tempfile.mkdtemp(prefix="clientele-spark-")))
    atexit.register(made.stop)
    try:
        made.start()
    except (OSError, HTTPException) as fault:
        made.stop()
        return str(fault)
    return made


def _arrow_type(type_: Any) -> Any:
    if isinstance(type_, Boolean):
        return pyarrow.bool_()
    if isinstance(type_, Integer):
        return pyarrow.int64()
    if isinstance(type_, Float):
        return pyarrow.float64()
    if isinstance(type_, Numeric):
        return pyarrow.decimal128(type_.precision, type_.scale)
    if isinstance(type_, DateTime):
        return pyarrow.timestamp("us", "UTC")
    return pyarrow.date32() if isinstance(type_, Date) else pyarrow.string()


def _spark_type(type_: Any) -> str:
    named = str(_arrow_type(type_)).partition("[")[0]
    plain = {"bool": "BOOLEAN", "int64": "BIGINT", "double": "DOUBLE", "date32": "DATE"}
    if isinstance(type_, Numeric) and not isinstance(type_, Float):
        return f"DECIMAL({type_.precision}, {type_.scale})"
    return plain.get(named, named.upper())


def _in_arrow(rows: Sequence[Mapping[str, Any]], schema: Any) -> Any:
    """Rows as Arrow; amounts that are floats are rounded to their column's scale."""
    columns = {}
    for field_ in schema:
        values = [row[field_.name] for row in rows]
        if pyarrow.types.is_decimal(field_.type):
            unit = Decimal(1).scaleb(-field_.type.scale)
            values = [None if value is None else Decimal(str(value)).quantize(unit) for value in values]
        columns[field_.name] = pyarrow.array(values, field_.type)
    return pyarrow.table(columns, schema=schema)


def _home() -> Path:
    found = importlib.util.find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _ends_with_us() -> None:
    """Ask the kernel to end this process when the tests are killed: nobody else would."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for how, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, how)
            process.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        if how is signal.SIGKILL:
            return
