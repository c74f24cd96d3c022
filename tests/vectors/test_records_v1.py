"""Bytes of records of version 1, pinned: what was written once is read for ever, and no release writes it otherwise.

Made by this library on 2026-11-23; the hashes are those of RFC 6962 leaves.
"""

from __future__ import annotations

import pytest

from qms.errors import Reason
from qms.event import (
    Acted,
    ClockChange,
    Effects,
    Event,
    Imported,
    Moved,
    Opened,
    Recalculated,
    Restated,
    Told,
    When,
    read,
    to_bytes,
)
from qms.limits import TimeLimit
from qms.trail import commitment, leaf_hash, root

PROCESS = "0a" * 32
CALENDAR = "0b" * 32
DEFINITION = "0c" * 32
LATER = "0d" * 32
LAST = "0e" * 32
SEALED = "ab" * 32
W = When(1704160800000000, 1704160860000000, "the line was down")
N = When(1704160800000000, 1704160800000000)

EVENTS: dict[str, Event] = {
    "opened": Opened(
        "HS-1",
        "lan",
        N,
        "small",
        PROCESS,
        CALENDAR,
        "Asia/Ho_Chi_Minh",
        due="legal",
        procedure="1.0",
        definition=DEFINITION,
        unit="u1",
        source="HS-0",
        link="child",
        axes={"fee": "none"},
    ),
    "acted": Acted(
        2,
        "ask",
        "lan",
        W,
        ("new",),
        ("waiting",),
        False,
        {"phone": {"sealed": SEALED}, "title": "đơn"},
        (
            ClockChange(
                "legal",
                "start",
                1704160800000000,
                1704420000000000,
                TimeLimit.parse("3 working days"),
                "vn-one-stop",
                alarms=("warn", 1704400000000000),
            ),
        ),
        Effects(dates={"asked_at": 1704160800000000}, parts={"applicant": "an"}, counted=True),
        calendar=LATER,
        capacity="KT.",
        on_behalf="minh",
    ),
    "closed": Acted(
        3,
        "finish",
        "hoa",
        N,
        ("waiting",),
        ("done",),
        True,
        None,
        (ClockChange("legal", "stop", 1704160800000000),),
        Effects(outcome="granted", marks=("late",), raised=(("over", "HS-2"),)),
        deviation=(Reason("no-authority", action="finish", actor="hoa", roles=("head",), clause="5.3"),),
    ),
    "approval": Acted(4, "destroy", "minh", N, (), (), False, None, (), Effects(approved=True, cleared=("list",))),
    "imported": Imported(
        5,
        "migration",
        N,
        (ClockChange("legal", "pause", 1704160800000000, basis="art. 5", reason="papers", until=1704260800000000),),
        facts={"old_id": "17"},
    ),
    "recalculated": Recalculated(
        6,
        "system",
        N,
        LAST,
        CALENDAR,
        (Moved("legal", 1704420000000000, 1704506400000000, ("tet",), ("warn", 1704500000000000)),),
    ),
    "told": Told(
        7,
        "system",
        N,
        "HS-9",
        "child",
        "errand",
        False,
        "done",
        1704420000000000,
        1704410000000000,
        True,
        4,
        "other-office",
        {"process": "errand"},
    ),
    "undone": Restated(8, "lan", N, "undone", {"steps": ["waiting"]}, {"action": "finish"}),
}

