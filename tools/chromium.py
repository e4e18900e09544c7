"""Finds the Chromium that the browser tests drive, and installs it where that needs no question.

    python tools/chromium.py              prints its path, or why there is none
    python tools/chromium.py --install    installs it first with apt-get, as root or with a sudo that asks nothing

`CHROMIUM=/path/to/chrome` names one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (  # of macOS, and of `playwright install chromium`
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    *(
        str(path)
        for cache in (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
        for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
        for path in sorted(cache.glob(pattern), reverse=True)
    ),
)
PACKAGES = ("chromium", "fonts-noto-cjk")
ADVICE = "install Chromium (Debian: apt-get install chromium fonts-noto-cjk) or name one: CHROMIUM=/path/to/chrome"


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome that can be started."""
    named = os.environ.get("CHROMIUM")
    candidates = (named,) if named else (*NAMES, *PLACES)
    return next((found for candidate in candidates if (found := shutil.which(candidate))), None)


def as_root() -> list[str] | None:
    """What to put before a command so that it runs as root; None when that cannot be had without a question."""
    if os.geteuid() == 0:
        return []
    can_sudo = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if can_sudo else None


def install_with_apt() -> None:
    """Install Chromium and Chinese fonts; a failure is printed and left to the caller to judge."""
    root = as_root()
    if not shutil.which("apt-get") or root is None:
        return
    print(f"Installing {' and '.join(PACKAGES)} for the browser tests.", flush=True)
    quiet = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*quiet, "update"], stdin=subprocess.DEVNULL, check=False)
    command = [*quiet, "install", "-y", "--no-install-recommends", *PACKAGES]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    """Print the path, or the way to one."""
    if "--install" in sys.argv and not find_chromium() and not os.environ.get("CHROMIUM"):
        install_with_apt()
    found = find_chromium()
    print(f"Browser tests use {found}." if found else f"There is no Chromium, so browser tests are skipped: {ADVICE}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
