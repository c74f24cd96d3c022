"""Events and their records: the stored bytes are pinned, and what is read is what was written."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from definitions import problems
from qms.codec import decode
from qms.errors import Reason
from qms.event import (
    NOTHING,
    Acted,
    ClockChange,
    Effects,
    Event,
    Imported,
    Opened,
    When,
    from_record,
    read,
    to_bytes,
    to_record,
)
from qms.limits import TimeLimit

OPENED = Opened(
    "case-1",
    "lan",
    When(1_704_160_800_000_000, 1_704_164_400_000_000, "counter closed"),
    kind="one-stop",
    process="a" * 64,
    calendar="c" * 64,
    zone="Asia/Ho_Chi_Minh",
    due="legal",
    procedure="2.000908",
    definition="b" * 64,
    unit="justice",
    source="case-0",
    axes={"fee": "none"},
)
ACTED = Acted(
    4,
    "request-supplement",
    "minh",
    When(1_704_160_800_000_000, 1_704_160_800_000_000),
    left=("examining",),
    put=("awaiting-supplement",),
    closed=True,
    form={"title": "Bổ sung", "papers": ["CCCD"]},
    clocks=(
        ClockChange("legal", "pause", 1_704_160_800_000_000, basis="ND 61"),
        ClockChange("window", "start", 1_704_160_800_000_000, 1_704_247_200_000_000, TimeLimit(30, "days"), "vn-one-stop"),
    ),
    effects=Effects(
        outcome="refused",
        dates={"requested_at": 1_704_160_800_000_000},
        axes={"fee": "due"},
        parts={"applicant": "p-1"},
        marks=("late-apology",),
        raised=(("ended-late", "case-1/nonconformity-1"),),
        counted=True,
        resets=("extend",),
        reopened=True,
    ),
    calendar="d" * 64,
    deviation=(Reason("no-authority", clause="5.3", action="sign", actor="minh", roles=("head",)),),
)
IMPORTED = Imported(
    2,
    "register",
    When(1_704_160_800_000_000, 1_704_160_800_000_000),
    clocks=(ClockChange("legal", "stop", 1_704_160_800_000_000),),
    effects=Effects(dates={"promised": 1_704_247_200_000_000}),
    facts={"end": "2024-01-02"},
)

PINNED = [
    (
        OPENED,
        '{"at":1704164400000000,"axes":{"fee":"none"},"by":"lan","calendar":"' + "c" * 64 + '","definition":"' + "b" * 64
        + '","due":"legal","kind":"one-stop","occurred":1704160800000000,"procedure":"2.000908","process":"' + "a" * 64
        + '","reason":"counter closed","seq":1,"source":"case-0","stream":"case-1","type":"opened","unit":"justice",'
        '"zone":"Asia/Ho_Chi_Minh"}',
    ),
    (
        ACTED,
        '{"action":"request-supplement","at":1704160800000000,"axes":{"fee":"due"},"by":"minh","calendar":"' + "d" * 64
        + '","clocks":[["legal","pause",1704160800000000,null,null,null,"ND 61"],'
        '["window","start",1704160800000000,1704247200000000,"30 days","vn-one-stop"]],"closed":true,"counted":true,'
        '"dates":{"requested_at":1704160800000000},'
        '"deviation":[{"clause":"5.3","code":"no-authority","params":{"action":"sign","actor":"minh","roles":["head"]}}],'
        '"form":{"papers":["CCCD"],"title":"Bổ sung"},"left":["examining"],"marks":["late-apology"],"outcome":"refused",'
        '"parts":{"applicant":"p-1"},"put":["awaiting-supplement"],"raised":[["ended-late","case-1/nonconformity-1"]],'
        '"reopened":true,"resets":["extend"],"seq":4,"stream":"case-1","type":"acted"}',
    ),
    (
        IMPORTED,
        ('{"at":1704160800000000,"by":"register","clocks":[["legal","stop",1704160800000000]],"dates":'
        '{"promised":1704247200000000},"facts":{"end":"2024-01-02"},"seq":2,"stream":"case-1","type":"imported"}'),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "text"), PINNED, ids=["opened", "acted", "imported"])
def test_the_bytes_of_a_record_are_pinned(event, text):
    """What a store of today holds, a library of tomorrow reads."""
    assert text.encode() == to_bytes("case-1", event)


@pytest.mark.parametrize(("event", "text"), PINNED, ids=["opened", "acted", "imported"])
def test_pinned_bytes_are_read_as_the_event_they_were_made_of(event, text):
    """Reading is the inverse of writing."""
    assert event == read(text.encode())


def test_a_record_leaves_out_what_says_nothing():
    """The smallest act has seven keys."""
    act = Acted(2, "ask", "lan", When(5, 5), (), (), closed=False)
    assert {"stream": "c", "seq": 2, "at": 5, "by": "lan", "type": "acted", "action": "ask"} == to_record("c", act)


def test_a_sealed_form_stands_in_for_the_events_own():
    """What is kept is the commitment."""
    assert {"phone": {"sealed": "0"}} == to_record("c", ACTED, {"phone": {"sealed": "0"}})["form"]


def test_the_parameters_of_a_deviation_are_kept_as_text():
    """Numbers and sets of a reason become text and lists."""
    act = evolve(ACTED, deviation=(Reason("at-most", done=2, of=frozenset({"a"})),))
    assert (Reason("at-most", done="2", of=("a",)),) == read(to_bytes("c", act)).deviation


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"type": "acted"}, "the record is no event: KeyError 'at'"),
        ({"type": "published", "at": 1, "seq": 1, "by": "x"}, "the record is no event: unknown type 'published'"),
        ({"at": 1}, "the record is no event: KeyError 'type'"),
        ({"type": "acted", "at": 1, "seq": 1, "by": "x", "action": "a", "clocks": [["c"]]}, "the record is no event: "),
        ({"type": "acted", "at": 1, "seq": 1, "by": "x", "action": "a", "clocks": 5}, "the record is no event: TypeError"),
        ({"type": "acted", "at": 1, "seq": 1, "by": "x", "action": "a", "clocks": [[1, 2, 3, 4, 5, 6, 7, 8]]}, "the record is"),
        (
            {"type": "acted", "at": 1, "seq": 1, "by": "x", "action": "a", "deviation": [{}]},
            "the record is no event: KeyError 'params'",
        ),
        ([], "the record is no event: "),
    ],
)
def test_what_is_no_event_is_refused(record, message):
    """A record of another kind, or a broken one, is told as such."""
    assert message == problems(from_record, record)[0][: len(message)]


def test_bytes_that_are_no_record_are_refused():
    """Reading begins with decoding."""
    assert ["the bytes are no record: 1.5 is a float"] == problems(read, b"1.5")


# Any event at all

INSTANTS = st.integers(0, 2**52)
NAMES = st.text("abcdefgh-", min_size=1, max_size=6)
WORDS = st.text(min_size=1, max_size=8)
LIMITS = st.builds(TimeLimit, st.integers(1, 99), st.sampled_from(["working days", "days", "hours", "same day"])).map(
    lambda limit: TimeLimit(1, "same day") if limit.unit == "same day" else limit
)
WHENS = st.one_of(INSTANTS.map(lambda at: When(at, at)), st.builds(When, INSTANTS, INSTANTS, st.one_of(st.none(), WORDS)))
CHANGES = st.builds(
    ClockChange,
    NAMES,
    st.sampled_from(["start", "pause", "resume", "restart", "extend", "stop", "fire"]),
    INSTANTS,
    st.none() | INSTANTS,
    st.none() | LIMITS,
    st.none() | NAMES,
    st.none() | WORDS,
)
EFFECTS = st.just(NOTHING) | st.builds(
    Effects,
    outcome=st.none() | WORDS,
    dates=st.dictionaries(NAMES, INSTANTS, max_size=2),
    axes=st.dictionaries(NAMES, WORDS, max_size=2),
    parts=st.dictionaries(NAMES, WORDS, max_size=2),
    marks=st.lists(NAMES, max_size=2).map(tuple),
    raised=st.lists(st.tuples(NAMES, NAMES), max_size=2).map(tuple),
    counted=st.booleans(),
    resets=st.lists(NAMES, max_size=2).map(tuple),
    reopened=st.booleans(),
)
TABLES = st.dictionaries(
    NAMES, WORDS | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans() | st.lists(WORDS, max_size=2), max_size=3
)
REASONS = st.builds(
    lambda code, clause, params: Reason(code, clause=clause, **params),
    NAMES,
    st.none() | NAMES,
    st.dictionaries(st.sampled_from(["action", "roles"]), WORDS | st.lists(WORDS, max_size=2).map(tuple), max_size=2),
)
STEPS = st.lists(NAMES, max_size=3).map(tuple)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Opened,
        st.just("stream"),
        WORDS,
        WHENS,
        NAMES,
        NAMES,
        NAMES,
        NAMES,
        due=st.none() | NAMES,
        procedure=st.none() | NAMES,
        definition=st.none() | NAMES,
        unit=st.none() | WORDS,
        source=st.none() | NAMES,
        axes=st.dictionaries(NAMES, WORDS, max_size=2),
    ),
    st.builds(
        Acted,
        st.integers(2, 99),
        NAMES,
        WORDS,
        WHENS,
        STEPS,
        STEPS,
        st.booleans(),
        st.none() | TABLES.filter(bool),
        st.lists(CHANGES, max_size=2).map(tuple),
        EFFECTS,
        st.none() | NAMES,
        st.lists(REASONS, max_size=2).map(tuple),
    ),
    st.builds(Imported, st.integers(2, 99), WORDS, WHENS, st.lists(CHANGES, max_size=2).map(tuple), EFFECTS, TABLES),
)


@given(EVENTS)
def test_any_event_is_read_as_it_was_written(event):
    """Reading is the inverse of writing, for every event."""
    assert event == read(to_bytes("stream", event))


@given(EVENTS)
def test_any_record_says_its_stream_and_its_place_in_it(event):
    """A record moved elsewhere is noticed."""
    record = decode(to_bytes("stream", event))
    assert ("stream", event.seq) == (record["stream"], record["seq"])
