"""Laws of cases, over histories played by chance: drawn processes with clocks, and those that ship.

A play draws who does what and when, mostly what is possible; every attempt is kept, so that it can be played again.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from attrs import Factory, define
from hypothesis import given, settings
from hypothesis import strategies as st

from definitions import CALENDAR
from office import Now
from qms.authority import Roster
from qms.calendar import WorkCalendar
from qms.case import row
from qms.errors import Denied, Reason
from qms.event import read, to_bytes
from qms.organization import Organization
from qms.process import Procedure, Process
from qms.records import FORMS
from qms.state import Case, fold
from qms.stores.memory import MemoryStore
from qms.testing.stateful import forms
from qms.testing.strategies import Chosen, definition_tree, sound_nets

FEW = settings(max_examples=25, deadline=None)
PEOPLE = {"lan": ["clerk"], "mai": ["clerk", "head"], "hoa": ["head"]}
EFFECTS = ("start", "start", "pause", "resume", "restart", "stop")


@st.composite
def clocked(draw: st.DrawFn) -> Process:
    """A sound process whose actions turn two clocks, separate duties and count; and what these clocks fire at their end.

    A fired action moves nothing, or does what an action of the net does: so the process stays sound.
    """
    tree = definition_tree(draw(sound_nets(max_size=5, max_branches=2)), roles=("clerk", "head"))
    actions: dict[str, Any] = tree["actions"]
    names = sorted(actions)
    tree |= {
        "due": "first",
        "limits": {
            "first": draw(st.sampled_from(["3 working hours", "1 working day", "2 days"])),
            "second": draw(st.sampled_from(["5 hours", "2 working days", "same day"])),
        },
        "dates": {"last": "last", "promise": "later", "once": "once"},
        "axes": {"colour": ["red", "green"]},
    }
    for name in names:
        entry = actions[name]
        entry["roles"] = draw(st.sampled_from([["clerk"], ["clerk", "head"]]))
        entry["clocks"] = draw(st.dictionaries(st.sampled_from(["first", "second"]), st.sampled_from(EFFECTS), max_size=2))
        entry["sets"] = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "last": st.sampled_from(["occurred", "clock.first"]),
                    "promise": st.sampled_from(["clock.first", "clock.second", "case.last"]),
                    "once": st.just("occurred"),
                    "colour": st.sampled_from(["red", "green"]),
                },
            )
        )
        if entry.get("from") != "new":
            entry["separate_from"] = draw(st.lists(st.sampled_from(names), max_size=1))
            if draw(st.integers(0, 3)) == 0:
                entry["at_most"] = draw(st.integers(1, 2))
    actions["open"]["clocks"] = {"first": "start", "second": "start"}
    for clock in ("first", "second"):
        like = draw(
            st.sampled_from([None, *(n for n in names if "form" not in actions[n] and actions[n].get("from") != "new")])
        )
        moves = (
            {k: v for k, v in actions[like].items() if k in ("from", "from_any", "join", "need", "to", "adds", "cancels")}
            if like
            else {}
        )
        if not moves:
            moves = {"from_any": draw(st.lists(st.sampled_from(sorted(tree["steps"])), min_size=1, max_size=3, unique=True))}
        effect = draw(st.sampled_from([{}, {clock: "restart"}, {"second": "stop"}])) if like else {}
        actions[f"fire-{clock}"] = {**moves, "fired_by": clock, "clocks": effect, "outcome": f"ended {clock}"}
    return Process.from_tree(tree)


@define
class Attempt:
    """One attempt of a play: after *wait* hours, who tried what; *late* hours before it was recorded."""

    wait: int
    action: str
    by: str
    form: Any
    late: int


@define
class Play:
    """An organization, its clock, and what was tried in it; `answers` are what came of each attempt."""

    process: Process
    procedure: Procedure | None = None
    calendar: WorkCalendar = CALENDAR
    people: dict[str, list[str]] = Factory(lambda: PEOPLE)
    sweeps: bool = False
    now: Now = Factory(Now)
    tried: list[Attempt] = Factory(list)
    answers: list[Case | tuple[Reason, ...]] = Factory(list)
    store: MemoryStore = Factory(MemoryStore)
    org: Organization = Factory(
        lambda self: Organization(
            store=self.store,
            processes=[self.process],
            procedures=[] if self.procedure is None else [self.procedure],
            calendars=[self.calendar],
            people=Roster(self.people),
            now=self.now,
            forms={"Chosen": Chosen},
            identify=lambda: "case",
        ),
        takes_self=True,
    )

    @property
    def opened(self) -> bool:
        """Whether there is a case yet."""
        return self.store.length("case") > 0

    def attempt(self, one: Attempt) -> None:
        """Try it, and keep what came of it."""
        self.now.moment += timedelta(hours=one.wait)
        if self.sweeps:
            self.org.sweep()
        late: dict[str, Any] = {}
        if one.late:
            late = {"occurred_at": self.now() - timedelta(hours=one.late), "reason": "power cut"}
        try:
            if self.opened:
                answer = self.org.act("case", one.action, by=one.by, form=one.form, **late)
            else:
                name = None if self.procedure else self.process.name
                code = self.procedure.code if self.procedure else None
                answer = self.org.open(name, code, by=one.by, action=one.action, form=one.form, **late)
        except Denied as denied:
            self.answers.append(denied.reasons)
        else:
            self.answers.append(answer)
        self.tried.append(one)

    def draw(self, data: st.DataObject, most: int = 12) -> Play:
        """Up to *most* attempts, mostly of what is possible."""
        for _ in range(data.draw(st.integers(1, most), label="attempts")):
            self.attempt(self._drawn(data))
        return self

    def _drawn(self, data: st.DataObject) -> Attempt:
        plans = self.process.definition.actions
        wait = data.draw(st.sampled_from([0, 1, 1, 3, 9, 30, 200]), label="wait")
        if not self.opened:
            possible = [(name, by) for name, action in plans.items() if action.from_ == "new" for by in self.people]
        else:
            possible = [(name, by) for by in self.people for name in self.org.available("case", by)]
        if not possible or data.draw(st.integers(0, 4), label="anything") == 0:
            possible = [(name, by) for name in plans for by in self.people]
        action, by = data.draw(st.sampled_from(sorted(possible)), label="who tries what")
        late = data.draw(st.sampled_from([0, 0, 0, 1, 20]), label="late")
        return Attempt(wait, action, by, self._form(data, action), late)

    def _form(self, data: st.DataObject, action: str) -> Any:
        name = self.process.definition.actions[action].form
        if name is None:
            return None
        return data.draw(forms({**FORMS, "Chosen": Chosen}[name], people=sorted(self.people), at=self.now()), label="form")

    def again(self, **other: Any) -> Play:
        """The same attempts at the same instants, in another organization."""
        play = Play(self.process, self.procedure, self.calendar, self.people, **other)
        for one in self.tried:
            play.attempt(one)
        return play


SHIPPED: list[tuple[str, Procedure | None]] = [
    ("errand", None),
    ("nonconformity", None),
    *(("one-stop", procedure) for procedure in Procedure.shipped("one-stop")[:4]),
]


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """A play of a drawn process, or of one that ships, with two people in each role."""
    if draw(st.booleans()):
        return Play(draw(clocked()))
    name, procedure = draw(st.sampled_from(SHIPPED))
    process = Process.load(name)
    roles = sorted(process.definition.roles)
    people = {"one": roles, "two": roles, "an": []}
    return Play(process, procedure, WorkCalendar.load("VN"), people)


def facts(case: Case) -> Any:
    """All that a case says, but for its number of events."""
    clocks = {name: (c.started, c.pauses, c.voided, c.extensions, c.stopped, c.due, c.fired) for name, c in case.clocks.items()}
    return case.steps, case.closed, clocks, case.doers, case.particulars, case.flat_entered


@FEW
@given(plays(), st.data())
def test_no_outcome_depends_on_when_or_whether_anybody_sweeps(play, data):
    """Every attempt is answered alike, and the case says the same, with sweeps before each attempt and with none."""
    play.draw(data)
    swept = play.again(sweeps=True)
    assert play.answers == swept.answers
    if play.opened:
        play.now.moment += timedelta(days=40)
        swept.now.moment = play.now.moment
        seen = facts(play.org.case("case"))
        for each in (play, swept):
            each.org.sweep()
            assert seen == facts(each.org.case("case"))
            assert seen == facts(fold(each.org.history("case")))
        assert _occurred(play) == _occurred(swept)


def _occurred(play: Play) -> list[tuple[str, str, int]]:
    return [(e.action, e.by, e.when.occurred) for e in play.org.history("case")[1:]]


@FEW
@given(plays(), st.data())
def test_a_history_played_again_makes_the_same_records(play, data):
    """Deciding is pure: the same attempts at the same instants give the same bytes, salts of personal values apart."""
    play.draw(data)
    again = play.again()
    assert play.answers == again.answers
    if not play.store._private:
        assert [e.data for e in play.store.scan()] == [e.data for e in again.store.scan()]


@FEW
@given(plays(), st.data())
def test_the_store_holds_what_was_answered(play, data):
    """Events are numbered without a gap, their fold is the last answer, their bytes are read as written, rows are folds."""
    play.draw(data)
    allowed = [answer for answer in play.answers if isinstance(answer, Case)]
    if not allowed:
        assert not play.opened
        return
    events = play.org.history("case")
    case = fold(events)
    assert allowed[-1] == case
    assert list(range(1, len(events) + 1)) == [event.seq for event in events]
    assert [e.data for e in play.store.read("case")] == [to_bytes("case", event) for event in events]
    assert events == [read(to_bytes("case", event)) for event in events]
    assert row(case, play.org._bound(case)) == play.store.row("case")
    assert play.org.trail.verify().consistent


@FEW
@given(plays(), st.data())
def test_an_end_of_a_limit_is_acted_on_once(play, data):
    """No two events of the system are of one action at one instant; between them the clock was turned."""
    play.draw(data)
    if play.opened:
        play.now.moment += timedelta(days=40)
        play.org.sweep()
        fired = Counter((e.action, e.when.occurred) for e in play.org.history("case")[1:] if e.by == "system")
        assert {} == {key: n for key, n in fired.items() if n > 1}
        assert 0 == play.org.sweep()


@FEW
@given(plays(), st.data())
def test_a_denial_changes_nothing_but_the_memory_of_denials(play, data):
    """The case is the same, and one record has been added to the stream of its denials."""
    play.draw(data, most=6)
    one = play._drawn(data)
    play.now.moment += timedelta(hours=one.wait)
    one.wait = 0
    before = play.org.case("case") if play.opened else None
    size, denials = play.store.size, play.store.length("denials/case")
    play.attempt(one)
    if not isinstance(play.answers[-1], Case):
        assert play.answers[-1]
        assert (size + 1, denials + 1) == (play.store.size, play.store.length("denials/case"))
        assert before == (play.org.case("case") if play.opened else None)


@FEW
@given(plays(), st.data())
def test_what_is_available_is_what_is_not_explained_away_and_what_is_done(play, data):
    """For an action without a form: available, without reasons against it, listed by who_can, and allowed, are one thing."""
    play.draw(data, most=6)
    if not play.opened:
        return
    formless = [name for name, action in play.process.definition.actions.items() if action.form is None]
    if not formless:
        return
    action = data.draw(st.sampled_from(sorted(formless)))
    for by in play.people:
        trial = play.again()
        reasons = trial.org.explain("case", action, by)
        assert (not reasons) == (action in trial.org.available("case", by))
        trial.attempt(Attempt(0, action, by, None, 0))
        answer = trial.answers[-1]
        assert reasons == (() if isinstance(answer, Case) else answer)
        if by in play.org.who_can("case", action):
            assert not reasons


@FEW
@given(clocked())
def test_what_a_clock_fires_leaves_a_process_sound(process):
    """The drawn processes are what they claim to be."""
    assert process.check(forms={"Chosen": Chosen}).sound
