"""mysociety/whatdotheyknow-theme 1027: received on a day that is none of work, which day is day one?

The working day after it: the day of receipt never counts, open or not.
"""

from __future__ import annotations

import pytest

from helpdesk import desk, ends

OFFICE = desk("09:00-17:00", zone="Europe/London", off=["2021-12-27", "2021-12-28", "2022-01-03"])


@pytest.mark.parametrize(
    ("received", "first", "twentieth"),
    [
        ("2022-02-04 23:00", "2022-02-07 17:00", "2022-03-04 17:00"),
        ("2022-02-05 12:00", "2022-02-07 17:00", "2022-03-04 17:00"),
        ("2022-02-06 00:00", "2022-02-07 17:00", "2022-03-04 17:00"),
        ("2022-02-07 00:00", "2022-02-08 17:00", "2022-03-07 17:00"),
        ("2021-12-27 10:00", "2021-12-29 17:00", "2022-01-26 17:00"),
    ],
)
def test_day_one_is_the_next_working_day(received, first, twentieth):
    """Friday night, Saturday and Sunday have one answer; Monday's midnight the next; a bank holiday its own."""
    assert (first, twentieth) == (ends(OFFICE, received, "1 working day"), ends(OFFICE, received, "20 working days"))
