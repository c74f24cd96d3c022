"""VietOpenCPS/opencps-v2, DueDateUtils: every duration in days is made hours at eight a day, though the hours can be configured."""

from __future__ import annotations

import pytest

from helpdesk import desk, ends

EIGHT = desk({"mon-fri": "07:30-11:30 13:00-17:00"}, zone="Asia/Ho_Chi_Minh")
SEVEN = desk({"mon-fri": "08:00-11:30 13:30-17:00"}, zone="Asia/Ho_Chi_Minh")
SATURDAYS = desk({"mon-fri": "07:30-11:30 13:00-17:00", "sat": "07:30-11:30"}, zone="Asia/Ho_Chi_Minh")


@pytest.mark.parametrize("days", [1, 3, 5, 10])
def test_days_are_days_whatever_their_hours(days):
    """An office of seven hours a day is due on the same days as one of eight."""
    seven, eight = (ends(office, "2021-03-01 09:00", f"{days} working days") for office in (SEVEN, EIGHT))
    assert eight == seven


def test_ten_days_at_eight_hours_would_be_a_day_late():
    """Eighty hours from the opening of the first day that counts end on the twelfth, where a day has seven."""
    assert "2021-03-15 17:00" == ends(SEVEN, "2021-03-01 09:00", "10 working days")
    assert "2021-03-17 11:00" == ends(SEVEN, "2021-03-02 08:00", "80 working hours")


def test_a_half_saturday_is_a_day_and_is_not_eight_hours():
    """One day from Friday is Saturday; eight hours from Friday's end need Monday too."""
    assert "2021-03-06 11:30" == ends(SATURDAYS, "2021-03-05 16:00", "1 working day")
    assert "2021-03-08 10:30" == ends(SATURDAYS, "2021-03-05 16:00", "8 working hours")
