"""Days: adding and counting them, one call at a time, as a caller has them: a `date` in and out, or a `pendulum.DateTime`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import numpy as np
import pendulum

from . import peers
from .harness import Row

START = date(2024, 1, 2)
DAY = timedelta(days=1)


def rows() -> Iterator[Row]:
    """Adding near and far, adding to moments, counting."""
    ours, known = peers.ours(), peers.known()
    for n in (1, 15, 250):
        others = {
            "numpy.busday_offset": partial(peers.numpy_adds, START, n),
            "python-holidays": partial(known.get_nth_working_day, START, n),
            "workalendar": partial(peers.workalendar().add_working_days, START, n),
            "bizdays": partial(peers.bizdays().offset, START, n),
            "better-calendar": partial(peers.better().offset, START, n),
            "pandas": lambda n=n: (START + peers.custom_day(n)).date(),
        }
        assert {ours.add_working_days(START, n)} == {other() for other in others.values()}
        targets = {"numpy.busday_offset": 15.0, **({"python-holidays": 100.0} if n == 15 else {})}
        yield Row(f"add {n} working days, date to date", partial(ours.add_working_days, START, n), others, targets)
    yield from _moments()
    yield from _counts()


def _moments() -> Iterator[Row]:
    for note, zone in (("no daylight saving", peers.ZONE), ("daylight saving", "Europe/Amsterdam")):
        calendar = peers.ours(zone)
        moment = pendulum.datetime(2024, 1, 2, 9, tz=zone)
        yield Row(
            "add 15 working days, pendulum.DateTime in and out",
            partial(calendar.add_working_days, moment, 15),
            {
                "numpy.busday_offset": partial(peers.numpy_adds, START, 15),
                "a bare pendulum.DateTime(...)": partial(pendulum.DateTime, 2024, 1, 23, 9, 0, 0, tzinfo=moment.tzinfo),
            },
            {"numpy.busday_offset": 4, "a bare pendulum.DateTime(...)": 0.5},
            note=note,
        )


def _counts() -> Iterator[Row]:
    ours, known, better = peers.ours(), peers.known(), peers.better()
    end = START + timedelta(
        days=365
    )  # ours and bizdays count (after, upto], numpy and better-calendar [from, to), python-holidays both
    others = {
        "numpy.busday_count": partial(np.busday_count, START + DAY, end + DAY, busdaycal=peers.busdays()),
        "python-holidays": partial(known.get_working_days_count, START + DAY, end),
        "bizdays": partial(peers.bizdays().bizdays, START, end),
        "better-calendar": partial(better.count, START + DAY, end + DAY),
    }
    assert {ours.count_working_days(START, end)} == {int(other()) for other in others.values()}
    yield Row(
        "count the working days of a year", partial(ours.count_working_days, START, end), others, {"numpy.busday_count": 50}
    )
