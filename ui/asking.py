"""Who waits for what a script asks: the session it runs for, until its viewer goes on or closes the window."""

from __future__ import annotations

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from data_access.running import ANYBODY, Asker


def who() -> Asker:
    """Who waits for what the present thread asks; a file that is made after the run waits for itself."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is None or run.script_requests is None:
        return ANYBODY
    session, requests = run.session_id, run.script_requests
    return Asker(session, lambda: not _is_stopped(requests) and _is_there(session))


def _is_stopped(requests: ScriptRequests) -> bool:
    """Streamlit tells a run to stop when the next one begins; the run hears of it only when it draws something."""
    return requests._state is ScriptRequestType.STOP


def _is_there(session: str) -> bool:
    """Whether the session has a window that listens; one that comes back is run anew."""
    return not Runtime.exists() or Runtime.instance().is_active_session(session)
