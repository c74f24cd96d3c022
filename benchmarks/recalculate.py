"""``python -m benchmarks.recalculate [--dossiers 12820]``: a new calendar over open dossiers, on one SQLite file.

The worst case: every dossier has six records behind it, and every one of them moves. It is measured twice: in a process that
has just started and must read every dossier, and in one that has them in memory.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import pendulum

from qms import Organization, Procedure, Process, Roster, SQLiteStore, WorkCalendar

ROLES = {"lan": ["intake-officer"], "kim": ["division-clerk"], "dung": ["division-head"], "minh": ["case-officer"]}
PROCEDURE = Procedure.from_tree(
    {
        "code": "bench",
        "process": "one-stop",
        "title": {"en": "Bench"},
        "blanks": {"supplement-mode": "restart"},
        "limits": {"legal": {"period": "15 working days"}},
    }
)
FILLED = pendulum.datetime(2025, 12, 15, 8, tz="Asia/Ho_Chi_Minh")


class Office:
    """An organization over a file, whose clock stands where the measurement puts it."""

    def __init__(self, path: Path, calendar: WorkCalendar) -> None:
        self.now = FILLED
        self.org = Organization(
            store=SQLiteStore(path),
            processes=[Process.load("one-stop")],
            procedures=[PROCEDURE],
            calendars=[calendar],
            people=Roster(ROLES),
            now=lambda: self.now,
        )

    def fill(self, dossiers: int) -> None:
        """Dossiers that are being examined, 500 to a commit."""
        for first in range(0, dossiers, 500):
            with self.org.transaction():
                for number in range(first, min(dossiers, first + 500)):
                    self.now = FILLED.add(minutes=number % 4_000)
                    form = {"applicant": "Nguyễn Văn An", "applicant_id": f"an-{number}"}
                    id_ = self.org.open(procedure="bench", by="lan", form=form, id=f"H-{number}").id
                    for action, by in (("accept", "lan"), ("transfer", "lan"), ("receive-transfer", "kim")):
                        self.org.act(id_, action, by=by)
                    self.org.act(id_, "assign", by="dung", form={"officer": "minh"})


def main() -> int:
    """Fill a file, then put the calendar with the letter of 25/12/2025 in force."""
    parser = argparse.ArgumentParser(prog="benchmarks.recalculate", description=__doc__)
    parser.add_argument("--dossiers", type=int, default=12_820)
    dossiers = parser.parse_args().dossiers
    before, after = WorkCalendar.load("VN", as_of=pendulum.date(2025, 12, 24)), WorkCalendar.load("VN")
    with TemporaryDirectory(prefix="qms-bench-") as folder:
        office = Office(Path(folder, "filled.db"), before)
        office.fill(dossiers)
        office.org.store.close()
        for name in ("just started", "in memory"):
            copy(Path(folder, "filled.db"), Path(folder, f"{name}.db"))
            office = Office(Path(folder, f"{name}.db"), before)
            office.now = FILLED.add(days=10)
            if name == "in memory":
                office.org.definitions.recalculate(after, dry_run=True)
            wall, cpu = perf_counter(), process_time()
            told = office.org.definitions.recalculate(after)
            wall, cpu = perf_counter() - wall, process_time() - cpu
            print(
                f"{name}: {told.looked} open dossiers, {len(told.moved)} dates moved in {wall:.1f} s ({cpu:.1f} s of processor)"
            )
            office.org.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
