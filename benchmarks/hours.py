"""Working hours over shifts with a break: adding them and telling how many lie between, moments in and out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pendulum

from . import peers
from .harness import Row


def rows() -> Iterator[Row]:
    """Twenty hours, four hundred, and a month in between."""
    import businesstimedelta
    import pytz

    ours, clock, rules = peers.ours(), peers.workclock(), peers.businesstimedelta()
    moment = pendulum.datetime(2024, 1, 2, 9, tz=peers.ZONE)
    plain = datetime.fromisoformat(str(moment)).astimezone(moment.timezone)
    naive, theirs = plain.replace(tzinfo=None), plain.astimezone(pytz.timezone(peers.ZONE))
    for n, target in ((20, 3.5), (400, 10.0)):
        span, other = timedelta(hours=n), businesstimedelta.BusinessTimeDelta(rules, hours=n)
        others = {
            "workclock (Rust)": partial(clock.add, plain, span),
            "pandas.CustomBusinessHour": lambda n=n: naive + peers.custom_hour(n),
            "businesstimedelta": lambda other=other: theirs + other,
        }
        expected = ours.add_working_time(moment, span)
        found = [other() for other in others.values()]
        assert [expected.naive()] * len(found) == [each.replace(tzinfo=None) for each in found]
        name = f"add {n} working hours, pendulum.DateTime in and out"
        yield Row(name, partial(ours.add_working_time, moment, span), others, {"workclock (Rust)": target})
    end, late = moment.add(days=30, hours=3), plain + timedelta(days=30, hours=3)
    finish = theirs + timedelta(days=30, hours=3)
    others = {
        "workclock (Rust)": partial(clock.between, plain, late),
        "businesstimedelta": partial(rules.difference, theirs, finish),
    }
    expected = ours.working_time(moment, end)
    assert expected == others["workclock (Rust)"]() == others["businesstimedelta"]().timedelta
    yield Row("working time of a month", partial(ours.working_time, moment, end), others, {"workclock (Rust)": 10})
