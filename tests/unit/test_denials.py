"""Every way to be denied: its code, its words in both languages, and what would make it possible."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import qms
from definitions import at, small
from office import Now, office
from qms import errors
from qms.authority import Competence, Delegation, Grant, Roster
from qms.case import Attempt, guard
from qms.errors import Denied, Reason
from qms.organization import Organization

KERNEL = """
parts = ["applicant"]
due = "legal"
limits.legal = "5 working days"
limits.window = "1 working day"
[roles]
clerk = {}
head = {}
[steps.drafted]
[steps.asked]
[steps.lapsed]
closes = true
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk", "applicant"]
form = "Paper"
names.applicant = "form.applicant"
clocks.legal = "start"
[actions.draft]
from = "waiting"
to = "drafted"
roles = ["clerk", "head"]
[actions.note]
from_any = ["waiting", "drafted"]
roles = ["clerk"]
form = "Note"
at_most = 1
[actions.mend]
from = "drafted"
roles = ["clerk", "head"]
same_as = ["draft"]
[actions.hold]
from = "waiting"
to = "asked"
roles = ["clerk"]
clocks = { legal = "pause", window = "start" }
[actions.supply]
from = "asked"
to = "waiting"
roles = ["applicant", "clerk"]
clocks = { legal = "resume", window = "stop" }
[actions.lapse]
from = "asked"
to = "lapsed"
fired_by = "window"
[actions.check]
from_any = ["waiting", "drafted"]
roles = ["clerk"]
guards = ["never"]
[actions.destroy]
from = "drafted"
to = "done"
roles = ["head"]
approvals = 2
[actions.sign]
from = "drafted"
to = "done"
roles = ["head"]
separate_from = ["draft", "applicant"]
capacities = ["own", "KT.", "TUQ."]
[actions.finish]
from = "waiting"
to = "done"
roles = ["clerk"]
"""


@guard("never", reads_form=False)
def never(attempt: Attempt) -> Reason:
    """Against everything."""
    return Reason("too-early", until="tomorrow")


TABLE: dict[str, list[str | Grant]] = {
    "lan": ["clerk"],
    "mai": ["clerk"],
    "hoa": ["head"],
    "an": ["head", "clerk"],
    "binh": [Grant("head", capacity="TL.", scope=("sign",))],
    "cuc": [Grant("head", capacity="KT.", scope=("land",))],
    "dao": [Grant("head", competence=Competence("certificate", until=at("02 08:00")))],
}
LENT = [
    Delegation(
        "hoa", "gia", "head", since=at("01 00:00"), until=at("02 08:00"), basis="1/QD", capacity="TUQ.", scope=("sign",)
    ),
    Delegation("hoa", "ha", "head", since=at("01 00:00"), until=at("20 00:00"), basis="2/QD"),
    Delegation("ha", "khanh", "head", since=at("01 00:00"), until=at("20 00:00"), basis="3/QD"),
]


def opened(*, applicant: str = "xuan") -> tuple[Organization, Now]:
    """A case of that applicant, on the 2nd at 09:00; tam has declared an interest in her."""
    now = Now("02 09:00")
    people = Roster({**TABLE, "tam": ["head"]}, LENT, conflicts={"tam": ["xuan"]})
    org = office(small(KERNEL), people=people, now=now, guards=[never])
    org.open("small", by="lan", form={"title": "x", "applicant": applicant})
    return org, now


def drafted(**more: Any) -> tuple[Organization, Now]:
    """The same, drafted by lan."""
    org, now = opened(**more)
    org.act("a", "draft", by="lan")
    return org, now


def held() -> tuple[Organization, Now]:
    """The same, waiting for the applicant."""
    org, now = opened()
    org.act("a", "hold", by="lan")
    return org, now


def lapsed() -> tuple[Organization, Now]:
    """The same, two days later."""
    org, now = held()
    now.to("04 09:00")
    return org, now


def finished() -> tuple[Organization, Now]:
    """The same, done."""
    org, now = opened()
    org.act("a", "finish", by="lan")
    return org, now


def withdrawn() -> tuple[Organization, Now]:
    """An office whose process was withdrawn; its next case would be `b`."""
    org, now = opened()
    org.definitions.withdraw(small(KERNEL), by="hoa", reason="repealed")
    return org, now


def noted() -> tuple[Organization, Now]:
    """The same, noted once."""
    org, now = opened()
    org.act("a", "note", by="lan", form={"text": "x"})
    return org, now


def approved() -> tuple[Organization, Now]:
    """The same, drafted, and approved by hoa."""
    org, now = drafted()
    org.act("a", "destroy", by="hoa")
    return org, now


DENIED = [
    ("not-in-step", opened, "sign", "hoa", {}, "the way there: draft"),
    ("paused", held, "draft", "lan", {}, "legal is paused since"),
    ("after-expiry", lapsed, "supply", "lan", {}, "window ended 2024-01-03 17:00:00+07:00, and the case went to lapsed"),
    ("closed", finished, "note", "lan", {"form": {"text": "x"}}, "the case is closed at done"),
    ("no-authority", drafted, "sign", "lan", {}, "it takes head, held by"),
    ("separation-of-duties", drafted, "sign", "lan+head", {}, "the same person did draft"),
    ("own-case", drafted, "sign", "own", {}, "they are the applicant of this case"),
    ("same-person", drafted, "mend", "mai", {}, "only who did draft may; lan could (5.3)"),
    ("conflict", drafted, "sign", "tam", {}, "an interest in the applicant"),
    ("too-early", drafted, "check", "lan", {}, "not before tomorrow"),
    ("form-field", opened, "note", "lan", {"form": {"text": 3}}, "text"),
    ("form-unexpected", opened, "finish", "lan", {"form": {"text": "x"}}, "takes no form"),
    ("at-most", noted, "note", "lan", {"form": {"text": "x"}}, "1 is the most"),
    ("already-approved", approved, "destroy", "hoa", {}, "it takes somebody else"),
    ("expired-delegation", drafted, "sign", "gia", {}, "the authority lent as head has ended"),
    ("sub-delegation", drafted, "sign", "khanh", {}, "cannot pass it on"),
    ("expired-competence", drafted, "sign", "dao", {}, "certificate"),
    ("outside-scope", drafted, "sign", "cuc", {}, "held as KT. for other matters"),
    ("wrong-capacity", drafted, "sign", "binh", {}, "it takes own, KT., TUQ."),
    ("fired-by-clock", held, "lapse", "lan", {}, "done by the clock window"),
    ("unknown-action", opened, "fly", "lan", {}, "there is no action fly"),
    ("late-entry-reason", opened, "finish", "lan", {"occurred_at": -60}, "needs a reason"),
    ("late-entry-order", opened, "finish", "lan", {"occurred_at": -3600, "reason": "x"}, "before what it follows"),
    ("in-the-future", opened, "finish", "lan", {"occurred_at": 60, "reason": "x"}, "after it is recorded"),
]


def attempt(make: Any, action: str, by: str, more: dict[str, Any]) -> dict[str, Reason]:
    """The reasons of the denial, by code."""
    if by == "own":
        org, now = make(applicant="hoa")
        by = "hoa"
    else:
        org, now = make()
    if by == "lan+head":  # who holds both roles, and has drafted
        org, now = opened()
        org.act("a", "draft", by="an")
        by = "an"
    if "occurred_at" in more:
        from datetime import timedelta

        more = {**more, "occurred_at": now() + timedelta(seconds=more["occurred_at"])}
        now.to("02 09:00")
    with pytest.raises(Denied) as caught:
        org.act("a", action, by=by, **more)
    return {reason.code: reason for reason in caught.value.reasons}


@pytest.mark.parametrize(("code", "make", "action", "by", "more", "words"), DENIED, ids=[row[0] for row in DENIED])
def test_each_way_to_be_denied_has_its_code_and_its_words(code, make, action, by, more, words):
    """In English and in Vietnamese, whole sentences and no bare parameters."""
    found = attempt(make, action, by, more)
    assert code in found
    reason = found[code]
    assert words in reason.text("en")
    assert not any(reason.text(language).startswith(f"{code},") for language in ("en", "vi"))


def test_what_was_withdrawn_opens_nothing():
    """The denial says since when, and why."""
    org, _ = withdrawn()
    with pytest.raises(Denied) as caught:
        org.open("small", by="lan", form={"title": "x"})
    assert ["withdrawn-version"] == [reason.code for reason in caught.value.reasons]


@pytest.mark.parametrize(
    ("code", "make", "action", "by", "who"),
    [
        ("no-authority", drafted, "sign", "lan", ("an", "ha", "hoa", "tam")),
        ("expired-delegation", drafted, "sign", "gia", ("an", "ha", "hoa", "tam")),
        ("sub-delegation", drafted, "sign", "khanh", ("an", "ha", "hoa", "tam")),
        ("expired-competence", drafted, "sign", "dao", ("an", "ha", "hoa", "tam")),
        ("outside-scope", drafted, "sign", "cuc", ("an", "ha", "hoa", "tam")),
        ("wrong-capacity", drafted, "sign", "binh", ("an", "ha", "hoa", "tam")),
        ("separation-of-duties", drafted, "sign", "lan+head", ("ha", "hoa")),
        ("same-person", drafted, "mend", "mai", ("lan",)),
        ("conflict", drafted, "sign", "tam", ("an", "ha", "hoa")),
        ("already-approved", approved, "destroy", "hoa", ("an",)),
    ],
)
def test_a_denial_names_who_could(code, make, action, by, who):
    """Who has the authority in a capacity that reaches; of a duty, who is not barred by one either."""
    reason = attempt(make, action, by, {})[code]
    assert who == reason.params["holders"]
    assert ", ".join(who) in reason.text("en") and ", ".join(who) in reason.text("vi")


def test_nobody_is_told_as_such():
    """Where the only one who could is barred."""
    process = small('actions.finish = { from = "waiting", to = "done", roles = ["head"], separate_from = ["ask"] }')
    org = office(process, people=Roster({"lan": ["clerk", "head"]}))
    org.open("small", by="lan")
    (reason,) = org.explain("a", "finish", "lan")
    assert (("nobody",), True, True) == (
        reason.params["holders"],
        reason.text("en").endswith("; nobody could (5.3)"),
        reason.text("vi").endswith("; người có thể: không ai (5.3)"),
    )


@pytest.mark.parametrize(("make", "action", "way"), [(opened, "sign", ("draft",)), (held, "sign", ("supply", "draft"))])
def test_a_denial_tells_the_way(make, action, way):
    """The shortest, in actions, also from where the time of a case is paused."""
    org, _ = make()
    (reason,) = org.explain("a", action, "hoa")
    assert way == reason.params["way"] and ", ".join(way) in reason.text("vi")


def test_from_where_a_limit_has_led_there_is_no_way_back():
    """The reason says which limit, and when it ended."""
    org, _ = lapsed()
    (reason,) = org.explain("a", "supply", "lan")
    assert ("after-expiry", "window", False) == (reason.code, reason.params["clock"], "way" in reason.params)


def test_another_action_of_a_case_that_lapsed_is_closed():
    """Only what could have been done before the end comes too late."""
    org, _ = lapsed()
    assert ["closed"] == [reason.code for reason in org.explain("a", "finish", "lan")]


def test_every_code_with_words_is_given_somewhere():
    """No sentence that nobody can be told."""
    files = [file for file in Path(qms.__file__).parent.rglob("*") if file.suffix in (".py", ".toml")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    codes = {code.partition("+")[0] for code in errors._WORDS}
    assert [] == sorted(code for code in codes if len(re.findall(f'"{code}"', source)) < 2)
