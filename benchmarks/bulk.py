"""A million days and moments at once, in numpy arrays; figures are of one element."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import numpy as np

from . import peers
from .harness import Row

MANY, FEW = 1_000_000, 50_000
US = 86_400_000_000


def rows() -> Iterator[Row]:
    """Days added and counted, hours added and between."""
    ours, calendar, clock = peers.ours(), peers.busdays(), peers.workclock()
    draw = np.random.default_rng(1)
    days = draw.integers(15_000, 23_000, MANY).astype("datetime64[D]")
    upto = days + np.timedelta64(200)
    moments = (days.astype(np.int64) * US + draw.integers(0, US, MANY)).astype("datetime64[us]")
    ends, span, one = moments + np.timedelta64(60, "D"), timedelta(hours=20), np.timedelta64(1)
    added = partial(ours.add_working_days_many, days, 15)
    offset = partial(np.busday_offset, days, 15, roll="backward", busdaycal=calendar)
    counted = partial(np.busday_count, days, upto, busdaycal=calendar)
    sooner = partial(clock.add_many, moments, span)
    few, late = moments[:FEW], ends[:FEW]  # workclock walks each period, ten microseconds a pair
    between = partial(clock.between_many, few, late)
    assert np.array_equal(added(), offset())
    assert np.array_equal(added()[:1000], np.array(peers.better().offset(peers.better().adjust(days[:1000], "P"), 15)))
    assert np.array_equal(ours.count_working_days_many(days - one, upto - one), counted())
    assert np.array_equal(ours.add_working_time_many(moments, span), sooner())
    assert np.array_equal(ours.working_time_many(few, late), between())
    asked = {"operations": MANY, "seconds": 0.1, "note": "of a million"}
    better = {"better-calendar": partial(peers.better().offset, days, 15)}  # a day off rolls forward first: another question
    yield Row(
        "add 15 working days to each", added, {"numpy.busday_offset": offset, **better}, {"numpy.busday_offset": 8}, **asked
    )
    count = partial(ours.count_working_days_many, days, upto)
    yield Row("count working days of each pair", count, {"numpy.busday_count": counted}, {}, **asked)
    hours = partial(ours.add_working_time_many, moments, span)
    yield Row("add 20 working hours to each", hours, {"workclock.add_many": sooner}, {"workclock.add_many": 15}, **asked)
    month = partial(ours.working_time_many, few, late)
    asked |= {"operations": FEW, "note": "of fifty thousand"}
    yield Row("working time of each pair", month, {"workclock.between_many": between}, {}, **asked)
