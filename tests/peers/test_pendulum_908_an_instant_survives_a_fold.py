"""pendulum 908 and 351: pickled, a moment in the hour that comes twice loses which one it is; compared in its zone, the two are equal.

Chicago, 3 November 2024: 06:00 and 07:00 UTC are both one o'clock.
"""

from __future__ import annotations

import copy
import pickle

import pendulum

from helpdesk import desk
from qms.deadline import Clock, TimeLimit, is_over, to_us
from qms.limits import CountingRule

CHICAGO = desk({"mon-sun": "00:00-24:00"}, zone="America/Chicago")
FIRST, SECOND = (pendulum.datetime(2024, 11, 3, hour).in_timezone("America/Chicago") for hour in (6, 7))
HOUR = 3600 * 1_000_000


def test_the_two_are_an_hour_apart():
    """Their wall times are equal; their instants are not, and go there and back."""
    assert HOUR == to_us(SECOND) - to_us(FIRST)
    assert [to_us(FIRST), to_us(SECOND)] == [to_us(CHICAGO.moment(to_us(moment))) for moment in (FIRST, SECOND)]


def test_what_is_kept_is_the_instant():
    """A clock started in the second hour starts in it after pickling, copying and writing to data."""
    started = Clock(TimeLimit(1, "hours"), "vn-one-stop", to_us(SECOND))
    kept = (pickle.loads(pickle.dumps(started)), copy.copy(started), Clock.from_tree(started.to_tree()))
    assert {to_us(SECOND)} == {one.started for one in kept}


def test_due_in_the_first_hour_is_over_in_the_second():
    """Half past one of the first time is before one of the second."""
    rule = CountingRule("office", "excluded", "none", "close", "convention")
    assert is_over(to_us(FIRST.add(minutes=30)), to_us(SECOND), rule)
