"""Dossiers that were stopped and handed in again: both are told, since the limit of the second begins anew.

ND 61 art. 19; TT 01: a dossier is stopped on a closed list of grounds, and not to begin its limit anew.
"""

from __future__ import annotations

from collections.abc import Iterable

import pendulum
from attrs import frozen

from ..state import Case

__all__ = ["Resubmission", "resubmissions"]


@frozen
class Resubmission:
    """A dossier *earlier* that was stopped, and the one handed in again *later*, by *days* of the calendar."""

    earlier: str
    later: str
    applicant: str
    procedure: str | None
    days: int


def resubmissions(cases: Iterable[Case], within: int = 10) -> tuple[Resubmission, ...]:
    """The dossiers of *cases* handed in at most *within* days after one of the same applicant and procedure was stopped.

    Days are those of the calendar on the wall of the office; by the later case.
    """
    every = [case for case in cases if "applicant" in case.parts]
    stopped: dict[tuple[str, str, str | None], list[tuple[pendulum.DateTime, str]]] = {}
    for case in every:
        ended = case.date("finished_at")
        if case.outcome == "stopped" and ended is not None:
            stopped.setdefault(_of(case), []).append((ended, case.id))
    found = []
    for case in every:
        submitted = case.date("submitted_at")
        before = [
            one for one in stopped.get(_of(case), ()) if submitted is not None and one[0] <= submitted and one[1] != case.id
        ]
        if submitted is not None and before:
            ended, earlier = max(before)
            days = (submitted.date() - ended.date()).days
            if days <= within:
                found.append(Resubmission(earlier, case.id, case.parts["applicant"], case.procedure, days))
    return tuple(found)


def _of(case: Case) -> tuple[str, str, str | None]:
    return case.kind, case.parts["applicant"], case.procedure
