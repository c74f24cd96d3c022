"""What happens of itself to a case and to those it waits for has one order, whoever looked and whenever."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qms import MemoryStore, Organization, Process, Roster, WorkCalendar
from qms.codec import parse_tree

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2027, 3, 1, 9, tzinfo=ZONE)
CALENDAR = WorkCalendar.from_dates(
    zone="Asia/Ho_Chi_Minh",
    week={"mon-fri": "08:00-12:00 13:00-17:00"},
    name="families",
    first=datetime(2027, 1, 1).date(),
    last=datetime(2027, 12, 31).date(),
    customary_rule="vn-one-stop",
)
ASKING = """
name = "asking"
due = "answer"
limits = { answer = "10 working days" }
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
raises = [
    { process = "question", action = "begin", child = "question" },
    { process = "long-question", action = "begin", child = "question" },
]
[actions.hear]
from = "waiting"
to = "heard"
fired_by = { children = "question", need = "NEED" }
[actions.lapse]
from_any = ["waiting", "heard"]
to = "lapsed"
fired_by = "answer"
[actions.finish]
from = "heard"
to = "done"
roles = ["clerk"]
clocks.answer = "stop"
"""
QUESTION = """
name = "question"
due = "reply"
limits = { reply = "2 working days" }
roles = { clerk = {} }
[steps]
asked = {}
ended = { closes = true }
[actions]
begin = { from = "new", to = "asked", roles = ["clerk"], clocks.reply = "start" }
reply = { from = "asked", to = "ended", roles = ["clerk"], outcome = "said" }
silent = { from = "asked", to = "ended", fired_by = "reply", outcome = "silent" }
"""


def told(days, need, period, by_hand=None):
    """What the histories say after sweeps on *days* after the start; *by_hand*: a day on which the longer question is answered."""
    clock = {"now": START}
    texts = (
        ASKING.replace("NEED", need),
        QUESTION,
        QUESTION.replace('"question"', '"long-question"').replace("2 working", period),
    )
    org = Organization(
        store=MemoryStore(),
        processes=[Process.from_tree(parse_tree(text)) for text in texts],
        procedures=[],
        calendars=[CALENDAR],
        people=Roster({"lan": ["clerk"]}),
        now=lambda: clock["now"],
    )
    org.open("asking", by="lan", id="a")
    first, second = org.case("a").children
    for day in sorted({*days, by_hand or 40, 40}):
        clock["now"] = START + timedelta(days=day)
        if day == by_hand:
            org.act(second if org.case(second).kind == "long-question" else first, "reply", by="lan")
        else:
            view = org.case("a")
            org.sweep()
            assert (view.steps, view.children) == (org.case("a").steps, org.case("a").children)
    return [
        [
            (type(event).__name__, getattr(event, "action", ""), getattr(event, "outcome", ""), event.when.occurred)
            for event in events
        ]
        for events in (org.history("a"), org.history(first), org.history(second))
    ]


@pytest.mark.parametrize("period", ["4 working", "10 working", "12 working"])
@pytest.mark.parametrize("need", ["all", "any", "each"])
@pytest.mark.parametrize("days", [(1, 2, 3), (5,), (16,), range(1, 39)])
def test_when_a_sweep_ran_makes_no_difference_to_a_family(need, period, days):
    """A limit that ends after a child did is never told first, though nobody looked until both were over."""
    assert told((), need, period) == told(days, need, period)


@pytest.mark.parametrize("need", ["all", "any", "each"])
@pytest.mark.parametrize("days", [(5,), (4, 16), range(1, 39)])
def test_an_act_on_one_child_comes_after_what_befell_the_others(need, days):
    """Whoever answers one question finds the silence of the other already told, and the end of the limit too."""
    assert told((), need, "15 working", by_hand=18) == told(days, need, "15 working", by_hand=18)
