"""The ``qms`` command: the library's answers on a terminal, or as JSON.

Rule 1: a command turns arguments into an `Answer`; one place prints it, one place turns errors into words.
Rule 2: exit 0 is good, 1 a finding or a denial, 2 bad input; with 2 nothing was written.
Rule 3: answers go to standard output, errors and progress to standard error; ``--json`` changes the words, never the facts.
Rule 4: an instant without an offset is in the zone of the calendar; nothing is guessed: a date without a time is refused.
"""

from __future__ import annotations

from . import dates, definitions, kept, logs, servers, signed, simulated
from .kept import open_store, rows_of, store_path
from .reading import parse_instant, parse_pause
from .shell import app

__all__ = ["app", "open_store", "parse_instant", "parse_pause", "rows_of", "store_path"]

_COMMANDS = (dates, definitions, kept, logs, servers, signed, simulated)  # each adds its commands to the app as it is imported
