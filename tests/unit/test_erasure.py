"""Personal values erased and kept; every proof holds afterwards."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from definitions import small
from office import Now, denied, office
from qms import erasure
from qms.codec import digest, encode
from qms.errors import InvalidInput, NotFound, QMSError
from qms.organization import Organization
from qms.ports import Private, Write
from qms.reading import remember
from qms.stores.memory import MemoryStore
from qms.stores.sqlite import SQLiteStore
from qms.testing.contract import write
from qms.trail import KEEPING

PROCESS = """
subject = "applicant"
parts = ["applicant"]
due = "legal"
limits.legal = "3 working days"
retention = "2 years"
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
form = "Paper"
names.applicant = "form.applicant"
clocks.legal = "start"
"""
PHONE = "0903 000 111"


def desk(store: Any = None, text: str = PROCESS) -> tuple[Organization, Now]:
    """An office with two ended cases of an: each holds a phone number, sealed; ended on the 3rd at 10:00."""
    now = Now("02 09:00")
    org = office(small(text), now=now, store=store)
    for _ in range(2):
        org.open("small", by="lan", form={"title": "x", "applicant": "an", "phone": PHONE})
    now.to("03 10:00")
    for case in ("a", "b"):
        org.act(case, "finish", by="lan")
    return org, now


def later(now: Now) -> None:
    """Two years on."""
    now.moment = now.moment.replace(year=2026)


def test_what_was_erased_is_gone_and_every_proof_holds():
    """Roots, proofs and records stay as they were; the fact stands in the log."""
    org, now = desk()
    later(now)
    store: Any = org.store
    size, root, proof = store.size, store.root(), store.inclusion(1, store.size)
    erased = org.trail.erase(case="a", basis="request 12", by="hoa")
    assert ((("a", 2, "form.phone"),), "request 12", "hoa") == (erased.values, erased.basis, erased.by)
    assert (root, proof, {}) == (store.root(size), store.inclusion(1, size), store.private("a", 2))
    assert (True, (erased,), ()) == (org.trail.verify().consistent, org.trail.erasures(), org.trail.lost())


def test_a_view_says_that_it_was_erased():
    """In both languages; what was not erased is shown."""
    org, now = desk()
    later(now)
    org.trail.erase(case="a", basis="request 12", by="hoa")
    (gone,), (there,) = org.trail.personal("a"), org.trail.personal("b")
    assert ("erased", "đã xóa", PHONE) == (gone.text(), gone.text("vi"), there.text())


def test_all_cases_of_a_subject_are_erased_at_once():
    """By the subject, and only at the paths asked for."""
    org, now = desk()
    later(now)
    for paths in (["form.phon"], "form.phone_home"):
        with pytest.raises(InvalidInput, match=r"no personal value stands at .*; there are form\.phone"):
            org.trail.erase(subject="an", paths=paths, basis="x", by="hoa")
    one = org.trail.erase(case="a", paths="form.phone", basis="x", by="hoa")
    both = org.trail.erase(subject="an", basis="x", by="hoa")
    assert ({"a"}, {"b"}) == tuple({case for case, _, _ in each.values} for each in (one, both))


def test_what_is_within_its_time_of_retention_is_kept():
    """The denial says from when on it can be erased: two years after the end of the work."""
    org, now = desk()
    with denied("retained") as reasons:
        org.trail.erase(case="a", basis="x", by="hoa")
    assert "2026-01-03 10:00" in f"{reasons[0].params['until']:YYYY-MM-DD HH:mm}" or "2026" in str(reasons[0])
    now.moment = now.moment.replace(year=2026)
    org.trail.erase(case="a", basis="x", by="hoa")
    assert {} == org.store.private("a", 2)


def test_what_is_retained_beyond_the_last_year_is_kept_for_ever():
    """The last day there is is told, wherever the office is."""
    for period in ("8000 years", "99999 months", "99999 years"):
        org, _ = desk(text=PROCESS.replace("2 years", period))
        with denied("retained") as reasons:
            org.trail.erase(case="a", basis="x", by="hoa")
        assert 9999 == reasons[0].params["until"].year


def test_an_open_case_is_kept():
    """Whoever asks."""
    org, _ = desk()
    org.open("small", by="lan", form={"title": "x", "applicant": "an", "phone": PHONE})
    with denied("retained", "retained", "still-open"):
        org.trail.erase(subject="an", basis="x", by="hoa")


def test_a_hold_keeps_until_it_is_released():
    """By which decision, and by whom; it stands in the log."""
    org, now = desk()
    later(now)
    org.trail.hold("a", by="hoa", basis="complaint 7")
    with denied("on-hold") as reasons:
        org.trail.erase(case="a", basis="x", by="hoa")
    assert ("complaint 7", ["a"]) == (reasons[0].params["basis"], [held.case for held in org.trail.holds()])
    org.trail.release("a", by="hoa", basis="complaint 7 withdrawn")
    org.trail.erase(case="a", basis="x", by="hoa")
    assert () == org.trail.holds()


def test_a_hold_names_cases_that_are_there():
    """What is not, or was not held, is refused, and nothing is written."""
    org, _ = desk()
    for wrong in ((["a"],), (None,), ("",), (5,)):
        with pytest.raises((InvalidInput, NotFound)):
            org.trail.hold(*wrong, by="hoa", basis="x")
    with pytest.raises(NotFound, match="'A'"):
        org.trail.hold("a", "A", by="hoa", basis="x")
    with pytest.raises(InvalidInput, match="a: not on hold"):
        org.trail.release("a", by="hoa", basis="x")
    for told in ({"by": None, "basis": "x"}, {"by": "hoa", "basis": 5}):
        with pytest.raises(InvalidInput, match="says nothing; write a text"):
            org.trail.hold("a", **told)
    assert (0, ()) == (org.store.length(KEEPING), org.trail.holds())


def test_a_hold_that_comes_between_keeps(monkeypatch):
    """Decided while the erasure was being judged, it is judged again."""
    org, now = desk()
    later(now)
    judged = erasure.reasons

    def between(*given):
        found = judged(*given)
        monkeypatch.setattr(erasure, "reasons", judged)
        org.trail.hold("a", by="judge", basis="court")
        return found

    monkeypatch.setattr(erasure, "reasons", between)
    with denied("on-hold"):
        org.trail.erase(case="a", basis="x", by="hoa")
    assert [] == [value for one in org.trail.erasures() for value in one.values]


def test_a_case_that_changes_meanwhile_is_judged_again(monkeypatch):
    """Reopened while the erasure was being judged, it keeps its values."""
    org, now = desk()
    later(now)
    judged = erasure.reasons

    def between(*given):
        found = judged(*given)
        monkeypatch.setattr(erasure, "reasons", judged)
        length = org.store.length("a")
        data = encode({"stream": "a", "seq": length + 1})
        org.store.append([Write("a", length, (data,))])
        return found

    monkeypatch.setattr(erasure, "reasons", between)
    with pytest.raises(QMSError):
        org.trail.erase(case="a", basis="x", by="hoa")
    assert () == org.trail.erasures()


def test_nothing_is_erased_without_a_basis():
    """Nor without saying what, nor of nobody."""
    org, now = desk()
    later(now)
    for wrong in ({"case": "a", "basis": " "}, {"case": "a", "subject": "an", "basis": "x"}, {"basis": "x"}):
        with pytest.raises(InvalidInput):
            org.trail.erase(by="hoa", **wrong)
    for unknown in ({"case": "z"}, {"subject": "z"}):
        with pytest.raises(NotFound):
            org.trail.erase(by="hoa", basis="x", **unknown)
    with pytest.raises(InvalidInput, match="a hold names"):
        org.trail.hold(by="hoa", basis="x")


def test_what_was_recorded_and_not_removed_is_removed_by_the_next(monkeypatch):
    """A crash between the fact and the removal leaves nothing half done."""
    org, now = desk()
    later(now)
    with monkeypatch.context() as crash:
        crash.setattr(MemoryStore, "erase", lambda *_: (_ for _ in ()).throw(OSError("the power went")))
        with pytest.raises(OSError, match="the power went"):
            record = {"type": "erased", "at": 1, "by": "hoa", "basis": "x", "values": [["a", 2, "form.phone"]]}
            remember(org.store, KEEPING, record)
            org.store.erase([])
    assert {} != org.store.private("a", 2)
    org.trail.erase(case="b", basis="y", by="hoa")
    assert ({}, {}) == (org.store.private("a", 2), org.store.private("b", 2))


def test_a_value_that_is_gone_without_a_record_is_lost():
    """Somebody removed it by hand."""
    org, _ = desk()
    org.store.erase([("b", 2, "form.phone")])
    assert (("b", 2, "form.phone"),) == org.trail.lost()
    assert org.trail.personal("b")[0].erased is None


def test_many_values_are_recorded_in_parts():
    """A record stays below its size."""
    store = MemoryStore()
    n = 450
    store.append(
        [Write("a", 0, write("a", 0, n).entries, tuple(Private(k + 1, "form.x", b"s" * 16, b'"v"') for k in range(n)))]
    )
    erased = erasure.erase(store, ["a"], at=1, by="hoa", basis="x")
    assert (n, 3, n) == (len(erased.values), store.length(KEEPING), sum(len(e.values) for e in erasure.erasures(store)))


def test_a_time_of_retention_is_told_in_calendar_units():
    """Working days end with their calendar; retention does not."""
    org, now = desk(text=PROCESS.replace("2 years", "10 working days"))
    later(now)
    with pytest.raises(InvalidInput, match="days, weeks, months or years"):
        org.trail.erase(case="a", basis="x", by="hoa")


def test_nothing_of_it_is_left_in_the_file(tmp_path: Path):
    """Neither in the database nor in the log beside it (secure_delete, checkpoint)."""
    path = tmp_path / "office.db"
    org, now = desk(SQLiteStore(path))
    files = lambda: b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: E731
    assert PHONE.encode() in files()
    later(now)
    org.trail.erase(subject="an", basis="x", by="hoa")
    assert PHONE.encode() not in files() and org.trail.verify().consistent
    org.store.close()
    assert PHONE.encode() not in files()


def test_no_stale_copy_is_left_in_a_page_that_was_split(tmp_path: Path):
    """Hundreds of values of mixed length, erased three at a time: pages that gave rows away keep none of them."""
    draw, values = random.Random(3), {}
    streams = [f"s{n}" for n in range(400)]
    draw.shuffle(streams)
    with SQLiteStore(tmp_path / "office.db") as store:
        with store.transaction():
            for name in streams:
                paths = [(name, 1, f"form.f{n}") for n in range(3)]
                values |= {key: digest([name, key[2]]).encode() + b"x" * draw.randrange(60, 400) for key in paths}
                store.append([write(name, private=tuple(Private(*key[1:], bytes(16), values[key]) for key in paths))])
        erased = [key for key in values if draw.random() < 0.5]
        for start in range(0, len(erased), 3):
            assert len(erased[start : start + 3]) == store.erase(erased[start : start + 3])
        left = b"".join((tmp_path / name).read_bytes() for name in ("office.db", "office.db-wal"))
        assert [] == [key for key in erased if values[key][:64] in left]
        kept = {key: found.value for key in values if (found := store.private(*key[:2]).get(key[2])) is not None}
    assert {key: value for key, value in values.items() if key not in erased} == kept


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=4))
def test_erasing_in_any_order_and_again_changes_no_record(asked):
    """Every record, the root up to there, and consistency from there."""
    org, now = desk()
    later(now)
    store: Any = org.store
    size, root = store.size, store.root()
    records = [entry.data for entry in store.scan()]
    for case, by_subject in asked:
        org.trail.erase(**({"subject": "an"} if by_subject else {"case": case}), basis="x", by="hoa")
    assert (records, root) == ([entry.data for entry in store.scan()][:size], store.root(size))
    assert org.trail.verify(checkpoint=(size, root)).complete and () == org.trail.lost()
