"""Text that runs an extract by the clock: lines for a crontab, or the units of a systemd timer. Nothing is installed.

Every hour what has changed, and on Sunday night everything anew: so nothing that a source changes without telling
`updated_at` stays wrong for more than a week.
"""

from __future__ import annotations

import getpass
import shlex
import sys
from pathlib import Path

from data_access.errors import SourceError
from data_access.extract.plan import refuse_unextractable
from data_access.place import find_place

HOME = Path(__file__).resolve().parents[2]
MINUTE = 17  # not the full hour, at which everything else begins

CRON = """\
# Clientele reads {source}. Put these lines into the crontab of the account that runs Clientele: crontab -e
# A password that the settings file names as ${{NAME}} comes from .streamlit/secrets.toml, as cron has no environment.
# When something goes wrong, cron mails the sentence.
{minute} * * * *  cd {home} && {command} --quiet
{weekly} 3 * * 0  cd {home} && {command} --full --quiet
"""
SYSTEMD = """\
# /etc/systemd/system/clientele-extract.service
[Unit]
Description=Clientele reads {source}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
WorkingDirectory={home}
ExecStart={command} --quiet
Nice=10

# /etc/systemd/system/clientele-extract.timer
[Unit]
Description=Clientele reads {source} every hour

[Timer]
OnCalendar=*-*-* *:{minute}:00
RandomizedDelaySec=120
Persistent=true

[Install]
WantedBy=timers.target

# /etc/systemd/system/clientele-extract-full.service: the same with ExecStart={command} --full --quiet
# /etc/systemd/system/clientele-extract-full.timer: the same with OnCalendar=Sun *-*-* 03:{weekly}:00
# then: systemctl daemon-reload && systemctl enable --now clientele-extract.timer clientele-extract-full.timer
"""
FORMS = {"cron": CRON, "systemd": SYSTEMD}


def schedule(form: str, source: str, into: Path | None, mapping: str) -> str:
    """The text. A password in a URL would stand in it; the settings file keeps it out. Raises SourceError."""
    place = find_place(source, mapping, is_live=True)
    refuse_unextractable(place)
    if place.url.password and "://" in source:
        raise SourceError(
            "The URL has a password, which everybody could read in the schedule; name a clientele.toml that says "
            '`source = "...${CRM_PASSWORD}..."` instead.'
        )
    shown = source if "://" in source else str(Path(source).expanduser().resolve())
    words = [sys.executable, "-m", "data_access", "extract", shown]
    words += ["--into", str(into.expanduser().resolve())] if into else []
    words += ["--mapping", mapping] if mapping else []
    text = FORMS[form].format(
        source=shown,
        home=_word(form, str(HOME)),
        command=" ".join(_word(form, one) for one in words),
        user=getpass.getuser(),
        minute=MINUTE,
        weekly=MINUTE + 20,
    )
    return text.rstrip("\n")


def _word(form: str, word: str) -> str:
    """A word of a command; `%` means something else in a crontab, and in a unit."""
    if form == "cron":
        return shlex.quote(word).replace("%", "\\%")
    quoted = f'"{word}"' if " " in word else word
    return quoted.replace("%", "%%").replace("$", "$$")