BYTES: dict[str, tuple[str, str]] = {
    "opened": (
        (
            '{"at":1704160800000000,"axes":{"fee":"none"},"by":"lan","calendar":"0b","definition":"0c","due":"leg'
            'al","kind":"small","link":"child","procedure":"1.0","process":"0a","seq":1,"source":"HS-0","stream":'
            '"HS-1","type":"opened","unit":"u1","zone":"Asia/Ho_Chi_Minh"}'
        ),
        "97c173496c2b9637cbbd3eb919ac5a9edd3465e324770017a3d23ba8e5bfc38e",
    ),
    "acted": (
        (
            '{"action":"ask","at":1704160860000000,"by":"lan","calendar":"0d","capacity":"KT.","clocks":[["legal"'
            ',"start",1704160800000000,1704420000000000,"3 working days","vn-one-stop",null,null,null,null,["warn'
            '",1704400000000000]]],"counted":true,"dates":{"asked_at":1704160800000000},"form":{"phone":{"sealed"'
            ':"ab"},"title":"đơn"},"left":["new"],"occurred":1704160800000000,"on_behalf":"minh","parts":{"applic'
            'ant":"an"},"put":["waiting"],"reason":"the line was down","seq":2,"stream":"HS-1","type":"acted"}'
        ),
        "2d7fc4c51944a0e30afd88681faf130cfc01449c1fbe55e3990178739951cb5f",
    ),
    "closed": (
        (
            '{"action":"finish","at":1704160800000000,"by":"hoa","clocks":[["legal","stop",1704160800000000]],"cl'
            'osed":true,"deviation":[{"clause":"5.3","code":"no-authority","params":{"action":"finish","actor":"h'
            'oa","roles":["head"]}}],"left":["waiting"],"marks":["late"],"outcome":"granted","put":["done"],"rais'
            'ed":[["over","HS-2"]],"seq":3,"stream":"HS-1","type":"acted"}'
        ),
        "0d1e8993eb7290316b9f2f09d1f78c2496272c229418e670615d32682a041ffa",
    ),
    "approval": (
        (
            '{"action":"destroy","approved":true,"at":1704160800000000,"by":"minh","cleared":["list"],"seq":4,"st'
            'ream":"HS-1","type":"acted"}'
        ),
        "83e9f1fcfed4013dc3ec4dc1bfa831b6d9540c9ef96fea55d926340ff8c34fe8",
    ),
    "imported": (
        (
            '{"at":1704160800000000,"by":"migration","clocks":[["legal","pause",1704160800000000,null,null,null,"'
            'art. 5","papers",null,1704260800000000]],"facts":{"old_id":"17"},"seq":5,"stream":"HS-1","type":"imp'
            'orted"}'
        ),
        "f286b0f1930fb8e9a43225b29dae4c2328b2280d1719265424563bce3eacdf8b",
    ),
    "recalculated": (
        (
            '{"at":1704160800000000,"before":"0b","by":"system","calendar":"0e","moved":[["legal",170442000000000'
            '0,1704506400000000,["tet"],["warn",1704500000000000]]],"seq":6,"stream":"HS-1","type":"recalculated"'
            "}"
        ),
        "ae4d0196cba0e9c3bc89290141eb5018973d83cc3081cafd838e4f93c3f75d7a",
    ),
    "told": (
        (
            '{"asked":{"process":"errand"},"at":1704160800000000,"by":"system","child":"HS-9","due":1704420000000'
            '000,"elsewhere":"other-office","ended":1704410000000000,"kind":"errand","late":true,"link":"child","'
            'of":4,"open":false,"outcome":"done","seq":7,"stream":"HS-1","type":"told"}'
        ),
        "787bc701a4c73791052f8f159943bb4573ca847350e8f4f377d0abe4d3d13c96",
    ),
    "undone": (
        (
            '{"at":1704160800000000,"by":"lan","details":{"action":"finish"},"seq":8,"state":{"steps":["waiting"]'
            '},"stream":"HS-1","type":"undone"}'
        ),
        "8619111060376beabb656572df580226af43f3d20b4358bae4e66eb93d67ad95",
    ),
}
"""The bytes, with each hash of 32 equal bytes written as one of them, and the leaf hash."""

ROOT = "5f398281b4dc93cef3b21f3972a1d18293166130c7316b1939446385654b6e88"
COMMITMENT = "5fb8797ff0da23bad8e190e7485bedf393902b224eb531b5eeb27ae22f2037cf"


def whole(text: str) -> bytes:
    """The bytes of a vector."""
    for byte in ("0a", "0b", "0c", "0d", "0e", "ab"):
        text = text.replace(f'"{byte}"', f'"{byte * 32}"')
    return text.encode()


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_written_as_these_bytes(name):
    """To the byte; the hash is that of the bytes."""
    data, leaf = BYTES[name]
    assert (whole(data), leaf) == (to_bytes("HS-1", EVENTS[name]), leaf_hash(whole(data)).hex())


@pytest.mark.parametrize("name", EVENTS)
def test_these_bytes_are_read_as_the_event(name):
    """Nothing of it is lost."""
    assert read(whole(BYTES[name][0])) == EVENTS[name]


def test_the_records_make_this_root():
    """All of them as one log."""
    assert root(leaf_hash(whole(data)) for data, _ in BYTES.values()).hex() == ROOT


def test_a_personal_value_has_this_commitment():
    """Salt, path, stream, number and value, each with its length."""
    assert commitment(bytes(range(16)), "form.phone", "HS-1", 2, b'"0903 000 111"') == COMMITMENT
