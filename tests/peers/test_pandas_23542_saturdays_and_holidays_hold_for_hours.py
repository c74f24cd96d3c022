"""pandas 23542: business hours took no notice of the mask of the week nor of the holidays.

Open 08:00-17:00 Monday to Saturday, Friday 9 November 2018 off.
"""

from __future__ import annotations

from helpdesk import after, at, desk, told

SIX = desk({"mon-sat": "08:00-17:00"}, off=["2018-11-09"])
TUESDAYS = desk({"tue-sat": "08:00-17:00"}, off=["2018-11-09"])


def test_ten_hours_over_the_day_off_end_on_saturday():
    """Nine on Thursday, one on Saturday; there it was the Friday that is off."""
    assert "2018-11-10 09:00" == after(SIX, "2018-11-08 08:00", hours=10)


def test_eighteen_hours_end_with_saturday_and_the_next_opening_is_by_the_week():
    """Both weeks end them at the close of Saturday; work begins again on Monday in one, on Tuesday in the other."""
    ends = [after(office, "2018-11-08 08:00", hours=18) for office in (SIX, TUESDAYS)]
    assert ["2018-11-10 17:00"] * 2 == ends
    assert ["2018-11-12 08:00", "2018-11-13 08:00"] == [
        told(office.next_opening(at(end))) for office, end in zip((SIX, TUESDAYS), ends, strict=True)
    ]
