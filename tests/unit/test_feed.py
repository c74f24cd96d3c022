"""The log from a position as CloudEvents, at least once; one log for each tenant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from definitions import small
from office import Now, office
from qms.checkpoint import Signer
from qms.cli import app
from qms.codec import encode
from qms.errors import Inconsistent, QMSError, Untrusted
from qms.organization import Organization
from qms.ports import Write
from qms.stores import MemoryStore, SQLiteStore
from qms.trail import leaf_hash, root

PHONE = "0903 000 111"
PROCESS = """
subject = "applicant"
parts = ["applicant"]
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
form = "Paper"
names.applicant = "form.applicant"
"""


def desk(store: Any = None, **more: Any) -> Organization:
    """An office with one case and a denied attempt."""
    org = office(small(PROCESS), now=Now("02 09:00"), store=store, **more)
    org.open("small", by="lan", form={"title": "x", "applicant": "an", "phone": PHONE})
    with pytest.raises(QMSError):
        org.act("a", "finish", by="hoa")
    return org


def test_every_record_is_an_event_of_its_own():
    """Ids are all different, positions go up by one, the subject is the stream; required attributes are there."""
    org = desk(name="phòng một cửa")
    events = list(org.trail.cloudevents())
    assert len({event["id"] for event in events}) == len(events) == org.trail.size
    assert [f"{n:020}" for n in range(1, len(events) + 1)] == [event["sequence"] for event in events]
    opened = next(event for event in events if event["type"] == "qms.record.opened")
    assert ("a/1", "a", "1.0", "2024-01-02T02:00:00.000000Z") == tuple(
        opened[key] for key in ("id", "subject", "specversion", "time")
    )
    assert "ph%C3%B2ng%20m%E1%BB%99t%20c%E1%BB%ADa" == opened["source"]
    assert "qms.record.denied" == events[-1]["type"]


@pytest.mark.parametrize("occurred", ["yesterday", None, 2**60])
def test_a_record_whose_time_is_none_has_no_time(occurred):
    """Records of others may say anything there; the event comes all the same, with the time that can be read."""
    org = desk()
    org.store.append([Write("theirs", 0, (json.dumps({"at": 0, "occurred": occurred}).encode(),))])
    event = list(org.trail.cloudevents())[-1]
    assert ("theirs/1", None, "1970-01-01T00:00:00.000000Z") == (event["id"], event.get("time"), event["recordedtime"])


def test_what_is_personal_is_a_commitment():
    """The value is nowhere in what others get."""
    assert PHONE not in json.dumps(list(desk().trail.cloudevents()))
    acted = next(e for e in desk().trail.cloudevents() if e["type"] == "qms.record.acted")
    assert ["sealed"] == list(acted["data"]["form"]["phone"])


def test_what_came_can_be_checked_against_the_log():
    """The data makes the leaf, the leaves make the root."""
    org = desk()
    events = list(org.trail.cloudevents())
    leaves = [leaf_hash(encode(event["data"])) for event in events]
    assert [event["leafhash"] for event in events] == [leaf.hex() for leaf in leaves]
    assert root(leaves) == org.trail.root


@given(crashes=st.lists(st.integers(0, 8), max_size=8))
def test_whoever_follows_gets_all_and_knows_repetitions(crashes):
    """A consumer that dies before it keeps its position gets events again, none is missed, and ids tell which."""
    org = desk()
    kept, seen, times = 0, {}, 0
    for stop in [*crashes, 10**6]:
        for n, event in enumerate(org.trail.cloudevents(kept)):
            times += 1
            seen[event["source"], event["id"]] = event["data"]
            if n == stop:
                break  # it dies: the position is that before
            kept = int(event["sequence"])
    assert (kept, len(seen)) == (org.trail.size, org.trail.size) and times >= len(seen)


def test_the_command_writes_a_line_for_each(tmp_path: Path):
    """From a position; what is there is not written over."""
    store = SQLiteStore(tmp_path / "office.db")
    org = desk(store)
    out = tmp_path / "log.jsonl"
    size = org.trail.size
    store.close()
    line = ["export", str(tmp_path / "office.db"), "-o", str(out), "--after", str(size - 2), "--source", "office", "--json"]
    told = CliRunner().invoke(app, line)
    written = [json.loads(each) for each in out.read_text(encoding="utf-8").splitlines()]
    assert (0, 2, size) == (told.exit_code, len(written), int(written[-1]["sequence"]))
    assert json.loads(told.stdout) == {"file": str(out), "format": "cloudevents", "events": 2, "position": size}
    assert 2 == CliRunner().invoke(app, line).exit_code


# One log for each tenant


@pytest.fixture
def tenants(tmp_path: Path) -> list[Organization]:
    """Two tenants: a file, a name and a key each."""
    made = []
    for n, name in enumerate(("north", "south")):
        key = Signer.from_seed(f"city.example/{name}", bytes([n] * 32))
        made.append(desk(SQLiteStore(tmp_path / f"{name}.db"), name=name, keys=key.vkey))
    return made


def test_nothing_of_one_tenant_is_in_the_log_of_another(tenants):
    """Nor in its file, though both use the same ids."""
    north, south = tenants
    north.open("small", by="lan", id="only-north", form={"title": "x", "applicant": "an", "phone": "0909 999 999"})
    assert (0, True) == (south.store.length("only-north"), all(e["source"] == "south" for e in south.trail.cloudevents()))
    assert [b"only-north" in f.read_bytes() for f in _files(south)] == [False] * len(_files(south))


def test_the_checkpoint_of_one_tenant_is_worth_nothing_for_another(tenants):
    """The name of the log is its origin, and its keys bear it."""
    north, south = tenants
    key = Signer.from_seed("city.example/north", bytes([0] * 32))
    note = north.trail.checkpoint(key)
    assert ("city.example/north", True) == (note.origin, north.trail.verify(note).complete)
    with pytest.raises(Untrusted):
        south.trail.verify(note)
    south.open("small", by="lan", id="more", form={"title": "x", "applicant": "an", "phone": PHONE})
    with pytest.raises(Inconsistent):
        south.trail.evidence("a", checkpoint=note)


def test_the_same_value_has_another_commitment_in_each_log(tenants):
    """The salts are different: nobody can tell that two tenants know the same person."""
    north, south = (next(e for e in t.trail.cloudevents() if e["type"] == "qms.record.acted") for t in tenants)
    assert north["data"]["form"]["phone"] != south["data"]["form"]["phone"]


def _files(org: Organization) -> list[Path]:
    path = Path(str(org.store)[len("SQLiteStore('") : -2])
    return sorted(path.parent.glob(f"{path.name}*"))


def test_an_empty_log_has_no_events():
    """Asked from beyond its end, neither."""
    org = desk(MemoryStore())
    assert [] == list(org.trail.cloudevents(org.trail.size)) == list(org.trail.cloudevents(10**9))
