"""Records of older versions read as of the newest; what is stored stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from definitions import small
from office import Now, office
from qms import event, upcast
from qms.codec import encode
from qms.errors import InvalidInput
from qms.event import Acted, read
from qms.ports import Write
from qms.stores.memory import MemoryStore
from qms.upcast import Upcasters


def third() -> Upcasters:
    """Version 2 says `by` for `who`, version 3 has a list of notes."""
    cast = Upcasters()

    @cast.step(1)
    def named(record):
        return {k: v for k, v in record.items() if k != "who"} | {"by": record["who"]}

    @cast.step(2)
    def noted(record):
        return {k: v for k, v in record.items() if k != "note"} | {"notes": [record["note"]] if "note" in record else []}

    return cast


@pytest.mark.parametrize(
    ("record", "lifted"),
    [
        ({"who": "lan", "note": "x"}, {"by": "lan", "notes": ["x"], "v": 3}),
        ({"v": 1, "who": "lan"}, {"by": "lan", "notes": [], "v": 3}),
        ({"v": 2, "by": "lan", "note": "x"}, {"by": "lan", "notes": ["x"], "v": 3}),
        ({"v": 3, "by": "lan", "notes": []}, {"v": 3, "by": "lan", "notes": []}),
    ],
)
def test_a_record_is_lifted_step_by_step(record, lifted):
    """From the version it says, or 1; the table given stays as it is."""
    before = dict(record)
    assert lifted == dict(third()(record)) and before == record


@pytest.mark.parametrize("version", [0, -1, "2", True, None, 4])
def test_a_version_that_is_not_known_is_refused(version):
    """Never guessed."""
    with pytest.raises(InvalidInput, match="version"):
        third()({"v": version})


def test_steps_are_told_in_order_and_once():
    """The next one goes from the newest."""
    for version in (1, 2, 4):
        with pytest.raises(InvalidInput, match="goes from version 3"):
            third().step(version)


def test_an_upcast_leaves_bytes_hashes_and_proofs(monkeypatch):
    """An older record is read as the newest; the log is the same to the byte, and verifies."""
    cast = Upcasters()

    @cast.step(1)
    def renamed(record):
        return dict(record) | ({"action": "do"} if record.get("action") == "ask" else {})

    store: Any = MemoryStore()
    org = office(small(), now=Now("02 09:00"), store=store)
    org.open("small", by="lan")
    before = [entry.data for entry in store.scan()], store.root(), store.inclusion(1)
    monkeypatch.setattr(event, "EVENTS", cast)
    (acted,) = [each for each in org.history("a") if isinstance(each, Acted)]
    assert ("do", before) == (acted.action, ([entry.data for entry in store.scan()], store.root(), store.inclusion(1)))
    assert org.trail.verify().consistent


def test_a_case_of_a_newer_version_is_not_read():
    """The error says to upgrade."""
    store = MemoryStore()
    store.append([Write("x", 0, (encode({"stream": "x", "seq": 1, "type": "opened", "v": 2, "at": 1, "by": "lan"}),))])
    with pytest.raises(InvalidInput, match="newer qms"):
        read(next(store.read("x")).data)


def test_a_step_that_gives_no_table_back_is_named():
    """It is a fault of the step, not of the record."""
    cast = Upcasters()

    @cast.step(1)
    def forgetful(record):
        return None

    with pytest.raises(InvalidInput, match=r"v: the step .*forgetful from version 1 gives None; it must give a table back"):
        cast({"seq": 1})


def test_what_is_written_now_is_of_version_one():
    """It says no version."""
    assert 1 == upcast.EVENTS.newest
