"""Times at steps: from the act that put a token to the act that took it, in working and in elapsed time."""

from __future__ import annotations

import pendulum

from qms.calendar import WorkCalendar
from qms.event import Acted, When
from qms.exchange.steps import Dwelling, Spread, slowest
from qms.process import Process

WORK = {
    "name": "work",
    "roles": {"clerk": {}},
    "steps": {"a": {"title": {"en": "Waiting"}}, "b": {}, "done": {"closes": True}},
    "actions": {
        "ask": {"from": "new", "to": "a", "roles": ["clerk"]},
        "go": {"from": "a", "to": "b", "roles": ["clerk"]},
        "end": {"from": "b", "to": "done", "roles": ["clerk"]},
    },
}
WEEK = WorkCalendar.from_dates(
    zone="UTC", week={"mon-fri": "08:00-16:00"}, first=pendulum.date(2021, 1, 1), last=pendulum.date(2021, 12, 31)
)
HOUR = 3_600_000_000


def act(at: pendulum.DateTime, left: tuple[str, ...], put: tuple[str, ...]) -> Acted:
    """An act at that instant."""
    us = at.int_timestamp * 1_000_000
    return Acted(2, "x", "lan", When(us, us), left, put, closed=False)


def test_a_stay_is_measured_in_working_and_in_elapsed_time() -> None:
    """From Friday 15:00 to Monday 09:00 are two working hours and 66 others; what has not ended is no figure."""
    found = Dwelling(WEEK)
    friday, monday = pendulum.datetime(2021, 3, 5, 15), pendulum.datetime(2021, 3, 8, 9)
    found.learn("1", [act(friday, (), ("a",))])
    found.learn("1", [act(monday, ("a",), ("b",))])
    (step,) = found.times(Process.from_tree(WORK))
    assert ("a", "Waiting", 1) == (step.step, step.title, step.n)
    assert (Spread(2 * HOUR, 2 * HOUR), Spread(66 * HOUR, 66 * HOUR)) == (step.working, step.elapsed)
    assert {"median_us": 2 * HOUR, "p90_us": 2 * HOUR} == step.to_tree()["working"]


def test_what_ends_before_it_begins_or_was_never_put_is_no_stay() -> None:
    """An end dated before the work, and a token that was taken as given."""
    found = Dwelling(WEEK)
    late, early = pendulum.datetime(2021, 3, 5, 15), pendulum.datetime(2021, 3, 4, 15)
    found.learn("1", [act(late, (), ("a",)), act(early, ("a", "b"), ())])
    assert () == found.times(Process.from_tree(WORK))


def test_outside_the_calendar_there_is_no_working_time() -> None:
    """A stay that the calendar does not cover has its elapsed time alone."""
    found = Dwelling(WEEK)
    found.learn("1", [act(pendulum.datetime(2020, 3, 5), (), ("a",)), act(pendulum.datetime(2020, 3, 6), ("a",), ())])
    (step,) = found.times(Process.from_tree(WORK))
    assert (Spread(None, None), 24 * HOUR) == (step.working, step.elapsed.median)


def test_the_slowest_come_first_by_the_median_of_working_time() -> None:
    """Ten at most; equal medians by elapsed time."""
    found = Dwelling(WEEK)
    begin = pendulum.datetime(2021, 3, 1, 8)
    found.learn("1", [act(begin, (), ("a", "b")), act(begin.add(hours=1), ("a",), ()), act(begin.add(hours=2), ("b",), ())])
    times = found.times(Process.from_tree(WORK))
    assert (["b", "a"], ["b"]) == ([step.step for step in slowest(times)], [step.step for step in slowest(times, 1)])
