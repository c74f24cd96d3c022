"""State: the fold of events, and nothing else."""

from __future__ import annotations

import pytest
from attrs import evolve as changed

from definitions import Desk, at, moment, problems
from qms.event import Acted, ClockChange, Effects, Event, Imported, Opened, When
from qms.limits import TimeLimit
from qms.state import evolve, flat_get, fold, turned

NOON = When(at("02 12:00"), at("02 12:00"))
OPENED = Opened("case", "lan", NOON, "small", "p" * 64, "c" * 64, "Asia/Ho_Chi_Minh", due="legal", axes={"fee": "none"})
STARTED = ClockChange("legal", "start", at("02 12:00"), at("04 17:00"), TimeLimit(2, "working days"), "vn-one-stop")


def acted(seq: int = 2, **more: object) -> Acted:
    """An act at noon that says only what is given."""
    return changed(Acted(seq, "ask", "lan", NOON, (), (), closed=False), **more)


def test_nothing_is_no_case():
    """A stream without events has none."""
    assert None is fold([])


def test_a_case_is_born_with_what_it_remains():
    """Identity, definition and zone come from its first event."""
    case = evolve(None, changed(OPENED, procedure="1.1", unit="justice", source="mother", definition="d"))
    assert ("case", "small", "p" * 64, "1.1", "justice", "mother", "d", 1, True, set()) == (
        case.id,
        case.kind,
        case.process,
        case.procedure,
        case.unit,
        case.source,
        case.origin.definition,
        case.seq,
        case.open,
        case.steps,
    )


@pytest.mark.parametrize(
    ("history", "event", "message"),
    [
        ([], acted(1), "event 1 (Acted) does not follow on nothing"),
        ([], changed(OPENED, seq=2), "event 2 (Opened) does not follow on nothing"),
        ([OPENED], acted(3), "event 3 (Acted) does not follow on 1"),
        ([OPENED], acted(1), "event 1 (Acted) does not follow on 1"),
        ([OPENED], changed(OPENED, seq=2), "event 2 (Opened) does not follow on 1"),
    ],
)
def test_an_event_follows_on_the_one_before(history, event, message):
    """No gap, no repetition, one birth."""
    assert [message] == problems(evolve, fold(history), event)


def test_an_act_does_not_change_the_case_before_it():
    """State is immutable; what did not change is shared."""
    before = evolve(None, OPENED)
    after = evolve(before, acted(put=("waiting",)))
    assert (set(), {"waiting"}, True) == (before.steps, after.steps, before.particulars is after.particulars)


def test_a_token_remembers_when_it_came():
    """Leaving a step forgets it."""
    case = fold([OPENED, acted(put=("a", "b")), acted(3, left=("a",), put=("c",))])
    assert (None, moment("02 12:00"), moment("02 12:00")) == (case.entered("a"), case.entered("b"), case.entered("c"))


def test_a_clock_states_what_the_event_stated():
    """Reading needs no calendar."""
    case = fold([OPENED, acted(clocks=(STARTED,))])
    assert (moment("04 17:00"), "c" * 64, "running") == (case.due, case.clocks["legal"].calendar, case.clocks["legal"].state)


def test_a_case_without_its_main_limit_is_due_never():
    """None is not a date."""
    assert [None, None] == [
        evolve(None, OPENED).due,
        evolve(None, changed(OPENED, due=None)).due,
    ]


def test_a_start_that_states_no_end_is_a_start():
    """The fact is kept without the statement."""
    case = fold([OPENED, acted(clocks=(changed(STARTED, due=None),))])
    assert (None, "running") == (case.due, case.clocks["legal"].state)


def test_a_statement_alone_moves_the_end():
    """A new calendar states another end; the facts stay."""
    moved = ClockChange("legal", "state", at("03 09:00"), at("05 17:00"))
    case = fold([OPENED, acted(clocks=(STARTED,)), acted(3, clocks=(moved,), calendar="n" * 64)])
    assert (moment("05 17:00"), "n" * 64, at("02 12:00")) == (
        case.due,
        case.clocks["legal"].calendar,
        case.clocks["legal"].started,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (ClockChange("legal", "stop", 5), "the clock legal was never started"),
        (ClockChange("legal", "start", 5), "the clock legal was never started"),
    ],
)
def test_a_clock_that_never_started_cannot_be_turned(change, message):
    """Such a record is broken."""
    assert [message] == problems(fold, [OPENED, acted(clocks=(change,))])


