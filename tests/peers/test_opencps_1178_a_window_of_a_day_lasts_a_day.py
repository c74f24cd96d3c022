"""VietOpenCPS/opencps 1178, 1254 and doc 29: waiting one day for a supplement lapsed at the first run of the scheduler, after five minutes."""

from __future__ import annotations

from datetime import timedelta

from district import SUPPLEMENT, Office, at, procedure


def test_no_sweep_ends_a_window_before_its_end():
    """Asked on Wednesday with a window of one day: swept every five minutes, the dossier waits until Thursday has ended."""
    office = Office([procedure(limits={"window": "1 working day"})])
    case = office.examine("01/03/2021 09:00")
    office.do(case, "request-supplement", "dung", "03/03/2021 10:00", **SUPPLEMENT)
    for minutes in (1, 5, 60, 24 * 60):
        office.now = at("03/03/2021 10:00") + timedelta(minutes=minutes)
        office.org.sweep()
        assert {"awaiting-supplement"} == office.org.case(case).steps
    office.now = at("04/03/2021 17:01")
    office.org.sweep()
    assert {"stopped"} == office.org.case(case).steps
    assert at("04/03/2021 17:00") == office.org.case(case).date("finished_at")
