"""A server's clock that is set back: flagged when the log is verified, and never a reason against an act."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import denied
from qms import MemoryStore, Organization, Process, Roster, WorkCalendar
from qms.calendar import to_us
from qms.codec import parse_tree

ZONE = ZoneInfo("Europe/Berlin")
CALENDAR = WorkCalendar.from_dates(
    zone="Europe/Berlin",
    week={"mon-sun": "00:00-24:00"},
    name="always",
    first=date(2025, 1, 1),
    last=date(2028, 12, 31),
    customary_rule="de-bgb",
)
ASKING = """
name = "asking"
due = "answer"
limits = { answer = "ANSWER" }
roles = { clerk = {} }
[steps]
waiting = {}
heard = {}
done = { closes = true }
lapsed = { closes = true }
[actions.ask]
from = "new"
to = "waiting"
roles = ["clerk"]
clocks.answer = "start"
raises = [{ process = "question", action = "begin", child = "question" }]
[actions]
note = { from_any = ["waiting", "heard"], roles = ["clerk"], undoable = true }
hold = { from_any = ["waiting", "heard"], roles = ["clerk"], clocks.answer = "pause" }
resume = { from_any = ["waiting", "heard"], roles = ["clerk"], clocks.answer = "resume" }
again = { from_any = ["waiting", "heard"], roles = ["clerk"], clocks.answer = "restart" }
hear = { from = "waiting", to = "heard", fired_by = { children = "question", need = "all" } }
lapse = { from_any = ["waiting", "heard"], to = "lapsed", fired_by = "answer" }
finish = { from = "heard", to = "done", roles = ["clerk"] }
"""
QUESTION = """
name = "question"
due = "reply"
limits = { reply = "REPLY" }
roles = { clerk = {} }
[steps]
asked = {}
ended = { closes = true }
[actions]
begin = { from = "new", to = "asked", roles = ["clerk"], clocks.reply = "start" }
think = { from = "asked", roles = ["clerk"] }
reply = { from = "asked", to = "ended", roles = ["clerk"], outcome = "said" }
silent = { from = "asked", to = "ended", fired_by = "reply", outcome = "silent" }
"""
CHILD = "a/question-1"
STARTS = st.sampled_from([datetime(2026, 3, 29, 1, 59, tzinfo=ZONE), datetime(2026, 10, 25, 2, 30, tzinfo=ZONE)])
JUMPS = st.one_of(st.just(-0.5), st.integers(-7200, 7200), st.integers(-200_000, 200_000)).map(lambda s: timedelta(seconds=s))


class Desk:
    """A case that waits for a child, over a clock that jumps."""

    def __init__(self, start: datetime, answer: str = "90 days", reply: str = "90 days") -> None:
        self.now, self.store, self.entered = start, MemoryStore(), []
        self.texts = (ASKING.replace("ANSWER", answer), QUESTION.replace("REPLY", reply))
        self.org = self.office()
        self.org.open("asking", by="lan", id="a")

    def office(self) -> Organization:
        """An organization that knows of the log what it reads."""
        return Organization(
            store=self.store,
            processes=[Process.from_tree(parse_tree(text)) for text in self.texts],
            procedures=[],
            calendars=[CALENDAR],
            people=Roster({"lan": ["clerk"]}),
            now=lambda: self.now,
        )

    def jump(self, by: timedelta) -> None:
        """Move the clock, over the days on which the hour is changed too."""
        self.now = (self.now.astimezone(ZoneInfo("UTC")) + by).astimezone(ZONE)

    def act(self, action: str) -> None:
        """Do *action*, on the child where it is the child's."""
        if action == "undo":
            self.org.undo("a", by="lan", reason="a slip")
        else:
            self.org.act(CHILD if action in ("think", "reply") else "a", action, by="lan")
        self.entered.append(to_us(self.now))

    def is_whole(self) -> None:
        """Read anew the cases are the same, in the order of their own time; verification notes the jumps and nothing else."""
        again = self.office()
        for case in ("a", CHILD):
            assert self.org.case(case) == again.case(case)
            assert self.org.status(case) == again.status(case)
            happened = [event.when.occurred for event in self.org.history(case) if event.by == "lan"]
            assert sorted(happened) == happened
        found = self.org.trail.verify()
        assert found.consistent and {"time-backwards"} >= {note.code for note in found.notes}
        assert () == tuple(self.org.late_entries())


@given(STARTS, st.lists(JUMPS, min_size=9, max_size=9))
def test_no_act_is_refused_since_the_clock_was_set_back(start, jumps):
    """Clocks, steps, children and undoing: each follows on what was done before, and the log keeps when it was recorded."""
    desk = Desk(start)
    acts = ("note", "undo", "hold", "resume", "think", "again", "reply", "note", "finish")
    for jump, action in zip(jumps, acts, strict=True):
        desk.jump(jump)
        desk.act(action)
    desk.is_whole()
    assert (False, "said") == (desk.org.case("a").open, desk.org.case("a").children[CHILD].outcome)
    by_hand = [event for case in ("a", CHILD) for event in desk.org.history(case) if event.by == "lan"]
    assert set(desk.entered) <= {event.when.recorded for event in by_hand}


@given(STARTS, st.lists(st.tuples(JUMPS, st.integers(0, 9), st.booleans()), max_size=12))
def test_what_is_offered_can_be_done_whatever_the_clock_does(start, walk):
    """Where limits end meanwhile too, and whether or not somebody sweeps."""
    desk = Desk(start, "36 hours", "20 hours")
    for jump, choice, sweeps in walk:
        desk.jump(jump)
        if sweeps:
            desk.org.sweep()
        offered = [*desk.org.available("a", "lan"), *desk.org.available(CHILD, "lan")]
        if offered:
            desk.act(offered[choice % len(offered)])
    desk.is_whole()


@pytest.mark.parametrize("seconds", [0.5, 2, 3600])
def test_the_effect_takes_the_last_change_and_the_record_its_own_instant(seconds):
    """What was recorded when stays true; what it moves goes not before what moved it last."""
    desk = Desk(datetime(2026, 6, 1, 9, tzinfo=ZONE))
    opened = to_us(desk.now)
    desk.jump(timedelta(seconds=-seconds))
    desk.act("hold")
    when = desk.org.history("a")[-1].when
    assert (opened, to_us(desk.now)) == (when.occurred, when.recorded)
    assert ((opened, None),) == desk.org.case("a").clocks["answer"].pauses


def test_who_dates_back_says_why_all_the_same():
    """Set back or not: what is said to have happened earlier takes a reason, and an instant that has come."""
    desk = Desk(datetime(2026, 6, 1, 9, tzinfo=ZONE))
    opened = desk.now
    desk.jump(timedelta(hours=-1))
    with denied("late-entry-reason", "late-entry-order"):
        desk.org.act("a", "note", by="lan", occurred_at=desk.now - timedelta(minutes=1))
    with denied("in-the-future"):
        desk.org.act("a", "note", by="lan", occurred_at=opened + timedelta(minutes=1))