def test_an_effect_that_no_clock_knows_is_refused():
    """Such a record is broken."""
    clock = fold([OPENED, acted(clocks=(STARTED,))]).clocks["legal"]
    assert [["a clock knows no 'fly' without more"], ["a clock knows no 'extend' without more"]] == [
        problems(turned, clock, effect, at("03 09:00"), None) for effect in ("fly", "extend")
    ]


def test_an_imported_fact_moves_no_token_and_no_doer():
    """It turns clocks and sets dates."""
    fact = Imported(2, "register", NOON, (STARTED,), Effects(dates={"promised": at("05 17:00")}))
    case = fold([OPENED, fact])
    assert (set(), {}, moment("05 17:00"), moment("04 17:00")) == (case.steps, case.doers, case.date("promised"), case.due)


def test_an_imported_fact_about_no_clock_changes_only_the_number():
    """A note is a note."""
    before = evolve(None, OPENED)
    assert changed(before, seq=2) == evolve(before, Imported(2, "register", NOON, facts={"end": "x"}))


def test_everyone_who_did_an_action_is_remembered_once():
    """In the order they first did it."""
    history = [OPENED, acted(), acted(3, by="mai"), acted(4), acted(5, action="note")]
    assert {"ask": {"lan", "mai"}, "note": {"lan"}} == {action: set(people) for action, people in fold(history).doers.items()}


def test_reopening_forgets_doers_and_counts():
    """What is done is counted since the case was last opened anew."""
    counted = Effects(counted=True)
    case = fold([OPENED, acted(effects=counted), acted(3, by="mai", action="reopen", effects=Effects(reopened=True))])
    assert ({"reopen": ("mai",)}, None) == (case.doers, flat_get(case.particulars.counts, "ask"))


def test_counts_add_up_and_are_reset_by_name():
    """Only those named begin anew."""
    counted = Effects(counted=True)
    history: list[Event] = [OPENED, acted(effects=counted), acted(3, effects=counted), acted(4, action="note", effects=counted)]
    case = fold([*history, acted(5, action="leave", effects=Effects(resets=("ask",)))])
    assert (None, 1, 2) == (
        flat_get(case.particulars.counts, "ask"),
        flat_get(case.particulars.counts, "note"),
        flat_get(fold(history).particulars.counts, "ask"),
    )


def test_particulars_are_written_over_by_name():
    """Dates, axes, parts and outcome: the latest of each stands; marks and raised cases add up."""
    first = Effects("granted", {"d": 1}, {"fee": "due"}, {"owner": "an"}, ("m",), (("late", "case/1"),))
    second = Effects(None, {"e": 2}, {"delivery": "sent"}, {"owner": "lan"}, ("n",), (("late", "case/2"),))
    case = fold([OPENED, acted(effects=first), acted(3, effects=second)])
    assert (
        "granted",
        {"d": 1, "e": 2},
        {"fee": "due", "delivery": "sent"},
        {"owner": "lan"},
        ("m", "n"),
        {"late": "case/2"},
        4,
    ) == (case.outcome, case.dates, case.axes, case.parts, case.marks, case.raised, len(case.particulars.raised))


def test_a_moment_of_a_case_keeps_its_microseconds():
    """Instants are shown in the zone of the office, to the microsecond."""
    case = fold([OPENED, acted(effects=Effects(dates={"d": at("02 12:00") + 17}))])
    assert ("Asia/Ho_Chi_Minh", 17, None) == (case.date("d").timezone_name, case.date("d").microsecond, case.date("e"))


def test_a_case_shows_only_what_tells_cases_apart():
    """The repr of a case is short, and holds no person."""
    assert "Case(seq=1, steps=frozenset(), closed=False)" == repr(Desk().case)
