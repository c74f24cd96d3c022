"""Files that change hands between units: by routing, by competence, by succession.

Rule 1: routing never starts a clock anew: the limit began with the first acceptance, wherever that was.
Rule 2: an office that was never competent hands over; its limit ends at the transfer, and that of the receiver begins with the
receiver's own acceptance.
Rule 3: a successor takes over everything as it stands. Figures belong to each unit for the time it held the file (`stays`).

ND 61 = Decree 61/2018/ND-CP.
"""

from __future__ import annotations

from attrs import field, frozen

from ..case import Attempt, guard
from ..errors import Reason
from .checks import filled

__all__ = ["CompetenceTransfer", "Routing", "Succession", "TransferredIn"]


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
    sent = attempt.case.linked("transfer")
    if not sent or (sent[-1].due is not None):
        return None
    return Reason("transfer-not-received", case=sent[-1].id)
