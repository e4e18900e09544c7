"""A network that can stand still: bytes are taken in and go nowhere, and nobody is told (no end, no reset)."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Line:
    """A port of this machine that leads to a server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._flows = threading.Event()
        self._flows.set()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def freeze(self) -> None:
        """From now on nothing comes through, in either direction; who calls is let in all the same."""
        self._flows.clear()

    def thaw(self) -> None:
        """Everything comes through again, what was held back first."""
        self._flows.set()

    def close(self) -> None:
        self.thaw()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._sockets += [caller, server]
                for ends in ((caller, server), (server, caller)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while sent := source.recv(65536):
                self._flows.wait()
                target.sendall(sent)
            target.shutdown(socket.SHUT_WR)
