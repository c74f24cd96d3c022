"""Guards on the cases that a case opened and waits for."""

from __future__ import annotations

from ..case import Attempt, guard
from ..errors import Reason

__all__ = ["children_ended"]


@guard("children-ended", reads_form=False)
def children_ended(attempt: Attempt, *, link: str, need: int | None = None) -> Reason | None:
    """Enough of the children under *link* have ended: *need* of them, or all."""
    linked = attempt.case.linked(link)
    waiting = tuple(child.id for child in linked if child.open)
    ended = len(linked) - len(waiting)
    if (ended >= need) if need is not None else not waiting:
        return None
    return Reason("children-open", link=link, children=waiting, ended=ended, needed=need or len(linked))
