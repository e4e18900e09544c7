"""A browser without a window: opens a page of the served app over its websocket and speaks what a browser would.

Streamlit's page asks for a run with a `BackMsg` that holds the address and the hashes of the messages that it still
has; it is answered by `ForwardMsg`s up to `script_finished`. A visitor keeps what a browser keeps: the address that the
app wrote, and the large messages until they are too old. It touches no widget: choices are made by their address.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

LONGEST = 120.0  # seconds for one run
ZONE, OFFSET, LOCALE = "Europe/Berlin", -60, "en"


@dataclass
class Run:
    """What one run of a page sent."""

    size: int = 0  # bytes of the messages
    messages: int = 0
    kept: int = 0  # messages that the visitor still had, so that only their hash was sent
    seconds: float = 0.0
    elements: list[Element] = field(default_factory=list)

    @property
    def charts(self) -> int:
        return len(self.of_type("plotly_chart"))

    def of_type(self, kind: str) -> list[Any]:
        """Every element of a kind, in the order in which they were drawn last."""
        return [getattr(element, kind) for element in self.elements if element.WhichOneof("type") == kind]


class Visitor:
    """One visitor on one page. `remembers` says whether large messages are kept, as a browser does."""

    def __init__(self, port: int, page: str, query: str = "", *, remembers: bool = True) -> None:
        self.page, self.query, self.remembers = page, query, remembers
        self.url = f"http://127.0.0.1:{port}/{page}"
        address = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._opening: Any = connect(address, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        self._socket: Any = None
        self._script = ""
        self._had: dict[str, tuple[int, ForwardMsg]] = {}  # large messages by hash, and the run that last used them
        self._oldest = 2  # runs for which a large message is kept
        self._runs = 0

    def __enter__(self) -> Visitor:
        self._socket = self._opening.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opening.__exit__(kind, fault, trace)

    def run(self) -> Run:
        """Ask for a run of the page and read to its end."""
        began, drawn = time.perf_counter(), Run()
        self._socket.send(self._request().SerializeToString())
        places: dict[tuple[int, ...], Element] = {}
        for message in self._answers(drawn):
            if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
                places[tuple(message.metadata.delta_path)] = message.delta.new_element
        drawn.seconds, drawn.elements = time.perf_counter() - began, list(places.values())
        self._runs += 1
        self._had = {name: kept for name, kept in self._had.items() if self._runs - kept[0] < self._oldest}
        return drawn

    def _request(self) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self._script
        state.page_name = "" if self._script else self.page
        state.cached_message_hashes.extend(self._had)
        about = state.context_info
        about.timezone, about.timezone_offset, about.locale = ZONE, OFFSET, LOCALE
        about.url, about.color_scheme = self.url, "light"
        return message

    def _answers(self, drawn: Run) -> Iterator[ForwardMsg]:
        """The messages of a run, those that are only named replaced by what is kept; counts them."""
        is_done = False
        while not is_done:
            raw = self._socket.recv(timeout=LONGEST)
            message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            drawn.size, drawn.messages = drawn.size + len(raw), drawn.messages + 1
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._oldest = message.new_session.config.max_cached_message_age or self._oldest
            elif kind == "navigation":
                self._script = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            is_done = kind == "script_finished"
            yield self._whole(message, drawn)

    def _whole(self, message: ForwardMsg, drawn: Run) -> ForwardMsg:
        if message.WhichOneof("type") == "ref_hash":
            drawn.kept += 1
            _, had = self._had[message.ref_hash]
            self._had[message.ref_hash] = (self._runs, had)
            whole = ForwardMsg()
            whole.CopyFrom(had)
            whole.metadata.CopyFrom(message.metadata)
            return whole
        if self.remembers and message.metadata.cacheable:
            self._had[message.hash] = (self._runs, message)
        return message
