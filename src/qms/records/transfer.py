"""Files that change hands between units: by routing, by competence, by succession; and which unit held them when.

Rule 1: routing never starts a clock anew: the limit began with the first acceptance, wherever that was.
Rule 2: an office that was never competent hands over; its limit ends at the transfer, and that of the receiver begins with the
receiver's own acceptance.
Rule 3: a successor takes over everything as it stands. Figures belong to each unit for the time it held the file.

ND 61 = Decree 61/2018/ND-CP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import field, frozen

from ..calendar import WorkCalendar
from ..case import Attempt, guard
from ..clock import clock_consumption
from ..errors import Reason
from ..event import Event, Opened
from ..limits import CountingRule
from ..state import Case, evolve
from .checks import filled

__all__ = ["CompetenceTransfer", "Routing", "Stay", "Succession", "TransferredIn", "stays"]


@frozen(kw_only=True)
class CompetenceTransfer:
    """The letter by which an office that is not competent sends a dossier on, with its reason and basis.

    *receiver* is the unit that is; in another *organization* that runs its own cases; or, *by_letter*, one that runs none.
    """

    receiver: str = field(validator=filled)
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)
    organization: str | None = field(default=None, validator=filled)
    by_letter: bool = False


@frozen(kw_only=True)
class TransferredIn:
    """A dossier that another office sent on: from which case and unit, and who the applicant is."""

    from_case: str = field(validator=filled)
    from_unit: str | None = field(default=None, validator=filled)
    applicant_id: str | None = field(default=None, validator=filled)
    reason: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Routing:
    """The unit that a file goes to, and the papers that go with it."""

    receiver: str = field(validator=filled)
    papers: tuple[str, ...] = ()
    note: str | None = field(default=None, validator=filled)


@frozen(kw_only=True)
class Succession:
    """The decision by which one unit takes the place of another."""

    receiver: str = field(validator=filled)
    reason: str = field(validator=filled)
    basis: str = field(validator=filled)


@guard("sent-by-system", reads_form=True)
def sent_by_system(attempt: Attempt) -> Reason | None:
    """Whether the receiver is told by a case of its own."""
    return None if attempt.form.by_letter else Reason("sent-by-system", receiver=attempt.form.receiver)


@guard("transfer-received", reads_form=False)
def transfer_received(attempt: Attempt) -> Reason | None:
    """The receiver has accepted what was sent last: its own limit runs. By letter nothing is known, and the letter counts."""
    sent = [child for child in attempt.case.particulars.children if child.link == "transfer"]
    if not sent or (sent[-1].due is not None):
        return None
    return Reason("transfer-not-received", case=sent[-1].id)


# Who held it when


@frozen
class Stay:
    """The time a *unit* held a file (µs UTC, half-open; *until* None: still), and how much of the main limit ran in it.

    *used* is told on the *axis* of the limit, as `qms.counting.Consumption` tells it; None where none was started.
    """

    unit: str | None
    since: int
    until: int | None
    used: int = 0
    axis: str | None = None


def stays(events: Iterable[Event], calendar: WorkCalendar, at: int) -> Iterator[Stay]:
    """Which unit held the case when, in order, with how much of its main limit ran in each stay, up to *at* (µs UTC).

    What a restart voided counts where it ran.
    """
    case: Case | None = None
    unit: str | None = None
    since = used = ran = 0
    axis: str | None = None
    for event in events:
        before, case = case, evolve(case, event)
        if before is None or isinstance(event, Opened):
            unit, since = case.unit, event.when.occurred
            continue
        begins = any(change.clock == case.origin.due and change.effect in ("start", "restart") for change in event.clocks)
        if begins or case.unit != unit:
            now, axis = _run(before, event.when.occurred, calendar, axis)
            used, ran = used + now - ran, 0 if begins else now
        if case.unit != unit:
            yield Stay(unit, since, event.when.occurred, used, axis)
            unit, since, used = case.unit, event.when.occurred, 0
    if case is not None:
        now, axis = _run(case, at, calendar, axis)
        yield Stay(unit, since, None, used + now - ran, axis)


def _run(case: Case, at: int, calendar: WorkCalendar, axis: str | None) -> tuple[int, str | None]:
    """What of the main limit has run by *at*, and on which axis."""
    clock = case.clocks.get(case.origin.due or "")
    if clock is None:
        return 0, axis
    run = clock_consumption(clock, max(at, clock.started), calendar, CountingRule.named(clock.rule))
    return run.consumed, run.axis
