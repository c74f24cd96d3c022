"""Scenario 25: an auditor has ten thousand events and a checkpoint from elsewhere, and asks what was altered."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from definitions import small
from district import SUPPLEMENT, Office, at, procedure
from office import Now, denied, office
from qms.codec import encode
from qms.ports import Checkpoint, Write
from qms.process import Process
from qms.stores import SQLiteStore

EVENTS, CASES, BAD = 10_000, 100, 5_001


def record(number: int) -> bytes:
    """Event *number* from 0: the cases take turns."""
    made = {"stream": f"case-{number % CASES}", "seq": number // CASES + 1, "type": "noted", "by": "lan", "at": 10**15 + number}
    return encode(made)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Checkpoint]:
    """A file of ten thousand events, and its size and root."""
    path = tmp_path_factory.mktemp("audit") / "office.db"
    with SQLiteStore(path) as store:
        for first in range(0, EVENTS, 1000):
            numbers = range(first, first + 1000)
            store.append([Write(f"case-{n % CASES}", n // CASES, (record(n),)) for n in numbers])
        return path, (store.size, store.root())


ALTERED: dict[str, tuple[str, int]] = {
    "a payload": (f"UPDATE qms_entry SET data = CAST(replace(data, 'lan', 'mai') AS BLOB) WHERE position = {BAD}", BAD),
    "a timestamp": (f"UPDATE qms_entry SET data = CAST(replace(data, '10000', '10001') AS BLOB) WHERE position = {BAD}", BAD),
    "the order": (
        (
            f"UPDATE qms_entry SET position = -position WHERE position IN ({BAD}, {BAD + 1});"
            f"UPDATE qms_entry SET position = {2 * BAD + 1} + position WHERE position < 0"
        ),
        BAD,
    ),
    "the tail": (f"DELETE FROM qms_entry WHERE position >= {BAD};UPDATE qms_head SET size = 0, root = root", BAD),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_named(whole, tmp_path, what):
    """The first bad record, by its place."""
    path, checkpoint = whole
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    script, bad = ALTERED[what]
    with closing(sqlite3.connect(copy)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.executescript(script)
        db.commit()
    with SQLiteStore(copy, read_only=True) as store:
        found = store.verify(checkpoint=checkpoint)
    assert found.complete is False and found.first is not None
    assert bad == found.first.position


def test_the_whole_log_is_complete(whole):
    """Nothing is found where nothing was altered."""
    path, checkpoint = whole
    with SQLiteStore(path, read_only=True) as store:
        found = store.verify(checkpoint=checkpoint)
    assert (True, True, ()) == (found.consistent, found.complete, found.findings)


def late(org, now: Now, reason: str | None) -> Callable[[], object]:
    """Finishing what was done two days ago."""
    return lambda: org.act("a", "finish", by="lan", occurred_at=now.moment - timedelta(days=2), reason=reason)


def test_a_late_entry_takes_a_reason_and_is_listed():
    """What occurred earlier and when it was recorded are both told."""
    now = Now("02 09:00")
    org = office(small(), now=now)
    org.open("small", by="lan")
    now.to("12 09:00")
    with denied("late-entry-reason"):
        late(org, now, None)()
    late(org, now, "the network was down")()
    (note,) = [note for note in org.trail.verify().notes if note.code == "late-entry"]
    assert ("a", 3) == (note.stream, note.seq)


def test_a_dossier_is_not_parked_on_its_last_day_without_the_form():
    """Status 4 to 5 on the due day at 16:55: refused without form 02, whole and with its basis; then the limit still ends at 17:00."""
    office = Office([procedure(limit="2 working days")])
    case = office.examine("01/03/2021 09:00")
    due = office.org.case(case).due
    steps = Process.load("one-stop").definition.steps
    status = [steps[name].codes["national"] for name in ("examining", "awaiting-supplement")]
    assert (at("03/03/2021 17:00"), ["4", "5"]) == (due, status)
    assert "form-missing" in office.refused(case, "request-supplement", "dung", "03/03/2021 16:55")
    for field in ("items", "reason", "basis"):
        filled = {name: value for name, value in SUPPLEMENT.items() if name != field}
        refused = office.refused(case, "request-supplement", "dung", **filled)
        assert ["form-field"] == list(refused) and field in str(refused["form-field"])
    left = office.org.case(case)
    assert ({"examining"}, "running", due) == (set(left.steps), left.clocks["legal"].state, left.due)
    assert {"awaiting-supplement"} == office.do(case, "request-supplement", "dung", **SUPPLEMENT).steps
