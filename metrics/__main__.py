"""`python -m metrics`: see metrics/command.py."""

import sys

from metrics.command import main

sys.exit(main())
