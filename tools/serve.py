"""Starts the app and says in plain words where it is.

`streamlit run app.py` does as well; this adds a sentence when the port is taken, and the address once a page is
really there.
"""

from __future__ import annotations

import argparse
import os
import runpy
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

LONGEST_START = 60.0  # seconds


def answers(url: str) -> bool:
    """True when something answers at the address."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def is_taken(address: str, port: int) -> bool:
    """True when the app cannot listen there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def announce(port: int) -> None:
    """Wait for the first page, then print its address."""
    local = f"http://127.0.0.1:{port}"
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end:
        if answers(f"{local}/_stcore/health"):
            print(f"\n  Clientele is ready: open http://localhost:{port} in a browser. Ctrl+C stops it.\n", flush=True)
            return
        time.sleep(0.1)
    print(f"Clientele has not answered at {local} for {LONGEST_START:.0f} seconds; see above for why.", flush=True)


def main() -> int:
    """Serve the app until it is stopped."""
    parser = argparse.ArgumentParser(description="Start Clientele.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1", help="0.0.0.0 opens it to the whole network")
    choice = parser.parse_args()
    if is_taken(choice.address, choice.port):
        already = answers(f"http://127.0.0.1:{choice.port}/_stcore/health")
        who = "is taken, perhaps by an earlier `make run`" if already else "is taken by another program"
        print(f"Port {choice.port} {who}; stop it, or choose another: make run PORT={choice.port + 1}")
        return 1
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # many small fits on few cores: one thread each is far faster
    threading.Thread(target=announce, args=(choice.port,), daemon=True).start()
    sys.argv = ["streamlit", "run", "app.py", "--server.headless=true", "--logger.hideWelcomeMessage=true"]
    sys.argv += [f"--server.port={choice.port}", f"--server.address={choice.address}"]
    runpy.run_module("streamlit", run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
